"""The world: one clock, acts, numbers, and a past that stays what it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.model.kinds import Kind
from lowsky.simulate.flight import Flight, traits_of
from lowsky.simulate.motion import STEP_S, Floats, bend
from lowsky.simulate.world import PAST_S, World

ACT_S = 4.0


class Straight(Flight):
    """n objects that fly straight for some seconds, each with a speed of its own."""

    def __init__(self, rng: np.random.Generator, n: int, begin_s: float, end_s: float) -> None:
        super().__init__(
            traits_of(np.full(n, Kind.BIRD, dtype=np.uint8), rng.normal(0, 1, n)),
            rng.uniform(-2000, 2000, (n, 3)), begin_s, end_s,
        )  # fmt: skip
        self._speed = rng.uniform(-20, 20, (n, 3))

    def steer(self, time_s: float) -> Floats:
        return self._speed


def act(number: int, rng: np.random.Generator) -> list[Flight]:
    """Three objects that live through the act, two that live through the next too."""
    start = number * ACT_S
    return [Straight(rng, 3, start, start + ACT_S), Straight(rng, 2, start + 1.0, start + 1.9 * ACT_S)]


def test_numbers_count_on_and_who_is_over_is_forgotten_with_the_next_act() -> None:
    world = World(act, ACT_S, 1)
    assert world.number.tolist() == [0, 1, 2, 3, 4]
    world.advance(40)
    assert world.number.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]  # over at this moment, not yet known to be
    world.advance(80)
    assert world.number.tolist() == list(range(5, 15))
    world.advance(120)
    assert world.number.tolist() == list(range(10, 20))
    assert len(world.traits) == 10


def test_presence_follows_the_acts() -> None:
    world = World(act, ACT_S, 1)
    counts = []
    for step in range(0, 160, 5):
        world.advance(step)
        counts.append(int(world.at(step * STEP_S).alive.sum()))
    assert counts[0] == 3  # the two come a second later
    assert counts[3] == 5
    assert counts[9] == 5  # two of the first act, three of the second
    assert counts[12] == 7


@settings(max_examples=20)
@given(st.lists(st.integers(0, 150), max_size=12))
def test_the_world_does_not_depend_on_how_it_is_stepped(stops: list[int]) -> None:
    one, other = World(act, ACT_S, 7), World(act, ACT_S, 7)
    one.advance(150)
    for stop in stops:
        other.advance(stop)
    other.advance(150)
    a, b = one.at(15.0), other.at(15.0)
    assert (a.position == b.position).all()
    assert (a.alive == b.alive).all()
    assert (one.number == other.number).all()
    assert (one.traits.rcs_dbsm == other.traits.rcs_dbsm).all()


def test_the_past_stays_what_it_was_when_others_come() -> None:
    world = World(act, ACT_S, 3)
    world.advance(39)
    before = {n: world.at(3.0).position[i] for i, n in enumerate(world.number.tolist())}
    world.advance(95)
    after = world.at(3.0)
    for i, n in enumerate(world.number.tolist()):
        if n in before:
            assert (after.position[i] == before[n]).all()
        else:
            assert not after.alive[i]


def test_positions_between_steps_are_on_the_line_and_the_map_is_bent() -> None:
    world = World(act, ACT_S, 3)
    world.advance(11)
    step, between = world.at(1.1), world.at(1.16)
    np.testing.assert_allclose(between.position, step.position + 0.06 * step.velocity, atol=1e-12)
    flights = act(0, np.random.default_rng(np.random.SeedSequence(3, spawn_key=(1, 0))))
    flat, _ = bend(np.concatenate([f.position for f in flights]), np.zeros((5, 3)))
    np.testing.assert_allclose(world.at(0.0).position, flat, atol=1e-12)


def test_paths_join_the_steps_and_end_with_the_present_one() -> None:
    world = World(act, ACT_S, 3)
    world.advance(100)
    rows = np.array([2, 0])
    path, present, first = world.path(rows)
    assert len(path) == len(present) + 1
    assert first == 0
    for k in (0, 17, 99):
        assert (path[k] == world.at((first + k) * STEP_S).position[rows]).all()
    np.testing.assert_allclose(path[-1], world.at(10.0).position[rows] + STEP_S * world.at(10.0).velocity[rows])


def test_only_so_much_past_is_kept_and_the_future_is_not_known() -> None:
    world = World(act, ACT_S, 3)
    world.advance(400)
    assert len(world.at(40.0 - PAST_S + STEP_S).alive) == len(world.number)
    for time_s in (40.0 - PAST_S - STEP_S, 40.2, -1.0):
        with pytest.raises(ValueError, match="not within"):
            world.at(time_s)


def test_a_scene_may_be_empty_for_a_while() -> None:
    world = World(lambda number, rng: act(number, rng) if number == 2 else [], ACT_S, 1)
    assert len(world.number) == 0
    world.advance(30)
    assert len(world.at(3.0).position) == 0
    world.advance(85)
    assert world.number.tolist() == [0, 1, 2, 3, 4]
