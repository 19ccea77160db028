"""AVR text."""

from __future__ import annotations

from lowsky.wire.adsb.modes import ModeSOptions

from .invariants import check

DICTIONARY = (
    *b"* @ % < ; ;* \n".split(b" "),
    b"@FF004D4C4154",
    b"*8D406B909945DE10000405999BE4;",
    b"*8D40621D58C382D690C8AC2863A7;",
    b"*8D40621D58C386435CC412692AD6;",
)
OPTIONS = ModeSOptions(sensor="receiver", tisb=True)


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("avr", OPTIONS, data)
