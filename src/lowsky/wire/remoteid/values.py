"""Columns of bytes to columns of values in units, unknown as NaN; no judgement of them (`lowsky.wire.remoteid.checks`).

Every value is what the bytes say, also where it cannot be: latitudes up to 214 degrees, times up to 6553 s. A direction
is whole degrees, a speed 0.25 m/s (0.75 m/s above 63.75 m/s), a vertical speed and a height 0.5 m, a place 1e-7 degree,
a time 0.1 s: ASTM F3411-22a table 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layout import DEGREE, LOCATION, NO_DIRECTION, NO_SPEED, NO_TIME, NO_VERTICAL, SYSTEM, Records, seen_as

Floats = NDArray[np.float64]
Bytes = NDArray[np.integer]

SLOW_MPS, FAST_MPS = 0.25, 0.75  # steps of the speed by its multiplier
FAST_FROM_MPS = 255 * SLOW_MPS
VERTICAL_MPS = 0.5
HEIGHT_M, LOWEST_M = 0.5, -1000.0  # the lowest stands for "not known"
RADIUS_M = 10.0


@dataclass(frozen=True, slots=True)
class Locations:
    """n Location/Vector messages, each column (n,)."""

    status: Bytes
    direction_deg: Floats  # of the course, from true north
    speed_mps: Floats
    up_mps: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    pressure_height_m: Floats  # in the standard atmosphere
    geodetic_height_m: Floats  # above the WGS-84 ellipsoid
    height_m: Floats  # above what height_type says
    height_type: Bytes
    horizontal_accuracy: Bytes  # codes
    vertical_accuracy: Bytes
    pressure_accuracy: Bytes
    speed_accuracy: Bytes
    time_accuracy: Bytes  # tenths of a second, 0: not known
    time_s: Floats  # after the full hour UTC


@dataclass(frozen=True, slots=True)
class Systems:
    """n System messages, each column (n,)."""

    operator_place: Bytes
    classification: Bytes
    latitude_deg: Floats  # of the operator
    longitude_deg: Floats
    count: NDArray[np.uint16]  # aircraft in the area
    radius_m: Floats
    ceiling_m: Floats  # above the WGS-84 ellipsoid
    floor_m: Floats
    category: Bytes
    class_: Bytes
    operator_height_m: Floats  # above the WGS-84 ellipsoid
    time: NDArray[np.uint32]  # seconds since 2019, 0: not known


def locations_of(records: Records) -> Locations:
    """The values of Location messages (n, 25)."""
    raw = seen_as(records, LOCATION)
    flags, fast = raw["flags"], raw["flags"] & 1
    west = (flags >> 1) & 1
    unknown_way = (raw["direction"] == NO_DIRECTION[0]) & (west == NO_DIRECTION[1])
    unknown_speed = (raw["speed"] == NO_SPEED[0]) & (fast == NO_SPEED[1])
    speed = np.where(fast == 1, raw["speed"] * FAST_MPS + FAST_FROM_MPS, raw["speed"] * SLOW_MPS)
    latitude, longitude = _place(raw)
    return Locations(
        status=flags >> 4,
        direction_deg=np.where(unknown_way, np.nan, raw["direction"] + 180.0 * west),
        speed_mps=np.where(unknown_speed, np.nan, speed),
        up_mps=np.where(raw["vertical"] == NO_VERTICAL, np.nan, raw["vertical"] * VERTICAL_MPS),
        latitude_deg=latitude,
        longitude_deg=longitude,
        pressure_height_m=_height(raw["pressure"]),
        geodetic_height_m=_height(raw["geodetic"]),
        height_m=_height(raw["height"]),
        height_type=(flags >> 2) & 1,
        horizontal_accuracy=raw["accuracy"] & 15,
        vertical_accuracy=raw["accuracy"] >> 4,
        pressure_accuracy=raw["accuracy2"] >> 4,
        speed_accuracy=raw["accuracy2"] & 15,
        time_accuracy=raw["time_accuracy"] & 15,
        time_s=np.where(raw["time"] == NO_TIME, np.nan, raw["time"] / 10.0),
    )


def systems_of(records: Records) -> Systems:
    """The values of System messages (n, 25)."""
    raw = seen_as(records, SYSTEM)
    latitude, longitude = _place(raw)
    return Systems(
        operator_place=raw["flags"] & 3,
        classification=(raw["flags"] >> 2) & 7,
        latitude_deg=latitude,
        longitude_deg=longitude,
        count=raw["count"],
        radius_m=raw["radius"] * RADIUS_M,
        ceiling_m=_height(raw["ceiling"]),
        floor_m=_height(raw["floor"]),
        category=raw["category"] >> 4,
        class_=raw["category"] & 15,
        operator_height_m=_height(raw["altitude"]),
        time=raw["time"],
    )


def _place(raw: NDArray[np.void]) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees; both 0 is not known."""
    unknown = (raw["latitude"] == 0) & (raw["longitude"] == 0)
    return tuple(np.where(unknown, np.nan, raw[name] / DEGREE) for name in ("latitude", "longitude"))  # type: ignore[return-value]


def _height(raw: NDArray[np.uint16]) -> Floats:
    return np.where(raw == 0, np.nan, raw * HEIGHT_M + LOWEST_M)


def text_of(data: bytes) -> str:
    """Text up to the first NUL byte, each byte one character."""
    return data.split(b"\0", 1)[0].decode("latin-1")
