"""What is learnt of a radar: the truth where it is not as described, next to nothing where it is, bounds everywhere."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from lowsky.kernels import background, layout
from lowsky.kernels.layout import LEARNT, RINGS, SECTORS, World
from tests.kernels.worlds import CAMERA, RADAR_3D, SECOND_NS, START_NS, Floats, record, report, small_world

SEEDS = st.integers(0, 2**32 - 1)
PERIOD_S = 5.0


def looked_at(counts: Floats, seconds: float, seed: int = 1) -> World:
    """The world after a look a second of the first radar, with Poisson plots of these mean counts (cells,) a look."""
    w, rng = small_world(), np.random.default_rng(seed)
    w.queues[RADAR_3D].look_ns = START_NS
    score, cells = w.scores[RADAR_3D], w.background[RADAR_3D]
    for k in range(int(seconds / PERIOD_S)):
        drawn = rng.poisson(counts * PERIOD_S)
        cells["plots"] += drawn
        score.plots += drawn.sum()
        score.looks += PERIOD_S
        background.renew_background(w, START_NS + int((k + 1) * PERIOD_S) * SECOND_NS)
    return w


def as_described(w: World) -> Floats:
    """Mean counts (cells,) a look of a radar that is as described."""
    sensor = w.sensors[RADAR_3D]
    share = np.repeat([background.ring_share(sensor, ring) for ring in range(RINGS)], SECTORS)
    counts: Floats = sensor.false_plots * share
    return counts


def test_cells_are_the_whole_reach_and_share_plots_by_area() -> None:
    w, rng, n = small_world(), np.random.default_rng(3), 100_000
    sensor = w.sensors[RADAR_3D]
    low, high = sensor.reach_m
    share = np.repeat([background.ring_share(sensor, ring) for ring in range(RINGS)], SECTORS)
    assert share.sum() == pytest.approx(1.0)
    ranges = np.sqrt(rng.uniform(low**2, high**2, n))
    azimuths = rng.uniform(-math.pi, math.pi, n)
    cells = [background.cell_of(sensor, r, a) for r, a in zip(ranges, azimuths, strict=True)]
    found = np.bincount(cells, minlength=RINGS * SECTORS)
    assert np.abs((found - n * share) / np.sqrt(n * share)).max() < 5.0


@given(st.floats(-1e3, 1e7), st.floats(-100.0, 100.0))
def test_every_report_has_a_cell(range_m: float, azimuth_rad: float) -> None:
    sensor = small_world().sensors[RADAR_3D]
    assert 0 <= background.cell_of(sensor, range_m, azimuth_rad) < RINGS * SECTORS


@given(st.integers(0, 200), st.floats(0.01, 60.0))
@examples(max_examples=20)
def test_the_factor_of_a_cell_is_the_mean_of_its_posterior(count: int, told: float) -> None:
    """Against integrals over the mixture of two gamma priors."""

    def prior(x: float) -> float:
        parts = (
            (1.0 - background.UNLIKE_SHARE, background.LIKE_SENSOR),
            (background.UNLIKE_SHARE, background.UNLIKE_SENSOR),
        )
        return sum(share * float(gamma.pdf(x, k, scale=1.0 / k)) for share, k in parts)

    peak = max((count + 0.5) / (told + 0.5), 1e-3)
    edges = np.concatenate([[1e-9], np.geomspace(peak * 1e-3, peak * 30.0, 40)])

    def moment(power: int) -> float:
        scale = float(poisson.pmf(count, told * peak)) or 1e-300
        return sum(
            float(quad(lambda x: x**power * prior(x) * float(poisson.pmf(count, told * x)) / scale, a, b)[0])
            for a, b in pairwise(edges)
        )

    assert background.cell_factor(float(count), told) == pytest.approx(moment(1) / moment(0), rel=2e-3)


@given(SEEDS)
@examples(max_examples=5)
def test_a_radar_that_is_as_described_stays_as_described(seed: int) -> None:
    w = looked_at(as_described(small_world()), 300.0, seed)
    assert w.scores[RADAR_3D].false_scale == pytest.approx(1.0, abs=0.25)
    factors = w.background[RADAR_3D]["false_scale"]
    assert np.quantile(factors, [0.05, 0.95]) == pytest.approx([1.0, 1.0], abs=0.35)


@pytest.mark.parametrize("factor", [0.2, 3.3, 12.0])
def test_false_plots_converge_to_what_they_are(factor: float) -> None:
    w = looked_at(factor * as_described(small_world()), 400.0)
    told, prior = w.scores[RADAR_3D].looks * w.sensors[RADAR_3D].false_plots, background.PLOTS_PRIOR
    expected = (told * factor + prior) / (told + prior)
    assert w.scores[RADAR_3D].false_scale == pytest.approx(expected, rel=0.25)
    assert np.median(w.background[RADAR_3D]["false_scale"]) == pytest.approx(expected, rel=0.3)


def test_a_road_is_learnt_within_a_minute_and_its_neighbours_are_not() -> None:
    counts = as_described(small_world())
    road = 8 * SECTORS + np.arange(5, 9)
    counts[road] *= 50.0
    w = looked_at(counts, 60.0)
    factors = w.background[RADAR_3D]["false_scale"]
    assert (factors[road] > 20.0).all()
    assert np.median(np.delete(factors, road)) < 2.0


def test_bounds_hold_and_everything_fades() -> None:
    nothing = looked_at(np.zeros(RINGS * SECTORS), 2000.0)
    sensor = nothing.sensors[RADAR_3D]
    assert nothing.scores[RADAR_3D].false_scale >= background.FALSE_LEAST
    assert (nothing.background[RADAR_3D]["false_scale"] >= np.float32(background.CELL_LEAST)).all()
    much = looked_at(np.full(RINGS * SECTORS, 1e4), 100.0)
    assert much.scores[RADAR_3D].false_scale == background.FALSE_MOST
    assert (much.background[RADAR_3D]["false_scale"] <= background.CELL_MOST).all()
    assert much.scores[RADAR_3D].looks < background.MEMORY_S
    background.renew_background(much, START_NS + 100_000 * SECOND_NS)
    background.renew_background(much, START_NS + 100_005 * SECOND_NS)
    assert much.scores[RADAR_3D].false_scale == pytest.approx(1.0)
    assert much.background[RADAR_3D]["seen_scale"] == pytest.approx(1.0)
    assert 0.0 < sensor.detection < 1.0


def chanced(promised: float, true: float, looks: int, cell: int = 7) -> World:
    """The world after so many looks at sure tracks in one cell."""
    w, rng = small_world(), np.random.default_rng(2)
    w.queues[RADAR_3D].look_ns = START_NS
    for found in rng.uniform(size=looks) < true:
        background.note_chance(w.scores[RADAR_3D], w.background[RADAR_3D, cell], promised, float(found))
    background.renew_background(w, START_NS)
    return w


@pytest.mark.parametrize(("promised", "true"), [(0.97, 0.8), (0.5, 0.9), (0.9, 0.9)])
def test_detection_converges_to_what_it_is(promised: float, true: float) -> None:
    w = chanced(promised, true, 3000)
    w.sensors[RADAR_3D].detection = promised
    background.renew_background(w, START_NS + 1)
    assert promised * w.scores[RADAR_3D].seen_scale == pytest.approx(true, abs=0.04)
    assert promised * w.background[RADAR_3D, 7].seen_scale == pytest.approx(true, abs=0.04)
    assert w.background[RADAR_3D, 8].seen_scale == pytest.approx(w.scores[RADAR_3D].seen_scale, rel=1e-3)


def test_a_shadow_is_one_cell_and_nothing_is_ever_believed_blind() -> None:
    w = chanced(0.9, 0.9, 3000)
    for _ in range(400):
        background.note_chance(w.scores[RADAR_3D], w.background[RADAR_3D, 99], 0.9, 0.0)
    background.renew_background(w, START_NS + 1)
    assert w.background[RADAR_3D, 99].seen_scale == pytest.approx(background.SEEN_LEAST)
    assert w.background[RADAR_3D, 7].seen_scale > 0.9


def pairs(told: float, true: float, explained: float, rounds: int, seed: int) -> Any:
    """Scores after rounds of 400 sure pairs of three parts: errors of variance `true` where `told` was stated, on
    tracks that explain the given variance; what was learnt is used from the next round on."""
    rng, w = np.random.default_rng(seed), small_world()
    w.queues[RADAR_3D].look_ns = START_NS
    score, t, edge = w.scores[RADAR_3D], record(layout.TRACK), record(layout.EDGE, n=4, share=1.0)
    t.mu[:] = (0.1, 0.8, 0.1)
    edge.part[:4] = range(4)
    plot = report(dict.fromkeys(range(4), 0.0), told)
    plot.told[:] = told
    for k in range(rounds):
        background.use_variances(plot, score.variance_scale)
        for _ in range(400):
            mixed = rng.normal(size=(4, 4))
            h = mixed @ mixed.T
            h *= explained / np.sqrt(np.outer(np.diag(h), np.diag(h)))
            off = np.linalg.cholesky(h + 1e-12 * np.eye(4)) @ rng.normal(size=4) + math.sqrt(true) * rng.normal(size=4)
            edge.l[1, :4, :4] = np.linalg.cholesky(h + np.diag(plot.variance[:4]))
            edge.nu[1, :4] = np.linalg.solve(edge.l[1, :4, :4], off)
            background.note_accuracy(score, t, edge, 3, plot)
        background.renew_background(w, START_NS + k * 60 * SECOND_NS)
    return score


@pytest.mark.parametrize("ratio", [0.4, 1.8, 2.78])
@pytest.mark.parametrize("explained", [0.2, 1.0])
def test_accuracy_converges_to_what_it_is(ratio: float, explained: float) -> None:
    for factor in pairs(4.0, 4.0 * ratio, 4.0 * explained, 10, 4).variance_scale:
        assert factor == pytest.approx(ratio, rel=0.25)


def test_accuracy_that_is_right_is_left_alone_to_the_last_bit() -> None:
    score = pairs(4.0, 4.4, 2.0, 5, 5)
    assert list(score.variance_scale) == [1.0] * LEARNT


@given(st.floats(background.VARIANCE_LEAST, background.VARIANCE_MOST))
def test_a_factor_is_believed_as_far_as_it_is_clear(factor: float) -> None:
    out = background.believed(factor)
    assert min(factor, 1.0) * (1 - 1e-12) <= out <= max(factor, 1.0) * (1 + 1e-12)
    if abs(math.log(factor)) >= background.CLEAR:
        assert out == pytest.approx(factor)
    if abs(math.log(factor)) <= background.DOUBTED:
        assert out == 1.0


def test_variances_are_taken_from_what_was_stated_however_often() -> None:
    plot = report({0: 1000.0, 1: 0.3, 2: 0.1, 3: 5.0}, 2.0)
    plot.told[:] = plot.variance[:LEARNT]
    for _ in range(3):
        background.use_variances(plot, np.array([1.0, 2.5, 0.5]))
        np.testing.assert_allclose(plot.variance[:4], [2.0, 5.0, 1.0, 2.0])


def test_sensors_that_do_not_look_and_cameras_learn_nothing() -> None:
    w = small_world()
    w.queues[CAMERA].look_ns = START_NS
    for row in (RADAR_3D, CAMERA):
        w.scores[row].plots, w.scores[row].looks = 1000.0, 10.0
    background.renew_background(w, START_NS)
    assert w.scores[RADAR_3D].false_scale == w.scores[CAMERA].false_scale == 1.0
