"""GOSPA against closed forms, exhaustive search, the axioms of a metric and Stone Soup."""

from __future__ import annotations

import datetime
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lowsky.evaluate.gospa import gospa, gospa_over_time

C = 20.0
COORDINATES = st.one_of(st.integers(-30, 30).map(float), st.floats(-60, 60))
SETS = st.integers(0, 5).flatmap(lambda n: arrays(np.float64, (n, 3), elements=COORDINATES))
MANY = settings(deadline=None, max_examples=150)


def by_search(x: np.ndarray, y: np.ndarray, c: float, p: float, alpha: float) -> float:
    """Definition 1: the smaller set is assigned in every possible way."""
    if len(x) > len(y):
        x, y = y, x
    best = min(
        sum(min(float(np.linalg.norm(a - y[j])), c) ** p for a, j in zip(x, order, strict=True))
        for order in permutations(range(len(y)), len(x))
    )
    return float((best + c**p / alpha * (len(y) - len(x))) ** (1 / p))


@MANY
@given(SETS, SETS, st.sampled_from([1.0, 2.0, 3.5]), st.sampled_from([0.5, 1.0, 2.0]))
def test_is_the_definition(x: np.ndarray, y: np.ndarray, p: float, alpha: float) -> None:
    result, _ = gospa(x, y, C, p, alpha)
    assert result.distance_m[0] == pytest.approx(by_search(x, y, C, p, alpha), rel=1e-9, abs=1e-9)


@MANY
@given(SETS, SETS, SETS)
def test_is_a_metric(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> None:
    def d(a: np.ndarray, b: np.ndarray) -> float:
        return float(gospa(a, b, C)[0].distance_m[0])

    assert d(x, x[::-1]) == 0
    assert d(x, y) == pytest.approx(d(y, x))
    assert d(x, z) <= d(x, y) + d(y, z) + 1e-9


def test_parts_in_closed_form() -> None:
    objects = np.array([[0.0, 0, 0], [100.0, 0, 0], [200.0, 0, 0]])
    tracks = np.array([[3.0, 4, 0], [100.0, 0, 12], [500.0, 0, 0], [500.0, 0, 19]])
    result, pairs = gospa(objects, tracks, C)
    assert (result.matched[0], result.missed[0], result.false[0]) == (2, 1, 2)
    assert result.localisation[0] == 25 + 144
    assert result.localisation_m == np.sqrt((25 + 144) / 2)
    assert result.distance_m[0] == np.sqrt(25 + 144 + C**2 / 2 * 3)
    assert sorted(zip(pairs.truth, pairs.track, strict=True)) == [(0, 0), (1, 1)]
    flat, _ = gospa(objects[:, :2], tracks[:, :2], C)
    assert flat.mean_m == np.sqrt(25 + 0 + C**2 / 2 * 3)


def test_empty_sets_and_wrong_settings() -> None:
    none, two = np.empty((0, 3)), np.zeros((2, 3))
    assert gospa(none, none, C)[0].distance_m[0] == 0
    assert gospa(two, none, C)[0].distance_m[0] == pytest.approx(C)
    assert np.isnan(gospa(none, two, C)[0].localisation_m)
    for wrong in ((0.0, 2.0, 2.0), (C, 0.5, 2.0), (C, 2.0, 2.5), (float("nan"), 2.0, 2.0)):
        with pytest.raises(ValueError, match="GOSPA needs"):
            gospa(two, two, *wrong)


def recording(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Objects and tracks over 12 instants in shuffled rows; some of either alone, some rows outside the instants."""
    rng = np.random.default_rng(seed)
    truth_step, track_step = rng.integers(-1, 13, 70), rng.integers(-1, 13, 60)
    return rng.uniform(0, 60, (70, 3)), truth_step, rng.uniform(0, 60, (60, 3)), track_step


@pytest.mark.parametrize("seed", range(4))
def test_over_time_is_each_instant_alone(seed: int) -> None:
    truth, truth_step, track, track_step = recording(seed)
    owed = np.arange(70) % 5 > 0
    whole, pairs = gospa_over_time(truth, truth_step, track, track_step, 12, C, owed=owed)
    assert (truth_step[pairs.truth] == track_step[pairs.track]).all()
    for k in range(12):
        alone, _ = gospa(truth[owed & (truth_step == k)], track[track_step == k], C)
        assert whole.distance_m[k] == pytest.approx(alone.distance_m[0])
        assert (whole.missed[k], whole.false[k]) == (alone.missed[0], alone.false[0])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("p", [1, 2])
def test_agrees_with_stone_soup(seed: int, p: int) -> None:
    metric = pytest.importorskip("stonesoup.metricgenerator.ospametric")
    state = pytest.importorskip("stonesoup.types.state").State
    truth, truth_step, track, track_step = recording(seed)
    ours, _ = gospa_over_time(truth, truth_step, track, track_step, 12, C, power=float(p))
    at = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    theirs = metric.GOSPAMetric(c=C, p=p)
    for k in range(12):
        sets = [[state(row, at) for row in rows] for rows in (track[track_step == k], truth[truth_step == k])]
        value = theirs.compute_gospa_metric(*sets)[0].value
        assert ours.distance_m[k] == pytest.approx(value["distance"])
        assert ours.localisation[k] == pytest.approx(value["localisation"])
        # Stone Soup gives costs where we give counts
        assert ours.missed[k] * C**p / 2 == pytest.approx(value["missed"])
        assert ours.false[k] * C**p / 2 == pytest.approx(value["false"])
