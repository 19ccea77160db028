"""Location messages to drafts of reports, on columns: time, height with its datum, velocity, what the accuracies mean.

time        seconds after the hour to the hour that is nearest to when it was heard; without them, when it was heard
height      geodetic (above the WGS-84 ellipsoid); else by pressure, in the standard atmosphere; else above take-off or
            ground, from the height that the System message says of the operator
velocity    course and speed; vertical speed where it is known
accuracy    a code is a radius (or half interval) that holds 95 % of the errors: sigmas by `codes.SIGMA_OF_*`. A place
            is as old as the accuracy of its time lets it be, so its sigma grows by the way flown meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.heights import Datum
from lowsky.model.timebase import NS_PER_S

from ..drafts import Draft
from ..problems import RowCheck
from .codes import (
    HORIZONTAL_BOUNDS_M,
    SIGMA_OF_CIRCLE,
    SIGMA_OF_INTERVAL,
    SPEED_BOUNDS_MPS,
    VERTICAL_BOUNDS_M,
    by_code,
)
from .encoder import MAX_SPEED_MPS
from .values import Floats, Locations

Longs = NDArray[np.int64]

HOUR_NS = 3600 * NS_PER_S
MAX_OFF_S = 60.0  # of a time of measurement from when it was heard: broadcast live, it is a second old
SIGMA_GROUND_M = 30.0  # of heights above the ground, when that of the take-off stands in for it
SIGMA_OPERATOR_M = 10.0  # of heights above take-off, when the operator's height stands in for it

_SIGMA_POSITION_M = by_code(HORIZONTAL_BOUNDS_M) * SIGMA_OF_CIRCLE
_SIGMA_HEIGHT_M = by_code(VERTICAL_BOUNDS_M) * SIGMA_OF_INTERVAL
_SIGMA_VELOCITY_MPS = by_code(SPEED_BOUNDS_MPS) * SIGMA_OF_CIRCLE


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of n locations besides what they say."""

    sender: list[str]  # as the receiver names itself
    index: Longs  # of the receiver in the site
    heard_ns: Longs
    received_ns: Longs
    identity: list[str | None]
    takeoff_m: Floats  # above the ellipsoid, NaN: not known
    walked: NDArray[np.bool_]  # that height is the operator's, who may have left the place of take-off


def nearest_time_ns(time_s: Floats, heard_ns: Longs) -> Longs:
    """Seconds after a full hour (n,) to the instants nearest to `heard_ns`; NaN gives that itself."""
    known = np.isfinite(time_s)
    hour = heard_ns - heard_ns % HOUR_NS
    said = hour + np.rint(np.where(known, time_s, 0.0) * 10).astype(np.int64) * (NS_PER_S // 10)
    late = (said - heard_ns + HOUR_NS // 2) // HOUR_NS
    return np.where(known, said - late * HOUR_NS, heard_ns)


def draft_of(said: Locations, rows: Rows, qnh_hpa: float | None, check: RowCheck) -> Draft:
    """The draft of n locations; those whose time is not of now are rejected in `check`."""
    time_ns = nearest_time_ns(said.time_s, rows.heard_ns)
    off = np.abs(time_ns - rows.heard_ns) > int(MAX_OFF_S * NS_PER_S)
    check.reject(off, "timestamp_s", said.time_s, f"is over {MAX_OFF_S:.0f} s from when it was heard")
    height, sigma, datum = _heights(said, rows)
    speed = np.where(said.speed_mps >= MAX_SPEED_MPS, np.nan, said.speed_mps)  # the last step means "or more"
    course = np.radians(np.where(speed == 0.0, np.nan_to_num(said.direction_deg), said.direction_deg))
    columns = {
        "latitude_deg": said.latitude_deg,
        "longitude_deg": said.longitude_deg,
        "height_m": height,
        "east_mps": speed * np.sin(course),
        "north_mps": speed * np.cos(course),
        "up_mps": said.up_mps,
        "sigma_position_m": _sigma_position(said, speed),
        "sigma_height_m": sigma,
        "sigma_velocity_mps": _SIGMA_VELOCITY_MPS[said.speed_accuracy],
    }
    return Draft(
        sensor=rows.sender,
        index=rows.index,
        said=said.time_s,
        time_ns=time_ns,
        received_ns=rows.received_ns,
        columns=columns,
        identity=rows.identity,
        datum=datum,
        qnh_hpa=np.full(len(height), np.nan if qnh_hpa is None else qnh_hpa),
        takeoff_height_m=rows.takeoff_m,
    )


def _sigma_position(said: Locations, speed_mps: Floats) -> Floats:
    sigma = _SIGMA_POSITION_M[said.horizontal_accuracy]
    sigma_time_s = said.time_accuracy / 10.0 * SIGMA_OF_INTERVAL
    return np.hypot(sigma, np.nan_to_num(speed_mps) * sigma_time_s)


def _heights(said: Locations, rows: Rows) -> tuple[Floats, Floats, list[str | None]]:
    """The best height of each location, its sigma, and what it counts from."""
    geodetic, pressure = np.isfinite(said.geodetic_height_m), np.isfinite(said.pressure_height_m)
    above = np.isfinite(said.height_m) & np.isfinite(rows.takeoff_m) & ~geodetic & ~pressure
    chosen = [geodetic, pressure, above]
    height = np.select(chosen, [said.geodetic_height_m, said.pressure_height_m, said.height_m], np.nan)
    widened = np.where(said.height_type == 1, SIGMA_GROUND_M, np.where(rows.walked, SIGMA_OPERATOR_M, 0.0))
    own = _SIGMA_HEIGHT_M[said.vertical_accuracy]
    over = np.hypot(np.where(np.isnan(own) & (widened > 0.0), 0.0, own), widened)
    sigma = np.select(chosen, [own, _SIGMA_HEIGHT_M[said.pressure_accuracy], over], np.nan)
    words = np.select(chosen, [0, 1, 2], 0).tolist()
    datums: tuple[str | None, ...] = (None, Datum.PRESSURE, Datum.TAKEOFF)
    return height, sigma, [datums[i] for i in words]
