"""Habits: who is told for a bird, a drone, a balloon, and that nothing rests on one leg alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.assess import Rules, kinds_now
from lowsky.assess.habits import steadiness, threats
from lowsky.model.kinds import Kind
from lowsky.model.picture import Picture
from tests.assess.nights import SECOND_NS, START_NS, Night, State, picture


def course_of_bird(rng: np.random.Generator, seconds: int, speed_mps: float = 12.0) -> list[State]:
    """A bird that wanders: its rate of turn is a fading memory of random pushes."""
    state, out, turn, heading = np.zeros(2), [], 0.0, 0.0
    for _ in range(seconds):
        turn = 0.67 * turn + 0.13 * rng.normal()
        heading += turn
        velocity = speed_mps * np.array([math.sin(heading), math.cos(heading)])
        state = state + velocity
        out.append((*state, 60.0, *velocity, 0.0))
    return out


def course_of_drone(rng: np.random.Generator, seconds: int, speed_mps: float = 12.0) -> list[State]:
    """A drone that flies straight, turns by 70 degrees at 8 degrees a second, and flies straight."""
    state, out, heading = np.zeros(2), [], rng.uniform(0.0, 6.0)
    begin = rng.integers(15, seconds - 15)
    for k in range(seconds):
        heading += math.radians(8.0) if begin <= k < begin + 9 else 0.0
        velocity = speed_mps * np.array([math.sin(heading), math.cos(heading)])
        state = state + velocity
        out.append((*state, 60.0, *velocity, 0.0))
    return out


def followed(courses: dict[int, list[State]], step: int = 1) -> NDArray[np.float64]:
    """Probabilities of the kinds (ticks, objects, kinds); positions and velocities are seen with errors."""
    night, rng = Night(), np.random.default_rng(2)
    seconds = len(next(iter(courses.values())))
    out = []
    for k in range(0, seconds, step):
        noise = rng.normal(0.0, 1.0, (len(courses), 6)) * [2.0, 2.0, 5.0, 0.5, 0.5, 0.3]
        flights = {n: tuple(np.add(course[k], e)) for (n, course), e in zip(courses.items(), noise, strict=True)}
        night.tick(flights, seconds=float(step))
        out.append(kinds_now(night.state))
    return np.array(out)


def test_birds_and_drones_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    courses = {n: course_of_bird(rng, 60) for n in range(1, 21)} | {n: course_of_drone(rng, 60) for n in range(21, 41)}
    last = followed(courses)[-1]
    birds, drones = last[:20, Kind.BIRD], last[20:, Kind.MULTIROTOR]
    assert (birds > 0.7).mean() >= 0.9  # though these pictures believe in steady flight
    assert (drones > 0.9).mean() >= 0.9


def test_at_first_nothing_slow_is_sure() -> None:
    rng = np.random.default_rng(1)
    first = followed({1: course_of_bird(rng, 40), 2: course_of_drone(rng, 40)})[0]
    assert 0.1 < first[0, Kind.BIRD] < 0.9
    assert first[0] == pytest.approx(first[1], abs=0.05)


def test_one_turn_does_not_make_a_bird() -> None:
    rng = np.random.default_rng(3)
    told = followed({n: course_of_drone(rng, 80) for n in range(1, 11)})
    assert told[30:, :, Kind.BIRD].max(axis=0).mean() < 0.5
    assert told[-1, :, Kind.BIRD].max() < 0.2


def test_what_is_fast_is_no_bird() -> None:
    rng = np.random.default_rng(3)
    told = followed({1: course_of_drone(rng, 40, 45.0), 2: course_of_bird(rng, 40, 40.0)})[-1]
    assert told[:, Kind.FIXED_WING].min() > 0.99


def test_what_rises_and_drifts_is_a_balloon_until_it_steers() -> None:
    drift: list[State] = [(5.0 * k, 2.0 * k, 80.0 + 0.9 * k, 5.0, 2.0, 0.9) for k in range(90)]
    on: list[State] = [(445.0 + 5.0 * k, 178.0 + 2.0 * k, 160.0, 5.0, 2.0, 0.0) for k in range(60)]
    fast: list[State] = [(740.0 + 15.0 * k, 296.0, 160.0, 15.0, 0.0, 0.0) for k in range(30)]
    told = followed({1: drift + on + fast})
    assert told[10, 0, Kind.BALLOON] == 0.0
    assert told[89, 0, Kind.BALLOON] == 1.0
    assert told[149, 0, Kind.BALLOON] == 1.0  # it need not rise for ever
    assert told[-1, 0, Kind.BALLOON] == 0.0


@pytest.mark.parametrize("step", [1, 2])
def test_habits_do_not_hang_on_the_pace_of_ticks(step: int) -> None:
    rng = np.random.default_rng(4)
    courses = {1: course_of_bird(rng, 80), 2: course_of_drone(rng, 80)}
    last = followed(courses, step)[-1]
    assert last[0, Kind.BIRD] > 0.7
    assert last[1, Kind.MULTIROTOR] > 0.9


def told_rows(kind: Kind, rcs_dbsm: float, time_ns: int) -> Picture:
    rows = picture(time_ns, {1: (0.0, 0.0, 50.0, 0.0, 10.0, 0.0)})
    rows.kind[:], rows.rcs_dbsm[:] = kind, rcs_dbsm
    return rows


@pytest.mark.parametrize("kind", [Kind.AIRCRAFT, Kind.MULTIROTOR, Kind.BIRD])
def test_what_the_core_tells_goes_before_all(kind: Kind) -> None:
    night = Night()
    night.see(told_rows(kind, math.nan, START_NS + SECOND_NS))
    assert kinds_now(night.state)[0, kind] == 1.0
    assert threats(kinds_now(night.state), Rules())[0] == float(kind not in Rules().harmless)


def test_a_large_echo_is_less_likely_a_bird() -> None:
    told = []
    for rcs_dbsm in (-40.0, math.nan, -10.0):
        night = Night()
        night.see(told_rows(Kind.UNKNOWN, rcs_dbsm, START_NS + SECOND_NS))
        told.append(kinds_now(night.state)[0, Kind.BIRD])
    assert told[0] > told[1] > told[2]
    assert told[0] < 0.9  # size alone proves nothing


def test_steadiness_is_bounded() -> None:
    odds = steadiness(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.3, 0.2]]))
    assert odds == pytest.approx([math.log(49.0), -math.log(49.0), 0.0])


def test_probabilities_add_up() -> None:
    rng = np.random.default_rng(6)
    told = followed({n: course_of_bird(rng, 30, rng.uniform(2.0, 40.0)) for n in range(1, 20)})
    assert told.sum(axis=2) == pytest.approx(np.ones(told.shape[:2]))
    assert (told >= 0.0).all()
