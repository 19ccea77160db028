"""Flights keep the limits of their kind, agree with themselves, and follow the statistics they claim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin
from lowsky.simulate.motion import ENVELOPES, STEP_S, Motion, in_frame, join_motions, steps_of
from lowsky.simulate.objects import (
    ARRIVED_M,
    MULTIROTOR_ACCELERATION_MPS2,
    RANK_M,
    fly_approaches,
    fly_balloons,
    fly_birds,
    fly_multirotors,
    fly_one_way,
    plan_raid,
    wander,
)

Flight = Callable[[np.random.Generator, int], Motion]

FLIGHTS: dict[Kind, Flight] = {
    Kind.FIXED_WING: lambda rng, steps: fly_one_way(rng, steps, plan_raid(rng, 4, 10, (2500.0, 6000.0))),
    Kind.MULTIROTOR: lambda rng, steps: fly_multirotors(rng, steps, 30, 400.0),
    Kind.BIRD: lambda rng, steps: fly_birds(rng, steps, 40, 500.0),
    Kind.BALLOON: lambda rng, steps: fly_balloons(rng, steps, 20, 1000.0, (6.0, 2.0)),
    Kind.AIRCRAFT: lambda rng, steps: fly_approaches(rng, steps, 10, 5000.0),
}
kinds = pytest.mark.parametrize("kind", FLIGHTS, ids=lambda k: k.word)


@kinds
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32), seconds=st.sampled_from([5.0, 40.0]))
def test_each_kind_keeps_the_limits_of_its_kind(kind: Kind, seed: int, seconds: float) -> None:
    motion, limits = FLIGHTS[kind](np.random.default_rng(seed), steps_of(seconds)), ENVELOPES[kind]
    speed = np.hypot(motion.velocity[..., 0], motion.velocity[..., 1])[motion.alive]
    height = motion.position[..., 2]
    assert (motion.kind == kind).all()
    assert speed.min() >= limits.speed_mps[0] - 1e-9
    assert speed.max() <= limits.speed_mps[1] + 1e-9
    assert height.min() >= limits.height_m[0] - 1e-6
    assert height.max() <= limits.height_m[1] + 1e-6
    assert np.abs(motion.velocity[..., 2]).max() <= limits.climb_mps + 1e-9


@kinds
def test_positions_are_the_sum_of_velocities(kind: Kind) -> None:
    motion = FLIGHTS[kind](np.random.default_rng(7), steps_of(30.0))
    moved = motion.position[0] + np.cumsum(motion.velocity[:-1], axis=0) * STEP_S
    np.testing.assert_allclose(motion.position[1:], moved, atol=1e-8)


@pytest.mark.parametrize("kind", [Kind.FIXED_WING, Kind.AIRCRAFT], ids=lambda k: k.word)
def test_turns_are_no_tighter_than_the_kind_can_fly(kind: Kind) -> None:
    motion = FLIGHTS[kind](np.random.default_rng(3), steps_of(120.0))
    course = np.arctan2(motion.velocity[..., 0], motion.velocity[..., 1])
    both = motion.alive[1:] & motion.alive[:-1]
    rate = np.abs(wrap_pi(np.diff(course, axis=0)))[both] / STEP_S
    assert rate.max() <= ENVELOPES[kind].turn_rps + 1e-9


def test_multirotors_accelerate_within_their_limit_and_hover_some_of_the_time() -> None:
    motion = fly_multirotors(np.random.default_rng(5), steps_of(300.0), 60, 2000.0)
    flat = motion.velocity[..., :2]
    assert np.linalg.norm(np.diff(flat, axis=0), axis=-1).max() <= MULTIROTOR_ACCELERATION_MPS2 * STEP_S + 1e-9
    hovering = (np.linalg.norm(flat, axis=-1) < 0.1).mean()
    assert 0.15 < hovering < 0.35  # three choices in ten, less the time to stop


def test_one_way_drones_end_at_the_site_and_stay_gone() -> None:
    rng = np.random.default_rng(2)
    plan = plan_raid(rng, 4, 10, (2500.0, 4000.0))
    motion = fly_one_way(rng, steps_of(240.0), plan)
    assert motion.alive[0].all()
    assert not motion.alive[-1].any()  # 4.5 km and a dog-leg at 31 m/s and more take under 240 s
    assert not (np.diff(motion.alive.astype(int), axis=0) > 0).any()
    last = motion.position[-1, :, :2]
    assert np.hypot(*(last - plan.end).T).max() <= ARRIVED_M
    gone = ~motion.alive
    assert (motion.velocity[gone] == 0).all()


def test_waves_come_from_all_directions_and_at_their_distances() -> None:
    plan = plan_raid(np.random.default_rng(11), 8, 25, (5000.0, 13000.0))
    middle = np.array([plan.start[plan.wave == w, :2].mean(axis=0) for w in range(8)])
    bearing = np.sort(np.arctan2(middle[:, 0], middle[:, 1]))
    assert np.diff(np.append(bearing, bearing[0] + 2 * np.pi)).max() < np.radians(45 * 1.8)
    distance = np.sort(np.hypot(*middle.T))
    np.testing.assert_allclose(distance, np.linspace(5000, 13000, 8) + 2 * RANK_M, atol=40)


def test_birds_of_a_flock_stay_together() -> None:
    motion = fly_birds(np.random.default_rng(4), steps_of(120.0), 40, 3000.0)
    start, end = motion.position[0], motion.position[-1]
    near = (np.linalg.norm(start[:, None] - start, axis=-1) < 60.0) & ~np.eye(40, dtype=bool)
    assert near.any()
    assert np.linalg.norm(end[:, None] - end, axis=-1)[near].max() < 150.0


def test_balloons_drift_with_the_wind_at_their_height() -> None:
    motion = fly_balloons(np.random.default_rng(6), steps_of(600.0), 20, 1000.0, (6.0, 2.0))
    drift = (motion.position[-1] - motion.position[0])[:, :2] / motion.duration_s
    share = ((motion.position[..., 2] / 10.0) ** (1 / 7)).mean(axis=0)
    np.testing.assert_allclose(drift, np.outer(share, (6.0, 2.0)), atol=0.25)  # gusts of 0.4 m/s over 5 s, averaged


def test_an_approach_descends_at_three_degrees() -> None:
    motion = fly_approaches(np.random.default_rng(8), steps_of(120.0), 10, 8000.0)
    gone = motion.position[-1] - motion.position[0]
    np.testing.assert_allclose(np.degrees(np.arctan2(-gone[:, 2], np.hypot(gone[:, 0], gone[:, 1]))), 3.0, atol=0.2)


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
    motion = FLIGHTS[Kind.BIRD](np.random.default_rng(1), steps_of(3.0))
    position, velocity, alive = motion.at(1.25)
    np.testing.assert_allclose(position, (motion.position[12] + motion.position[13]) / 2, atol=1e-9)
    assert (velocity == motion.velocity[12]).all()
    assert alive.all()
    with pytest.raises(ValueError, match="outside"):
        motion.at(3.2)
    with pytest.raises(ValueError, match="duration"):
        steps_of(0.0)


def test_joining_keeps_order_and_the_same_seed_flies_the_same() -> None:
    parts = [FLIGHTS[k](np.random.default_rng(9), steps_of(5.0)) for k in FLIGHTS]
    again = join_motions([FLIGHTS[k](np.random.default_rng(9), steps_of(5.0)) for k in FLIGHTS])
    joined = join_motions(parts)
    assert len(joined) == sum(len(p) for p in parts)
    assert (joined.position == again.position).all()
    assert (joined.position[:, : len(parts[0])] == parts[0].position).all()
