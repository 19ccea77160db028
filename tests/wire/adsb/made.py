"""Extended squitters made from what they shall say: the other direction, written by itself from DO-260B appendix A."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.decoded import Context, Decoded, Decoder, Weather
from lowsky.wire.formats import find_format

T0 = 1_750_000_000_000_000_000
S = 1_000_000_000
SITE = Site((Sensor("rx", SensorKind.COOPERATIVE, 51.0, 4.0, 60.0, max_range_m=4e5),), Origin(51.0, 4.0, 0.0))
ADDRESS = 0xF00001


def parity(body: bytes) -> int:
    """Remainder by long division, bit by bit, of octets followed by 24 zeros."""
    number, bits = int.from_bytes(body, "big") << 24, 8 * len(body)
    for i in range(bits):
        if number >> (bits + 23 - i) & 1:
            number ^= 0x1FFF409 << (bits - 1 - i)
    return number


def frame(me: int, address: int = ADDRESS, first: int = 0x8D) -> bytes:
    """A long frame with its parity."""
    body = bytes([first]) + address.to_bytes(3, "big") + me.to_bytes(7, "big")
    return body + parity(body).to_bytes(3, "big")


def short(body: bytes, laid_over: int = 0) -> bytes:
    """A short frame whose parity bears an address or an interrogator's code."""
    return body + (parity(body) ^ laid_over).to_bytes(3, "big")


def fields(*parts: tuple[int, int]) -> int:
    """Values of so many bits, one after another, 56 in all."""
    number = 0
    for value, bits in parts:
        assert 0 <= value < 1 << bits
        number = (number << bits) | value
    assert sum(bits for _, bits in parts) == 56
    return number


def zones(latitude: float) -> int:
    """NL by its definition (DO-260B A.1.7.2 d)."""
    if abs(latitude) >= 87.0:
        return 2 if abs(latitude) == 87.0 else 1
    part = (1 - math.cos(math.pi / 30)) / math.cos(math.radians(abs(latitude))) ** 2
    return math.floor(2 * math.pi / math.acos(1 - part)) if part < 2 else 59


def cpr(latitude: float, longitude: float, odd: int, span: float = 360.0) -> tuple[int, int]:
    """The two 17-bit fields of a position."""
    high = span / (60 - odd)
    y = math.floor(131072 * math.fmod(latitude / high - math.floor(latitude / high), 1.0) + 0.5)
    told = high * (y / 131072 + math.floor(latitude / high))
    wide = span / max(zones(told) - odd, 1)
    x = math.floor(131072 * (longitude / wide - math.floor(longitude / wide)) + 0.5)
    return y % 131072, x % 131072


def airborne(latitude: float, longitude: float, odd: int, feet: float = 3000.0, code: int = 11) -> int:
    """ME of an airborne position with a height in steps of 25 ft."""
    steps = round((feet + 1000) / 25)
    altitude = ((steps >> 4) << 5) | 16 | (steps & 15)
    y, x = cpr(latitude, longitude, odd)
    return fields((code, 5), (0, 3), (altitude, 12), (0, 1), (odd, 1), (y, 17), (x, 17))


def surface(latitude: float, longitude: float, odd: int, movement: int = 39, track: int = 32) -> int:
    """ME of a surface position; movement 39 is 15 kt, track 32 is east."""
    y, x = cpr(latitude, longitude, odd, 90.0)
    return fields((6, 5), (movement, 7), (1, 1), (track, 7), (0, 1), (odd, 1), (y, 17), (x, 17))


def velocity(east_kt: int, north_kt: int, up_steps: int = 0, above_ft: int | None = None, nacv: int = 2) -> int:
    """ME of an airborne velocity, subtype 1."""
    above = (0, 0) if above_ft is None else (int(above_ft < 0), abs(above_ft) // 25 + 1)
    return fields(
        (19, 5), (1, 3), (0, 2), (nacv, 3), (int(east_kt < 0), 1), (abs(east_kt) + 1, 10), (int(north_kt < 0), 1),
        (abs(north_kt) + 1, 10), (0, 1), (int(up_steps < 0), 1), (abs(up_steps) + 1, 9), (0, 2),
        (above[0], 1), (above[1], 7),
    )  # fmt: skip


def status(version: int, nacp: int, gva: int = 2) -> int:
    """ME of an airborne operational status."""
    return fields((31, 5), (0, 3), (0, 32), (version, 3), (0, 1), (nacp, 4), (gva, 2), (3, 2), (0, 4))


def avr(*frames: bytes) -> bytes:
    """Frames as text."""
    return b"".join(b"*%s;\n" % f.hex().upper().encode() for f in frames)


def beast(frames: bytes, ticks: int = 1200, signal: int = 100) -> bytes:
    """One frame as Beast binary."""
    body = ticks.to_bytes(6, "big") + bytes([signal]) + frames
    return b"\x1a" + (b"3" if len(frames) == 14 else b"2") + body.replace(b"\x1a", b"\x1a\x1a")


def decoder(
    name: str = "avr", site: Site = SITE, datagrams: bool = False, qnh: float | None = None, **options: Any
) -> Decoder:
    """A decoder of one of the formats at the site."""
    found = find_format(name)
    return found.decoder(Context(site, "feed", Weather(qnh)), found.options(**({"sensor": "rx"} | options)), datagrams)


@dataclass
class Heard:
    """What one decoder gave out."""

    taken: list[Decoded] = field(default_factory=list)
    used: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)

    def take(self, taken: Decoded) -> Decoded:
        """Add up the books."""
        self.taken.append(taken)
        self.used += taken.used
        for into, counts in ((self.ignored, taken.ignored), (self.rejected, taken.problems.counts)):
            for name, count in counts.items():
                into[name] = into.get(name, 0) + count
        return taken

    def column(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """One column of all reports."""
        return np.concatenate([getattr(d.reports, name) for d in self.taken])

    @property
    def identities(self) -> list[str]:
        """Of all reports, in order."""
        return [d.reports.identities[i] for d in self.taken for i in d.reports.identity.tolist()]

    @property
    def received(self) -> int:
        """Items that came."""
        return sum(d.received for d in self.taken)


def hear(*told: tuple[float, int | bytes], name: str = "avr", qnh: float | None = None, **options: Any) -> Heard:
    """What becomes of frames (or ME of `ADDRESS`), each with its receipt in seconds after T0, taken one by one."""
    heard, reading = Heard(), decoder(name, qnh=qnh, **options)
    for seconds, what in told:
        data = frame(what) if isinstance(what, int) else what
        reading.push(avr(data) if name == "avr" and data[:1] not in b"*@<" else data, T0 + round(seconds * S))
        heard.take(reading.take())
    return heard
