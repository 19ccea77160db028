"""Places as geometry in the region's frame, and where the vessels among them are.

A place is a set of segments on the ground with a radius round them: one of no length for a point or a vessel, a chain
for a corridor, a closed ring for a polygon. A vessel's segment is at the origin of its own frame. Distances are those
of the region's horizontal plane: 30 km from its origin they are short by a hundred thousandth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.geodesy import Frame
from ..model.picture import Picture
from ..model.place import Place, Shape
from ..model.timebase import NS_PER_S
from .state import AssessState

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


def ground_of(places: tuple[Place, ...], frame: Frame) -> Ground:
    """The places' geometry."""
    parts = [_segments(place, frame) for place in places]
    counts = np.array([0, *(len(part) for part in parts)], dtype=np.int64)
    return Ground(
        segments=np.concatenate([np.zeros((0, 4)), *parts]),
        first=np.cumsum(counts),
        ring=np.array([place.shape is Shape.POLYGON for place in places], dtype=np.bool_),
        radius_m=np.array([place.radius_m for place in places], dtype=np.float64),
        bottom_m=np.array([place.bottom_m for place in places], dtype=np.float64),
        top_m=np.array([place.top_m for place in places], dtype=np.float64),
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


def hear_vessels(state: AssessState, time_ns: int, rows: Picture, identities: list[str]) -> None:
    """Take up where the vessels are that declare themselves in this tick's rows."""
    wanted = {p: place.identity for p, place in enumerate(state.places) if place.shape is Shape.VESSEL}
    if not wanted:
        return
    for index in range(len(state.identity_of), len(identities)):
        state.identity_of[identities[index]] = index
    vessels = state.tables["vessels"]
    for p, identity in wanted.items():
        mine = np.flatnonzero(rows.identity == state.identity_of.get(identity, -2))
        if len(mine):
            row = mine[0]  # the oldest number: who declares the same later is the one to doubt
            vessels[p] = (time_ns, rows.state[row], rows.covariance[row])


def where_places_are(state: AssessState, time_ns: int) -> Floats:
    """East, north m and their rates m/s (P, 4) of the places' own frames at a tick; NaN: not known."""
    vessels = state.tables["vessels"]
    moving = np.array([place.shape is Shape.VESSEL for place in state.places], dtype=np.bool_)
    age_s = (time_ns - vessels["seen_ns"]) / NS_PER_S
    known = (vessels["seen_ns"] > 0) & (age_s <= state.rules.vessel_lost_s)
    velocity = vessels["state"][:, 3:5]
    there = np.concatenate([vessels["state"][:, :2] + age_s[:, None] * velocity, velocity], axis=1)
    where: Floats = np.where((moving & known)[:, None], there, np.where(moving, np.nan, 0.0)[:, None])
    return where
