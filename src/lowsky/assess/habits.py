"""Habits: what of an object's flight tells whether it may be dangerous, until it is really identified.

Birds wander: their course changes all the time. What is steered flies straight, turns, and flies straight again. Every
`leg_s` the course of the last leg is compared with that of the leg before, and the logarithm of the odds of the two
explanations grows or falls (a sequential test, Wald 1945); the steered one remembers whether it was turning (a hidden
Markov model of two states). Speed, rate of climb and radar cross section do the rest. A kind that the core tells - a
receiver vouches for it, or somebody has set it by hand - goes before all.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.kinds import Kind
from ..model.timebase import NS_PER_S
from .rules import Rules
from .state import FIXES

Floats = NDArray[np.float64]
KINDS = len(Kind)


def begin_habits(fresh: NDArray[Any], time_ns: int) -> None:
    """What is known of the habits of objects that are new: nothing."""
    fresh["turning"], fresh["followed_ns"] = 0.1, time_ns


def steadiness(model_probability: Floats) -> Floats:
    """Logarithm of the odds (n,) of the tracker's first model, steady flight, over its others (n, models)."""
    steady = np.clip(model_probability[:, 0], 0.02, 0.98)
    odds: Floats = np.log(steady / (1.0 - steady))
    return odds


def steady_covariances(covariances: Floats, steadiness: Floats, rules: Rules) -> Floats:
    """The covariances (n, 6, 6) of objects that keep their course, from those of the tracker.

    The tracker's also hold what a manoeuvre may just have begun to do to the velocity; the way ahead is that of who
    flies on as before, so the more the tracker believes in steady flight, logarithm of odds (n,), the less that counts.
    """
    shares = np.ones((len(covariances), 6))
    shares[:, 3:] -= ((1.0 - rules.velocity_share) / (1.0 + np.exp(-steadiness)))[:, None]
    steady: Floats = covariances * shares[:, :, None] * shares[:, None, :]
    return steady


def learn_habits(objects: NDArray[Any], time_ns: int, gaps_s: Floats, rules: Rules) -> None:
    """Learn from where the objects are at this tick; gaps_s (n,): since they were last seen."""
    state = objects["state"]
    share = -np.expm1(-gaps_s / rules.habit_s)
    share = np.where(objects["followed_ns"] == time_ns, 1.0, share)
    for name, value in (
        ("speed_mps", np.hypot(state[:, 3], state[:, 4])),
        ("climb_mps", state[:, 5]),
    ):
        objects[name] += share * (value - objects[name])
    _learn_drift(objects, gaps_s, rules)
    due = np.flatnonzero(time_ns - objects["fix_ns"][:, 0] >= round(rules.leg_s * NS_PER_S))
    if len(due):
        objects[due] = _with_fix(objects[due], time_ns, rules)


def _learn_drift(objects: NDArray[Any], gaps_s: Floats, rules: Rules) -> None:
    """Is it carried by the wind? What rises all the time, slowly, is, until it turns or is too fast for that."""
    rises = (objects["climb_mps"] > rules.rise_mps) & (objects["speed_mps"] < rules.drift_mps)
    objects["rising"] += -np.expm1(-gaps_s / rules.rise_s) * (rises - objects["rising"])
    steered = (objects["speed_mps"] > 1.3 * rules.drift_mps) | (objects["steady"] < 0.0)
    objects["drifts"] = np.where(steered, 0, np.where(objects["rising"] > rules.rise_share, 1, objects["drifts"]))


def _with_fix(objects: NDArray[Any], time_ns: int, rules: Rules) -> NDArray[Any]:
    """The objects with a new fix, and judged by it."""
    for name in ("fix_ns", "fix_m", "fix_var_m2"):
        objects[name][:, 1:] = objects[name][:, : FIXES - 1].copy()
    covariance = objects["covariance"]
    objects["fix_ns"][:, 0], objects["fix_m"][:, 0] = time_ns, objects["state"][:, :2]
    objects["fix_var_m2"][:, 0] = 0.5 * (covariance[:, 0, 0] + covariance[:, 1, 1])
    longest_ns = round(2.5 * rules.leg_s * NS_PER_S)
    whole = (objects["fix_ns"][:, 2] > 0) & (time_ns - objects["fix_ns"][:, 2] <= longest_ns)
    objects[whole] = _judged(objects[whole], rules)
    return objects


def _judged(objects: NDArray[Any], rules: Rules) -> NDArray[Any]:
    """The objects with their odds after one more change of course."""
    fixes, variance = objects["fix_m"], objects["fix_var_m2"]
    new, old = fixes[:, 0] - fixes[:, 1], fixes[:, 1] - fixes[:, 2]
    leg_m = np.maximum(np.maximum(np.hypot(*new.T), np.hypot(*old.T)), 1.0)
    turn = np.arctan2(new[:, 0] * old[:, 1] - new[:, 1] * old[:, 0], (new * old).sum(axis=1))
    noise = rules.fix_share * np.sqrt(variance[:, 0] + 4.0 * variance[:, 1] + variance[:, 2]) / leg_m
    straight = _density(turn, np.hypot(noise, rules.straight_rad))
    turned = _density(turn, np.hypot(noise, rules.turned_rad))
    wanders = _density(turn, np.hypot(noise, rules.wander_rad))
    bird = (1.0 - rules.bird_straight) * wanders + rules.bird_straight * straight
    turning = objects["turning"]
    turning = turning * math.exp(-rules.leg_s / rules.turn_s) + (1.0 - turning) * -math.expm1(
        -rules.leg_s / rules.between_turns_s
    )
    steered = turning * turned + (1.0 - turning) * straight
    objects["turning"] = turning * turned / steered
    steady = objects["steady"] + np.log(steered / bird)
    objects["steady"] = np.clip(steady, -rules.most_odds, rules.most_odds)
    return objects


def _density(turn: Floats, sigma: Floats) -> Floats:
    """Density of a turn under a normal distribution, with a floor for what no model foresees."""
    density: Floats = np.exp(-0.5 * (turn / sigma) ** 2) / (math.sqrt(2.0 * math.pi) * sigma) + 1e-3
    return density


def kind_probabilities(objects: NDArray[Any], rules: Rules) -> Floats:
    """Probability (n, kinds) of each kind.

    A simple rule: fast things are fixed wings, slow ones are steered or birds by their course and their radar cross
    section; slow ones that rise all the time are balloons. What the core tells goes before all.
    """
    velocity_var = 0.5 * (objects["covariance"][:, 3, 3] + objects["covariance"][:, 4, 4])
    fast = _cdf((objects["speed_mps"] - rules.fast_mps) / np.sqrt(rules.fast_sigma_mps**2 + velocity_var))
    odds = rules.slow_odds + objects["steady"] + rules.now_weight * (objects["steered_now"] - rules.now_middle)
    larger = rules.rcs_weight_per_db * (objects["rcs_dbsm"] - rules.rcs_middle_dbsm)
    odds = odds + np.nan_to_num(np.clip(larger, -rules.rcs_most, rules.rcs_most), nan=0.0)
    steered = 1.0 / (1.0 + np.exp(-odds))
    out = np.zeros((len(objects), KINDS))
    out[:, Kind.FIXED_WING] = fast
    out[:, Kind.MULTIROTOR] = (1.0 - fast) * steered
    out[:, Kind.BIRD] = (1.0 - fast) * (1.0 - steered)
    drifts, told = objects["drifts"] == 1, objects["told"] != Kind.UNKNOWN
    out[drifts | told] = 0.0
    out[drifts & ~told, Kind.BALLOON] = 1.0
    out[told, objects["told"][told]] = 1.0
    return out


def threats(kinds: Floats, rules: Rules) -> Floats:
    """Probability (n,) that an object is of a kind people must be warned of."""
    harmless = [int(kind) for kind in rules.harmless]
    dangerous: Floats = 1.0 - kinds[:, harmless].sum(axis=1)
    return dangerous


def _cdf(z: Floats) -> Floats:
    """Probability that a standard normal value is below z; logistic to 1 %."""
    share: Floats = 1.0 / (1.0 + np.exp(-1.702 * np.clip(z, -40.0, 40.0)))
    return share
