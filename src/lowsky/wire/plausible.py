"""What no report can be, whatever format it came in: declared once for tables and streams.

Limits of single values stand beside their names in `lowsky.wire.table.fields`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import ecef_from_geodetic
from lowsky.model.sensor import SensorKind, Site

LATEST_TIME_S = 9.2e9  # int64 nanoseconds end in 2262
MAX_AHEAD_S = 60.0  # a sensor's clock may run ahead of the receiver's, but not by more
MAX_DELAY_S = 86_400.0  # a report received a day late is a wrong clock, not a report
MAX_REACHES = 2.0  # declared positions may lie this many times max_range_m from their receiver

NEEDED: dict[SensorKind, tuple[str, ...]] = {
    SensorKind.RADAR_3D: ("range_m", "azimuth_deg"),
    SensorKind.RADAR_2D: ("range_m", "azimuth_deg"),
    SensorKind.CAMERA: ("azimuth_deg", "elevation_deg"),
    SensorKind.COOPERATIVE: ("lat", "lon"),
    SensorKind.BEARING: ("azimuth_deg",),
    SensorKind.ACOUSTIC: ("azimuth_deg",),
    SensorKind.POST: (),
}
"""What a report of a sensor kind consists of, by the names of `lowsky.wire.table.fields`."""


class Reach:
    """Tells declared positions much farther away than their receiver hears: a corrupt digit, not an object."""

    def __init__(self, site: Site) -> None:
        sensors = site.sensors
        self._place = ecef_from_geodetic(
            [s.latitude_deg for s in sensors], [s.longitude_deg for s in sensors], [s.height_m for s in sensors]
        )
        self._reach_m = np.array([MAX_REACHES * s.max_range_m for s in sensors])

    def beyond(
        self, sensor: NDArray[np.integer], latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Which of n positions (degrees; NaN: none declared) lie beyond the reach of sensors (n,) of the site."""
        far = np.zeros(len(sensor), dtype=np.bool_)
        rows = np.flatnonzero(np.isfinite(latitude_deg) & np.isfinite(longitude_deg))
        if len(rows):
            declared = ecef_from_geodetic(latitude_deg[rows], longitude_deg[rows], 0.0)
            receiver = sensor[rows]
            far[rows] = np.linalg.norm(declared - self._place[receiver], axis=1) > self._reach_m[receiver]
        return far
