"""Small dense linear algebra against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.kernels.linalg import cholesky, forward_solve, forward_solve_rows, inverse_from_cholesky
from tests.kernels.worlds import random_covariance

SIZES = range(1, 7)


@pytest.mark.parametrize("n", SIZES)
def test_factor_solution_and_inverse_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    for scale in (1e-6, 1.0, 1e8):
        a = random_covariance(rng, n, scale)
        lower = np.full((6, 6), np.nan)
        lower[:n, :n] = np.tril(a)
        lower[np.triu_indices(n, 1)] = np.nan  # the upper triangle is never read
        assert cholesky(lower, n)
        factor = np.tril(lower[:n, :n])
        np.testing.assert_allclose(factor, np.linalg.cholesky(a), rtol=1e-10)
        b, rows, inverse = rng.normal(size=n), rng.normal(size=(n, 4)), np.zeros((n, n))
        solved, solved_rows = b.copy(), rows.copy()
        forward_solve(lower, solved, n)
        forward_solve_rows(lower, solved_rows, n, 4)
        np.testing.assert_allclose(factor @ solved, b, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(factor @ solved_rows, rows, rtol=1e-8, atol=1e-10)
        inverse_from_cholesky(lower, inverse, n)
        np.testing.assert_allclose(inverse, np.linalg.inv(a), rtol=1e-7, atol=1e-12 / scale)


@pytest.mark.parametrize("n", SIZES)
def test_what_is_not_positive_definite_is_refused(n: int) -> None:
    for worst in (0.0, -1.0, np.nan):
        a = np.eye(6)
        a[n - 1, n - 1] = worst
        assert not cholesky(a, n)
