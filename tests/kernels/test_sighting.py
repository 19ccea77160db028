"""What cameras need: lasting errors learnt, disagreement doubted, range held, uncertain tracks put on a crossing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import gating, layout, lines, sighting
from lowsky.kernels.layout import World
from lowsky.kernels.measurement import polar
from tests.kernels.worlds import (
    CAMERA,
    OTHER_CAMERA,
    SECOND_NS,
    START_NS,
    Floats,
    add_track,
    random_covariance,
    record,
    report,
    small_world,
)

SIGMA = 0.002
PLACE = np.array([700.0, 300.0, 250.0, 0.0, 0.0, 0.0])
SEEDS = st.integers(0, 2**32 - 1)


def _seen(w: World, sensor: int, x: Floats) -> Floats:
    z = np.empty(4)
    polar(w.sensors[sensor].place_m, w.sensors[sensor].rotation, x, z)
    return z[1:3].copy()


def _candidate(w: World, sensor: int, off_rad: float = 0.0) -> tuple[layout.Table, layout.Table]:
    """A track at PLACE as a candidate of a bearing `off_rad` too high, with its edge; one model."""
    i = add_track(w, PLACE, sigma_m=1.0)
    angles = _seen(w, sensor, PLACE)
    w.pool[0] = report({1: angles[0], 2: angles[1] + off_rad}, SIGMA**2, sensor=sensor)
    w.plots[0].report = 0
    c, edge = w.candidates[0], w.edges[0]
    c.track, c.first, c.last, c.models = i, 0, 1, 1
    c.mu[0], c.x[0], c.p[0] = 1.0, PLACE, w.tracks[i].p[0]
    c.z[0, 1:3], c.s[0] = angles, np.diag([0.0, 1e-6, 1e-6, 0.0, 0.0, 0.0])
    edge.plot, edge.beta = 0, 1.0
    gating.note_parts(w.pool[0], edge)
    return c, edge


def test_a_bearing_that_lasts_wrong_is_expected_so_after_a_while() -> None:
    w = small_world()
    c, edge = _candidate(w, CAMERA, off_rad=2 * SIGMA)
    t = w.tracks[c.track]
    t.recent_sensor[0] = CAMERA
    true = _seen(w, CAMERA, PLACE)
    t.recent_ns[0] = START_NS
    for k in range(1, 400):
        now_ns = START_NS + k * SECOND_NS // 30
        c.z[0, 1:3] = true
        sighting.expect_error(c, t, CAMERA, now_ns)
        sighting.learn_error(w, c, t, CAMERA, now_ns, edge)
        t.recent_ns[0] = now_ns
    assert abs(t.recent_error[0, 0]) < 1e-9
    assert 0.05 * SIGMA < t.recent_error[0, 1] < 2 * SIGMA  # a share: the rest may be the track's own error
    expected = t.recent_error[0, 1] * math.exp(-2.0 / sighting.ERROR_LIFE_S)
    c.z[0, 1:3] = true
    sighting.expect_error(c, t, CAMERA, t.recent_ns[0] + 2 * SECOND_NS)
    assert c.z[0, 2] - true[1] == pytest.approx(expected)


def test_an_uncertain_track_teaches_nothing_and_a_camera_not_met_before_is_trusted() -> None:
    w = small_world()
    c, edge = _candidate(w, CAMERA, off_rad=5 * SIGMA)
    t = w.tracks[c.track]
    before = c.z.copy()
    sighting.expect_error(c, t, CAMERA, START_NS)
    sighting.learn_error(w, c, t, CAMERA, START_NS, edge)
    np.testing.assert_array_equal(c.z, before)
    assert not t.recent_error.any()
    t.recent_sensor[0], t.recent_ns[0] = CAMERA, START_NS - SECOND_NS // 30
    c.s[0] = np.diag([0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    sighting.learn_error(w, c, t, CAMERA, START_NS, edge)
    assert abs(t.recent_error[0, 1]) < 1e-3 * SIGMA


@pytest.mark.parametrize("misses", [0.0, 1.0, 10.0])
def test_a_bearing_counts_the_less_the_more_it_misses(misses: float) -> None:
    w = small_world()
    c, edge = _candidate(w, CAMERA, off_rad=misses * SIGMA)
    sighting.doubt_bearings(w, c)
    variance = SIGMA**2 * (1.0 + misses**2 / sighting.DISAGREEMENT) + 1e-6
    assert edge.l[0][1, 1] == pytest.approx(math.sqrt(variance))
    assert edge.nu[0][1] == pytest.approx(misses * SIGMA / math.sqrt(variance), abs=1e-9)


@given(SEEDS)
@examples(max_examples=30)
def test_one_camera_alone_leaves_the_range_as_it_was(seed: int) -> None:
    rng = np.random.default_rng(seed)
    c, t = record(layout.CANDIDATE, models=1), record(layout.TRACK, models=1)
    place = rng.normal(scale=100.0, size=3)
    c.x[0] = rng.normal(scale=500.0, size=6)
    c.p[0] = random_covariance(rng, 6, 10.0)
    h = rng.normal(size=(2, 6))
    u = (c.x[0, :3] - place) / np.linalg.norm(c.x[0, :3] - place)
    h[:, 3:] = 0.0
    h[:, :3] -= np.outer(h[:, :3] @ u, u)  # a bearing says nothing along its line
    s = h @ c.p[0] @ h.T + np.eye(2)
    gain = c.p[0] @ h.T @ np.linalg.inv(s)
    t.x[0] = c.x[0] + gain @ rng.normal(size=2)
    t.p[0] = c.p[0] - gain @ s @ gain.T
    keep = np.eye(6)
    keep[:3, :3] -= np.outer(u, u)
    keep[3:, 3:] -= np.outer(u, u)
    shift = keep @ (t.x[0] - c.x[0])
    held = keep @ gain  # Joseph's form for this gain
    expected = (np.eye(6) - held @ h) @ c.p[0] @ (np.eye(6) - held @ h).T + held @ held.T
    sighting.hold_range(c, t, place)
    np.testing.assert_allclose(t.x[0] - c.x[0], shift, atol=1e-8)
    np.testing.assert_allclose(t.p[0], expected, atol=1e-7)
    assert u @ (t.x[0, :3] - c.x[0, :3]) == pytest.approx(0.0, abs=1e-9)


def test_a_camera_is_alone_when_no_other_sensor_was_there_lately() -> None:
    t = record(layout.TRACK)
    t.recent_sensor[:] = -1
    assert sighting.alone(t, CAMERA, START_NS, sighting.ALONE_NS)
    t.recent_sensor[0], t.recent_ns[0] = CAMERA, START_NS
    assert sighting.alone(t, CAMERA, START_NS, sighting.ALONE_NS)
    t.recent_sensor[1], t.recent_ns[1] = OTHER_CAMERA, START_NS
    assert not sighting.alone(t, CAMERA, START_NS + SECOND_NS // 10, sighting.ALONE_NS)
    assert sighting.alone(t, CAMERA, START_NS + SECOND_NS, sighting.ALONE_NS)


def _unsure(off_m: float, sigma_m: float) -> tuple[World, layout.Table, layout.Table]:
    """A track off_m beside PLACE that this camera sees at PLACE, a line of the other camera remembered."""
    w = small_world()
    c, edge = _candidate(w, CAMERA)
    t = w.tracks[c.track]
    t.x[0, 0] += off_m
    t.p[0, :3, :3] = np.eye(3) * sigma_m**2
    t.spread[0] = 3 * sigma_m**2
    c.x[0], c.p[0] = t.x[0], t.p[0]
    w.lines[0].sensor, w.lines[0].time_ns, w.lines[0].weight = OTHER_CAMERA, START_NS, 0.0
    w.lines[0].angles[:], w.lines[0].variance[:] = _seen(w, OTHER_CAMERA, PLACE), 1e-8
    w.pool[0].variance[:] = 1e-8
    return w, c, edge


def test_an_uncertain_track_is_put_where_two_lines_cross() -> None:
    w, c, edge = _unsure(off_m=30.0, sigma_m=20.0)
    t = w.tracks[c.track]
    assert sighting.place_again(w, c, t, CAMERA, START_NS, edge)
    assert t.models == layout.MODELS
    np.testing.assert_allclose(t.centre[:3], PLACE[:3], atol=0.1)
    assert t.spread[0] < 1.0
    assert (np.linalg.eigvalsh(t.p[0]) > 0).all()


@pytest.mark.parametrize(
    ("off_m", "sigma_m", "age_ns"),
    [(30.0, 0.5, 0), (500.0, 20.0, 0), (30.0, 20.0, SECOND_NS)],
    ids=["sure of its place", "crossing too far away", "line too old"],
)
def test_what_does_not_put_a_track_elsewhere(off_m: float, sigma_m: float, age_ns: int) -> None:
    w, c, edge = _unsure(off_m, sigma_m)
    t = w.tracks[c.track]
    w.lines[0].time_ns -= age_ns
    assert not sighting.place_again(w, c, t, CAMERA, START_NS, edge)
    assert t.x[0, 0] == PLACE[0] + off_m


def test_lines_of_a_preview_are_forgotten_after_it() -> None:
    w = small_world()
    _candidate(w, CAMERA)
    w.frame.plots = 1
    before = w.lines.copy()
    lines.preview_lines(w, CAMERA, START_NS)
    assert w.tally.next_line == 1
    x, covariance = np.zeros(6), np.zeros((6, 6))
    seen = _seen(w, OTHER_CAMERA, PLACE)
    other = report({1: seen[0], 2: seen[1]}, SIGMA**2, sensor=OTHER_CAMERA)
    assert sighting.crossing(w, OTHER_CAMERA, START_NS, other, x, covariance)
    lines.forget_lines(w, 0)
    assert w.tally.next_line == 0
    assert not sighting.crossing(w, OTHER_CAMERA, START_NS, other, x, covariance)
    assert w.lines.shape == before.shape


def test_noise_is_added_only_to_what_is_known_to_metres() -> None:
    assert gating.agile_noise(0.0) == gating.AGILE
    assert gating.agile_noise(1.0) == pytest.approx(gating.AGILE / 2)
    assert gating.agile_noise(10.1) == 0.0
    spectrum = np.ones((3, 3))
    gating.add_agile(5.0, spectrum)
    np.testing.assert_array_equal(spectrum, np.ones((3, 3)) + 5 * np.eye(3))
