"""What would be seen now, and what not: the probability of a report within a time, over a grid at one height.

From the same sensor model that the tracker gates with: reach, field of view, horizon, detection probability, period.
Radars see alone; cameras place an object only where two see it; receivers of what objects declare and direction
finders are left out, because what keeps silent must be seen all the same. The bulge of the earth hides what is below
the line of sight over a sphere of 4/3 radius (ITU-R P.452, standard refraction). Terrain and houses are only known as
the sensors' horizons.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.geodesy import Frame
from ..model.sensor import Sensor, SensorKind, Site
from .measure import in_view, measure

Floats = NDArray[np.float64]

WITHIN_S = 10.0  # time in which a sensor that is well has looked at least once
EARTH_4_3_M = 4.0 / 3.0 * 6_371_000.0
MOST_CELLS_ALONG = 500
MARGIN = 1.05  # of the furthest reach
WIDEST_M = 60_000.0  # half width: beyond, low objects are below the earth's bulge anyway


@dataclass(frozen=True, slots=True)
class Coverage:
    """Probability (rows, columns) of a report within `WITHIN_S` for an object at a height; row 0 is the northern one.
    Bounds are those of the grid, degrees; cells are equal in latitude and longitude."""

    height_m: float
    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float
    seen: Floats


def coverage(
    site: Site, alive: Sequence[bool], detection: Floats, height_m: float, ground_m: float = 0.0, cells: int = 96
) -> Coverage:
    """What would be seen now at a height.

    Args:
        alive: (S,) which sensors look.
        detection: (S,) detection probability to count with, NaN: the described one.
        height_m: of the objects above the ground.
        ground_m: height of the ground above the ellipsoid, the same everywhere.
        cells: along each side of the grid.

    Raises:
        ValueError: if the grid would have no cell or too many.
    """
    if not 1 <= cells <= MOST_CELLS_ALONG:
        raise ValueError(f"a grid of {cells} cells along a side is not between 1 and {MOST_CELLS_ALONG}")
    frame = Frame(site.origin)
    south, west, north, east = _bounds(site)
    latitude = north + (np.arange(cells) + 0.5) * (south - north) / cells
    longitude = west + (np.arange(cells) + 0.5) * (east - west) / cells
    grid = [v.ravel() for v in np.meshgrid(latitude, longitude, indexing="ij")]
    place = np.asarray(frame.to_enu(grid[0], grid[1], np.full(cells * cells, ground_m + height_m)))
    unseen, unplaced, one = np.ones(len(place)), np.ones(len(place)), np.zeros(len(place))
    for row, sensor in enumerate(site.sensors):
        if not alive[row]:
            continue
        seen = _within(frame, sensor, float(detection[row]), place, height_m, ground_m)
        if sensor.kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D):
            unseen *= 1.0 - seen
        elif sensor.kind is SensorKind.CAMERA:  # none or exactly one of the cameras so far
            unplaced, one = unplaced * (1.0 - seen), one * (1.0 - seen) + unplaced * seen
    return Coverage(height_m, south, west, north, east, (1.0 - unseen * (unplaced + one)).reshape(cells, cells))


def _bounds(site: Site) -> tuple[float, float, float, float]:
    """South, west, north, east in degrees of the square that holds the reach of every sensor that counts."""
    counted = [s for s in site.sensors if s.kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D, SensorKind.CAMERA)]
    frame = Frame(site.origin)
    half = 1000.0
    for s in counted or site.sensors:
        at = np.asarray(frame.to_enu(s.latitude_deg, s.longitude_deg, s.height_m))
        half = max(half, float(np.abs(at[:2]).max()) + (s.max_range_m if counted else 0.0))
    half = min(half * MARGIN, WIDEST_M)
    corner = np.array([[-half, 0.0, 0.0], [half, 0.0, 0.0], [0.0, -half, 0.0], [0.0, half, 0.0]])
    latitude, longitude, _ = frame.to_geodetic(corner)
    return float(latitude[2]), float(longitude[0]), float(latitude[3]), float(longitude[1])


def _within(frame: Frame, sensor: Sensor, detection: float, place: Floats, height_m: float, ground_m: float) -> Floats:
    """Probability (n,) that a sensor reports an object at each place (n, 3) at least once within `WITHIN_S`."""
    range_m, azimuth, elevation, _ = measure(frame, sensor, place, np.zeros_like(place))
    viewed = in_view(sensor, range_m, azimuth, elevation) & (range_m < sight_m(sensor.height_m - ground_m, height_m))
    single = sensor.detection_probability if math.isnan(detection) else detection
    looks = max(WITHIN_S / sensor.period_s, 1.0)
    return np.where(viewed, 1.0 - (1.0 - min(max(single, 0.0), 1.0)) ** looks, 0.0)


def sight_m(mast_m: float, height_m: float) -> float:
    """How far a mast of a height sees an object at a height over a smooth earth, m."""
    return math.sqrt(2.0 * EARTH_4_3_M * max(mast_m, 0.0)) + math.sqrt(2.0 * EARTH_4_3_M * max(height_m, 0.0))
