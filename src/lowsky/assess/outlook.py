"""Outlook: who comes for which place, with what probability, and when. The model of the way is `kernels.reach`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import reach as kernel
from .ground import Ground
from .habits import steady_covariances
from .rules import Rules

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """m pairs of an object and a place that it may come near to within the watch horizon, ordered by them."""

    object: NDArray[np.int64]  # row in the objects
    place: NDArray[np.int64]
    probability: Floats  # (m,) of entering within the watch horizon
    near: Floats  # (m, 3) of being dangerous and coming within the margin by the horizons of watch, warning, imminent
    arrival_s: Floats  # (m, 3) from the tick: 5, 50, 95 percent points of the time of entering; NaN unknown

    def without(self, pairs: NDArray[np.bool_]) -> Outlook:
        """Without these of its pairs (m,)."""
        if not pairs.any():
            return self
        columns = {field.name: getattr(self, field.name)[~pairs] for field in fields(self)}
        return Outlook(**columns)


def outlook(
    objects: NDArray[Any], time_ns: int, threat: Floats, ground: Ground, where: Floats, drifts: Floats, rules: Rules
) -> Outlook:
    """The outlook of those objects that are in the picture at this tick and are not sure to be harmless.

    Args:
        objects: (n,) rows; threat: (n,) probability of being of a kind that people are warned of.
        where: (P, 4) of the places' own frames; drifts: (P, 2) its variances.
    """
    here = np.flatnonzero((objects["seen_ns"] == time_ns) & (threat >= rules.watch_down))
    count = len(here) * len(where)
    rows, places = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    results = np.empty((count, kernel.RESULTS))
    states, covariances = (
        objects["state"][here],
        steady_covariances(objects["covariance"][here], objects["steered_now"][here], rules),
    )
    horizons = np.array([rules.watch_horizon_s, rules.warning_horizon_s, rules.imminent_horizon_s])
    m = kernel.reach(
        np.ascontiguousarray(states),
        covariances,
        objects["above_m"][here],
        ways_of(objects[here], rules),
        where,
        drifts,
        ground.segments,
        ground.first,
        ground.ring,
        ground.radius_m,
        np.stack([ground.bottom_m, ground.top_m], axis=1),
        ground.centre_m,
        ground.extent_m,
        horizons,
        rules.margin_m,
        rows,
        places,
        results,
    )
    results = results[:m]
    return Outlook(
        here[rows[:m]],
        places[:m],
        results[:, kernel.ENTER],
        results[:, kernel.NEAR_FAR : kernel.NEAR_CLOSE + 1] * threat[here[rows[:m]]][:, None],
        results[:, kernel.EARLY : kernel.LATE + 1],
    )


def ways_of(objects: NDArray[Any], rules: Rules) -> Floats:
    """Spectra and rate (n, 4) of the way ahead of each object."""
    ways = np.empty((len(objects), 4))
    ways[:, kernel.Q_ALONG], ways[:, kernel.Q_ACROSS] = rules.noise_along, rules.noise_across
    ways[:, kernel.Q_UP], ways[:, kernel.GIVES_UP] = rules.noise_up, 1.0 / rules.turning_s
    return ways
