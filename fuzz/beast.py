"""Beast binary."""

from __future__ import annotations

from lowsky.wire.adsb.modes import ModeSOptions

from .invariants import check

DICTIONARY = (
    *(b"\x1a" + kind for kind in (b"1", b"2", b"3", b"4", b"\x1a")),
    bytes.fromhex("FF004D4C4154"),
    bytes.fromhex("8D406B909945DE10000405999BE4"),
    bytes.fromhex("8D40621D58C382D690C8AC2863A7"),
    bytes.fromhex("8D40621D58C386435CC412692AD6"),
)
OPTIONS = ModeSOptions(sensor="receiver", tisb=True)


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("beast", OPTIONS, data)
