"""Places as geometry in the region's frame.

A place is a set of segments on the ground with a radius round them: one of no length for a point or a vessel, a chain
for a corridor, a closed ring for a polygon. A vessel's segment is at the origin of its own frame. Distances are those
of the region's horizontal plane: 30 km from its origin they are short by a hundred thousandth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.geodesy import Frame
from ..model.place import Place, Shape

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """P places: segment rows first[p] to first[p + 1], which of them are rings, radii and height bands m."""

    segments: Floats  # (K, 4): from east, north, to east, north m
    first: NDArray[np.int64]  # (P + 1,)
    ring: NDArray[np.bool_]  # (P,)
    radius_m: Floats
    bottom_m: Floats
    top_m: Floats
    centre_m: Floats  # (P, 2) of a circle that holds the segments
    extent_m: Floats  # (P,) its radius


def ground_of(places: tuple[Place, ...], frame: Frame) -> Ground:
    """The places' geometry."""
    parts = [_segments(place, frame) for place in places]
    counts = np.array([0, *(len(part) for part in parts)], dtype=np.int64)
    ends = [part.reshape(-1, 2) for part in parts]
    centres = np.array([0.5 * (e.min(axis=0) + e.max(axis=0)) for e in ends]).reshape(-1, 2)
    return Ground(
        segments=np.concatenate([np.zeros((0, 4)), *parts]),
        first=np.cumsum(counts),
        ring=np.array([place.shape is Shape.POLYGON for place in places], dtype=np.bool_),
        radius_m=np.array([place.radius_m for place in places], dtype=np.float64),
        bottom_m=np.array([place.bottom_m for place in places], dtype=np.float64),
        top_m=np.array([place.top_m for place in places], dtype=np.float64),
        centre_m=centres,
        extent_m=np.array([np.hypot(*(e - c).T).max() for e, c in zip(ends, centres, strict=True)], dtype=np.float64),
    )


def _segments(place: Place, frame: Frame) -> Floats:
    if place.shape is Shape.VESSEL:
        return np.zeros((1, 4))
    latitude, longitude = np.array(place.points_deg, dtype=np.float64).T
    points = frame.to_enu(latitude, longitude, np.full(len(latitude), frame.origin.height_m))[:, :2]
    if place.shape is Shape.POINT:
        return np.concatenate([points, points], axis=1)
    if place.shape is Shape.POLYGON:
        return np.concatenate([points, np.roll(points, -1, axis=0)], axis=1)
    return np.concatenate([points[:-1], points[1:]], axis=1)
