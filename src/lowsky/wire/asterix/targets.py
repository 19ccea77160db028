"""Records that tell of targets, category by category brought to the same columns, before anybody asks whose they are.

What a record is not a report for is said by words (`ignored`): a simulated or test target, a fixed transponder, a track
that was extrapolated and not seen. Heights say what they count from (`DATUMS`); local coordinates count from the
sensor's place, which is known only later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Cells = dict[str, Floats]  # the columns of `walk`, by path

NM_M = 1852.0
FOOT_M = 0.3048
FLIGHT_LEVEL_M = 100.0 * FOOT_M
KNOT_MPS = NM_M / 3600.0
FOOT_A_MINUTE_MPS = FOOT_M / 60.0
DEGREE = math.pi / 180.0
CIRCLE_95_SIGMAS = 2.4477  # radius of the circle that holds 95 % of a round normal distribution, in sigmas of one axis
LINE_95_SIGMAS = 1.96  # the same of one axis

DATUMS = (None, "msl", "pressure")  # what heights count from, by the codes below; None is the ellipsoid
ELLIPSOID, MSL, PRESSURE = 0, 1, 2

SIMULATED = "simulated target"
TEST = "test target"
FIXED_TRANSPONDER = "fixed transponder"
NOT_SEEN = "track without detection"
ENDED = "end of track"


@dataclass(slots=True)
class Targets:
    """n records; every column (n,), NaN where a record does not say."""

    source: Floats  # SAC * 256 + SIC (and 65,536 * (number + 1) of a part of it)
    time_s: Floats  # of day
    columns: dict[str, Floats]  # of a report batch
    ignored: list[tuple[str, Mask]]  # by what they are; the first that holds counts
    datum: NDArray[np.int8] | None = None  # of columns["height_m"], index into DATUMS
    address: Floats | None = None  # 24 bits
    callsign: Floats | None = None  # 48 bits of eight characters
    words: list[Floats] = field(default_factory=list)  # offsets of the items that together spell an identity
    track: Mask | None = None  # whether it is the sensor's track of what it also sends as a plot
    local: dict[str, Floats] = field(default_factory=dict)  # x_m (east), y_m (north), height_m, from the sensor's place
    clock_s: float = 86_400.0  # after how long `time_s` begins again
    timeless: bool = False  # no time: that of the receipt is taken


def is_one(*flags: Floats) -> Mask:
    """Where any of the flags is set; one that is not there is not."""
    found: Mask = np.zeros(len(flags[0]), dtype=np.bool_)
    for flag in flags:
        found |= flag == 1.0
    return found


def first_of(*columns: Floats) -> Floats:
    """Row by row the first value that is there."""
    found = columns[0]
    for column in columns[1:]:
        missing = np.isnan(found)
        if not missing.any():
            break
        found = np.where(missing, column, found)
    return found


def heights(*choices: tuple[Floats, int]) -> tuple[Floats, NDArray[np.int8]]:
    """Row by row the first height (m) that is there, and what it counts from."""
    height, code = choices[0]
    datum = np.full(len(height), code, dtype=np.int8)
    for column, code in choices[1:]:
        missing = np.isnan(height)
        if missing.any():
            height = np.where(missing, column, height)
            datum[missing] = code
    return height, datum


def valid_level_m(cells: Cells, item: str) -> Floats:
    """Height in the standard atmosphere of a flight level item with the flags V (not validated) and G (garbled)."""
    doubtful = is_one(cells[f"{item}/V"], cells[f"{item}/G"])
    return np.where(doubtful, np.nan, cells[f"{item}/FL"] * FLIGHT_LEVEL_M)


def along(speed: Floats, heading_rad: Floats) -> tuple[Floats, Floats]:
    """East and north of a speed over ground."""
    return speed * np.sin(heading_rad), speed * np.cos(heading_rad)


def one_axis(x: Floats, y: Floats) -> Floats:
    """One sigma for both axes: the root of the mean of the variances; 0 says nothing."""
    both = np.sqrt((x * x + y * y) / 2.0)
    return stated(both)


def stated(sigma: Floats) -> Floats:
    """A sigma; 0 is no claim of perfection but the smallest step of a field that is not used."""
    return np.where(sigma > 0.0, sigma, np.nan)
