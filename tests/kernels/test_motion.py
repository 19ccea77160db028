"""Motion models against matrix exponentials and Van Loan's integral; mixing against its formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.linalg import expm

from lowsky.kernels import motion
from lowsky.kernels.layout import MODELS, STEP_COLUMNS
from lowsky.model.geodesy import Frame
from tests.kernels.worlds import ORIGIN, Floats, random_covariance, rotation

SEEDS = st.integers(0, 2**32 - 1)
RATES = st.lists(st.floats(0, 2), min_size=6, max_size=6)


def _generator(off_diagonal: list[float]) -> Floats:
    rates = np.zeros((3, 3))
    rates[~np.eye(3, dtype=bool)] = off_diagonal
    rates[np.diag_indices(3)] = -rates.sum(axis=1)
    return rates


def _switching(rates: Floats, dt_s: float) -> Floats:
    out = np.empty((3, 3))
    motion.transition(rates, dt_s, out, np.empty((3, 3)))
    return out


@given(RATES, st.floats(0, 30))
@example([0.0] * 6, 5.0)
@example([2.0] * 6, 30.0)
def test_switching_is_the_matrix_exponential(off_diagonal: list[float], dt_s: float) -> None:
    rates = _generator(off_diagonal)
    out = _switching(rates, dt_s)
    np.testing.assert_allclose(out, expm(rates * dt_s), atol=1e-4)
    np.testing.assert_allclose(out.sum(axis=1), 1.0, rtol=1e-14)
    assert (out >= 0).all()


@given(RATES, st.floats(0, 5), st.floats(0, 5))
def test_switching_does_not_mind_a_stop_on_the_way(off_diagonal: list[float], first: float, second: float) -> None:
    rates = _generator(off_diagonal)
    np.testing.assert_allclose(
        _switching(rates, first) @ _switching(rates, second), _switching(rates, first + second), atol=2e-4
    )


def _drift(decay: float, turn: float) -> Floats:
    """The generator (6, 6) of d state / dt: velocity decays and turns clockwise."""
    a = np.zeros((6, 6))
    a[:3, 3:] = np.eye(3)
    a[3:5, 3:5] = [[-decay, turn], [-turn, -decay]]
    a[5, 5] = -decay
    return a


def _step(decay: float, turn: float, dt_s: float, spectra: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Floats:
    out = np.full((1, STEP_COLUMNS), np.nan)
    motion.fill_step(np.array([[decay, turn, *spectra]]), dt_s, out)
    assert np.isfinite(out).all()
    return np.ascontiguousarray(out[0])


def _matrix(step: Floats) -> Floats:
    """The transition matrix that a step stands for, column by column."""
    columns = np.empty((6, 6))
    for c in range(6):
        moved = np.empty(6)
        motion.predict_mean(step, np.eye(6)[c], moved)
        columns[:, c] = moved
    return columns


@given(st.floats(0, 3), st.floats(-2, 2), st.floats(-4, 20))
@example(0.0, 0.0, 1.0)
@example(1.0, 0.0, -1.0)
@example(1e-7, 1e-7, 1.0)
@example(0.0, 0.3, 7.0)
def test_mean_moves_by_the_matrix_exponential(decay: float, turn: float, dt_s: float) -> None:
    expected = expm(_drift(decay, turn) * dt_s)
    np.testing.assert_allclose(_matrix(_step(decay, turn, dt_s)), expected, rtol=1e-6, atol=1e-6 * (1 + abs(dt_s)))


def _van_loan(decay: float, spectrum: Floats, dt_s: float) -> Floats:
    """Integral of expm(A s) B S B' expm(A s)' over the step. Van Loan 1978, IEEE TAC 23."""
    a, noise = _drift(decay, 0.0), np.zeros((6, 6))
    noise[3:, 3:] = spectrum
    both = expm(np.block([[-a, noise], [np.zeros((6, 6)), a.T]]) * dt_s)
    integral: Floats = both[6:, 6:].T @ both[:6, 6:]
    return integral


@given(st.one_of(st.just(0.0), st.floats(1e-5, 2)), st.floats(0.01, 8), SEEDS)
@examples(max_examples=40)
def test_covariance_is_transition_and_integrated_noise(decay: float, dt_s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, spectrum = random_covariance(rng, 6), random_covariance(rng, 3)
    step, out = _step(decay, 0.0, dt_s), np.empty((6, 6))
    motion.predict_covariance(step, spectrum, p, out)
    move = expm(_drift(decay, 0.0) * dt_s)
    np.testing.assert_allclose(out, move @ p @ move.T + _van_loan(decay, spectrum, dt_s), rtol=2e-3, atol=1e-3)
    assert (out == out.T).all()


@given(st.floats(0, 2), st.floats(0.01, 2), SEEDS)
@examples(max_examples=40)
def test_going_back_undoes_the_motion_but_not_the_noise(decay: float, dt_s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, spectrum, out = random_covariance(rng, 6), random_covariance(rng, 3), np.empty((6, 6))
    motion.predict_covariance(_step(decay, 0.0, -dt_s), spectrum, p, out)
    back = expm(-_drift(decay, 0.0) * dt_s)
    np.testing.assert_allclose(
        out, back @ (p + _van_loan(decay, spectrum, dt_s)) @ back.T, rtol=2e-3, atol=1e-3 * np.abs(out).max()
    )


@given(st.floats(0, 2), st.floats(-2, 2), st.floats(-2, 8), SEEDS)
def test_covariance_turns_with_the_mean(decay: float, turn: float, dt_s: float, seed: int) -> None:
    p, step, out = random_covariance(np.random.default_rng(seed), 6), _step(decay, turn, dt_s), np.empty((6, 6))
    motion.predict_covariance(step, np.zeros((3, 3)), p, out)
    move = _matrix(step)
    np.testing.assert_allclose(out, move @ p @ move.T, rtol=1e-9, atol=1e-9)


def test_noise_of_near_constant_velocity_is_the_textbook_one() -> None:
    step, out = _step(0.0, 0.0, 2.0), np.empty((6, 6))
    motion.predict_covariance(step, 3.0 * np.eye(3), np.zeros((6, 6)), out)
    np.testing.assert_allclose(out[:3, :3], np.eye(3) * 8.0)
    np.testing.assert_allclose(out[:3, 3:], np.eye(3) * 6.0)
    np.testing.assert_allclose(out[3:, 3:], np.eye(3) * 6.0)


@given(SEEDS, st.floats(0, 100), st.tuples(*[st.floats(0, 30)] * 3))
def test_noise_spectrum_has_its_axes_along_across_and_up(
    seed: int, speed: float, spectra: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(seed)
    frame, step, out = rotation(rng), _step(0.0, 0.0, 1.0, spectra), np.empty((3, 3))
    ahead, aside, vertical = (np.ascontiguousarray(axis) for axis in frame)
    motion.noise_spectrum(step, vertical, speed * ahead + rng.uniform(-20, 20) * vertical, out)
    along, across, up = spectra
    if speed < motion.SLOW_MPS * (1 - 1e-9):
        along = across = 0.5 * (along + across)
    elif speed < motion.SLOW_MPS * (1 + 1e-9):
        return  # on the edge, either is right
    np.testing.assert_allclose(out @ ahead, along * ahead, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(out @ aside, across * aside, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(out @ vertical, up * vertical, rtol=1e-9, atol=1e-9)
    assert np.linalg.eigvalsh(out).min() > -1e-9


def _mixture(seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    x, p = rng.normal(scale=50.0, size=(MODELS, 6)), np.array([random_covariance(rng, 6, 9.0) for _ in range(MODELS)])
    return rng.dirichlet(np.ones(MODELS)), x, p


def _moments(weights: Floats, x: Floats, p: Floats) -> tuple[Floats, Floats]:
    mean = weights @ x
    d = x - mean
    return mean, np.einsum("m,mij->ij", weights, p) + np.einsum("m,mi,mj->ij", weights, d, d)


@given(SEEDS, RATES, st.floats(0, 5), st.sampled_from([2, 3]))
def test_mixing_is_the_formula_of_the_textbook(seed: int, off_diagonal: list[float], dt_s: float, live: int) -> None:
    mu, x, p = _mixture(seed)
    switching = _switching(_generator(off_diagonal), dt_s)
    mu_out, x_out, p_out = np.zeros(MODELS), np.zeros((MODELS, 6)), np.zeros((MODELS, 6, 6))
    motion.mix(mu, x, p, switching, live, mu_out, x_out, p_out)
    reached = mu @ switching
    np.testing.assert_allclose(mu_out[:live], reached[:live] / reached[:live].sum(), rtol=1e-12)
    for m in range(live):
        mean, covariance = _moments(switching[:, m] * mu / reached[m], x, p)
        np.testing.assert_allclose(x_out[m], mean, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(p_out[m], covariance, rtol=1e-9, atol=1e-7)
        assert (p_out[m] == p_out[m].T).all()
    if live == MODELS:  # mixing changes who holds which part, not the whole
        before, after = _moments(mu, x, p), _moments(mu_out, x_out, p_out)
        np.testing.assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(after[1], before[1], rtol=1e-4, atol=0.1)


@given(SEEDS)
def test_combined_state_has_the_moments_of_the_mixture(seed: int) -> None:
    mu, x, p = _mixture(seed)
    mean, covariance, centre, spread = np.empty(6), np.empty((6, 6)), np.empty(6), np.empty(3)
    motion.combine(mu, x, p, MODELS, mean, covariance)
    motion.centre_and_spread(mu, x, p, MODELS, centre, spread)
    expected = _moments(mu, x, p)
    np.testing.assert_allclose(mean, expected[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(covariance, expected[1], rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(centre, expected[0], rtol=1e-12, atol=1e-12)
    traces = [np.trace(expected[1][a : a + 3, b : b + 3]) for a, b in ((0, 0), (0, 3), (3, 3))]
    np.testing.assert_allclose(spread, traces, rtol=1e-9, atol=1e-6)


@given(st.floats(-2e5, 2e5), st.floats(-2e5, 2e5), st.floats(-100, 5000))
def test_vertical_and_height_are_those_of_the_ellipsoid(east: float, north: float, height: float) -> None:
    """To the errors the functions admit: 0.1 mrad at 200 km by a sphere, here 0.15 for flattening; 1 in 100 of the
    drop below the frame's plane."""
    if math.hypot(east, north) > 2e5:
        return
    frame = Frame(ORIGIN)
    latitude, longitude, _ = frame.to_geodetic([east, north, 0.0])
    place = frame.to_enu(latitude, longitude, height)
    vertical = np.empty(3)
    motion.local_vertical(place, vertical)
    off = np.linalg.norm(vertical - frame.local_rotation(place)[2])
    assert off < 1e-4 + 1e-3 * math.hypot(east, north) / 6.371e6 * 5
    drop = (east**2 + north**2) / (2 * 6.371e6)
    assert motion.ellipsoid_height(place, ORIGIN.height_m) == pytest.approx(height, abs=0.5 + 0.01 * drop)
