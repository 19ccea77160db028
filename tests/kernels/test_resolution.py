"""Unresolved objects: their probability against drawing, association against every joint event, the joint update."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.kernels import layout
from lowsky.kernels.resolution import SOFT, together, unresolved
from lowsky.kernels.sharing import propagate_joint
from lowsky.tracking.memory import table
from tests.kernels.worlds import Floats, record, small_world

WIDTHS = (12.0, 0.014, 3.0)
LOOP_ERROR, MEAN_LOOP_ERROR = 0.15, 0.07  # of tight loops: all of three tracks may be of both reports
Joint = dict[tuple[int, tuple[int, ...]], float]


def candidate(range_m: float, azimuth_rad: float, rate_mps: float, sigma: Floats) -> Any:
    """A candidate whose predicted range, azimuth and range rate are known to `sigma`, uncorrelated."""
    c = record(layout.CANDIDATE)
    c.z_mean[:4] = range_m, azimuth_rad, 0.0, rate_mps
    for part, s in zip((0, 1, 3), sigma, strict=True):
        c.s_mean[part, part] = s * s
    return c


@given(
    st.tuples(st.floats(-30.0, 30.0), st.floats(-0.03, 0.03), st.floats(-6.0, 6.0)),
    st.tuples(st.floats(0.5, 10.0), st.floats(0.0005, 0.01), st.floats(0.1, 2.0)),
    st.sampled_from([0.0, 3.0]),
)
@settings(max_examples=25, deadline=None)
def test_the_probability_of_being_unresolved_is_that_of_drawn_pairs(off: Any, sigma: Any, rate_width: float) -> None:
    widths = np.array([12.0, 0.014, rate_width])
    sensor = record(layout.SENSOR, resolution=widths)
    a, b = candidate(900.0, 3.13, 4.0, np.array(sigma)), candidate(900.0 + off[0], 3.13 + off[1], 4.0 + off[2], sigma)
    rng, n = np.random.default_rng(4), 40_000
    spread = np.sqrt(2.0 * np.square(sigma) + np.square(SOFT * widths))
    drawn = np.abs(np.array(off) + rng.normal(size=(n, 3)) * spread) < np.where(widths > 0.0, widths, np.inf)
    assert unresolved(sensor, a, b) == pytest.approx(drawn.all(axis=1).mean(), abs=0.012)
    assert unresolved(sensor, a, b) == unresolved(sensor, b, a)


def test_a_cluster_has_a_middle_that_is_near_all() -> None:
    near = np.array([[0.0, 0.9, 0.05], [0.9, 0.0, 0.8], [0.05, 0.8, 0.0]])
    assert together(near, np.array([0, 1, 2]), 3) == pytest.approx(0.72)
    assert together(near, np.array([0, 2]), 2) == pytest.approx(0.05)


def associated(missed: Floats, weight: Floats, joint: Joint) -> tuple[Floats, Floats]:
    """Probability of each track to have a report of its own, and that it shares one, by belief propagation."""
    n, m = weight.shape
    world = small_world()
    w = world._replace(
        candidates=table(layout.CANDIDATE, n), edges=table(layout.EDGE, n * m), plots=table(layout.PLOT, m),
        joints=table(layout.JOINT, max(len(joint), 1)),
    )  # fmt: skip
    for k in range(n):
        c = w.candidates[k]
        c.first, c.last, c.missed, c.existence, c.detection = k * m, (k + 1) * m, missed[k], 1.0 - missed[k], 1.0
        for f in range(m):
            w.edges[k * m + f].plot, w.edges[k * m + f].weight = f, weight[k, f] * c.existence
    for h, ((f, members), g) in enumerate(joint.items()):
        row = w.joints[h]
        row.plot, row.n, row.weight = f, 2, g
        row.member[:2], row.edge[:2] = members, [k * m + f for k in members]
    w.frame.candidates, w.frame.edges, w.frame.plots, w.frame.joints = n, n * m, m, len(joint)
    propagate_joint(w)
    own, shared = np.zeros(n), np.zeros(n)
    for k in range(n):
        own[k] = sum(w.edges[k * m + f].weight * w.edges[k * m + f].back for f in range(m))
    for h in range(len(joint)):
        row = w.joints[h]
        for q in range(2):
            shared[row.member[q]] += (1.0 - missed[row.member[q]]) * row.weight * row.back[q]
    total = missed + own + shared
    return own / total, shared / total


def enumerated(missed: Floats, weight: Floats, joint: Joint) -> tuple[Floats, Floats]:
    """The same by summing over all ways to give each track one report or none, two tracks one report if joint."""
    n, m = weight.shape
    own, shared, total = np.zeros(n), np.zeros(n), 0.0
    for event in product(range(-1, m), repeat=n):
        likelihood = float(np.prod([missed[k] if f < 0 else 1.0 - missed[k] for k, f in enumerate(event)]))
        pairs = np.zeros(n, dtype=bool)
        for f in range(m):
            who = tuple(k for k in range(n) if event[k] == f)
            pairs[list(who)] = len(who) == 2
            if len(who) == 1:
                likelihood *= weight[who[0], f]
            elif who:
                likelihood *= joint.get((f, who), 0.0)
        total += likelihood
        own += likelihood * (np.array(event) >= 0) * ~pairs
        shared += likelihood * (np.array(event) >= 0) * pairs
    return own / total, shared / total


def test_two_tracks_and_a_report_are_exact() -> None:
    missed, weight = np.array([0.2, 0.3]), np.array([[3.0], [2.0]])
    joint: Joint = {(0, (0, 1)): 4.0}
    for found, true in zip(associated(missed, weight, joint), enumerated(missed, weight, joint), strict=True):
        assert found == pytest.approx(true, abs=1e-6)


def test_three_tracks_and_two_reports_are_nearly_so() -> None:
    errors = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        missed, weight = rng.uniform(0.1, 0.5, 3), rng.lognormal(0.0, 1.0, (3, 2))
        joint: Joint = {(f, pair): float(rng.lognormal(0.0, 1.0)) for f in range(2) for pair in ((0, 1), (1, 2))}
        found, true = associated(missed, weight, joint), enumerated(missed, weight, joint)
        errors.append(np.abs(np.array(found) - np.array(true)).max())
    assert max(errors) < LOOP_ERROR
    assert np.mean(errors) < MEAN_LOOP_ERROR
