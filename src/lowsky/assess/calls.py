"""Calls: notices of objects that come for a place together, from one side, shortly after one another, are one call."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..model.timebase import NS_PER_S
from .state import CALL, AssessState

TWO_PI = 2.0 * math.pi


def call_for(state: AssessState, time_ns: int, place: int, flight: Any) -> int:
    """The number of the call that a new notice belongs to: a wave that goes on, else a new one.

    Args:
        place: row of the place.
        flight: (6,) state of the object, whose course tells where it comes from.
    """
    calls, rules = state.tables["calls"], state.rules
    from_rad = math.atan2(-flight[3], -flight[4])
    turn = np.abs((calls["from_rad"] - from_rad + math.pi) % TWO_PI - math.pi)
    young = time_ns - calls["last_ns"] <= round(rules.wave_s * NS_PER_S)
    same = np.flatnonzero((calls["place"] == place) & young & (turn <= rules.wave_angle_rad))
    if len(same):
        calls["last_ns"][same[-1]] = time_ns
        calls["notices"][same[-1]] += 1
        return int(calls["call"][same[-1]])
    number = int(state.tally["next_call"])
    state.tally["next_call"] += 1
    new = np.array([(number, place, from_rad, time_ns, 1)], dtype=CALL)
    state.tables["calls"] = np.concatenate([calls, new])
    return number


def forget_calls(state: AssessState, time_ns: int) -> None:
    """Forget calls, and who has them, that are too old to grow and of which no notice stands."""
    calls, deliveries = state.tables["calls"], state.tables["deliveries"]
    young = time_ns - calls["last_ns"] <= round(state.rules.wave_s * NS_PER_S)
    keep = young | np.isin(calls["call"], state.tables["notices"]["call"])
    if not keep.all():
        state.tables["calls"] = calls[keep]
        state.tables["deliveries"] = deliveries[np.isin(deliveries["call"], calls["call"][keep])]
