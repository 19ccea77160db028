"""Honesty of the stated uncertainty: the normalised estimation error squared (NEES) and its chi-square bounds.

Source: Y. Bar-Shalom, X. R. Li and T. Kirubarajan, "Estimation with Applications to Tracking and Navigation", Wiley
2001, section 5.4.2. A consistent estimate of d dimensions has NEES with mean d; the mean of n independent ones lies
in chi-square bounds with n d degrees of freedom, divided by n. Errors of one track at successive seconds are not
independent, so the bounds given here are too narrow for a recording: they say what is surely consistent, and the
share below the 95 % quantile, which needs no independence, says how far off it is.

The chi-square distribution is the regularised incomplete gamma function, by the series and continued fraction of
NIST DLMF 8.11.4 and 8.9.2 and inverted by bisection, because scipy is no run-time dependency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .matching import Floats

CONFIDENCE = 0.95
ROUNDS = 200_000  # terms of the series: it needs about 6 sqrt(a) near the mean, and a is half of n d
PRECISION = 1e-15


@dataclass(frozen=True, slots=True)
class Consistency:
    """NEES over a number of pairs."""

    mean: float
    dimensions: int  # the mean of a consistent estimate
    pairs: int
    low: float  # bounds of the mean, were all pairs independent
    high: float
    inside: float  # share of pairs under the 95 % quantile; 0.95 if consistent


def nees(error: Floats, covariance: Floats) -> Floats:
    """error^T covariance^-1 error of each row, (n,); NaN where a covariance is not positive definite.

    Args:
        error: (n, d) estimate less truth, or the other way round.
        covariance: (n, d, d) symmetric, in the same axes.
    """
    result = np.full(len(error), np.nan)
    good = np.isfinite(covariance).all(axis=(1, 2)) & (np.linalg.det(np.nan_to_num(covariance)) > 0)
    solved = np.linalg.solve(covariance[good], error[good][..., None])[..., 0]
    result[good] = np.einsum("ni,ni->n", error[good], solved)
    return result


def consistency(value: Floats, dimensions: int) -> Consistency | None:
    """Mean NEES with its bounds; rows that are NaN are left out, None where no row is left."""
    value = value[np.isfinite(value)]
    if not len(value):
        return None
    n = len(value)
    low, high = (chi_square_quantile(q, n * dimensions) / n for q in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    inside = float(np.mean(value < chi_square_quantile(CONFIDENCE, dimensions)))
    return Consistency(float(np.mean(value)), dimensions, n, low, high, inside)


def chi_square_quantile(probability: float, degrees: float) -> float:
    """The x below which a chi-square variable of `degrees` > 0 degrees of freedom lies with `probability` in (0, 1).

    Raises:
        ValueError: if an argument is out of its range.
    """
    if not 0 < probability < 1 or not degrees > 0:
        raise ValueError(f"chi-square quantile of {probability} with {degrees} degrees of freedom")
    low, high = 0.0, max(degrees, 1.0)
    while _gamma_p(degrees / 2, high / 2) < probability:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if _gamma_p(degrees / 2, middle / 2) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_p(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(a, x)."""
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    return front * _series(a, x) if x < a + 1 else 1.0 - front * _fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1.0 / a
    for k in range(1, ROUNDS):
        term *= x / (a + k)
        total += term
        if term < PRECISION * total:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Continued fraction by Lentz's method."""
    b = x + 1.0 - a
    c, d = math.inf, 1.0 / b
    total = d
    for k in range(1, ROUNDS):
        factor = -k * (k - a)
        b += 2.0
        d = 1.0 / (factor * d + b)
        c = b + factor / c
        change = c * d
        total *= change
        if abs(change - 1.0) < PRECISION:
            break
    return total
