"""Measurement functions against numerical derivatives and against PROJ, over the whole domain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyproj import Transformer

from lowsky.kernels import layout
from lowsky.kernels.measurement import (
    local_offset,
    past_jacobian,
    polar,
    polar_beside,
    polar_jacobian,
    range_azimuth,
    small_angle,
    wrap_pi,
)
from lowsky.model import angles
from lowsky.model.geodesy import Frame
from tests.kernels.worlds import ORIGIN, Floats, record, rotation, small_world

SEEDS = st.integers(0, 2**32 - 1)
LOG_DISTANCE = st.floats(math.log(0.3), math.log(2e5))
ELEVATION = st.floats(-1.5, math.pi / 2 - 1e-4)


def _scene(seed: int, log_distance: float, azimuth: float, elevation: float) -> tuple[Floats, Floats, Floats]:
    """Sensor place, its rotation, and a state in the given direction from it."""
    rng = np.random.default_rng(seed)
    place, turn, distance = rng.uniform(-1e4, 1e4, 3), rotation(rng), math.exp(log_distance)
    flat = math.cos(elevation)
    local = distance * np.array([flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation)])
    return place, turn, np.concatenate([place + turn.T @ local, rng.uniform(-100, 100, 3)])


@given(SEEDS, LOG_DISTANCE, st.floats(-math.pi, math.pi), ELEVATION)
@example(1, math.log(1000.0), math.pi, 0.0)  # behind, where azimuth jumps
@example(2, math.log(5000.0), 0.0, 0.1)  # north
@example(3, math.log(300.0), 1.0, math.pi / 2 - 1e-4)  # overhead
@example(4, math.log(0.3), -2.0, -1.5)  # at the sensor's foot
@example(5, math.log(2e5), -3.0, 0.0)
def test_jacobian_is_the_numerical_one(seed: int, log_distance: float, azimuth: float, elevation: float) -> None:
    place, turn, x = _scene(seed, log_distance, azimuth, elevation)
    z, h, numerical = np.empty(6), np.full((6, 6), np.nan), np.empty((4, 6))
    polar_jacobian(place, turn, x, z, h)
    range_m = math.exp(log_distance)
    flat_m = range_m * math.cos(elevation)
    assert z[0] == pytest.approx(range_m, rel=1e-9)
    assert abs(math.remainder(z[1] - azimuth, math.tau)) * flat_m < 1e-8 * range_m + 1e-7
    assert z[2] == pytest.approx(elevation, abs=1e-7)
    for c in range(6):
        step = 2e-4 * flat_m if c < 3 else 1.0
        above, below = np.empty(4), np.empty(4)
        for out, sign in ((above, 1.0), (below, -1.0)):
            moved = x.copy()
            moved[c] += sign * step
            polar(place, turn, moved, out)
        difference = above - below
        difference[1] = angles.wrap_pi(difference[1])
        numerical[:, c] = difference / (2.0 * step)
    speed = float(np.linalg.norm(x[3:]))
    size = np.array([1.0, 1.0 / flat_m, 1.0 / range_m, max(speed, 1.0) / range_m])
    assert (np.abs(h[:4, :3] - numerical[:, :3]) <= 2e-5 * size[:, None]).all()
    np.testing.assert_allclose(h[:3, 3:], 0.0)
    np.testing.assert_allclose(h[3, 3:], numerical[3, 3:], atol=1e-9)


@given(SEEDS, LOG_DISTANCE, st.floats(-math.pi, math.pi), ELEVATION)
def test_both_forms_measure_the_same(seed: int, log_distance: float, azimuth: float, elevation: float) -> None:
    place, turn, x = _scene(seed, log_distance, azimuth, elevation)
    one, two, offset = np.empty(4), np.empty(4), np.empty(3)
    polar(place, turn, x, one)
    polar_jacobian(place, turn, x, two, np.empty((4, 6)))
    np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12)
    short = np.full(2, np.nan)
    range_azimuth(place, turn, x, short)
    np.testing.assert_allclose(short, one[:2], rtol=1e-12, atol=1e-12)
    local_offset(place, turn, x, offset)
    np.testing.assert_allclose(offset, turn @ (x[:3] - place), rtol=1e-12, atol=1e-9)


def test_at_the_sensor_and_straight_above_everything_is_finite() -> None:
    turn = np.eye(3)
    for d in ([0.0, 0.0, 0.0], [0.0, 0.0, 500.0], [0.0, 0.0, -5.0]):
        z, h = np.empty(4), np.empty((4, 6))
        polar_jacobian(np.zeros(3), turn, np.array([*d, 3.0, 4.0, 5.0]), z, h)
        assert np.isfinite(z).all()
        assert np.isfinite(h).all()


@given(
    st.integers(0, 4), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(-50, 3000),
    st.tuples(*[st.floats(-80, 80)] * 3),
)  # fmt: skip
def test_polar_is_the_geometry_of_proj(
    row: int, north_deg: float, east_deg: float, height_m: float, velocity: tuple[float, float, float]
) -> None:
    """Range, azimuth and elevation from topocentric coordinates by PROJ; range rate from the change of its range."""
    frame, sensors = Frame(ORIGIN), small_world().sensors
    latitude, longitude, height = (float(v) for v in frame.to_geodetic(sensors.place_m[row]))
    to_ecef = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 +step"
    proj = Transformer.from_pipeline(
        f"{to_ecef} +proj=topocentric +ellps=WGS84 +lon_0={longitude!r} +lat_0={latitude!r} +h_0={height!r}"
    )
    at = frame.to_enu(54.0 + north_deg, 10.0 + east_deg, height_m)
    z = np.empty(4)
    polar(sensors.place_m[row], sensors.rotation[row], np.array([*at, *velocity]), z)
    step_s = 1e-3
    ranges, local = [], np.empty(3)
    for seconds in (-step_s, step_s, 0.0):
        lat, lon, h = (float(v) for v in frame.to_geodetic(at + seconds * np.array(velocity)))
        local = np.array(proj.transform(lon, lat, h))
        ranges.append(float(np.linalg.norm(local)))
    assert z[0] == pytest.approx(ranges[2], abs=1e-4)
    flat = math.hypot(local[0], local[1])
    assert abs(math.remainder(z[1] - math.atan2(local[0], local[1]), math.tau)) * flat < 1e-3
    assert abs(z[2] - math.atan2(local[2], flat)) * ranges[2] < 1e-3
    if ranges[2] > 20.0:
        assert z[3] == pytest.approx((ranges[1] - ranges[0]) / (2 * step_s), abs=1e-3)


@given(st.floats(-1000, 1000))
@example(math.pi)
@example(-math.pi)
@example(math.nextafter(-math.pi, -4.0))
def test_wrapping_is_that_of_the_vocabulary(angle: float) -> None:
    wrapped = wrap_pi(angle)
    assert -math.pi <= wrapped < math.pi + 1e-12
    assert abs(math.remainder(wrapped - float(angles.wrap_pi(angle)), math.tau)) < 1e-12
    assert abs(math.remainder(wrapped - angle, math.tau)) < 1e-12


def _heard_place(x: Floats, place: Floats, sound_mps: float) -> tuple[Floats, float]:
    """Where the sound left, by iteration, and how long ago."""
    delay = 0.0
    for _ in range(200):
        delay = float(np.linalg.norm(x[:3] - delay * x[3:] - place)) / sound_mps
    return x[:3] - delay * x[3:], delay


@given(st.integers(0, 2**32 - 1))
@examples(max_examples=60)
def test_sound_is_of_the_past_place_and_its_jacobian_is_numeric(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sensor = record(layout.SENSOR, sound_mps=float(rng.uniform(310, 360)))
    sensor.place_m[:], sensor.rotation[:] = rng.uniform(-500, 500, 3), rotation(rng)
    x = np.concatenate([rng.uniform(-1500, 1500, 3), rng.uniform(-70, 70, 3)])
    age_s = float(rng.uniform(0, 1))
    there, z, h = np.zeros(6), np.zeros(6), np.zeros((6, 6))
    gone = past_jacobian(sensor, x, age_s, True, there, z, h)

    def direction(state: Floats) -> Floats:
        then = np.concatenate([state[:3] - age_s * state[3:], state[3:]])
        place, _ = _heard_place(then, sensor.place_m, sensor.sound_mps)
        out = np.zeros(4)
        polar(sensor.place_m, sensor.rotation, np.concatenate([place, state[3:]]), out)
        return out[1:3].copy()

    then = np.concatenate([x[:3] - age_s * x[3:], x[3:]])
    place, delay = _heard_place(then, sensor.place_m, sensor.sound_mps)
    np.testing.assert_allclose(there[:3], place, atol=1e-6)
    assert gone == pytest.approx(age_s + delay, abs=1e-9)
    np.testing.assert_allclose(z[1:3], direction(x), atol=1e-9)
    flat = math.hypot(*(sensor.rotation @ (place - sensor.place_m))[:2])
    if flat < 20.0:  # straight above, the azimuth has no derivative
        return
    for c in range(6):
        step = np.zeros(6)
        step[c] = 1e-3
        numeric = (np.remainder(direction(x + step) - direction(x - step) + math.pi, math.tau) - math.pi) / 2e-3
        np.testing.assert_allclose(h[1:3, c], numeric, atol=1e-6 / flat * 100)


@given(st.floats(-10.0, 0.0), st.floats(-math.pi, math.pi), st.floats(1e-6, 1e6))
def test_small_angles_are_those_of_the_library(log_size: float, angle: float, length: float) -> None:
    for turn in (angle, 10.0**log_size, -(10.0**log_size)):
        expected = math.atan2(length * math.sin(turn), length * math.cos(turn))
        assert small_angle(length * math.sin(turn), length * math.cos(turn)) == pytest.approx(expected, rel=4e-16)


@given(SEEDS, LOG_DISTANCE, st.floats(-math.pi, math.pi), ELEVATION, st.floats(-3.0, 3.0))
@example(1, math.log(1000.0), math.pi, 0.0, 2.0)  # behind, where azimuth jumps
@example(3, math.log(300.0), 1.0, math.pi / 2 - 1e-4, 2.0)  # overhead: the other side is near
def test_beside_a_known_place_is_the_same_as_anywhere(
    seed: int, log_distance: float, azimuth: float, elevation: float, log_away: float
) -> None:
    place, turn, known = _scene(seed, log_distance, azimuth, elevation)
    rng = np.random.default_rng(seed)
    x = known + rng.normal(scale=10.0**log_away, size=6)
    z_known, z, expected = np.empty(6), np.empty(6), np.empty(6)
    polar(place, turn, known, z_known)
    polar(place, turn, x, expected)
    polar_beside(place, turn, x, known, z_known, z)
    assert z[0] == expected[0]
    assert z[3] == pytest.approx(expected[3], rel=1e-12, abs=1e-12)
    flat = max(expected[0] * math.cos(expected[2]), 1e-3)
    assert abs(math.remainder(z[1] - expected[1], math.tau)) * flat < 1e-9 * expected[0] + 1e-9
    assert z[2] == pytest.approx(expected[2], abs=1e-9)
