"""OSPA and OSPA(2) against exhaustive search by their definitions, closed forms and Stone Soup."""

from __future__ import annotations

import datetime
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lowsky.evaluate.matching import near_edges
from lowsky.evaluate.ospa import ospa, ospa2

C = 20.0
COORDINATES = st.one_of(st.integers(-20, 20).map(float), st.floats(-40, 40))
SETS = st.integers(0, 5).flatmap(lambda n: arrays(np.float64, (n, 3), elements=COORDINATES))
Tracks = list[dict[int, np.ndarray]]  # instant -> position, for each track


def by_search(cost: np.ndarray, c: float, p: float) -> float:
    """OSPA of a matrix of distances by trying every assignment of the smaller set."""
    cost = np.minimum(cost if len(cost) <= cost.shape[1] else cost.T, c)
    m, n = cost.shape
    if n == 0:
        return 0.0
    best = min(sum(cost[i, j] ** p for i, j in enumerate(order)) for order in permutations(range(n), m))
    return float(((best + c**p * (n - m)) / n) ** (1 / p))


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array(np.linalg.norm(x[:, None] - y[None], axis=-1))


@settings(deadline=None, max_examples=150)
@given(SETS, SETS, st.sampled_from([1.0, 2.0, 3.0]))
def test_is_the_definition(x: np.ndarray, y: np.ndarray, p: float) -> None:
    assert ospa(x, y, C, p) == pytest.approx(by_search(distances(x, y), C, p), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("p", [1, 2])
def test_agrees_with_stone_soup(seed: int, p: int) -> None:
    metric = pytest.importorskip("stonesoup.metricgenerator.ospametric")
    state = pytest.importorskip("stonesoup.types.state").State
    rng = np.random.default_rng(seed)
    x, y = (rng.uniform(0, 40, (rng.integers(1, 9), 3)) for _ in range(2))
    at = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    sets = [[state(row, at) for row in rows] for rows in (y, x)]
    theirs = metric.OSPAMetric(c=C, p=p).compute_OSPA_distance(*sets).value
    if p == 1:
        assert ospa(x, y, C, p) == pytest.approx(theirs)
    else:  # Stone Soup assigns by distance, not by its p-th power, so that it may miss the minimum of the definition
        assert ospa(x, y, C, p) <= theirs + 1e-9


def track_distance(f: dict[int, np.ndarray], g: dict[int, np.ndarray], window: range, q: float) -> float:
    """Distance of two tracks over a window, written out from the paper."""
    either = [t for t in window if t in f or t in g]
    if not either:
        return 0.0
    each = [min(float(np.linalg.norm(f[t] - g[t])), C) if t in f and t in g else C for t in either]
    return float(np.mean([d**q for d in each]) ** (1 / q))


def ospa2_by_search(truth: Tracks, tracks: Tracks, window: range, p: float, q: float) -> float:
    alive = [[x for x in xs if any(t in x for t in window)] for xs in (truth, tracks)]
    cost = np.array([[track_distance(f, g, window, q) for g in alive[1]] for f in alive[0]])
    return by_search(cost.reshape(len(alive[0]), len(alive[1])), C, p)


def rows_of(tracks: Tracks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [(k, t, x) for k, track in enumerate(tracks) for t, x in track.items()]
    position = np.array([x for _, _, x in rows]).reshape(-1, 3)
    return position, np.array([k for k, _, _ in rows], np.int64), np.array([t for _, t, _ in rows], np.int64)


def ours(truth: Tracks, tracks: Tracks, steps: int, window: int, p: float, q: float) -> np.ndarray:
    (x, who, when), (y, number, shown) = rows_of(truth), rows_of(tracks)
    edges = near_edges(x, when, y, shown, steps, C)
    return np.array(ospa2(edges, who, when, number, shown, steps, window, C, p, q))


@pytest.mark.parametrize("seed", range(10))
def test_ospa2_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth: Tracks = [{t: rng.uniform(0, 30, 3) for t in range(8) if rng.uniform() < 0.7} for _ in range(4)]
    near = [{t: x + rng.normal(0, 6, 3) for t, x in f.items() if rng.uniform() < 0.8} for f in truth[:3]]
    tracks: Tracks = [*near, {t: rng.uniform(0, 30, 3) for t in range(3, 6)}]
    p, q = float(1 + seed % 2), float(1 + seed // 2 % 2)
    got = ours(truth, tracks, 8, 4, p, q)
    expected = [ospa2_by_search(truth, tracks, range(max(0, k - 3), k + 1), p, q) for k in range(8)]
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_ospa2_sees_a_switch_that_ospa_does_not() -> None:
    still = np.zeros(3)
    truth: Tracks = [dict.fromkeys(range(10), still)]
    whole, broken = (
        [dict.fromkeys(range(10), still)],
        [dict.fromkeys(range(5), still), dict.fromkeys(range(5, 10), still)],
    )
    assert ours(truth, whole, 10, 10, 1.0, 1.0)[-1] == 0
    # one half pairs with the object at distance c / 2, the other is left over: (c / 2 + c) / 2
    assert ours(truth, broken, 10, 10, 1.0, 1.0)[-1] == pytest.approx(0.75 * C)
    assert ours(truth, broken, 10, 1, 1.0, 1.0).max() == 0


def test_nothing_and_wrong_settings() -> None:
    assert ours([], [], 3, 2, 1.0, 1.0).tolist() == [0, 0, 0]
    assert ours([], [{1: np.zeros(3)}], 3, 2, 1.0, 1.0).tolist() == [0, C, C]
    with pytest.raises(ValueError, match="window"):
        ours([], [], 3, 0, 1.0, 1.0)
    with pytest.raises(ValueError, match="GOSPA needs"):
        ospa(np.zeros((1, 3)), np.zeros((1, 3)), -1.0)
