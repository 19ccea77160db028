"""The spatial hash against all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lowsky.kernels.neighbours import pairs_within

POINTS = st.integers(0, 12).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.one_of(st.integers(-9, 9).map(float), st.floats(-2e3, 2e3)))
)


def all_pairs(here: np.ndarray, there: np.ndarray, radius: float) -> set[tuple[int, int]]:
    d2 = sum((here[:, None, k] - there[None, :, k]) ** 2 for k in range(here.shape[1]))
    return set(zip(*(a.tolist() for a in np.nonzero(d2 < radius * radius)), strict=True))


@settings(deadline=None, max_examples=300)
@given(POINTS, POINTS, st.floats(0.5, 900))
def test_pairs_are_all_the_pairs(here: np.ndarray, there: np.ndarray, radius: float) -> None:
    for d in (2, 3):
        x, y = np.ascontiguousarray(here[:, :d]), np.ascontiguousarray(there[:, :d])
        left, right, squared = pairs_within(x, y, radius)
        assert set(zip(left.tolist(), right.tolist(), strict=True)) == all_pairs(x, y, radius)
        assert len(left) == len(set(zip(left.tolist(), right.tolist(), strict=True)))
        assert squared == pytest.approx(((x[left] - y[right]) ** 2).sum(axis=1), rel=1e-12, abs=1e-12)


def test_points_far_outside_and_on_the_edge() -> None:
    there = np.array([[0.0, 0.0, 0.0], [100.0, 100.0, 0.0]])
    here = np.array([[1e7, -1e7, 0.0], [-49.0, 0.0, 0.0], [149.0, 100.0, 0.0], [100.0, 150.0, 0.0], [0, -49.9, 0]])
    left, right, _ = pairs_within(here, there, 50.0)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(1, 0), (2, 1), (4, 0)]


def test_many_points() -> None:
    rng = np.random.default_rng(2)
    here, there = rng.uniform(-1500, 1500, (400, 3)), rng.uniform(-1500, 1500, (500, 3))
    left, right, _ = pairs_within(here, there, 130.0)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == all_pairs(here, there, 130.0)
    assert (np.diff(left) >= 0).all()
