"""Where the places are: the vessels among them by what they declare. One that is not heard has no known position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.picture import Picture
from ..model.place import Shape
from ..model.timebase import NS_PER_S
from .habits import steadiness, steady_covariances
from .state import AssessState

Floats = NDArray[np.float64]


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
            one = mine[:1]  # the oldest number: who declares the same later is the one to doubt
            steady = steadiness(rows.model_probability[one])
            covariance = steady_covariances(rows.covariance[one], steady, state.rules)
            vessels[p] = (time_ns, rows.state[one[0]], covariance[0])


def identities_of_places(state: AssessState) -> NDArray[np.int64]:
    """Index (P,) of the identity of each place that is a vessel, -2 where there is none or it was never heard."""
    found = [state.identity_of.get(place.identity, -2) if place.identity else -2 for place in state.places]
    return np.array(found, dtype=np.int64)


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


def drifts_of_places(state: AssessState, time_ns: int) -> Floats:
    """Variances of the places' own positions, m^2, and velocities, m^2/s^2, one axis (P, 2), at a tick."""
    vessels = state.tables["vessels"]
    covariance = vessels["covariance"]
    age_s = (time_ns - vessels["seen_ns"]) / NS_PER_S
    position, cross, velocity = (
        0.5 * (covariance[:, a, b] + covariance[:, a + 1, b + 1]) for a, b in ((0, 0), (0, 3), (3, 3))
    )
    moving = vessels["seen_ns"] > 0
    now = np.where(moving, position + age_s * (2.0 * cross + age_s * velocity), 0.0)
    drifts: Floats = np.stack([np.maximum(now, 0.0), velocity], axis=1)
    return drifts
