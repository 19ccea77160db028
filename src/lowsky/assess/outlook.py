"""Outlook: who comes for which place, with what probability, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .places import Ground
from .rules import Rules

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """m pairs of an object and a place that it may come near to within the watch horizon, ordered by them."""

    object: NDArray[np.int64]  # row in the objects
    place: NDArray[np.int64]
    probability: Floats  # (m,) of entering within the watch horizon
    near: Floats  # (m, 3) of coming within the margin by the horizons of watch, warning, imminent
    arrival_s: Floats  # (m, 3) from the tick: 5, 50, 95 percent points of the time of entering; NaN unknown


def outlook(objects: NDArray[Any], time_ns: int, ground: Ground, where: Floats, rules: Rules) -> Outlook:
    """The outlook of those objects that are in the picture at this tick."""
    horizons = np.array([rules.watch_horizon_s, rules.warning_horizon_s, rules.imminent_horizon_s])
    centre = where[:, :2] + ground.segments[ground.first[:-1], :2]
    position, velocity = objects["state"][:, None, :2] - centre, objects["state"][:, None, 3:5] - where[:, 2:]
    speed = np.maximum(np.hypot(velocity[..., 0], velocity[..., 1]), 0.1)
    along_m = -(position * velocity).sum(-1) / speed
    miss_m = np.abs(position[..., 0] * velocity[..., 1] - position[..., 1] * velocity[..., 0]) / speed
    radius_m = ground.radius_m + rules.margin_m
    inside = np.hypot(position[..., 0], position[..., 1]) < radius_m
    comes = inside | ((miss_m < radius_m) & (along_m > 0.0))
    depth_m = np.sqrt(np.maximum(ground.radius_m**2 - miss_m**2, 0.0))
    arrival_s = np.where(inside, 0.0, np.maximum(along_m - depth_m, 0.0) / speed)
    height = objects["state"][:, None, 2]
    comes &= (objects["seen_ns"] == time_ns)[:, None]
    comes &= (arrival_s < horizons[0]) & (height > ground.bottom_m) & (height < ground.top_m)
    o, p = np.nonzero(comes)
    arrival = arrival_s[o, p]
    near: Floats = np.where(arrival[:, None] < horizons, 0.8, 0.0)
    spread = np.column_stack([0.92 * arrival, arrival, 1.08 * arrival])
    return Outlook(o, p, np.where(miss_m[o, p] < ground.radius_m[p], 0.8, 0.1), near, spread)
