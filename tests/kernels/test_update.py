"""Updates: one sure report is a Kalman filter, several are the moments of their mixture, existence is Bayes' rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels import gating, layout
from lowsky.kernels.update import existence_update, mixture_update
from lowsky.tracking.memory import table
from tests.kernels.worlds import Floats, random_covariance, record, report, small_world

SEEDS = st.integers(0, 2**32 - 1)
PARTS = st.sets(st.integers(0, 3), min_size=1)


class Case:
    """A candidate of one model, its measurement matrix H (6, 6), and reports compared with it."""

    def __init__(self, seed: int, parts: list[set[int]], detection: float) -> None:
        rng = np.random.default_rng(seed)
        self.h, self.x, self.p = rng.normal(size=(6, 6)), rng.normal(size=6), random_covariance(rng, 6)
        self.candidate = record(layout.CANDIDATE, last=len(parts), models=1, detection=detection)
        self.edges = table(layout.EDGE, len(parts))
        self.edges["share"] = 1.0
        self.parts, self.off, self.variance = [sorted(p) for p in parts], list[Floats](), 0.7
        c = self.candidate
        c.x[0], c.p[0], c.z[0] = self.x, self.p, self.h @ self.x
        c.hp[0], c.s[0] = self.h @ self.p, self.h @ self.p @ self.h.T
        for edge, has in zip(self.edges, self.parts, strict=True):
            off = rng.normal(scale=2.0, size=len(has))
            plot = report({a: c.z[0, a] + d for a, d in zip(has, off, strict=True)}, self.variance)
            gating.note_parts(plot, edge)
            gating.innovation(plot, c.z[0], c.s[0], False, edge, edge.nu[0], edge.l[0])
            gating.whiten(edge.nu[0], edge.l[0], edge.n)
            edge.like[0], edge.back = rng.uniform(0.1, 3.0), rng.uniform(0.3, 1.0)
            self.off.append(off)

    def update(self) -> tuple[float, Floats, Floats]:
        """Factor, mean and covariance by the kernel."""
        x, p = np.empty(6), np.empty((6, 6))
        return mixture_update(self.candidate, 0, self.edges, small_world().work, x, p), x, p

    def kalman(self, e: int) -> tuple[Floats, Floats]:
        """Mean and covariance after report e alone, covariance in Joseph's form."""
        h = self.h[self.parts[e]]
        r = self.variance * np.eye(len(h))
        gain = self.p @ h.T @ np.linalg.inv(h @ self.p @ h.T + r)
        rest = np.eye(6) - gain @ h
        return self.x + gain @ self.off[e], rest @ self.p @ rest.T + gain @ r @ gain.T


@given(SEEDS, PARTS)
def test_one_sure_report_is_a_kalman_filter(seed: int, parts: set[int]) -> None:
    case = Case(seed, [parts], detection=1.0)
    _, x, p = case.update()
    mean, covariance = case.kalman(0)
    np.testing.assert_allclose(x, mean, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(p, covariance, rtol=1e-7, atol=1e-7)
    assert (p == p.T).all()


@given(SEEDS, st.lists(PARTS, min_size=1, max_size=4), st.floats(0.05, 0.99))
def test_several_reports_give_the_moments_of_their_mixture(seed: int, parts: list[set[int]], detection: float) -> None:
    case = Case(seed, parts, detection)
    factor, x, p = case.update()
    weights = [1.0 - detection] + [detection * edge.like[0] * edge.back for edge in case.edges]
    assert factor == pytest.approx(sum(weights))
    share = np.array(weights) / sum(weights)
    posts = [(case.x, case.p), *(case.kalman(e) for e in range(len(parts)))]
    mean = sum((w * m for w, (m, _) in zip(share, posts, strict=True)), np.zeros(6))
    covariance = np.zeros((6, 6))
    for w, (m, c) in zip(share, posts, strict=True):
        covariance += w * (c + np.outer(m - mean, m - mean))
    np.testing.assert_allclose(x, mean, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(p, covariance, rtol=1e-6, atol=1e-6)
    assert np.linalg.eigvalsh(p).min() > 0.0


def test_without_reports_nothing_changes() -> None:
    case = Case(1, [], detection=0.4)
    factor, x, p = case.update()
    assert factor == pytest.approx(0.6)
    np.testing.assert_array_equal(x, case.x)
    np.testing.assert_allclose(p, case.p)


@given(
    st.floats(0, 1), st.floats(0, 0.99), st.lists(st.tuples(st.floats(0, 50), st.floats(0.01, 1)), max_size=4),
)  # fmt: skip
def test_existence_is_bayes_rule(existence: float, detection: float, seen: list[tuple[float, float]]) -> None:
    """Hypotheses: absent, there and missed, there and made report j; each report is otherwise something else."""
    candidate, edges = record(layout.CANDIDATE, existence=existence, last=len(seen)), table(layout.EDGE, 4)
    there = [existence * (1.0 - detection)]
    for edge, (ratio, message) in zip(edges, seen, strict=False):
        edge.weight, edge.back = existence * detection * ratio, message
        there.append(existence * detection * ratio * message)
    after = existence_update(candidate, detection, edges)
    total = 1.0 - existence + sum(there)
    assert after == pytest.approx(sum(there) / total, abs=1e-12)
    np.testing.assert_allclose([e.beta for e in edges[: len(seen)]], np.array(there[1:]) / total, atol=1e-12)
    if not seen and detection > 0.0:
        assert after <= existence
