"""Reports that lie wider than one object's: the score against a numeric derivative, and the life of a trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.gating import whiten
from lowsky.kernels.measurement import polar
from lowsky.kernels.splits import (
    GIVEN_UP,
    HALF_M,
    SIGNIFICANT,
    begin_trials,
    clear_score,
    note_spread,
    settle_trials,
    widest,
)
from lowsky.tracking.memory import table
from tests.kernels.worlds import RADAR_3D, START_NS, Floats, add_track, small_world

STATE = np.array([1500.0, 900.0, 120.0, 8.0, 3.0, 0.0])
SIGMA = np.array([4.0, 0.005, 0.01, 0.7])


def watched() -> Any:
    """A world with two shown tracks that a 3-D radar does not resolve, and one report near the first."""
    world = small_world()
    w = world._replace(candidates=table(layout.CANDIDATE, 3), plots=table(layout.PLOT, 1), edges=table(layout.EDGE, 2))
    for k in range(2):
        c = w.candidates[k]
        c.track = add_track(w, STATE + np.array([0.0, 15.0 * k, 0.0, 0.0, 0.0, 0.0]))
        t = w.tracks[c.track]
        t.confirmed, t.existence, t.state_ns, t.trial_uid, t.tries = 1, 0.99, START_NS, 0, 0
        t.members = 1
        c.existence, c.models, c.partner, c.first, c.last = 0.99, 3, 1 - k, k, k
        c.mu[:] = 0.2, 0.5, 0.3
        for m in range(3):
            c.x[m] = t.centre
            polar(w.sensors[RADAR_3D].place_m, w.sensors[RADAR_3D].rotation, c.x[m], c.z[m])
        clear_score(t)
    w.frame.candidates, w.frame.plots, w.frame.edges = 2, 1, 1
    return w


def take(w: Any, off: Floats) -> None:
    """Give the first candidate the report that lies so far off its prediction."""
    edge, c = w.edges[0], w.candidates[0]
    edge.n, edge.beta, edge.share, edge.plot, c.first, c.last = 4, 1.0, 1.0, 0, 0, 1
    edge.part[:4] = range(4)
    edge.nu[1, :4], edge.l[1, :4, :4] = off, np.diag(SIGMA**2)
    whiten(edge.nu[1], edge.l[1], 4)


def score(w: Any, off: Floats) -> Floats:
    """Score of each direction of one report that lies so far off the prediction."""
    t = w.tracks[w.candidates[0].track]
    clear_score(t)
    take(w, off)
    note_spread(w, w.sensors[RADAR_3D])
    found: Floats = t.split_score.copy()
    return found


def test_the_score_is_the_derivative_of_the_likelihood_by_the_variance_along_a_direction() -> None:
    w, off = watched(), np.array([7.0, -0.004, 0.01, 0.2])
    found, sensor, z = score(w, off), w.sensors[RADAR_3D], np.zeros(6)
    for d, angle in enumerate(np.radians([0.0, 45.0, 90.0, 135.0])):
        there = STATE + np.array([np.cos(angle), np.sin(angle), 0.0, 0.0, 0.0, 0.0])
        polar(sensor.place_m, sensor.rotation, there, z)
        h = (z - w.candidates[0].z[1])[:4]

        def log_density(x: float, h: Floats = h) -> float:
            s = np.diag(SIGMA**2) + x * np.outer(h, h)
            return float(-0.5 * (off @ np.linalg.solve(s, off) + np.linalg.slogdet(s)[1]))

        slope = (log_density(1e-3) - log_density(-1e-3)) / 2e-3
        assert 0.5 * found[d] == pytest.approx(slope, rel=1e-3)


def test_reports_of_one_object_are_not_significant_and_those_of_two_are() -> None:
    rng = np.random.default_rng(1)
    for apart_m, tried in ((0.0, False), (9.0, True)):
        w = watched()
        for _ in range(60):
            off = rng.normal(size=4) * SIGMA
            off[0] += rng.choice([-1.0, 1.0]) * apart_m
            take(w, off)
            note_spread(w, w.sensors[RADAR_3D])
        assert (widest(w, START_NS)[0] == 0) is tried


def on_trial() -> tuple[Any, Any, Any]:
    """A world, its first track that was put on trial, and the track that began beside it."""
    w = watched()
    take(w, np.zeros(4))
    t = w.tracks[w.candidates[0].track]
    t.split_score[2], t.split_weight[2] = 60.0, (60.0 / (2.0 * SIGNIFICANT)) ** 2
    begin_trials(w, START_NS)
    assert t.trial_uid > 0
    return w, t, w.tracks[t.trial]


def test_a_trial_puts_two_in_the_place_of_one() -> None:
    w, t, second = on_trial()
    assert 0.5 * (t.centre + second.centre) == pytest.approx(STATE)
    half_m = np.hypot(*(t.centre - STATE)[:2])
    assert HALF_M[0] <= half_m <= HALF_M[1]
    assert (second.confirmed, second.number, second.parent_uid, second.trial_uid) == (0, 0, t.uid, t.uid)
    assert w.tally.tracks == 3


@pytest.mark.parametrize("odds", [GIVEN_UP - 0.1, 0.0, 50.0])
def test_a_trial_ends_as_one_or_as_two(odds: float) -> None:
    w, t, second = on_trial()
    t.trial_odds = second.trial_odds = odds
    settle_trials(w)
    settle_trials(w)
    if odds < GIVEN_UP:
        assert (w.tally.tracks, t.trial_uid, t.tries) == (2, 0, 1)
        assert t.centre == pytest.approx(STATE)
    else:
        assert w.tally.tracks == 3
        assert (t.trial_uid > 0, second.trial_uid > 0) == (odds == 0.0, odds == 0.0)
