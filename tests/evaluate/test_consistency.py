"""NEES of drawn errors, and the chi-square quantile against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from lowsky.evaluate.consistency import chi_square_quantile, consistency, nees


@settings(deadline=None, max_examples=200)
@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.5, 1e5))
def test_quantile_is_that_of_scipy(probability: float, degrees: float) -> None:
    assert chi_square_quantile(probability, degrees) == pytest.approx(chi2.ppf(probability, degrees), rel=1e-8)


def test_quantile_of_many_pairs_and_wrong_arguments() -> None:
    assert chi_square_quantile(0.975, 1.2e6) == pytest.approx(chi2.ppf(0.975, 1.2e6), rel=1e-9)
    for wrong in ((0.0, 2.0), (1.0, 2.0), (0.5, 0.0), (float("nan"), 1.0)):
        with pytest.raises(ValueError, match="chi-square"):
            chi_square_quantile(*wrong)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_honest_covariances_are_found_honest(dimensions: int) -> None:
    rng = np.random.default_rng(dimensions)
    root = rng.normal(size=(4000, dimensions, dimensions)) + 2 * np.eye(dimensions)
    error = np.einsum("nij,nj->ni", root, rng.normal(size=(4000, dimensions)))
    covariance = root @ root.transpose(0, 2, 1)
    honest = consistency(nees(error, covariance), dimensions)
    assert honest is not None
    assert honest.low < honest.mean < honest.high
    assert honest.inside == pytest.approx(0.95, abs=0.01)
    proud = consistency(nees(error, covariance / 4), dimensions)
    assert proud is not None
    assert proud.mean == pytest.approx(4 * honest.mean)
    assert proud.mean > proud.high
    assert proud.inside < 0.8


def test_closed_form_and_unusable_covariances() -> None:
    covariance = np.array([[[4.0, 0], [0, 9]], [[1, 2], [2, 1]], [[np.nan, 0], [0, 1]], [[2, 1], [1, 2]]])
    value = nees(np.array([[2.0, 3], [1, 1], [1, 1], [1, 1]]), covariance)
    assert value[[0, 3]] == pytest.approx([2.0, 2 / 3])
    assert np.isnan(value[[1, 2]]).all()
    result = consistency(value, 2)
    assert result is not None
    assert result.pairs == 2
    assert result.mean == pytest.approx(4 / 3)
    assert consistency(value[1:3], 2) is None
    assert consistency(np.empty(0), 2) is None
