"""Levels with hysteresis: which level a pair is called for, and how a standing one rises and sinks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.timebase import NS_PER_S
from .rules import Rules

Levels = NDArray[np.uint8]


def level_for(near: NDArray[np.float64], bounds: tuple[float, float, float]) -> Levels:
    """The highest level (m,) whose bound the probability of coming by its horizon, columns of (m, 3), reaches."""
    reached = near >= np.array(bounds)
    return np.where(reached[:, 2], 3, np.where(reached[:, 1], 2, reached[:, 0])).astype(np.uint8)


def raised_level(near: NDArray[np.float64], rules: Rules) -> Levels:
    """The level (m,) that these probabilities raise a pair to."""
    return level_for(near, (rules.watch_up, rules.warning_up, rules.imminent_up))


def stepped(
    level: Levels, low_ns: NDArray[np.int64], near: NDArray[np.float64], time_ns: int, rules: Rules
) -> tuple[Levels, NDArray[np.int64]]:
    """Standing levels (m,) after this tick, and since when they are higher than called for (0: not).

    A level rises at once, and sinks to what is called for when it has been too high for `hold_s`.
    """
    kept = level_for(near, (rules.watch_down, rules.warning_down, rules.imminent_down))
    new = np.maximum(level, raised_level(near, rules))
    too_high = kept < new
    since = np.where(too_high, np.where(low_ns > 0, low_ns, time_ns), 0)
    sinks = too_high & (time_ns - since >= round(rules.hold_s * NS_PER_S))
    new = np.where(sinks, kept, new).astype(np.uint8)
    return new, np.where(sinks, 0, since).astype(np.int64)
