"""Mode S extended squitters as an aircraft sends them, written from the standard for tests: RTCA DO-260B, A.1."""

from __future__ import annotations

import math

LETTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ#####_###############0123456789######"
GENERATOR = 0x1FFF409


def squitter(address: int, body: int) -> bytes:
    """The 14 bytes of a DF17 with 56 bits of content."""
    message = (17 << 3 | 5) << 80 | address << 56 | body
    rest = message << 24
    for bit in range(111, 23, -1):
        if rest >> bit & 1:
            rest ^= GENERATOR << (bit - 24)
    return (message << 24 | rest).to_bytes(14, "big")


def identification(callsign: str) -> int:
    """Type 4: a callsign of at most eight letters."""
    text = 0
    for letter in callsign.ljust(8, "_"):
        text = text << 6 | LETTERS.index(letter)
    return 4 << 51 | 3 << 48 | text


def airborne_position(latitude_deg: float, longitude_deg: float, altitude_ft: float, odd: bool) -> int:
    """Type 11 (at best 0.1 NM): barometric altitude in steps of 25 ft, one half of a compact position."""
    steps = round((altitude_ft + 1000.0) / 25.0)
    altitude = (steps & 0x7F0) << 1 | 0x10 | steps & 0xF
    y, rounded = _coded(latitude_deg, 360.0 / (60 - odd))
    x, _ = _coded(longitude_deg, 360.0 / max(_zones(rounded) - odd, 1))
    return 11 << 51 | altitude << 36 | odd << 34 | y << 17 | x


def ground_velocity(east_mps: float, north_mps: float) -> int:
    """Type 19, subtype 1: velocity over ground in knots; no rate of climb."""
    parts = 0
    for value in (east_mps, north_mps):
        knots = round(abs(value) * 3600.0 / 1852.0)
        parts = parts << 11 | (value < 0.0) << 10 | knots + 1
    return 19 << 51 | 1 << 48 | 2 << 43 | parts << 21


def beast(message: bytes, signal: int = 100) -> bytes:
    """A frame of Beast binary, its counter at 0."""
    content = bytes(6) + bytes([signal]) + message
    return b"\x1a3" + content.replace(b"\x1a", b"\x1a\x1a")


def _coded(degrees: float, zone_deg: float) -> tuple[int, float]:
    fraction = math.floor(131072.0 * (degrees % zone_deg) / zone_deg + 0.5)
    return fraction & 0x1FFFF, zone_deg * (fraction / 131072.0 + math.floor(degrees / zone_deg))


def _zones(latitude_deg: float) -> int:
    cosine = math.cos(math.radians(latitude_deg))
    return math.floor(2.0 * math.pi / math.acos(1.0 - (1.0 - math.cos(math.pi / 30.0)) / cosine**2))
