"""aircraft.json."""

from __future__ import annotations

from lowsky.wire.adsb.readsb import ReadsbOptions

from .invariants import check

DICTIONARY = (
    b'{"now":1750000000.1,"aircraft":[',
    b'{"hex":"f00001","type":"adsb_icao","lat":51.01,"lon":4.02,"seen_pos":0.3,"alt_geom":3000,"gs":120,"track":90}',
    b"]}",
    *(b'"%s":' % w for w in b"hex type lat lon seen_pos alt_geom alt_baro gs track nac_p nac_v gva mlat now".split()),
    *b'"ground" null true 1e999 -1 1e400 "~f00001" ["lat"] {} \\ \\u0000'.split(),
)
OPTIONS = ReadsbOptions(sensor="receiver", tisb=True)


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("readsb", OPTIONS, data)
