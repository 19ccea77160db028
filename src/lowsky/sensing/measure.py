"""The sensor model on whole arrays: what a sensor measures of objects without error, and which of them it can see.

The numpy half of `kernels.measurement.polar` and of the field of view in `kernels.sensing`, for those who have many
objects and one sensor: the simulator draws from it, planning integrates over it. A test holds the two halves together.
No Jacobians, no noise and no detection probability here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.angles import wrap_2pi, wrap_pi
from ..model.geodesy import Frame
from ..model.horizon import horizon_elevation
from ..model.sensor import Sensor

Floats = NDArray[np.float64]

MIN_RANGE_M = 1e-3  # at the sensor itself there is no direction; as in the kernels


def measure(frame: Frame, sensor: Sensor, position: Floats, velocity: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """What a sensor would measure of objects without error.

    Args:
        frame: the region's.
        position, velocity: (n, 3) m and m/s in the region's frame.

    Returns:
        Slant range m, azimuth rad in [0, 2 pi) clockwise from true north, elevation rad above the horizontal of the
        tangent plane at the sensor, range rate m/s (positive receding), each (n,).
    """
    at = frame.to_enu(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    turn = frame.rotation_at(sensor.latitude_deg, sensor.longitude_deg)
    sight, motion = (position - at) @ turn.T, velocity @ turn.T
    range_m = np.maximum(np.linalg.norm(sight, axis=1), MIN_RANGE_M)
    elevation = np.arctan2(sight[:, 2], np.hypot(sight[:, 0], sight[:, 1]))
    azimuth = wrap_2pi(np.arctan2(sight[:, 0], sight[:, 1]))
    return range_m, azimuth, elevation, (sight * motion).sum(axis=1) / range_m


def in_view(sensor: Sensor, range_m: Floats, azimuth_rad: Floats, elevation_rad: Floats) -> NDArray[np.bool_]:
    """Which of the places (n,), polar at the sensor, are within its reach and field of view, and above its horizon."""
    reached = (range_m >= sensor.min_range_m) & (range_m < sensor.max_range_m)
    # rounding must not open a gap at the back of a sensor that sees all round
    off = np.abs(wrap_pi(azimuth_rad - sensor.azimuth_centre_rad))
    turned = (off <= sensor.azimuth_width_rad / 2) | (sensor.azimuth_width_rad >= 2 * np.pi)
    between = (elevation_rad >= sensor.elevation_min_rad) & (elevation_rad <= sensor.elevation_max_rad)
    above = elevation_rad >= horizon_elevation(sensor.horizon, azimuth_rad)
    return np.asarray(reached & turned & between & above)
