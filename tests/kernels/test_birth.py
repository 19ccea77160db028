"""Births: places and velocities against Monte Carlo and Bayes' rule, and which reports start a track."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.stats import norm

from lowsky.kernels import birth, layout
from lowsky.kernels.layout import World
from tests.kernels.worlds import COOPERATIVE, RADAR_2D, RADAR_3D, START_NS, Floats, report, rotation, small_world

SAMPLES = 200_000
SEEDS = st.integers(0, 2**32 - 1)


def _sampled(place: Floats, turn: Floats, polar: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of region positions of range, azimuth, elevation samples (3, n)."""
    r, azimuth, elevation = polar
    flat = r * np.cos(elevation)
    local = np.array([flat * np.sin(azimuth), flat * np.cos(azimuth), r * np.sin(elevation)])
    return place + turn.T @ local.mean(axis=1), turn.T @ np.cov(local) @ turn


def _assert_same_spread(p: Floats, expected: Floats, share: float) -> None:
    """Equal to a share of the standard deviations in all directions: p relative to expected is near the identity."""
    whitener = np.linalg.inv(np.linalg.cholesky(expected))
    np.testing.assert_allclose(whitener @ p @ whitener.T, np.eye(3), atol=share)


@pytest.mark.parametrize(
    ("values", "sigma"),
    [
        ((3000.0, 1.0, 0.1), (8.0, 0.007, 0.01)),
        ((500.0, -3.1, 1.2), (5.0, 0.01, 0.02)),
        ((9000.0, 3.0, -0.05), (20.0, 0.003, 0.003)),
    ],
)
def test_place_of_a_3d_report_has_the_spread_of_its_errors(values: tuple[float, ...], sigma: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    place, turn = rng.uniform(-5000, 5000, 3), rotation(rng)
    plot = report(dict(enumerate(values)))
    plot.variance[:3] = np.square(sigma)
    x, p, unit = np.zeros(6), np.full((6, 6), np.nan), np.zeros(3)
    birth.place_3d(place, turn, plot.values, plot.variance, x, p, unit)
    samples = np.array(values)[:, None] + np.array(sigma)[:, None] * rng.normal(size=(3, SAMPLES))
    mean, covariance = _sampled(place, turn, samples)
    assert np.linalg.norm(x[:3] - mean) < 0.05 * math.sqrt(np.trace(covariance))
    _assert_same_spread(p[:3, :3], covariance, 0.03)
    np.testing.assert_array_equal(p[3:], 0.0)
    np.testing.assert_allclose(unit, (x[:3] - place) / values[0])
    assert np.linalg.norm(unit) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("range_m", "azimuth", "share"), [(2500.0, 0.3, 0.12), (5000.0, -2.0, 0.05), (9000.0, 3.1, 0.05)]
)
def test_place_of_a_2d_report_has_the_spread_of_the_height_prior(range_m: float, azimuth: float, share: float) -> None:
    """The nodes of the quadrature are three, so the curvature close by is met to a larger share."""
    rng, w = np.random.default_rng(2), small_world()
    sensor = w.sensors[RADAR_2D]
    plot = report({0: range_m, 1: azimuth})
    plot.variance[:2] = 10.0**2, 0.008**2
    x, p, unit = np.zeros(6), np.full((6, 6), np.nan), np.zeros(3)
    birth.place_2d(sensor.place_m, sensor.rotation, plot.values, plot.variance, w.rules, x, p, unit)
    height = w.rules.height_mean_m + w.rules.height_sigma_m * rng.normal(size=SAMPLES)
    # exact for a sphere: distance of the object and of the sensor from its centre, and the slant range
    radius = 6371000.0
    own, other = radius + w.rules.origin_height_m + sensor.place_m[2], radius + height
    ranges = range_m + 10.0 * rng.normal(size=SAMPLES)
    sine = np.clip((other**2 - own**2 - ranges**2) / (2 * own * ranges), -1, 1)
    polar = np.array([ranges, azimuth + 0.008 * rng.normal(size=SAMPLES), np.arcsin(sine)])
    mean, covariance = _sampled(sensor.place_m, sensor.rotation, polar)
    assert np.linalg.norm(x[:3] - mean) < 0.02 * math.sqrt(np.trace(covariance))
    _assert_same_spread(p[:3, :3], covariance, share)


def test_a_2d_report_nearer_than_the_prior_is_high_still_has_a_place() -> None:
    w = small_world()
    sensor = w.sensors[RADAR_2D]
    for range_m in (5.0, 100.0, 400.0):
        plot, x, p, unit = report({0: range_m, 1: 1.0}), np.zeros(6), np.zeros((6, 6)), np.zeros(3)
        birth.place_2d(sensor.place_m, sensor.rotation, plot.values, plot.variance, w.rules, x, p, unit)
        assert np.linalg.norm(x[:3] - sensor.place_m) <= range_m * (1 + 1e-12)
        assert np.linalg.eigvalsh(p[:3, :3]).min() > 0.0


@given(st.floats(-90, 90), SEEDS, st.floats(0.1, 4.0))
@examples(max_examples=50)
def test_velocity_is_the_prior_and_bayes_rule(range_rate: float, seed: int, variance: float) -> None:
    rules, rng = small_world().rules, np.random.default_rng(seed)
    unit = rng.normal(size=3)
    unit /= np.linalg.norm(unit)
    x, p = np.zeros(6), np.full((6, 6), np.nan)
    birth.start_velocity(x, p, unit, range_rate, variance, True, rules)
    slow, fast = (norm.pdf(range_rate, scale=s) for s in (rules.speed_slow_mps, rules.speed_fast_mps))
    share = slow / (slow + fast)
    flat = share * rules.speed_slow_mps**2 + (1 - share) * rules.speed_fast_mps**2
    information = np.diag([1 / flat, 1 / flat, 1 / rules.speed_up_mps**2]) + np.outer(unit, unit) / variance
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(p[3:, 3:], covariance, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(x[3:], covariance @ unit * range_rate / variance, rtol=1e-6, atol=1e-6)
    birth.start_velocity(x, p, unit, range_rate, variance, False, rules)
    np.testing.assert_array_equal(x[3:], 0.0)
    flat = 0.5 * (rules.speed_slow_mps**2 + rules.speed_fast_mps**2)
    np.testing.assert_allclose(p[3:, 3:], np.diag([flat, flat, rules.speed_up_mps**2]))


def _with_plots(sensor: int, plots: list[tuple[layout.Table, float]]) -> World:
    """A world with a frame of reports, each with its probability of being alone; half of what is alone is new."""
    w = small_world()
    w.frame.plots = len(plots)
    for f, (plot, alone) in enumerate(plots):
        plot.sensor = sensor
        w.pool[f] = plot
        w.plots[f].report, w.plots[f].alone, w.plots[f].new, w.plots[f].appeared = f, alone, 0.5, 0.25
    return w


def test_only_reports_that_are_likely_alone_start_tracks() -> None:
    radar = [report({0: 1000.0, 1: a, 2: 0.1, 3: 5.0}) for a in (-1.0, 0.0, 1.0)]
    w = _with_plots(RADAR_3D, [(radar[0], 0.9), (radar[1], 1e-6), (radar[2], 0.4)])
    birth.birth_polar(w, RADAR_3D, START_NS)
    assert w.tally.tracks == 2
    tracks = w.tracks[:2]
    np.testing.assert_allclose(tracks["existence"], [0.45, 0.2])
    np.testing.assert_allclose(tracks["birth_share"], 0.25)
    assert tracks["uid"].tolist() == [1, 2]
    assert tracks["number"].tolist() == [0, 0]
    for t, plot in zip(tracks, (radar[0], radar[2]), strict=True):
        expected = np.zeros(6), np.zeros((6, 6)), np.zeros(3)
        sensor = w.sensors[RADAR_3D]
        birth.place_3d(sensor.place_m, sensor.rotation, plot.values, plot.variance, *expected)
        np.testing.assert_array_equal(t.x[0, :3], expected[0][:3])
        np.testing.assert_array_equal(t.centre[:3], expected[0][:3])
        assert t.birth_ns == t.hit_ns == t.state_ns == START_NS


def test_a_2d_report_and_a_declared_one_start_where_they_say() -> None:
    w = _with_plots(RADAR_2D, [(report({0: 3000.0, 1: 0.0}), 1.0)])
    birth.birth_polar(w, RADAR_2D, START_NS)
    flat = math.hypot(*(w.tracks[0].centre[:2] - w.sensors[RADAR_2D].place_m[:2]))
    assert 2900 < flat < 3000
    place = dict(enumerate((100.0, 200.0, 300.0)))
    plots = [(report(place, 4.0, identity=7), 1.0), (report(place | {3: 1.0, 4: 2.0, 5: 3.0}, 4.0), 1.0)]
    w = _with_plots(COOPERATIVE, plots)
    birth.birth_declared(w, COOPERATIVE, START_NS)
    assert w.tracks["identity"][:2].tolist() == [7, -1]
    np.testing.assert_allclose(w.tracks["existence"][:2], 0.5)
    np.testing.assert_array_equal(w.tracks[0].x[0], [100, 200, 300, 0, 0, 0])
    np.testing.assert_array_equal(w.tracks[1].x[0], [100, 200, 300, 1, 2, 3])
    np.testing.assert_array_equal(np.diag(w.tracks[1].p[0]), 4.0)
    assert (np.diag(w.tracks[0].p[0])[3:5] > 100.0).all()
