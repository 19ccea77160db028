"""The horizon of a sensor: below which elevation trees, houses and hills hide the sky, by azimuth.

Given as corners (azimuth, elevation) round the compass, straight between them. What is behind the horizon is not seen;
refraction and the curvature of the earth over a low mast are not modelled.
"""

from __future__ import annotations

import json
import math

import numpy as np
from numpy.typing import NDArray

from .angles import wrap_2pi

MOST_CORNERS = 720

Corners = tuple[tuple[float, float], ...]


def horizon_elevation(corners: Corners, azimuth_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least elevation rad that is seen at azimuths (n,) rad; -pi/2 everywhere if there are no corners."""
    if not corners:
        return np.full(np.shape(azimuth_rad), -math.pi / 2)
    at, elevation = np.array(corners, dtype=np.float64).T
    seen: NDArray[np.float64] = np.interp(wrap_2pi(azimuth_rad), at, elevation, period=2 * math.pi)
    return seen


def horizon_bins(corners: Corners, bins: int) -> NDArray[np.float64]:
    """Least elevation rad seen at the middle of each of `bins` equal sectors, the first from north clockwise."""
    return horizon_elevation(corners, (np.arange(bins) + 0.5) * 2 * math.pi / bins)


def horizon_from_degrees(azimuth_deg: list[float], elevation_deg: list[float]) -> Corners:
    """Corners from degrees, sorted by azimuth.

    Raises:
        ValueError: naming what is wrong.
    """
    if len(azimuth_deg) != len(elevation_deg) or len(azimuth_deg) > MOST_CORNERS:
        raise ValueError(f"a horizon has as many azimuths as elevations, at most {MOST_CORNERS}")
    for name, values, low, high in (("azimuth", azimuth_deg, 0.0, 360.0), ("elevation", elevation_deg, -90.0, 90.0)):
        for value in values:
            if not low <= value <= high:
                raise ValueError(f"a horizon's {name} {value} is not between {low:g} and {high:g} degrees")
    return tuple(sorted((math.radians(a), math.radians(e)) for a, e in zip(azimuth_deg, elevation_deg, strict=True)))


def horizon_from_json(text: str) -> Corners:
    """Corners from {"azimuth_deg": [...], "elevation_deg": [...]}; an empty text is an open horizon.

    Raises:
        ValueError: naming what is wrong.
    """
    if not text:
        return ()
    try:
        given = json.loads(text)
        columns = [[float(value) for value in given[name]] for name in ("azimuth_deg", "elevation_deg")]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"a horizon is two lists of degrees, azimuth_deg and elevation_deg: {error}") from None
    return horizon_from_degrees(*columns)
