"""Positions of AIS messages to drafts of reports, in columns: times, what is left out, sigmas, heights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.heights import Datum
from lowsky.model.timebase import NS_PER_S

from ..carry import carry_on
from ..tally import Tally
from .fields import ESTIMATED, INOPERATIVE, MANUAL, Longs, Told

Bools = NDArray[np.bool_]

MINUTE_NS = 60 * NS_PER_S
AHEAD_S = 5.0  # what a clock may be ahead; a time stamp that lies further ahead is of the minute before
CARRY_S = 10.0
ACCELERATION_MPS2 = 0.3  # of a ship that begins to turn
ACCURATE_M, COARSE_M = 4.1, 15.0  # sigma of one axis: "better than 10 m" holds 95 %; else what plain receivers do
GUESSED_M = 200.0  # positions entered by hand or by dead reckoning
LONG_RANGE_M = 55.0  # 0.1 minute of latitude, evenly spread
SECOND_S = 0.29  # time stamps are whole seconds
VELOCITY_MPS = 0.4
WATER_M = 3.0  # tide, waves, height of the antenna
AIRCRAFT_M = 30.0
SEARCH_AIRCRAFT, LONG_RANGE = 9, 27
WITH_STATUS = (1, 2, 3, LONG_RANGE)
BASE_STATION_MMSI = 10_000_000  # those of the shore begin with two zeros
BEACONS = (970, 972, 974)  # first digits of MMSI: search and rescue transmitter, man overboard, emergency position
TEST = 15  # status of a beacon that is not in distress
MAX_SENDERS = 50_000


def left_out(told: Told, tally: Tally) -> Bools:
    """Which of n messages say nothing of where anything is, each counted by the first reason."""
    beacon = np.isin(told.mmsi // 1_000_000, BEACONS) & np.isin(told.kind, WITH_STATUS)
    out = np.zeros(len(told.kind), dtype=np.bool_)
    for name, mask in (
        ("virtual aid to navigation", told.virtual),
        ("base station", (told.kind == 11) & (told.mmsi < BASE_STATION_MMSI)),
        ("distress beacon tested", beacon & (told.status == TEST)),
        ("position not available", (told.longitude_deg == 181.0) | (told.latitude_deg == 91.0)),
        ("positioning out of order", told.second == INOPERATIVE),
    ):
        tally.ignore(name, int((mask & ~out).sum()))
        out |= mask
    return out


def times_of(second: Longs, base_ns: Longs, received_ns: Longs) -> Longs:
    """When positions were true: the told second of a minute, nearest before `base_ns` (receipt or tag block), UTC."""
    told = base_ns - base_ns % MINUTE_NS + second * NS_PER_S
    latest = base_ns + int(AHEAD_S * NS_PER_S)
    told += np.floor_divide(latest - told, MINUTE_NS) * MINUTE_NS
    return np.minimum(np.where(second < 60, told, base_ns), np.maximum(received_ns, base_ns))


class Repeats:
    """Tells messages heard twice: of the same sender, time and place."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, float, float]] = {}

    def among(self, told: Told, time_ns: Longs) -> Bools:
        """Which of n messages repeat the last of their sender."""
        last, again = self._last, []
        columns = (told.mmsi.tolist(), time_ns.tolist(), told.latitude_deg.tolist(), told.longitude_deg.tolist())
        for mmsi, *said in zip(*columns, strict=True):
            what = (said[0], said[1], said[2])
            again.append(last.get(mmsi) == what)
            last[mmsi] = what
        while len(last) > MAX_SENDERS:
            del last[next(iter(last))]
        return np.array(again, dtype=np.bool_)


def columns_of(told: Told, water_msl_m: float) -> dict[str, Any]:
    """Columns of a draft; heights count from mean sea level or, of some aircraft, from pressure."""
    speed = np.where(told.speed_mps == 0.0, 0.0, told.speed_mps)
    course = np.where(told.speed_mps == 0.0, 0.0, np.radians(told.course_deg))
    aircraft = told.kind == SEARCH_AIRCRAFT
    guessed = (told.second == MANUAL) | (told.second == ESTIMATED) | told.old
    sigma = np.where(told.accurate, ACCURATE_M, COARSE_M)
    sigma = np.where(guessed, GUESSED_M, np.where(told.kind == LONG_RANGE, LONG_RANGE_M, sigma))
    moving = np.isfinite(speed) & np.isfinite(course)
    return {
        "latitude_deg": told.latitude_deg,
        "longitude_deg": told.longitude_deg,
        "height_m": np.where(aircraft, told.altitude_m, water_msl_m),
        "east_mps": speed * np.sin(course),
        "north_mps": speed * np.cos(course),
        "sigma_position_m": np.hypot(sigma, np.nan_to_num(speed) * SECOND_S),
        "sigma_height_m": np.where(aircraft, AIRCRAFT_M, WATER_M),
        "sigma_velocity_mps": np.where(moving, VELOCITY_MPS, np.nan),
    }


def datums_of(told: Told) -> list[str]:
    """What the height of each counts from."""
    by_pressure = (told.kind == SEARCH_AIRCRAFT) & told.barometric
    return [Datum.PRESSURE if pressure else Datum.MSL for pressure in by_pressure.tolist()]


def carried(columns: dict[str, Any], time_ns: Longs, received_ns: Longs) -> Longs:
    """`carry_on` as ships move."""
    return carry_on(columns, time_ns, received_ns, acceleration_mps2=ACCELERATION_MPS2, limit_s=CARRY_S)
