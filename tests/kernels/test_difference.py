"""The difference of two reports and its derivatives, against numerical ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.kernels import layout
from lowsky.kernels.difference import difference
from lowsky.kernels.errors import CLOCK, DECLARED, ELEVATION, RANGE, SCALE
from lowsky.tracking.memory import table

from .site_of_sights import S, Sights

STEPS = np.array([0.5, 1e-4, 1e-4, 1e-4, 1e-3, 0.5, 0.5])


def pair_of(site: Sights, parts: tuple[int, int] = (7, 7)) -> Any:
    """Two reports of the first object, as the first two sensors of a site without noise say; parts as given."""
    pair = table(layout.PAIR, 1)[0]
    for side in range(2):
        pair.sensor[side] = side
        pair.side[side] = site.world.sights[side, 0]
        pair.side[side].parts = parts[side]
        pair.side[side].velocity_variance = 1.0
    return pair


def quiet(errors: list[list[float]], seed: int) -> Sights:
    """A site of which the first sights are known, with next to no noise."""
    site = Sights(errors, seed=seed, objects=1)
    site.rng = Quiet()  # type: ignore[assignment]
    for s in range(len(errors)):
        site._look(s, 0.3 * s)
    return site


class Quiet:
    """No noise."""

    def normal(self, mean: float, sigma: Any, n: int = 3) -> NDArray[np.float64]:
        return np.zeros(3)


def compared(pair: Any, site: Sights, b: NDArray[np.float64]) -> tuple[Any, Any, Any, float]:
    """Whitened difference and derivatives, the factor, and the squared distance."""
    d, j, cov, axis = np.empty(3), np.empty((2, 3, layout.ERRORS)), np.empty((3, 3)), np.empty((5, 3))
    distance2, _ = difference(pair, site.world.sensors, b[0], b[1], 0.0, d, j, cov, axis)
    return d, j, cov, distance2


ERRORS = st.tuples(*(st.floats(-1, 1) for _ in range(7))).map(
    lambda v: (np.array(v) * [60, 0.01, 0.03, 0.03, 0.4, 80, 80]).tolist()
)


@settings(max_examples=30, deadline=None)
@given(ERRORS, ERRORS, st.integers(0, 99))
def test_true_errors_leave_no_difference(one: list[float], two: list[float], seed: int) -> None:
    site = quiet([one, two], seed)
    b = np.array([one, two])
    d, _, cov, _ = compared(pair_of(site), site, b)
    factor = np.tril(cov)
    # a range scale is taken off as 1 - b and not as 1 / (1 + b): b^2 of the range, 0.5 m here
    assert np.abs(factor @ d).max() < 1.5


@settings(max_examples=20, deadline=None)
@given(ERRORS, st.integers(0, 99))
def test_derivatives_are_those_of_the_difference(one: list[float], seed: int) -> None:
    site = quiet([one, [0.0] * 7], seed)
    pair, b = pair_of(site), np.array([one, [0.0] * 7])
    _, j, cov, _ = compared(pair, site, b)
    factor = np.tril(cov)
    for side in range(2):
        for c in range(7):
            up, down = b.copy(), b.copy()
            up[side, c] += STEPS[c]
            down[side, c] -= STEPS[c]
            d_up, _, cov_up, _ = compared(pair, site, up)
            d_down, _, cov_down, _ = compared(pair, site, down)
            slope = (np.tril(cov_up) @ d_up - np.tril(cov_down) @ d_down) / (2 * STEPS[c])
            there = factor @ j[side, :, c]
            # taken at the middle of both tracks, which crooked sensors put up to some hundred metres off
            assert there == pytest.approx(slope, rel=0.15, abs=0.15 * max(1.0, float(np.abs(slope).max())))


def test_what_is_declared_has_no_errors() -> None:
    site = quiet([[0.0] * 7, [0.0] * 7], 1)
    pair = pair_of(site)
    pair.side[1].parts, pair.side[1].variance[:] = DECLARED, 25.0
    _, j, _, _ = compared(pair, site, np.zeros((2, 7)))
    assert not j[1].any()
    assert j[0, :, CLOCK].any()


def test_a_line_tells_nothing_of_ranges() -> None:
    site = quiet([[0.0] * 7, [0.0] * 7], 1)
    pair = pair_of(site, (6, 7))
    _, j, _, distance2 = compared(pair, site, np.zeros((2, 7)))
    assert not j[0][:, [RANGE, SCALE]].any()
    assert j[0][:, ELEVATION].any()
    assert distance2 < 1e-3


def test_a_later_look_is_moved_back_by_the_velocity() -> None:
    site = quiet([[0.0] * 7, [0.0] * 7], 3)
    pair = pair_of(site)
    assert pair.side[1].time_ns - pair.side[0].time_ns == round(0.3 * S)
    assert compared(pair, site, np.zeros((2, 7)))[3] < 1e-6
    pair.side[1].time_ns += S  # a clock that is ahead by a second
    b = np.zeros((2, 7))
    assert compared(pair, site, b)[3] > 0.5
    b[1, CLOCK] = 1.0
    assert compared(pair, site, b)[3] < 1e-6
