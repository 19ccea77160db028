"""Fields of AIS messages in columns, as tables.

Source: ITU-R M.1371-5, annex 8. A field is its first bit and its number of bits, signed ones negative; positions are in
1/10,000 minute (message 27: 1/10), speeds in 0.1 knot (9 and 27: 1), courses in 0.1 degree (27: 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

KNOT_MPS = 1852.0 / 3600.0
NO_SECOND, MANUAL, ESTIMATED, INOPERATIVE = 60, 61, 62, 63  # time stamps that are no second


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a type of message has what; a field it has not is None."""

    bits: int  # at least
    longitude: tuple[int, int]
    latitude: tuple[int, int]
    accuracy: tuple[int, int]
    degree: float = 600_000.0  # units of a position
    speed: tuple[int, int] | None = None
    knot: float = 10.0
    no_speed: int = 1023
    course: tuple[int, int] | None = None
    course_degree: float = 10.0
    no_course: int = 3600
    second: tuple[int, int] | None = None
    altitude: tuple[int, int] | None = None
    barometric: tuple[int, int] | None = None
    status: tuple[int, int] | None = None
    virtual: tuple[int, int] | None = None
    old: tuple[int, int] | None = None  # position not the current one


_CLASS_A = Layout(168, (61, -28), (89, -27), (60, 1), speed=(50, 10), course=(116, 12), second=(137, 6), status=(38, 4))
LAYOUTS: dict[int, Layout] = {
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    9: Layout(
        168, (61, -28), (89, -27), (60, 1), speed=(50, 10), knot=1.0, course=(116, 12), second=(128, 6),
        altitude=(38, 12), barometric=(134, 1),
    ),
    11: Layout(168, (79, -28), (107, -27), (78, 1), second=(72, 6)),
    18: Layout(168, (57, -28), (85, -27), (56, 1), speed=(46, 10), course=(112, 12), second=(133, 6)),
    19: Layout(312, (57, -28), (85, -27), (56, 1), speed=(46, 10), course=(112, 12), second=(133, 6)),
    21: Layout(272, (164, -28), (192, -27), (163, 1), second=(253, 6), virtual=(269, 1)),
    27: Layout(
        96, (44, -18), (62, -17), (38, 1), degree=600.0, speed=(79, 6), knot=1.0, no_speed=63, course=(85, 9),
        course_degree=1.0, no_course=360, status=(40, 4), old=(94, 1),
    ),
}  # fmt: skip
"""Messages that tell a position of something that may be in the picture."""

_SIX_BITS = np.full(256, 64, dtype=np.int64)
for _value in range(64):
    _SIX_BITS[_value + 48 + (8 if _value >= 40 else 0)] = _value

_KINDS: list[int] = _SIX_BITS.tolist()


def kind_of(payload: bytes) -> int:
    """The type of a message by its armoured payload, -1 of an empty one."""
    return _KINDS[payload[0]] if payload else -1


def sextets(payloads: list[bytes], characters: int) -> Longs:
    """Values 0 to 63 (n, characters) of armoured payloads, the end of short ones filled with zeros."""
    joined = b"".join(payload[:characters].ljust(characters, b"0") for payload in payloads)
    return _SIX_BITS[np.frombuffer(joined, dtype=np.uint8).reshape(len(payloads), characters)]


def field_of(values: Longs, first: int, bits: int) -> Longs:
    """A field (n,) of sextets (n, characters) from bit `first` on; signed if `bits` is negative. At most 54 bits."""
    size = abs(bits)
    begin, end = first // 6, (first + size - 1) // 6 + 1
    number = np.zeros(len(values), dtype=np.int64)
    for column in values[:, begin:end].T:
        number = (number << 6) | column
    number = (number >> (6 * end - first - size)) & ((1 << size) - 1)
    return np.where(number >> (size - 1), number - (1 << size), number) if bits < 0 else number


def text_of(payload: bytes, first: int, characters: int) -> str:
    """Six-bit text of an armoured payload from bit `first` on; "@" ends it (ITU-R M.1371-5 table 47)."""
    number = 0
    for value in sextets([payload], (first + 6 * characters + 5) // 6)[0].tolist():
        number = (number << 6) | value
    number >>= -(first + 6 * characters) % 6
    codes = [(number >> (6 * (characters - 1 - i))) & 63 for i in range(characters)]
    return "".join(chr(code + 64 if code < 32 else code) for code in codes).split("@")[0].rstrip()


@dataclass(frozen=True, slots=True)
class Told:
    """What n messages of one type tell; NaN where they do not."""

    kind: Longs  # type of the message
    mmsi: Longs
    latitude_deg: Floats
    longitude_deg: Floats
    accurate: NDArray[np.bool_]  # declared better than 10 m
    speed_mps: Floats
    course_deg: Floats
    second: Longs
    altitude_m: Floats
    barometric: NDArray[np.bool_]
    status: Longs
    virtual: NDArray[np.bool_]
    old: NDArray[np.bool_]

    def take(self, rows: Longs) -> Told:
        """The given rows, in the given order."""
        return Told(*(getattr(self, name)[rows] for name in Told.__slots__))


def read_positions(kind: int, payloads: list[bytes]) -> Told:
    """The fields of messages of one of `LAYOUTS`, all of at least its bits."""
    layout, n = LAYOUTS[kind], len(payloads)
    values = sextets(payloads, (layout.bits + 5) // 6)

    def number(place: tuple[int, int] | None, otherwise: int = 0) -> Longs:
        return np.full(n, otherwise) if place is None else field_of(values, *place)

    speed, course = number(layout.speed, layout.no_speed), number(layout.course, layout.no_course)
    altitude = number(layout.altitude, 4095)
    return Told(
        kind=np.full(n, kind),
        mmsi=number((8, 30)),
        latitude_deg=number(layout.latitude) / layout.degree,
        longitude_deg=number(layout.longitude) / layout.degree,
        accurate=number(layout.accuracy) == 1,
        speed_mps=np.where(speed < layout.no_speed, speed / layout.knot * KNOT_MPS, np.nan),
        course_deg=np.where(course < layout.no_course, course / layout.course_degree, np.nan),
        second=number(layout.second, NO_SECOND),
        altitude_m=np.where(altitude < 4094, altitude.astype(np.float64), np.nan),
        barometric=number(layout.barometric) == 1,
        status=number(layout.status, 15),
        virtual=number(layout.virtual) == 1,
        old=number(layout.old) == 1,
    )
