"""ASTERIX: every category that is described, as datagrams and as a stream."""

from __future__ import annotations

from lowsky.wire.asterix.description import CATEGORIES
from lowsky.wire.asterix.options import AsterixOptions

from .invariants import check

DICTIONARY = (
    *(bytes([number, 0, length]) for number in CATEGORIES for length in (16, 48)),
    *(bytes([number]) for number in CATEGORIES),
    *b"\xff \x01 \x80 \xff\xff \x7f\xff \x00 \xfe".split(),
    bytes.fromhex("30000cf0 0101 6f1234 a0 1000 2000".replace(" ", "")),
)
OPTIONS = AsterixOptions(sensor="radar")
BY_NAME = AsterixOptions(sensors={"1/1": "radar", "1/2": "receiver", "1/3": "finder"}, reports="all")


def one(data: bytes) -> None:
    """One input, in all ways: the first octet says whose everything is."""
    check("asterix", OPTIONS if data[:1] < b"\x80" else BY_NAME, data[1:])
