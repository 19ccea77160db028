"""Gating: likelihoods against scipy, projections against matrix products, the wedge against all plots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from lowsky.kernels import gating, layout
from lowsky.kernels.candidates import NORMAL
from lowsky.kernels.measurement import polar_jacobian
from lowsky.kernels.motion import predict_mean
from lowsky.tracking.memory import table
from tests.kernels.worlds import SECOND_NS, START_NS, Floats, random_covariance, record, report, rotation, small_world

SEEDS = st.integers(0, 2**32 - 1)
PARTS = st.sets(st.integers(0, 5), min_size=1)


@given(SEEDS, PARTS, st.booleans())
@example(0, {0, 1, 2, 3}, True)  # the parts of a 3-D radar
@example(1, {1, 2}, True)  # a camera's
@example(2, set(range(6)), False)
def test_innovation_has_the_density_of_scipy(seed: int, parts: set[int], polar_kind: bool) -> None:
    rng = np.random.default_rng(seed)
    s, z, has = random_covariance(rng, 6), rng.uniform(-3, 3, 6), sorted(parts)
    plot = report({c: z[c] + rng.normal() for c in has}, variance=0.5)
    off = plot.values[has] - z[has]
    if polar_kind and 1 in parts:
        off[has.index(1)] = math.remainder(off[has.index(1)], math.tau)
        plot.values[1] += math.tau  # the same azimuth once round
    edge = record(layout.EDGE)
    gating.note_parts(plot, edge)
    assert edge.part[: edge.n].tolist() == has
    gating.innovation(plot, z, s, polar_kind, edge, edge.nu[0], edge.l[0])
    d2, root = gating.whiten(edge.nu[0], edge.l[0], edge.n)
    covariance = s[np.ix_(has, has)] + 0.5 * np.eye(len(has))
    density = math.exp(-0.5 * d2) / (NORMAL[len(has)] * root)
    assert density == pytest.approx(multivariate_normal(np.zeros(len(has)), covariance).pdf(off), rel=1e-6)
    factor = np.tril(edge.l[0][: len(has), : len(has)])
    np.testing.assert_allclose(factor @ factor.T, covariance, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(factor @ edge.nu[0][: len(has)], off, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n", range(1, 7))
def test_what_has_no_density_is_infinitely_far(n: int) -> None:
    for worst in range(n):
        l = np.eye(6)  # noqa: E741
        l[worst, worst] = -1.0
        assert gating.whiten(np.ones(6), l, n) == (math.inf, 1.0)


def test_constants_of_the_normal_density() -> None:
    np.testing.assert_allclose(NORMAL, [(2 * math.pi) ** (n / 2) for n in range(7)], rtol=1e-6)


def _plots(azimuths: list[float]) -> layout.Table:
    plots = table(layout.PLOT, max(len(azimuths), 1))
    plots["azimuth"][: len(azimuths)] = sorted(azimuths)
    return plots


AZIMUTHS = st.floats(-math.pi, math.pi, exclude_max=True)


@given(st.lists(AZIMUTHS, max_size=12), st.floats(-math.pi, math.pi), st.floats(1e-6, 4.0))
@example([-3.1, -3.0, 0.0, 3.0, 3.1], math.pi, 0.2)
@example([-3.1, -3.0, 0.0, 3.0, 3.1], -math.pi, 0.2)
@example([-1.0, 1.0], 0.0, math.pi)
@example([], 0.0, 1.0)
def test_wedge_holds_exactly_the_plots_within_the_angle(azimuths: list[float], centre: float, half: float) -> None:
    plots = _plots(azimuths)
    n = len(azimuths)
    bins = np.zeros(layout.AZIMUTH_BINS + 1, dtype=np.int32)
    gating.index_azimuths(plots, n, bins)
    first, count = gating.wedge(plots, n, bins, centre, half)
    assert count == 0 or 0 <= first < n
    inside = {(first + c) % n for c in range(count)}
    assert len(inside) == count
    for f in range(n):
        off = abs(math.remainder(plots[f].azimuth - centre, math.tau))
        if abs(off - half) > 1e-9:  # on the edge, rounding decides
            assert (f in inside) == (off < half), (plots[f].azimuth, centre, half)


@given(SEEDS, st.floats(50, 2e4))
def test_projection_is_the_matrix_product_and_errs_to_the_wide_side(seed: int, range_m: float) -> None:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=3)
    x = np.concatenate([range_m * direction / np.linalg.norm(direction), rng.uniform(-50, 50, 3)])
    z, h, p = np.empty(4), np.empty((6, 6)), random_covariance(rng, 6)
    polar_jacobian(np.zeros(3), rotation(rng), x, z, h)
    for shrink, wide in ((1e-10, False), (1.0, True)):
        hp, s = np.zeros((6, 6)), np.zeros((6, 6))
        gating.project_polar(h, shrink * p, z[0], hp, s)
        product = h[:4] @ (shrink * p) @ h[:4].T
        np.testing.assert_allclose(hp[:4], h[:4] @ (shrink * p), rtol=1e-9, atol=1e-9 * shrink)
        extra = np.tril(s[:4, :4] - product)
        np.testing.assert_allclose(extra[~np.eye(4, dtype=bool)], 0.0, atol=1e-9 * shrink * (1 + np.abs(product).max()))
        if wide:
            assert (np.diag(extra) >= -1e-9 * np.diag(product)).all()
            assert extra[0, 0] > 0.0  # a sphere is no plane
        else:
            np.testing.assert_allclose(np.diag(s)[:4], np.diag(product), rtol=1e-6)


def test_declared_state_is_projected_as_it_is() -> None:
    rng = np.random.default_rng(1)
    x, p, z, hp, s = rng.normal(size=6), random_covariance(rng, 6), np.empty(6), np.empty((6, 6)), np.empty((6, 6))
    gating.project_declared(x, p, z, hp, s)
    for got, expected in ((z, x), (hp, p), (s, p)):
        np.testing.assert_array_equal(got, expected)


def _track(seed: int, models: int) -> layout.Table:
    rng = np.random.default_rng(seed)
    t = record(layout.TRACK, models=models, state_ns=START_NS)
    t.mu[:models] = rng.dirichlet(np.ones(models))
    t.x[:], t.p[:] = rng.normal(scale=10.0, size=(layout.MODELS, 6)), [random_covariance(rng, 6) for _ in range(3)]
    t.x[:, :3] += rng.uniform(-5000, 5000, 3)
    t.centre[:] = t.mu[:models] @ t.x[:models]
    return t


def _moments(mu: Floats, x: Floats, p: Floats) -> tuple[Floats, Floats]:
    mean = mu @ x
    return mean, np.einsum("m,mij->ij", mu, p + np.einsum("mi,mj->mij", x - mean, x - mean))


@given(SEEDS, st.sampled_from([1, 3]), st.floats(0.0, 5.0))
@examples(max_examples=40)
def test_prediction_moves_every_model_and_only_adds_uncertainty(seed: int, models: int, dt_s: float) -> None:
    t, w = _track(seed, models), small_world()
    x, p, mu = np.zeros((3, 6)), np.zeros((3, 6, 6)), np.zeros(3)
    n = gating.predict_track(t, START_NS + int(dt_s * SECOND_NS), w.rules, w.work, x, p, mu)
    assert 1 <= n <= models
    assert mu[:n].sum() == pytest.approx(1.0)
    for m in range(n):
        assert np.linalg.eigvalsh(p[m]).min() > 0.0
        np.testing.assert_array_equal(p[m], p[m].T)
    if models == 1:
        moved = np.empty(6)
        slot = gating.step_slot(w.rules, w.work, int(dt_s * SECOND_NS) * 1e-9)
        predict_mean(w.work.steps[slot][0], t.x[0], moved)
        np.testing.assert_array_equal(x[0], moved)
        assert (np.diag(p[0])[3:5] >= np.diag(t.p[0])[3:5] * (1 - 1e-9)).all()
    elif n == models and dt_s < 1e-6:
        before, after = _moments(t.mu, t.x, t.p), _moments(mu, x, p)
        np.testing.assert_allclose(after[0], before[0], rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(after[1], before[1], rtol=1e-3, atol=1e-2)


def test_step_tables_are_made_once_and_not_confused() -> None:
    w = small_world()
    times = [0.1, 0.1 + 64e-6, 1.0, -0.1, 0.1]  # the first two share a slot
    for dt_s in times:
        slot = gating.step_slot(w.rules, w.work, dt_s)
        assert w.work.step_dt[slot] == dt_s
        fresh = small_world()
        other = gating.step_slot(fresh.rules, fresh.work, dt_s)
        np.testing.assert_array_equal(w.work.steps[slot], fresh.work.steps[other])
        np.testing.assert_array_equal(w.work.switching[slot], fresh.work.switching[other])
