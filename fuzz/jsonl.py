"""JSON lines."""

from __future__ import annotations

from lowsky.wire.formats import Options

from .invariants import check

DICTIONARY = (
    b'{"type":"report","sensor":"radar","time":1750000000,"range_m":1000,"azimuth_deg":90}\n',
    b'{"type":"look","sensor":"radar","time":1750000000}\n',
    *(b'"%s"' % w for w in b"type reports look status sensor time time_ns lat lon height_m height_datum".split()),
    *b"null true [ ] { } , : 1e999 -1 NaN 1750000000 \xff \\ud800".split(),
)
OPTIONS = Options()


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("jsonl", OPTIONS, data)
