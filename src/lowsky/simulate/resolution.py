"""What a radar of limited resolution reports of objects that are too near each other: one plot at their mean.

Two objects are unresolved where range, azimuth and, if the description states it, range rate all differ by less than
the stated resolution. In a random order each object that has no plot yet takes in all those that it is unresolved from
and that have none either; so two of a chain may be apart although both are near a third. The tracker's half of this is
`lowsky.kernels.resolution`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.angles import wrap_pi
from lowsky.model.sensor import Sensor, SensorKind

from .motion import Bools, Floats

Exact = tuple[Floats, Floats, Floats, Floats]  # range, azimuth, elevation and range rate of all objects
RADARS = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)


def unresolved(sensor: Sensor, range_m: Floats, azimuth_rad: Floats, range_rate_mps: Floats) -> Bools:
    """Which of n detected objects a radar cannot tell from which: (n, n), true on the diagonal."""
    near = np.abs(range_m[:, None] - range_m) < sensor.resolution_range_m
    near &= np.abs(wrap_pi(azimuth_rad[:, None] - azimuth_rad)) < sensor.resolution_azimuth_rad
    if sensor.resolution_range_rate_mps > 0.0:
        near &= np.abs(range_rate_mps[:, None] - range_rate_mps) < sensor.resolution_range_rate_mps
    return np.asarray(near | np.eye(len(range_m), dtype=np.bool_))


def merged(
    sensor: Sensor, exact: Exact, found: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Exact, NDArray[np.int64]]:
    """Range, azimuth, elevation and range rate (all objects) with the means where plots merge, and which objects'
    rows give a plot. Nothing is drawn for a sensor that states no resolution."""
    states = sensor.resolution_range_m > 0.0 and sensor.resolution_azimuth_rad > 0.0
    if sensor.kind not in RADARS or not states or len(found) < 2:
        return exact, found
    out = (exact[0].copy(), exact[1].copy(), exact[2].copy(), exact[3].copy())
    near = unresolved(sensor, *(exact[part][found] for part in (0, 1, 3)))
    taken, kept = np.zeros(len(found), dtype=np.bool_), []
    for first in rng.permutation(len(found)):
        if taken[first]:
            continue
        members = np.flatnonzero(near[first] & ~taken)
        taken[members] = True
        kept.append(found[first])
        for part, values in enumerate(out):
            own = exact[part][found[first]]
            off = exact[part][found[members]] - own
            values[found[first]] = own + (wrap_pi(off) if part == 1 else off).mean()
    return out, np.sort(np.array(kept, dtype=np.int64))
