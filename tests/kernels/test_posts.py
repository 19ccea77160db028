"""What a post that only hears says of a place: against Monte Carlo integrals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import layout, posts
from lowsky.kernels.layout import World
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Sensor, SensorKind, Site
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import new_world, table
from lowsky.tracking.settings import Settings, rules_of
from tests.kernels.worlds import ORIGIN, START_NS, Floats, add_track

REACH_M = 2000.0


def _world(false: float = 0.01) -> World:
    """One post."""
    post = Sensor(
        "post", SensorKind.POST, ORIGIN.latitude_deg, ORIGIN.longitude_deg, 40.0, max_range_m=REACH_M,
        detection_probability=0.8, false_plots_per_scan=false, sees=tuple(Kind),
    )  # fmt: skip
    return new_world(rules_of(Settings(), ORIGIN.height_m), sensor_table(Site((post,), ORIGIN)), traced=False)


def _sampled(z: Floats, s: Floats, within: float, beyond: float) -> tuple[float, Floats, Floats]:
    """Weight, mean (2,) and covariance (2, 2) by sampling."""
    at = np.random.default_rng(5).multivariate_normal(z, s, 400_000)
    weight = np.where(np.hypot(at[:, 0], at[:, 1]) < REACH_M, within, beyond)
    mean = np.average(at, axis=0, weights=weight)
    return float(weight.mean()), mean, np.cov(at.T, aweights=weight)


@pytest.mark.parametrize(("within", "beyond"), [(1.0, 0.0), (0.2, 1.0)])
@pytest.mark.parametrize(
    ("z", "sigma", "correlation"),
    [
        ((1500.0, 600.0), (900.0, 500.0), 0.4),
        ((-2600.0, 0.0), (700.0, 1500.0), -0.3),
        ((800.0, 900.0), (5000.0, 4000.0), 0.0),
    ],
)  # fmt: skip
def test_moments_are_those_of_the_gaussian_within_or_without_the_disc(
    z: tuple[float, float], sigma: tuple[float, float], correlation: float, within: float, beyond: float
) -> None:
    w, out, place = _world(), np.zeros(5), np.array(z)
    cross = correlation * sigma[0] * sigma[1]
    s = np.array([[sigma[0] ** 2, cross], [cross, sigma[1] ** 2]])
    weight = posts.disc_moments(place, s, w.sensors[0], within, beyond, out)
    expected, mean, covariance = _sampled(place, s, within, beyond)
    assert weight == pytest.approx(expected, rel=0.1, abs=0.01)
    scale = math.sqrt(covariance[0, 0] + covariance[1, 1])
    np.testing.assert_allclose(out[:2], mean, atol=0.06 * scale)
    np.testing.assert_allclose(
        [out[2], out[3], out[4]], [covariance[0, 0], covariance[0, 1], covariance[1, 1]], atol=0.06 * scale**2
    )


def _candidate(w: World, state: Floats, sigma_m: float) -> tuple[layout.Table, layout.Table]:
    """A track and its candidate at the same time."""
    t, c = w.tracks[add_track(w, state, sigma_m)], table(layout.CANDIDATE, 1)[0]
    c.models, c.mu[0], c.existence, c.detection = 1, 1.0, t.existence, 0.8
    c.x[0], c.p[0] = t.x[0], t.p[0]
    posts.project_post(c, w.sensors[0])
    return t, c


def test_one_post_says_no_more_of_the_place_by_saying_it_often() -> None:
    w = _world()
    t, c = _candidate(w, np.array([500.0, 0.0, 100.0, 0.0, 0.0, 0.0]), 3000.0)
    spreads = []
    for _ in range(12):
        posts.weigh_place(c, t, w.sensors[0], 1.0, 0.0, 1.0, w.work)
        spreads.append(math.sqrt(t.p[0, 0, 0]))
        c.x[0], c.p[0] = t.x[0], t.p[0]
        posts.project_post(c, w.sensors[0])
    assert spreads[0] == pytest.approx(REACH_M / 2, rel=0.1)
    assert spreads[-1] > 0.28 * REACH_M  # twelve independent fixes would leave a seventh of it
    assert np.linalg.eigvalsh(t.p[0]).min() > 0.0


def test_what_is_surely_within_reach_is_not_moved() -> None:
    w = _world()
    state = np.array([300.0, -200.0, 100.0, 10.0, 0.0, 0.0])
    t, c = _candidate(w, state, 15.0)
    before = c.p[0].copy()
    assert posts.weigh_place(c, t, w.sensors[0], 1.0, 0.0, 1.0, w.work) == 1.0
    assert (t.x[0] == state).all()
    assert (t.p[0] == before).all()


@given(st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(300, 3000))
@examples(max_examples=30)
def test_silence_moves_a_rough_track_away_and_tells_how_much_it_should_have_heard(
    east: float, north: float, sigma_m: float
) -> None:
    w = _world()
    t = w.tracks[add_track(w, np.array([east, north, 100.0, 0.0, 0.0, 0.0]), sigma_m)]
    t.rough_m = sigma_m
    away = math.hypot(east, north)
    heard = posts.fall_silent(w, t, w.sensors[0], 0.8, START_NS)
    expected, _, _ = _sampled(np.array([east, north]), np.eye(2) * sigma_m**2, 0.2, 1.0)
    assert heard == pytest.approx(1.0 - expected, abs=0.05)
    assert math.hypot(t.x[0, 0], t.x[0, 1]) >= away - 1.0
    assert np.linalg.eigvalsh(t.p[0]).min() > 0.0


def test_a_report_starts_a_track_as_large_as_its_disc_and_not_a_shown_one() -> None:
    w = _world()
    w.frame.plots, w.plots[0].alone, w.plots[0].report = 1, 1.0, 0
    w.pool[0].odds = 1.0
    posts.birth_posts(w, 0, START_NS)
    (i,) = np.flatnonzero(w.tracks["used"])
    t = w.tracks[i]
    delay = posts.delay_s(w.sensors[0])
    assert delay == pytest.approx(2 / 3 * REACH_M / 343.2, rel=1e-3)
    assert t.p[0, 0, 0] == pytest.approx(REACH_M**2 / 4 + delay**2 * t.p[0, 3, 3])
    assert t.p[0, 0, 3] == pytest.approx(delay * t.p[0, 3, 3])
    area = math.pi * REACH_M**2
    odds = w.rules.start_density_m2 * area * w.sensors[0].share * 0.8 / 0.01
    assert t.existence == pytest.approx(odds / (1 + odds), rel=1e-6)
    assert t.backed == 0
    assert t.rough_m > w.rules.hide_sigma_m


def test_confidence_weighs() -> None:
    w = _world()
    report = w.pool[0]
    report.odds = 1.0
    plain = posts.post_density(w.sensors[0], report)
    report.odds = 4.0
    assert posts.post_density(w.sensors[0], report) == pytest.approx(plain / 4)
