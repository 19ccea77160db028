"""Meeting lines against scipy's least squares and Monte Carlo integrals; what starts a track and what does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.optimize import least_squares
from scipy.stats import multivariate_normal

from lowsky.kernels import layout, lines
from lowsky.kernels.layout import World
from lowsky.kernels.measurement import polar, polar_jacobian
from tests.kernels.worlds import CAMERA, OTHER_CAMERA, SECOND_NS, START_NS, Floats, report, small_world

SIGMA = 0.002
UPWARDS = np.array([0.0, 1.0])
SEEDS = st.integers(0, 2**32 - 1)


def _seen(w: World, sensor: int, x: Floats) -> Floats:
    """Azimuth and elevation (2,) under which a camera sees a position."""
    z = np.empty(4)
    polar(w.sensors[sensor].place_m, w.sensors[sensor].rotation, np.concatenate([x, np.zeros(3)]), z)
    return z[1:3].copy()


def _line(angles: Floats, sensor: int = OTHER_CAMERA) -> layout.Table:
    w = small_world()
    w.lines[0].sensor, w.lines[0].weight, w.lines[0].time_ns = sensor, 1.0, START_NS
    w.lines[0].angles[:], w.lines[0].variance[:] = angles, SIGMA**2
    return w.lines[0]


def _meet(w: World, one: Floats, two: Floats, extra_m2: float = 0.0) -> tuple[float, float, Floats, Floats]:
    """Misfit, integral, place (3,) and covariance of lines of the two cameras."""
    x, covariance = np.zeros(6), np.zeros((3, 3))
    misfit, integral = lines.meet(
        w.sensors[CAMERA],
        one,
        np.full(2, SIGMA**2),
        w.sensors[OTHER_CAMERA],
        _line(two),
        extra_m2,
        x,
        covariance,
        w.work,
    )
    return misfit, integral, x[:3], covariance


def _residuals(w: World, one: Floats, two: Floats, x: Floats) -> Floats:
    off = np.concatenate([one - _seen(w, CAMERA, x), two - _seen(w, OTHER_CAMERA, x)])
    off[0::2] = np.remainder(off[0::2] + math.pi, math.tau) - math.pi
    full: Floats = off / SIGMA
    return full


def _well_placed(sights: list[Floats]) -> bool:
    """Do two lines of sight cross at more than ten degrees, and not straight above a camera?"""
    cosine = abs(sights[0] @ sights[1]) / np.prod([np.linalg.norm(s) for s in sights])
    return bool(cosine < 0.98 and min(math.hypot(s[0], s[1]) for s in sights) > 300)


def _scene(seed: int) -> tuple[World, Floats, Floats, Floats]:
    """A world, a place both cameras see well, and their noisy angles."""
    rng, w = np.random.default_rng(seed), small_world()
    while True:
        truth = np.array([rng.uniform(-2500, 2500), rng.uniform(-2500, 2500), rng.uniform(100, 600)])
        if _well_placed([truth - w.sensors[s].place_m for s in (CAMERA, OTHER_CAMERA)]):
            break
    one, two = (_seen(w, s, truth) + rng.normal(scale=SIGMA, size=2) for s in (CAMERA, OTHER_CAMERA))
    return w, truth, one, two


@given(SEEDS)
@examples(max_examples=40)
def test_lines_meet_where_least_squares_says(seed: int) -> None:
    w, truth, one, two = _scene(seed)
    misfit, _, x, covariance = _meet(w, one, two)
    fitted = least_squares(lambda at: _residuals(w, one, two, at), truth, x_scale=100.0, xtol=1e-12, ftol=1e-12)
    expected = np.linalg.inv(fitted.jac.T @ fitted.jac)
    sigma = np.sqrt(np.diag(expected))
    assert (np.abs(x - fitted.x) < 0.02 * sigma).all()
    np.testing.assert_allclose(covariance / np.outer(sigma, sigma), expected / np.outer(sigma, sigma), atol=0.05)
    assert misfit == pytest.approx(2 * fitted.cost, abs=0.05)


@pytest.mark.parametrize("seed", [3, 4, 11])
def test_integral_over_the_place_is_that_of_monte_carlo(seed: int) -> None:
    w, _, one, two = _scene(seed)
    _, integral, x, covariance = _meet(w, one, two)
    proposal = multivariate_normal(x, 1.5 * covariance, seed=1)
    samples = proposal.rvs(3000)
    angles = np.array([_residuals(w, one, two, at) for at in samples])
    densities = np.exp(-0.5 * (angles**2).sum(axis=1)) / (2 * math.pi * SIGMA**2) ** 2
    assert integral == pytest.approx(float(np.mean(densities / proposal.pdf(samples))), rel=0.06)


def test_lines_that_place_nothing_are_refused() -> None:
    w = small_world()
    apart = w.sensors[OTHER_CAMERA].place_m - w.sensors[CAMERA].place_m
    ahead = _seen(w, CAMERA, w.sensors[CAMERA].place_m + np.array([3000.0, 0.0, 300.0]))
    nearly = _seen(w, OTHER_CAMERA, w.sensors[OTHER_CAMERA].place_m + np.array([3000.0, 0.0, 300.0]))
    assert _meet(w, ahead, nearly)[:2] == (math.inf, 0.0)  # parallel
    along = _seen(w, CAMERA, w.sensors[OTHER_CAMERA].place_m + 2000 * apart / np.linalg.norm(apart))
    assert _meet(w, along, along)[0] == math.inf  # one behind the other
    truth = np.array([500.0, 0.0, 300.0])
    front = _seen(w, CAMERA, truth)
    back = np.array([front[0] + math.pi, -front[1]])
    assert _meet(w, back, _seen(w, OTHER_CAMERA, truth))[0] == math.inf  # behind a camera


def test_one_line_weighs_by_its_angles_and_the_motion_across_it() -> None:
    w, at = small_world(), np.array([900.0, 700.0, 800.0, 0.0, 0.0, 0.0])
    sensor, off, extra_m2 = w.sensors[CAMERA], np.array([0.003, -0.002]), 30.0
    z, h, information, pull = np.empty(6), np.empty((6, 6)), np.zeros((6, 6)), np.zeros(6)
    angles = _seen(w, CAMERA, at[:3]) + off
    misfit, density = lines.add_line(sensor, angles, np.full(2, SIGMA**2), extra_m2, at, z, h, information, pull)
    distance = float(np.linalg.norm(at[:3] - sensor.place_m))
    flat = distance * math.cos(angles[1] - off[1])
    variance = SIGMA**2 + extra_m2 / np.array([flat, distance]) ** 2
    assert misfit == pytest.approx(float((off**2 / variance).sum()))
    assert density == pytest.approx(multivariate_normal(np.zeros(2), np.diag(variance)).pdf(off))
    polar_jacobian(sensor.place_m, sensor.rotation, at, z, h)
    rows = h[1:3, :3]
    np.testing.assert_allclose(information[:3, :3], rows.T @ np.diag(1 / variance) @ rows, rtol=1e-9)
    np.testing.assert_allclose(pull[:3], rows.T @ (off / variance), rtol=1e-9)


def test_motion_between_the_lines_forgives_misfit() -> None:
    w, _, one, two = _scene(3)
    strict = [_meet(w, one + off * UPWARDS, two)[0] for off in (0.0, 0.01, 0.02)]
    assert strict[0] < strict[1] < strict[2]
    assert _meet(w, one + 0.02 * UPWARDS, two, extra_m2=50.0**2)[0] < 0.2 * strict[2]


def test_odds_rise_with_what_is_undetected_and_fall_with_what_is_false() -> None:
    w, x = small_world(), np.zeros(6)
    x[2] = w.rules.height_mean_m
    one, two = w.sensors[CAMERA], w.sensors[OTHER_CAMERA]
    first = lines.meeting_odds(one, two, x, 1.0, 1e-7, w.rules)
    assert lines.meeting_odds(one, two, x, 3.0, 1e-7, w.rules) == pytest.approx(3 * first)
    assert lines.meeting_odds(one, two, x, 1.0, 2e-7, w.rules) == pytest.approx(2 * first)
    one.false_plots *= 4
    assert lines.meeting_odds(one, two, x, 1.0, 1e-7, w.rules) == pytest.approx(first / 4)
    x[2] += 5 * w.rules.height_sigma_m
    assert lines.meeting_odds(one, two, x, 1.0, 1e-7, w.rules) < first / 8


def _camera_frame(w: World, sensor: int, place: Floats, time_ns: int = START_NS, alone: float = 1.0) -> None:
    """Work a frame with one line of sight that has found no track."""
    angles = _seen(w, sensor, place)
    w.pool[0] = report({1: angles[0], 2: angles[1]}, SIGMA**2, sensor=sensor, time_ns=time_ns)
    w.plots[0].report, w.plots[0].alone = 0, alone
    w.frame.plots = 1
    lines.birth_cameras(w, sensor, time_ns)


PLACE = np.array([700.0, 300.0, 250.0])


def test_two_cameras_start_a_track_and_one_does_not() -> None:
    w = small_world()
    _camera_frame(w, CAMERA, PLACE)
    assert w.tally.tracks == 0
    _camera_frame(w, OTHER_CAMERA, PLACE)
    assert w.tally.tracks == 1
    t = w.tracks[0]
    assert np.linalg.norm(t.centre[:3] - PLACE) < 1.0
    assert 0.0 < t.existence <= 1.0
    assert set(t.recent_sensor.tolist()) == {CAMERA, OTHER_CAMERA, -1}
    assert w.lines[0].weight == pytest.approx(1.0 - t.existence)
    assert w.tally.next_line == 2


def test_odds_count_only_as_far_as_the_first_line_is_nobodys() -> None:
    odds = []
    for weight in (1.0, 0.5, 0.25):
        w, x, covariance = small_world(), np.zeros(6), np.zeros((6, 6))
        w.lines[3].sensor, w.lines[3].weight, w.lines[3].time_ns = CAMERA, weight, START_NS
        w.lines[3].angles[:], w.lines[3].variance[:] = _seen(w, CAMERA, PLACE), SIGMA**2
        angles = _seen(w, OTHER_CAMERA, PLACE)
        plot = report({1: angles[0], 2: angles[1]}, SIGMA**2)
        row, found = lines.best_meeting(w, OTHER_CAMERA, START_NS, plot, 1e-7, x, covariance)
        assert row == 3
        assert np.linalg.norm(x[:3] - PLACE) < 0.5
        assert np.linalg.eigvalsh(covariance[:3, :3]).min() > 0.0
        odds.append(found)
    np.testing.assert_allclose(odds, odds[0] * np.array([1.0, 0.5, 0.25]))


@pytest.mark.parametrize(
    ("sensor", "later_ns", "first_alone", "alone"),
    [
        (CAMERA, 0, 1.0, 1.0),  # the same camera again
        (OTHER_CAMERA, 5 * SECOND_NS, 1.0, 1.0),  # too much later
        (OTHER_CAMERA, -5 * SECOND_NS, 1.0, 1.0),  # too much earlier
        (OTHER_CAMERA, 0, 1e-6, 1.0),  # the first line was a track's
        (OTHER_CAMERA, 0, 1.0, 1e-6),  # the second is
    ],
)
def test_what_starts_no_track(sensor: int, later_ns: int, first_alone: float, alone: float) -> None:
    w = small_world()
    w.lines[0].sensor, w.lines[0].weight, w.lines[0].time_ns = CAMERA, first_alone, START_NS
    w.lines[0].angles[:], w.lines[0].variance[:] = _seen(w, CAMERA, PLACE), SIGMA**2
    w.tally.next_line = 1
    _camera_frame(w, sensor, PLACE, START_NS + later_ns, alone)
    assert w.tally.tracks == 0


def test_lines_are_kept_in_a_ring() -> None:
    w = small_world()
    plot = report({1: 0.5, 2: 0.25}, 0.01)
    for k in range(len(w.lines) + 3):
        lines.remember_line(w, CAMERA, START_NS + k, plot, 0.5)
    assert sorted(w.lines["time_ns"] - START_NS) == list(range(3, len(w.lines) + 3))
    assert w.lines[2].time_ns == START_NS + len(w.lines) + 2
    np.testing.assert_array_equal(w.lines[0].angles, [0.5, 0.25])
