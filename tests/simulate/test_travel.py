"""Travel by way points: fly-by turns, the wind triangle, stops, rounds, and what is chased."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.simulate.air import Air
from lowsky.simulate.envelopes import AIRLINER, LARGE_DRONE, SMALL_DRONE, VESSEL, Envelope
from lowsky.simulate.flight import envelope_traits
from lowsky.simulate.motion import STEP_S, Motion, steps_of
from lowsky.simulate.travel import ARRIVED_M, REACHED_M, Route, Travel
from tests.simulate.flights import CALM, record

Points = list[tuple[float, float, float]]


def travel(envelope: Envelope, routes: list[Route], air: Air | None = CALM, **more: object) -> Travel:
    rng = np.random.default_rng(1)
    return Travel(envelope_traits(envelope, len(routes), rng), envelope, routes, air, rng, **more)  # type: ignore[arg-type]


def flown(envelope: Envelope, points: Points, speed_mps: float, seconds: float, air: Air | None = CALM) -> Motion:
    return record(travel(envelope, [Route(points, speed_mps)], air), steps_of(seconds))


@pytest.mark.parametrize("bend_deg", [20.0, 60.0, 90.0, 120.0])
def test_a_turn_begins_early_enough_to_roll_out_on_the_next_leg(bend_deg: float) -> None:
    """A fly-by turn of radius R stays inside the corner: the way never comes nearer to it than the circle does, and it
    never strays across the second leg by more than a little."""
    bend, speed = np.radians(bend_deg), 90.0
    after = 12_000.0 * np.array([np.sin(bend), np.cos(bend)])
    motion = flown(LARGE_DRONE, [(0.0, -9000.0, 300.0), (0.0, 0.0, 300.0), (after[0], after[1], 300.0)], speed, 220.0)
    at = motion.position[motion.alive[:, 0], 0, :2]
    radius = speed / LARGE_DRONE.turn_rps
    away = np.hypot(*at.T)
    assert away.min() == pytest.approx(radius * (1 / np.cos(bend / 2) - 1), abs=0.1 * radius)
    past = (np.arange(len(at)) > np.argmin(away)) & (away > 1.3 * radius * np.tan(bend / 2))
    aside = at @ np.array([after[1], -after[0]]) / np.linalg.norm(after)
    assert np.abs(aside[past]).max() < 0.1 * radius


@pytest.mark.parametrize("course_deg", [0.0, 65.0, 180.0, 290.0])
def test_speed_over_ground_is_that_of_the_wind_triangle(course_deg: float) -> None:
    wind = Air(speed_mps=11.0, towards_rad=0.9, veer_rad_per_m=0.0, gust_mps=0.0)
    course, speed = np.radians(course_deg), 70.0
    end = (20_000.0 * np.sin(course), 20_000.0 * np.cos(course), 500.0)
    motion = flown(AIRLINER, [(0.0, 0.0, 500.0), end], speed, 60.0, wind)
    blows = 11.0 * 50.0 ** (1 / 7)
    along, across = blows * np.cos(0.9 - course), blows * np.sin(0.9 - course)
    expected = along + np.sqrt(speed**2 - across**2)
    made_good = np.linalg.norm(motion.position[-1, 0] - motion.position[0, 0]) / 60.0
    assert made_good == pytest.approx(expected, rel=1e-6)
    aside = motion.position[:, 0, :2] @ np.array([np.cos(course), -np.sin(course)])
    assert np.abs(aside).max() < 1e-6  # it holds its course over ground


def test_heights_are_reached_with_the_points() -> None:
    points = [(0.0, 0.0, 100.0), (6000.0, 0.0, 400.0), (12_000.0, 0.0, 150.0), (18_000.0, 0.0, 150.0)]
    at = flown(AIRLINER, points, 80.0, 215.0).position[:, 0]
    for east, _, height in points[:3]:
        passing = at[np.argmin(np.abs(at[:, 0] - east))]
        assert passing[2] == pytest.approx(height, abs=20.0)


def test_what_ends_ends_near_its_last_point_and_what_goes_round_comes_again() -> None:
    points: Points = [(0.0, 0.0, 200.0), (3000.0, 0.0, 200.0), (3000.0, 3000.0, 200.0), (0.0, 3000.0, 200.0)]
    once, again = Route(points, 40.0), Route(points, 40.0, {}, 1)
    motion = record(travel(SMALL_DRONE, [once, again]), steps_of(600.0))
    ends = np.flatnonzero(motion.alive[:, 0])[-1]
    assert np.hypot(*(motion.position[ends, 0, :2] - points[-1][:2])) < ARRIVED_M + 4.0
    assert motion.alive[:, 1].all()
    visits = np.hypot(*(motion.position[:, 1, :2] - points[2][:2]).T) < 400.0
    assert (np.diff(visits.astype(int)) == 1).sum() >= 2
    home = np.hypot(*(motion.position[1000:, 1, :2] - points[0][:2]).T)
    assert home.min() > 500.0  # it goes on to point 1, not to where it began


def test_a_stop_lasts_as_long_as_it_should() -> None:
    route = Route([(0.0, 0.0, 0.0), (900.0, 0.0, 0.0), (2500.0, 0.0, 0.0)], [5.0, 5.0, 8.0], {0: 20.0, 1: 50.0})
    motion = record(travel(VESSEL, [route], None), steps_of(500.0))
    speed = np.linalg.norm(motion.velocity[:, 0], axis=-1)
    still = speed < 1e-9
    runs = np.flatnonzero(np.diff(np.concatenate([[0], still[motion.alive[:, 0]].astype(int), [0]])))
    lengths = np.diff(runs)[::2] * STEP_S
    assert lengths[0] == pytest.approx(20.0, abs=0.3)
    assert lengths[1] == pytest.approx(50.0, abs=0.3)
    where = motion.position[np.flatnonzero(still)[-1], 0, 0]
    assert where == pytest.approx(900.0, abs=REACHED_M)
    assert speed.max() == pytest.approx(8.0, abs=1e-6)
    assert np.abs(np.diff(speed)[motion.alive[1:, 0]]).max() <= VESSEL.change_mps2 * STEP_S + 1e-9


def test_one_point_is_an_anchor() -> None:
    motion = record(travel(VESSEL, [Route([(50.0, 60.0, 0.0)], 6.0)], None), steps_of(60.0))
    assert (motion.position[:, 0] == [50.0, 60.0, 0.0]).all()
    assert motion.alive.all()


def test_nothing_moves_before_it_begins_or_after_its_end() -> None:
    routes = [Route([(0.0, 0.0, 200.0), (9000.0, 0.0, 200.0)], 30.0)] * 2
    late = travel(SMALL_DRONE, routes, begin_s=np.array([5.0, 0.0]), end_s=np.array([np.inf, 12.0]))
    motion = record(late, steps_of(30.0))
    times = np.arange(len(motion.alive)) * STEP_S
    assert (motion.alive[:, 0] == (times >= 5.0 - 1e-9)).all()
    assert (motion.alive[:, 1] == (times < 12.0 - 1e-9)).all()
    assert (motion.position[times < 5.0, 0] == [0.0, 0.0, 200.0]).all()
    assert (motion.velocity[~motion.alive] == 0).all()


ways = st.lists(
    st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(0, 800)), min_size=2, max_size=6
)  # fmt: skip


@settings(max_examples=15)
@given(ways, st.sampled_from([SMALL_DRONE, LARGE_DRONE, VESSEL]), st.floats(0.0, 1.0), st.booleans())
def test_any_route_is_flown_within_the_limits(way: Points, sort: Envelope, share: float, rounds: bool) -> None:
    """Also points on top of one another, and sharper than anything can turn."""
    low, high = sort.speed_mps
    route = Route(way, low + share * (high - low), {}, 0 if rounds else None)
    motion = record(travel(sort, [route], None if sort is VESSEL else CALM), steps_of(30.0))
    assert np.isfinite(motion.position).all()
    alive = motion.alive[:, 0]
    speed = np.hypot(*motion.velocity[alive, 0, :2].T)
    assert speed.max(initial=0.0) <= high + 1e-9
    course = np.unwrap(np.arctan2(motion.velocity[alive, 0, 0], motion.velocity[alive, 0, 1]))
    turning = np.abs(np.diff(course))[(speed[1:] > 1e-6) & (speed[:-1] > 1e-6)] / STEP_S
    assert turning.max(initial=0.0) <= sort.turn_rps + 1e-9
    assert np.abs(motion.velocity[..., 2]).max() <= max(sort.climb_mps, 1e-9) + 1e-9
    if rounds:
        assert alive.all()
