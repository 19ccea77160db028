"""The yardstick's filter against closed forms, numerical derivatives and a linear Kalman filter written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import imm

KEEPS = np.array([2.0, 2.0, 1.0, 0.0, 0.0])
TURNS = np.array([0.0, 0.0, 0.0, 0.0, np.radians(9.0)])
DECAYS = np.array([2.0, 2.0, 1.0, 0.7, 0.0])


def test_near_constant_velocity_has_the_textbook_matrices() -> None:
    f = imm.transition(KEEPS, 2.0)
    expected = np.eye(6)
    expected[:3, 3:] = 2.0 * np.eye(3)
    np.testing.assert_allclose(f, expected, atol=1e-12)
    q = imm.process_noise(KEEPS, np.zeros(3), 2.0)
    assert q[0, 0] == pytest.approx(2.0 * 8.0 / 3.0)
    assert q[2, 5] == pytest.approx(1.0 * 2.0)
    assert q[4, 4] == pytest.approx(4.0)


def test_ten_seconds_of_nine_degrees_turn_a_quarter_clockwise() -> None:
    x = imm.transition(TURNS, 10.0) @ np.array([0.0, 0.0, 50.0, 0.0, 20.0, 1.0])
    radius = 20.0 / np.radians(9.0)
    np.testing.assert_allclose(x, [radius, radius, 60.0, 20.0, 0.0, 1.0], atol=1e-9)


@given(st.floats(0.05, 3.0), st.floats(0.05, 3.0))
@pytest.mark.parametrize("model", [KEEPS, TURNS, DECAYS])
def test_two_steps_are_one_longer_step(model: np.ndarray, first: float, second: float) -> None:
    velocity = np.array([0.2, 0.3, 0.0])  # slow: no direction that the steps could differ in
    both = imm.transition(model, second) @ imm.transition(model, first)
    np.testing.assert_allclose(both, imm.transition(model, first + second), atol=1e-9)
    f = imm.transition(model, second)
    joined = f @ imm.process_noise(model, velocity, first) @ f.T + imm.process_noise(model, velocity, second)
    np.testing.assert_allclose(joined, imm.process_noise(model, velocity, first + second), rtol=0.02, atol=1e-9)


def test_noise_lies_across_the_way() -> None:
    model = np.array([1.0, 9.0, 0.5, 0.0, 0.0])
    q = imm.process_noise(model, np.array([30.0, 0.0, 5.0]), 1.0)
    np.testing.assert_allclose(np.diag(q)[3:], [1.0, 9.0, 0.5])
    q = imm.process_noise(model, np.array([20.0, 20.0, 0.0]), 1.0)
    along, across = np.array([1.0, 1.0, 0.0]) / np.sqrt(2), np.array([1.0, -1.0, 0.0]) / np.sqrt(2)
    assert along @ q[3:, 3:] @ along == pytest.approx(1.0)
    assert across @ q[3:, 3:] @ across == pytest.approx(9.0)


@given(
    st.lists(st.floats(-3000, 3000), min_size=3, max_size=3),
    st.lists(st.floats(-60, 60), min_size=3, max_size=3),
    st.integers(0, imm.MEASURED - 1),
)
def test_gradients_are_those_of_small_differences(at: list[float], speed: list[float], which: int) -> None:
    place = np.array([10.0, -20.0, 5.0])
    if np.hypot(at[0] - 10.0, at[1] + 20.0) < 20.0:
        return  # over the sensor azimuth has no gradient
    angle = 0.3
    turn = np.array([[np.cos(angle), np.sin(angle), 0.0], [-np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    x = np.array([*at, *speed])
    _, gradient = imm.expected(x, place, turn, which)
    for i in range(6):
        step = np.zeros(6)
        step[i] = 1e-3
        high, low = imm.expected(x + step, place, turn, which)[0], imm.expected(x - step, place, turn, which)[0]
        slope = ((high - low + np.pi) % (2 * np.pi) - np.pi) / 2e-3 if which == imm.AZIMUTH else (high - low) / 2e-3
        assert gradient[i] == pytest.approx(slope, abs=1e-5)


def test_a_declared_position_is_the_linear_update() -> None:
    rng = np.random.default_rng(5)
    a = rng.normal(size=(6, 6))
    p, x = a @ a.T + np.eye(6), rng.normal(size=6)
    z, sigma = np.full(imm.MEASURED, np.nan), np.full(imm.MEASURED, 3.0)
    z[imm.EAST :] = [1.0, 2.0, 3.0]
    found_x, found_p, logarithm = imm.update(x, p, z, sigma, np.zeros(3), np.eye(3))
    h = np.eye(3, 6)
    s = h @ p @ h.T + 9.0 * np.eye(3)
    gain = p @ h.T @ np.linalg.inv(s)
    miss = z[imm.EAST :] - h @ x
    np.testing.assert_allclose(found_x, x + gain @ miss, atol=1e-9)
    np.testing.assert_allclose(found_p, p - gain @ s @ gain.T, atol=1e-9)
    expected = -0.5 * (miss @ np.linalg.inv(s) @ miss + np.log(np.linalg.det(2 * np.pi * s)))
    assert logarithm == pytest.approx(expected)


def test_mixing_keeps_the_mean_and_the_spread_of_all_models_together() -> None:
    rng = np.random.default_rng(2)
    xs, mu = rng.normal(size=(3, 6)), np.array([0.5, 0.3, 0.2])
    ps = np.stack([np.eye(6) * s for s in (1.0, 2.0, 5.0)])
    share = (np.ones((3, 3)) - np.eye(3)) / 2
    before = imm.combine(xs, ps, mu)
    mixed_x, mixed_p, after_mu = imm.mix(xs, ps, mu, np.array([0.1, 0.5, 1.0]), share, 1.7)
    after = imm.combine(mixed_x, mixed_p, after_mu)
    np.testing.assert_allclose(after[0], before[0], atol=1e-12)
    np.testing.assert_allclose(after[1], before[1], atol=1e-12)
    assert after_mu.sum() == pytest.approx(1.0)


def test_following_exact_reports_finds_the_way() -> None:
    times = np.arange(0.0, 20.0)
    way = np.column_stack([10.0 * times, 400.0 - 5.0 * times, np.full(20, 80.0)])
    z = np.full((20, imm.MEASURED), np.nan)
    z[:, imm.EAST :] = way
    sigma = np.full((20, imm.MEASURED), 0.1)
    place, turn = np.zeros((20, 3)), np.broadcast_to(np.eye(3), (20, 3, 3)).copy()
    x, p, mu = imm.follow(
        times, times, z, sigma, place, turn, np.array([*way[0], 0.0, 0.0, 0.0]), np.eye(6) * 100.0,
        np.array([-1.0, 10.5, 19.5]), np.stack([KEEPS, DECAYS]), np.array([0.05, 0.05]),
        np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5]),
    )  # fmt: skip
    assert np.isnan(x[0]).all()
    np.testing.assert_allclose(x[2, :3], [195.0, 302.5, 80.0], atol=0.5)
    np.testing.assert_allclose(x[2, 3:], [10.0, -5.0, 0.0], atol=0.5)
    assert mu[2, 0] > 0.9  # it keeps its velocity
    assert np.linalg.eigvalsh(p[2]).min() > 0
