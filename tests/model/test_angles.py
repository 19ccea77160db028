"""Angles come back into their circle, whatever went in."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.angles import TWO_PI, wrap_2pi, wrap_degrees, wrap_pi

ANGLES = st.floats(-1e6, 1e6)


@given(ANGLES)
def test_wrapped_angles_lie_in_the_circle_and_point_the_same_way(angle: float) -> None:
    for wrapped, low in ((float(wrap_pi(angle)), -math.pi), (float(wrap_2pi(angle)), 0.0)):
        assert low <= wrapped < low + TWO_PI
        assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-8)
        assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-8)


@given(ANGLES)
def test_degrees_keep_their_direction(angle: float) -> None:
    wrapped = float(wrap_degrees(angle))
    assert -180.0 <= wrapped < 180.0
    assert math.remainder(wrapped - angle, 360.0) == pytest.approx(0.0, abs=1e-8)


def test_edges_are_half_open() -> None:
    assert wrap_pi([math.pi, -math.pi]).tolist() == [-math.pi, -math.pi]
    assert wrap_2pi([TWO_PI, 0.0, -1e-300]).tolist() == [0.0, 0.0, 0.0]
    assert wrap_degrees([180.0, -180.0, 540.0, -1e-300]).tolist() == [-180.0, -180.0, -180.0, 0.0]


def test_difference_across_north_is_small() -> None:
    assert float(wrap_pi(np.radians(359.0) - np.radians(1.0))) == pytest.approx(np.radians(-2.0))


def test_shape_is_kept_and_missing_stays_missing() -> None:
    assert wrap_pi(np.zeros((2, 3))).shape == (2, 3)
    assert np.isnan(wrap_2pi([np.nan, np.inf])).all()
    assert np.isnan(wrap_degrees(np.nan))
