"""Fields of extended squitters (the 56-bit ME of DF 17 and 18), in columns.

Source: RTCA DO-260B 2.2.3.2 (equal in ICAO Doc 9871, appendix C); bits are numbered from 1 as there.

    type code  message                      read here
    1-4        identification               -
    5-8        surface position             movement, track, CPR
    9-18       airborne position            pressure altitude, CPR
    19         airborne velocity            velocity over ground, vertical rate, geometric minus pressure, NACv
    20-22      airborne position            geometric height, CPR
    29         target state (subtype 1)     NACp
    31         operational status           version, NACp, GVA

Not read: airspeed and heading (subtypes 3, 4 of 19), which are no velocity over ground.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .accuracy import UNKNOWN
from .cpr import STEPS
from .frames import Bools, Bytes, Floats, Longs, numbers

FOOT_M = 0.3048
KNOT_MPS = 1852.0 / 3600.0
FOOT_PER_MINUTE_MPS = FOOT_M / 60.0


@dataclass(frozen=True, slots=True)
class Squitters:
    """n extended squitters; NaN and `UNKNOWN` where a message does not tell."""

    type_code: Longs
    position: Bools  # carries one
    surface: Bools
    odd: Bools  # form of its CPR
    latitude: Floats  # fractions of a zone
    longitude: Floats
    pressure_m: Floats  # height in the standard atmosphere
    geometric_m: Floats  # of type codes 20 to 22
    geometric_feet_m: Floats  # the same field read as most transponders do
    east_mps: Floats
    north_mps: Floats
    up_mps: Floats
    nacv: Longs
    above_pressure_m: Floats  # geometric height minus pressure height
    nacp: Longs
    version: Longs
    gva: Longs

    def __len__(self) -> int:
        return len(self.type_code)

    def take(self, rows: Longs) -> Squitters:
        """The given rows, in the given order."""
        return Squitters(*(getattr(self, f.name)[rows] for f in fields(self)))


def read_squitters(data: Bytes) -> Squitters:
    """The fields of frames (n, LONG)."""
    me = numbers(data[:, 4:11])
    code = _bits(me, 1, 5)
    surface = (code >= 5) & (code <= 8)
    geometric = (code >= 20) & (code <= 22)
    airborne = ((code >= 9) & (code <= 18)) | geometric
    altitude = _bits(me, 9, 12)
    east, north, up, nacv, above = _velocity(me, code)
    moving = _surface_velocity(me)
    version, nacp, gva = _status(me, code)
    return Squitters(
        type_code=code,
        position=surface | airborne,
        surface=surface,
        odd=_bits(me, 22, 1) == 1,
        latitude=_bits(me, 23, 17) / STEPS,
        longitude=_bits(me, 40, 17) / STEPS,
        pressure_m=np.where(airborne & ~geometric, _ALTITUDE_M[altitude], np.nan),
        geometric_m=np.where(geometric & (altitude > 0), altitude.astype(np.float64), np.nan),
        geometric_feet_m=np.where(geometric, _ALTITUDE_M[altitude], np.nan),
        east_mps=np.where(surface, moving[0], east),
        north_mps=np.where(surface, moving[1], north),
        up_mps=up,
        nacv=nacv,
        above_pressure_m=above,
        nacp=nacp,
        version=version,
        gva=gva,
    )


def _bits(me: Longs, first: int, count: int) -> Longs:
    """`count` bits from bit `first` on (1 to 56)."""
    return (me >> (57 - first - count)) & ((1 << count) - 1)


def _velocity(me: Longs, code: Longs) -> tuple[Floats, Floats, Floats, Longs, Floats]:
    """East, north and up, m/s, NACv, and geometric minus pressure height, m, of type code 19."""
    subtype = np.where(code == 19, _bits(me, 6, 3), 0)
    over_ground, any_velocity = (subtype == 1) | (subtype == 2), (subtype >= 1) & (subtype <= 4)
    step = np.where(subtype == 2, 4.0, 1.0) * KNOT_MPS  # of supersonic aircraft
    east, north = (_signed(me, first, 10, over_ground) * step for first in (14, 25))
    known = np.isfinite(east) & np.isfinite(north)
    up = _signed(me, 37, 9, any_velocity) * 64.0 * FOOT_PER_MINUTE_MPS
    above = _signed(me, 49, 7, any_velocity) * 25.0 * FOOT_M
    nacv = np.where(any_velocity, _bits(me, 11, 3), 0)
    return np.where(known, east, np.nan), np.where(known, north, np.nan), up, nacv, above


def _signed(me: Longs, first: int, count: int, told: Bools) -> Floats:
    """A sign bit and a magnitude of which 0 says that it is not known, and 1 is none."""
    magnitude = _bits(me, first + 1, count)
    value = np.where(_bits(me, first, 1) == 1, 1.0 - magnitude, magnitude - 1.0)
    return np.where(told & (magnitude > 0), value, np.nan)


def _surface_velocity(me: Longs) -> tuple[Floats, Floats]:
    """East and north, m/s, of surface positions; NaN where speed or track is not told."""
    speed = _MOVEMENT_MPS[_bits(me, 6, 7)]
    track = np.where(_bits(me, 13, 1) == 1, _bits(me, 14, 7) * (2.0 * np.pi / 128.0), np.nan)
    track = np.where(speed == 0.0, 0.0, track)
    return speed * np.sin(track), speed * np.cos(track)


def _status(me: Longs, code: Longs) -> tuple[Longs, Longs, Longs]:
    """Version, NACp and GVA of type codes 31 and 29."""
    status = (code == 31) & (_bits(me, 6, 3) <= 1)
    airborne = status & (_bits(me, 6, 3) == 0)
    target = (code == 29) & (_bits(me, 6, 2) == 1)
    version = np.where(status, _bits(me, 41, 3), UNKNOWN)
    nacp = np.where(status & (version >= 1), _bits(me, 45, 4), np.where(target, _bits(me, 40, 4), UNKNOWN))
    return version, nacp, np.where(airborne & (version >= 2), _bits(me, 49, 2), UNKNOWN)


def _movement() -> Floats:
    """Speed, m/s, of the 7-bit movement of a surface position (DO-260B table 2-14); NaN where it tells none."""
    knots = np.full(128, np.nan)
    for first, last, at_first, step in (
        (1, 1, 0.0, 0.0),
        (2, 8, 0.125, 0.125),
        (9, 12, 1.0, 0.25),
        (13, 38, 2.0, 0.5),
        (39, 93, 15.0, 1.0),
        (94, 108, 70.0, 2.0),
        (109, 123, 100.0, 5.0),
        (124, 124, 175.0, 0.0),
    ):
        knots[first : last + 1] = at_first + step * np.arange(last - first + 1)
    return knots * KNOT_MPS


def _altitudes() -> Floats:
    """Height, m, of the 12-bit altitude: steps of 25 ft with the Q bit, else of 100 ft in Gillham's code."""
    field = np.arange(4096)
    plain = (((field >> 5) << 4) | (field & 15)) * 25.0 - 1000.0
    feet = np.where((field >> 4) & 1, plain, np.array([_gillham_ft(f) for f in field.tolist()]))
    feet[0] = np.nan
    return feet * FOOT_M


def _gillham_ft(field: int) -> float:
    """Height, ft, of C1 A1 C2 A2 C4 A4 B1 D1 B2 D2 B4 D4; NaN: none (ICAO Annex 10 IV, 3.1.1.7.12)."""
    c1, a1, c2, a2, c4, a4, b1, d1, b2, d2, b4, d4 = ((field >> (11 - i)) & 1 for i in range(12))
    hundreds = _from_gray((c1, c2, c4))
    five_hundreds = _from_gray((d1, d2, d4, a1, a2, a4, b1, b2, b4))
    if hundreds in (0, 5, 6):
        return float("nan")
    hundreds = 5 if hundreds == 7 else hundreds
    if five_hundreds % 2:
        hundreds = 6 - hundreds
    return 500.0 * five_hundreds + 100.0 * hundreds - 1300.0


def _from_gray(bits: tuple[int, ...]) -> int:
    value = 0
    for bit in bits:
        value = (value << 1) | (bit ^ (value & 1))
    return value


_MOVEMENT_MPS, _ALTITUDE_M = _movement(), _altitudes()
