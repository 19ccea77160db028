"""Positions that are a little old when they come, carried on to their receipt by the velocity declared with them.

Ships and relayed aircraft tell where they were a second or more ago; what comes long after others of its time is of no
use to a tracker. The sigma grows by that of the velocity and by an acceleration that was not told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import E2, SEMI_MAJOR_M
from lowsky.model.timebase import NS_PER_S

Longs = NDArray[np.int64]


def carry_on(
    columns: dict[str, Any], time_ns: Longs, received_ns: Longs, *, acceleration_mps2: float, limit_s: float
) -> Longs:
    """New times of validity (n,): the receipt, where a position was carried to it, else as they were.

    Args:
        columns: of a draft, changed in place: latitude_deg, longitude_deg, east_mps, north_mps, sigma_position_m and
            sigma_velocity_mps (n,); height_m and up_mps, too, where they are given and finite.
        time_ns, received_ns: of validity and receipt.
        acceleration_mps2: one sigma of what the object may do meanwhile.
        limit_s: what is older, or not yet, or has no velocity, stays.
    """
    age_s = (received_ns - time_ns) / NS_PER_S
    known = np.isfinite(columns["east_mps"]) & np.isfinite(columns["north_mps"])
    known &= (np.abs(columns["latitude_deg"]) <= 90.0) & (np.abs(columns["longitude_deg"]) <= 180.0)
    moved = known & (age_s > 0.0) & (age_s <= limit_s)  # what is no place is left for the checks to find
    age_s = np.where(moved, age_s, 0.0)
    east, north = (np.where(moved, columns[name], 0.0) for name in ("east_mps", "north_mps"))
    latitude = np.radians(columns["latitude_deg"])
    root = 1.0 - E2 * np.sin(latitude) ** 2
    meridian_m, normal_m = SEMI_MAJOR_M * (1.0 - E2) / root**1.5, SEMI_MAJOR_M / np.sqrt(root)
    along_m = normal_m * np.maximum(np.cos(latitude), 1e-6)
    beyond = np.clip(columns["latitude_deg"] + np.degrees(north * age_s / meridian_m), -90.0, 90.0)
    columns["latitude_deg"] = np.where(moved, beyond, columns["latitude_deg"])
    turned = columns["longitude_deg"] + np.degrees(east * age_s / along_m)
    columns["longitude_deg"] = np.where(moved, np.mod(turned + 180.0, 360.0) - 180.0, columns["longitude_deg"])
    grown = np.nan_to_num(columns["sigma_velocity_mps"]) * age_s, 0.5 * acceleration_mps2 * age_s**2
    columns["sigma_position_m"] = np.sqrt(columns["sigma_position_m"] ** 2 + grown[0] ** 2 + grown[1] ** 2)
    if "up_mps" in columns and "height_m" in columns:
        columns["height_m"] = columns["height_m"] + np.nan_to_num(columns["up_mps"]) * age_s
    return np.where(moved, received_ns, time_ns)
