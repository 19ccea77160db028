"""Between coordinates at a sensor and places on the earth, for records that give one where the other is needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.sensor import SensorKind, Site

from .targets import MSL, Targets

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
RADARS = (int(SensorKind.RADAR_3D), int(SensorKind.RADAR_2D))
EARTH_RADIUS_M = 6_371_000.0  # the difference to the true one changes an elevation at 50 km by under a thousandth of it


class Places:
    """The places of a site's sensors."""

    def __init__(self, site: Site) -> None:
        sensors = site.sensors
        self._latitude = np.array([s.latitude_deg for s in sensors])
        self._longitude = np.array([s.longitude_deg for s in sensors])
        self._height = np.array([s.height_m for s in sensors])
        self._kind = np.array([*(int(s.kind) for s in sensors), -1])  # ends with what index -1 finds
        self._ecef = ecef_from_geodetic(self._latitude, self._longitude, self._height)
        self._axes = enu_axes(self._latitude, self._longitude)
        self._undulation = geoid_undulation_m(self._latitude, self._longitude)

    def complete(self, targets: Targets, index: Longs) -> None:
        """Fill what follows from a sensor's place, in columns of `targets`; `index` (n,) is of sensors, -1: unknown.

        A position from local coordinates; for radars polar coordinates from a position, and for those that measure
        elevation an elevation from the height that the radar made of it.
        """
        if targets.local:
            self._from_local(targets, index)
        kind = self._kind[index]
        columns = targets.columns
        if "latitude_deg" in columns:
            wanted = np.isin(kind, RADARS) & np.isnan(_column(columns, "range_m", len(index)))
            self._to_polar(targets, index, np.flatnonzero(wanted & np.isfinite(columns["latitude_deg"])))
        if targets.datum is not None and "elevation_rad" not in columns and "range_m" in columns:
            measured = (kind == SensorKind.RADAR_3D) & (targets.datum == MSL) & np.isfinite(columns["height_m"])
            self._to_elevation(columns, index, np.flatnonzero(measured & (columns["range_m"] > 0.0)))

    def _from_local(self, targets: Targets, index: Longs) -> None:
        columns, local = targets.columns, targets.local
        n = len(index)
        above = _column(local, "height_m", n)
        height = columns["height_m"]
        rows = np.flatnonzero((index >= 0) & np.isnan(height) & np.isfinite(above))
        if len(rows) and targets.datum is not None:
            height[rows] = above[rows] + self._height[index[rows]]
            targets.datum[rows] = 0
        missing = np.isnan(columns["latitude_deg"]) & np.isfinite(local["x_m"]) & np.isfinite(local["y_m"])
        rows = np.flatnonzero(missing & (index >= 0))
        if len(rows):
            at = index[rows]
            offset = np.stack([local["x_m"][rows], local["y_m"][rows], np.nan_to_num(above[rows])], axis=1)
            place = self._ecef[at] + (offset[:, :, None] * self._axes[at]).sum(axis=1)
            columns["latitude_deg"][rows], columns["longitude_deg"][rows], _ = geodetic_from_ecef(place)

    def _to_polar(self, targets: Targets, index: Longs, rows: Longs) -> None:
        """Heights that are not known are taken to be the sensor's, and give no elevation."""
        if not len(rows):
            return
        columns, n, at = targets.columns, len(index), index[rows]
        height = columns["height_m"][rows]
        known = np.isfinite(height) if targets.datum is None else np.isfinite(height) & (targets.datum[rows] == 0)
        height = np.where(known, height, self._height[at])
        place = ecef_from_geodetic(columns["latitude_deg"][rows], columns["longitude_deg"][rows], height)
        east, north, up = ((self._axes[at] * (place - self._ecef[at])[:, None, :]).sum(axis=2)).T
        across = np.hypot(east, north)
        distance = np.hypot(across, up)
        found = {
            "range_m": distance,
            "azimuth_rad": np.mod(np.arctan2(east, north), 2.0 * np.pi),
            "elevation_rad": np.where(known, np.arctan2(up, across), np.nan),
        }
        if "sigma_position_m" in columns:
            sigma = columns["sigma_position_m"][rows]
            found |= {"sigma_range_m": sigma, "sigma_azimuth_rad": sigma / np.maximum(across, 1.0)}
        if "sigma_height_m" in columns:
            found["sigma_elevation_rad"] = columns["sigma_height_m"][rows] / np.maximum(distance, 1.0)
        for name, values in found.items():
            column = _column(columns, name, n)
            columns[name] = column if column.flags.writeable else column.copy()
            columns[name][rows] = values

    def _to_elevation(self, columns: dict[str, Floats], index: Longs, rows: Longs) -> None:
        """By the triangle of the earth's centre, the sensor and the target."""
        if not len(rows):
            return
        at, distance = index[rows], columns["range_m"][rows]
        sensor = EARTH_RADIUS_M + self._height[at]
        target = EARTH_RADIUS_M + columns["height_m"][rows] + self._undulation[at]
        sine = (target**2 - sensor**2 - distance**2) / (2.0 * distance * sensor)
        elevation = np.full(len(index), np.nan)
        elevation[rows] = np.where(np.abs(sine) <= 1.0, np.arcsin(np.clip(sine, -1.0, 1.0)), np.nan)
        columns["elevation_rad"] = elevation


def _column(columns: dict[str, Floats], name: str, n: int) -> Floats:
    return columns[name] if name in columns else np.full(n, np.nan)
