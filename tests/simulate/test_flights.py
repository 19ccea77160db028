"""Flights keep the limits of their sort, agree with themselves, and follow the statistics they claim."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin
from lowsky.simulate.air import Air
from lowsky.simulate.envelopes import (
    BALLOON,
    BIRD,
    HELICOPTER,
    LARGE_DRONE,
    LEAFLETS,
    LOAD,
    MIDDLE_DRONE,
    MULTIROTOR,
    SMALL_DRONE,
    VESSEL,
    Envelope,
)
from lowsky.simulate.flight import Flight, envelope_traits, wander
from lowsky.simulate.free import Balloons, Birds, Roaming, flocks_of
from lowsky.simulate.motion import STEP_S, Motion, in_frame, steps_of
from lowsky.simulate.raid import RANK_M, all_round, fly_wave
from lowsky.simulate.release import TERMINAL_MPS, Release, fall
from lowsky.simulate.travel import ARRIVED_M, Route, Travel
from tests.simulate.flights import AIR, CALM, FLIGHTS, THROUGH_AIR, record, wave

sorts = pytest.mark.parametrize("sort", FLIGHTS, ids=lambda e: e.name)
seeds = pytest.mark.parametrize("seed", [3, 8])


def _flown(sort: Envelope, seed: int, seconds: float = 60.0) -> Motion:
    return record(FLIGHTS[sort](np.random.default_rng(seed)), steps_of(seconds))


@sorts
@seeds
def test_flights_keep_height_climb_and_kind(sort: Envelope, seed: int) -> None:
    motion = _flown(sort, seed)
    height = motion.position[..., 2][motion.alive]
    assert (motion.kind == sort.kind).all()
    assert height.min() >= sort.height_m[0] - 1e-6
    assert height.max() <= sort.height_m[1] + 1e-6
    assert np.abs(motion.velocity[..., 2]).max() <= sort.climb_mps + 1e-9


@sorts
def test_positions_are_the_sum_of_velocities(sort: Envelope) -> None:
    motion = _flown(sort, 7, 30.0)
    moved = motion.position[0] + np.cumsum(motion.velocity[:-1], axis=0) * STEP_S
    np.testing.assert_allclose(motion.position[1:], moved, atol=1e-8)


@pytest.mark.parametrize("sort", THROUGH_AIR, ids=lambda e: e.name)
@seeds
def test_speeds_through_the_air_are_those_of_the_sort(sort: Envelope, seed: int) -> None:
    """The wind is asked anew at every place: what is left of the motion is what the engine does."""
    motion = _flown(sort, seed)
    through = np.empty(motion.alive.shape)
    for i in range(len(through)):
        wind = AIR.wind(motion.position[i], i * STEP_S)
        through[i] = np.hypot(*(motion.velocity[i] - wind)[:, :2].T)
    flown = through[motion.alive]
    assert flown.min() >= sort.speed_mps[0] - 1e-6
    assert flown.max() <= sort.speed_mps[1] + 1e-6
    ground = np.linalg.norm(motion.velocity[..., :2], axis=-1)[motion.alive]
    assert np.ptp(ground) > 1.0  # the wind shows over ground


def test_vessels_and_birds_keep_their_speeds() -> None:
    vessels = np.linalg.norm(_flown(VESSEL, 1, 600.0).velocity, axis=-1)
    assert vessels.max() <= 8.0 + 1e-9
    motion = _flown(BIRD, 3)
    through = [
        np.linalg.norm((motion.velocity[i] - AIR.mean(motion.position[i, :, 2]))[:, :2], axis=1)
        for i in range(0, 600, 7)
    ]
    assert np.mean(through) == pytest.approx(12.5, abs=1.5)
    assert np.max(through) < BIRD.speed_mps[1] + 3 * AIR.gust_mps  # the flock's gust, a member's height


@pytest.mark.parametrize(
    "sort", [e for e in FLIGHTS if np.isfinite(e.turn_rps) and e is not VESSEL], ids=lambda e: e.name
)
def test_turns_are_no_tighter_than_the_sort_can_fly(sort: Envelope) -> None:
    motion = _flown(sort, 3, 120.0)
    course = np.arctan2(motion.velocity[..., 0], motion.velocity[..., 1])
    both = motion.alive[1:] & motion.alive[:-1]
    rate = np.abs(wrap_pi(np.diff(course, axis=0)))[both] / STEP_S
    assert rate.max() <= sort.turn_rps + 1e-9
    assert rate.max() > 0.5 * sort.turn_rps  # and they do turn


def test_multirotors_accelerate_within_their_limit_and_hover_some_of_the_time() -> None:
    rng = np.random.default_rng(5)
    motion = record(Roaming(envelope_traits(MULTIROTOR, 60, rng), rng, 2000.0), steps_of(300.0))
    flat = motion.velocity[..., :2]
    most = MULTIROTOR.change_mps2 * STEP_S
    assert np.linalg.norm(np.diff(flat, axis=0), axis=-1).max() <= most + 1e-9
    hovering = (np.linalg.norm(flat, axis=-1) < 0.1).mean()
    assert 0.15 < hovering < 0.35  # three choices in ten, less the time to stop


def test_multirotors_land_before_their_end() -> None:
    rng = np.random.default_rng(5)
    motion = record(Roaming(envelope_traits(MULTIROTOR, 20, rng), rng, 800.0, end_s=90.0), steps_of(100.0))
    gone = ~motion.alive
    assert gone[-1].all()
    last = motion.position[-1, :, 2]
    assert (last < 7.0).mean() > 0.8  # who was high at the time is gone at the end all the same


@pytest.mark.parametrize("size", [SMALL_DRONE, MIDDLE_DRONE, LARGE_DRONE], ids=lambda e: e.name)
def test_one_way_drones_end_where_they_should_and_stay_gone(size: Envelope) -> None:
    motion = record(wave(size, np.random.default_rng(2)), steps_of(300.0))
    assert motion.alive[0].all()
    assert not motion.alive[-1].any()  # some 5 km and a dog-leg
    assert not (np.diff(motion.alive.astype(int), axis=0) > 0).any()
    assert np.hypot(*motion.position[-1, :, :2].T).max() < 4 * 150.0 + ARRIVED_M
    assert (motion.velocity[~motion.alive] == 0).all()


def test_a_wave_for_something_that_moves_comes_to_where_it_is_then() -> None:
    rng = np.random.default_rng(4)
    ship = Travel(
        envelope_traits(VESSEL, 1, rng), VESSEL, [Route([(0.0, 0.0, 0.0), (9000.0, 0.0, 0.0)], 8.0)], None, rng
    )
    plan = all_round(rng, 1, 5, (5000.0, 5000.0), (SMALL_DRONE,))[0]
    drones = fly_wave(type(plan)(**{n: getattr(plan, n) for n in plan.__slots__} | {"chase": (ship, 0)}), CALM, rng)
    miss = np.full(5, np.inf)
    for i in range(steps_of(300.0)):
        for flight in (ship, drones):
            flight.advance(i * STEP_S)
        at = np.hypot(*(drones.position - ship.position)[:, :2].T)
        miss = np.where(drones.alive, at, miss)
    assert drones.finished
    assert miss.max() < ARRIVED_M + 15.0
    assert ship.position[0, 0] > 500.0


def test_waves_come_from_all_directions_and_at_their_distances() -> None:
    rng = np.random.default_rng(11)
    starts = [fly_wave(w, CALM, rng).position for w in all_round(rng, 8, 25, (5000.0, 13000.0), (SMALL_DRONE,))]
    middle = np.array([s[:, :2].mean(axis=0) for s in starts])
    bearing = np.sort(np.arctan2(middle[:, 0], middle[:, 1]))
    assert np.diff(np.append(bearing, bearing[0] + 2 * np.pi)).max() < np.radians(45 * 1.8)
    distance = np.sort(np.hypot(*middle.T))
    np.testing.assert_allclose(distance, np.linspace(5000, 13000, 8) + 2 * RANK_M, atol=80)


def test_birds_of_a_flock_stay_together() -> None:
    rng = np.random.default_rng(4)
    flock = flocks_of(rng, 40)
    motion = record(Birds(envelope_traits(BIRD, 40, rng), flock, rng, AIR, 3000.0), steps_of(120.0))
    end = motion.position[-1]
    mates = (flock[:, None] == flock) & ~np.eye(40, dtype=bool)
    assert mates.any()
    assert np.linalg.norm(end[:, None] - end, axis=-1)[mates].max() < 260.0
    assert (np.bincount(flock) > 0).all()


def test_balloons_drift_with_the_wind_at_their_height() -> None:
    air, rng = Air(speed_mps=6.0, towards_rad=1.0, gust_mps=0.0), np.random.default_rng(6)
    start = np.column_stack([np.zeros((20, 2)), np.linspace(50.0, 600.0, 20)])
    motion = record(Balloons(envelope_traits(BALLOON, 20, rng), start, rng, air), steps_of(600.0))
    drift = (motion.position[-1] - motion.position[0])[:, :2] / motion.duration_s
    mean = np.mean([air.mean(h)[:, :2] for h in motion.position[..., 2]], axis=0)
    np.testing.assert_allclose(drift, mean, atol=0.01)
    assert (np.diff(motion.position[:, :, 2], axis=0).mean(axis=0) > 0).all()


@pytest.mark.parametrize("load", [LEAFLETS, LOAD], ids=lambda e: e.name)
def test_what_falls_reaches_its_terminal_speed_and_drifts_with_the_wind(load: Envelope) -> None:
    wind, velocity, terminal = np.array([[5.0, -2.0, 0.0]]), np.zeros((1, 3)), TERMINAL_MPS[load.name]
    for _ in range(400):
        velocity = fall(velocity, wind, terminal)
    np.testing.assert_allclose(velocity, wind - [[0.0, 0.0, terminal]], rtol=1e-6)
    speed = [0.0]  # tanh: the closed form of quadratic drag from rest
    for _ in range(20):
        speed.append(float(-fall(np.array([[0.0, 0.0, -speed[-1]]]), np.zeros((1, 3)), terminal)[0, 2]))
    exact = terminal * np.tanh(9.81 * np.arange(21) * STEP_S / terminal)
    np.testing.assert_allclose(speed, exact, atol=0.15 * terminal)


@pytest.mark.parametrize("load", [LEAFLETS, LOAD], ids=lambda e: e.name)
def test_release_lets_go_over_the_point_and_flies_home(load: Envelope) -> None:
    rng, air = np.random.default_rng(9), Air(speed_mps=5.0, towards_rad=0.5, gust_mps=0.0)
    home, point = (
        np.array([[0.0, 0.0, 20.0], [50.0, 0.0, 20.0]]),
        np.array([[600.0, 300.0, 90.0], [-500.0, 0.0, 110.0]]),
    )
    flight: Flight = Release(envelope_traits(MULTIROTOR, 2, rng), load, home, point, rng, air, hover_s=20.0)
    motion = record(flight, steps_of(400.0))
    assert motion.kind.tolist() == [Kind.MULTIROTOR, Kind.MULTIROTOR, Kind.UNKNOWN, Kind.UNKNOWN]
    assert flight.finished
    hovering = np.linalg.norm(motion.position[:, :2] - point, axis=-1) < 10.0
    assert (hovering.sum(axis=0) * STEP_S > 19.0).all()
    for i in (0, 1):
        fell = np.flatnonzero(motion.alive[:, 2 + i])
        assert np.linalg.norm(motion.position[fell[0], 2 + i] - point[i]) < 10.0
        seconds, terminal = len(fell) * STEP_S, TERMINAL_MPS[load.name]
        assert seconds > point[i, 2] / terminal * 0.95
        landed = motion.position[fell[-1], 2 + i]
        assert landed[2] == pytest.approx(0.0, abs=terminal * STEP_S + 1e-9)
        drift = np.hypot(*(landed - point[i])[:2])
        assert 0.7 * 5.0 * seconds - 12 < drift < 1.4 * 5.0 * seconds + 12
        assert np.linalg.norm(motion.position[-1, i] - home[i]) < 10.0
    flat = motion.velocity[:, :2, :2]
    limit = MULTIROTOR.change_mps2 * STEP_S + 1e-9
    both = motion.alive[1:, :2] & motion.alive[:-1, :2]
    assert np.linalg.norm(np.diff(flat, axis=0), axis=-1)[both].max() <= limit


def test_an_airliner_descends_evenly_between_its_points() -> None:
    rng = np.random.default_rng(8)
    height = 20_000.0 * np.tan(np.radians(3.0))
    travel = Travel(
        envelope_traits(HELICOPTER, 1, rng), HELICOPTER,
        [Route([(-20_000.0, 0.0, height), (0.0, 0.0, 0.0)], 70.0)], CALM, rng,
    )  # fmt: skip
    motion = record(travel, steps_of(200.0))
    gone = motion.position[-1] - motion.position[0]
    assert np.degrees(np.arctan2(-gone[0, 2], gone[0, 0])) == pytest.approx(3.0, abs=0.02)


def test_vessels_wait_where_they_should_and_go_round() -> None:
    motion = _flown(VESSEL, 1, 1500.0)
    speed = np.linalg.norm(motion.velocity[:, 0, :2], axis=-1)
    still = np.flatnonzero(speed < 1e-9)
    assert np.hypot(*(motion.position[still[0], 0] - [2500.0, 0.0, 0.0])[:2]) < 40.0
    assert 30.0 <= len(still) * STEP_S < 90.0  # one stop, or two in going round twice
    assert np.abs(np.diff(speed)).max() <= VESSEL.change_mps2 * STEP_S + 1e-9
    back = np.hypot(*(motion.position[3000:, 0, :2] - motion.position[0, 0, :2]).T)
    assert back.min() < 400.0
    assert motion.alive.all()


def test_wander_has_the_spread_and_the_memory_it_claims() -> None:
    rng, value, kept = np.random.default_rng(1), np.zeros(4000), []
    for _ in range(120):
        value = wander(value, 2.0, 1.0, rng)
        kept.append(value)
    assert np.std(kept[-1]) == pytest.approx(2.0, rel=0.05)
    lag = int(1.0 / STEP_S)
    assert np.corrcoef(kept[-1], kept[-1 - lag])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.05)


def test_level_flight_keeps_its_height_above_the_ellipsoid() -> None:
    place = np.array([[0.0, 0.0, 300.0], [12000.0, 0.0, 300.0], [0.0, -12000.0, 300.0], [-8000.0, 9000.0, 300.0]])
    velocity = np.array([[50.0, 0.0, 0.0], [50.0, 0.0, 0.0], [0.0, 50.0, 0.0], [30.0, 40.0, 0.0]])
    level = Motion(
        np.full(4, Kind.AIRCRAFT, dtype=np.uint8), place[None], velocity[None], np.ones((1, 4), dtype=np.bool_)
    )
    bent, frame = in_frame(level), Frame(Origin(56.0, 11.0, 40.0))
    _, _, height = frame.to_geodetic(bent.position[0])
    np.testing.assert_allclose(height, 340.0, atol=0.12)
    _, _, later = frame.to_geodetic(bent.position[0] + bent.velocity[0])
    np.testing.assert_allclose(later - height, 0.0, atol=0.005)


def test_motion_is_read_between_steps_and_refused_outside() -> None:
    motion = _flown(BIRD, 1, 3.0)
    position, velocity, alive = motion.at(1.25)
    np.testing.assert_allclose(position, (motion.position[12] + motion.position[13]) / 2, atol=1e-9)
    assert (velocity == motion.velocity[12]).all()
    assert alive.all()
    with pytest.raises(ValueError, match="outside"):
        motion.at(3.2)
    with pytest.raises(ValueError, match="duration"):
        steps_of(0.0)


@sorts
def test_the_same_seed_flies_the_same_and_another_does_not(sort: Envelope) -> None:
    one, again, other = (_flown(sort, seed, 5.0) for seed in (9, 9, 10))
    assert (one.position == again.position).all()
    assert sort is VESSEL or (one.position != other.position).any()
