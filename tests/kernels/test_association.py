"""Association probabilities against the enumeration of every joint event."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from lowsky.kernels import layout
from lowsky.kernels.association import MAX_SWEEPS, propagate, track_sum
from lowsky.tracking.memory import table
from tests.kernels.worlds import Floats

LOOP_ERROR = 0.12  # largest error of a marginal on the small loops drawn here; on trees there is none
MEAN_LOOP_ERROR = 0.04  # of the largest error in each problem of three tracks and three reports, all connected
EXACT = 1e-3  # messages stop changing at 1e-4
SEEDS = st.integers(0, 2**32 - 1)


def run(missed: Floats, weight: Floats) -> tuple[Floats, Floats, int]:
    """Association probabilities (tracks, plots), each plot's of being alone, and sweeps; weight 0 is no edge."""
    n, m = weight.shape
    candidates, edges, plots = table(layout.CANDIDATE, n), table(layout.EDGE, weight.size), table(layout.PLOT, m)
    last = 0
    for k in range(n):
        candidates[k].first, candidates[k].missed = last, missed[k]
        for f in np.flatnonzero(weight[k]):
            edges[last].plot, edges[last].weight = f, weight[k, f]
            plots[f].tracks += 1
            last += 1
        candidates[k].last = last
    sweeps = propagate(candidates, n, edges, plots, m)
    beta = np.zeros((n, m))
    for k in range(n):
        total = track_sum(candidates[k], edges)
        for e in range(candidates[k].first, candidates[k].last):
            assert 0.0 < edges[e].back <= 1.0
            beta[k, edges[e].plot] = edges[e].weight * edges[e].back / total
    return beta, np.array([plots[f].alone for f in range(m)]), sweeps


def enumerate_events(missed: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The same by summing over all ways to give each track one plot or none, no plot to two."""
    n, m = weight.shape
    beta, alone, total = np.zeros((n, m)), np.zeros(m), 0.0
    for event in product(range(-1, m), repeat=n):
        taken = [f for f in event if f >= 0]
        if len(set(taken)) < len(taken):
            continue
        likelihood = float(np.prod([missed[k] if f < 0 else weight[k, f] for k, f in enumerate(event)]))
        total += likelihood
        for k, f in enumerate(event):
            if f >= 0:
                beta[k, f] += likelihood
        alone[[f for f in range(m) if f not in taken]] += likelihood
    return beta / total, alone / total


def _is_forest(weight: Floats) -> bool:
    n, m = weight.shape
    whole = np.zeros((n + m, n + m))
    whole[:n, n:] = weight > 0
    parts = connected_components(whole, directed=False)[0]
    return bool(np.count_nonzero(weight) == n + m - int(parts))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Floats, Floats]:
    n, m, rng = draw(st.integers(1, 4)), draw(st.integers(1, 4)), np.random.default_rng(draw(SEEDS))
    weight = np.exp(rng.normal(scale=3.0, size=(n, m))) * (rng.random((n, m)) < draw(st.sampled_from([0.4, 0.7, 1.0])))
    return rng.uniform(0.02, 1.0, n), weight


@given(problems())
def test_trees_are_exact(problem: tuple[Floats, Floats]) -> None:
    assume(_is_forest(problem[1]))
    beta, alone, sweeps = run(*problem)
    expected = enumerate_events(*problem)
    np.testing.assert_allclose(beta, expected[0], atol=EXACT)
    np.testing.assert_allclose(alone, expected[1], atol=EXACT)
    assert sweeps < MAX_SWEEPS


@given(problems())
def test_loops_are_near(problem: tuple[Floats, Floats]) -> None:
    beta, alone, sweeps = run(*problem)
    expected = enumerate_events(*problem)
    np.testing.assert_allclose(beta, expected[0], atol=LOOP_ERROR)
    np.testing.assert_allclose(alone, expected[1], atol=LOOP_ERROR)
    assert sweeps < MAX_SWEEPS


def test_loops_are_much_nearer_on_average() -> None:
    rng, errors = np.random.default_rng(5), []
    for _ in range(100):
        missed, weight = rng.uniform(0.05, 1.0, 3), np.exp(rng.normal(scale=2.0, size=(3, 3)))
        errors.append(np.abs(run(missed, weight)[0] - enumerate_events(missed, weight)[0]).max())
    assert np.mean(errors) < MEAN_LOOP_ERROR


@given(problems())
def test_every_report_is_somewhere_and_every_track_has_one_at_most(problem: tuple[Floats, Floats]) -> None:
    beta, alone, _ = run(*problem)
    np.testing.assert_allclose(beta.sum(axis=0) + alone, 1.0, atol=5e-3)
    assert (beta.sum(axis=1) <= 1.0 + 1e-12).all()
    assert ((alone > 0.0) & (alone <= 1.0)).all()


@given(problems(), SEEDS)
def test_order_of_tracks_and_reports_does_not_matter(problem: tuple[Floats, Floats], seed: int) -> None:
    missed, weight = problem
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(missed)), rng.permutation(weight.shape[1])
    beta, alone, _ = run(missed, weight)
    other, other_alone, _ = run(missed[rows], np.ascontiguousarray(weight[rows][:, columns]))
    np.testing.assert_allclose(other, beta[rows][:, columns], atol=2e-4)
    np.testing.assert_allclose(other_alone, alone[columns], atol=2e-4)


def test_one_track_and_one_report() -> None:
    beta, alone, sweeps = run(np.array([0.25]), np.array([[0.75]]))
    assert beta[0, 0] == pytest.approx(0.75)
    assert alone[0] == pytest.approx(0.25)
    assert sweeps == 0


def test_two_tracks_that_cannot_miss_share_two_reports() -> None:
    beta, alone, _ = run(np.full(2, 1e-9), np.array([[10.0, 1.0], [1.0, 10.0]]))
    np.testing.assert_allclose(beta, [[100 / 101, 1 / 101], [1 / 101, 100 / 101]], atol=1e-2)
    np.testing.assert_allclose(alone, 0.0, atol=1e-3)


def test_no_tracks_leave_all_reports_alone() -> None:
    _, alone, _ = run(np.empty(0), np.empty((0, 3)))
    np.testing.assert_array_equal(alone, 1.0)


def test_odds_beyond_the_digits_of_a_number_stay_probabilities() -> None:
    """A weight more than 1e16 times all else leaves nothing when it is taken from their sum."""
    missed = np.array([1e-3, 0.5, 1e-2])
    weight = np.array([[1e25, 1e3, 0.0], [5.0, 3.0, 2.0], [0.0, 1e18, 7.0]])
    beta, alone, _ = run(missed, weight)
    assert np.isfinite(beta).all()
    assert np.isfinite(alone).all()
    assert beta[0, 0] == pytest.approx(1.0)
    assert beta[2, 1] == pytest.approx(1.0)
    assert beta[1] == pytest.approx([0.0, 0.0, 2.0 / 2.5], abs=1e-6)  # what is left to the second: a plot, or none
