"""BaseStation lines."""

from __future__ import annotations

from lowsky.wire.adsb.sbs import SbsOptions

from .invariants import check

DICTIONARY = (
    b"MSG,3,1,1,F00001,1,2025/06/15,15:06:40.000,2025/06/15,15:06:40.000,,3000,,,51.01,4.02,,,0,0,0,0\n",
    b"MSG,4,1,1,F00001,1,,,,,,,120.5,271,,,-64,,,,,0\n",
    *b"MSG MLAT SEL ID AIR STA CLK ,2, ,3, nan inf 1e9 -1 ~F00001 2025/06/15 24:00:00.000".split(),
)
OPTIONS = SbsOptions(sensor="receiver", clock="utc")


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("sbs", OPTIONS, data)
