"""Numbers given lately are found again by birth; a lost one goes to who is nearest where it was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import numbers
from lowsky.kernels.layout import World
from lowsky.tracking.history import keep_numbers
from tests.kernels.worlds import SECOND_NS, START_NS, add_track, small_world


def _given(births: list[int]) -> World:
    """A world with a numbered track a birth: the k-th is number k + 1, 1 km east of the one before, flying north."""
    w = small_world()
    for k, birth in enumerate(births):
        state = np.array([1000.0 * k, 0.0, 200.0, 0.0, 20.0, 0.0])
        t = w.tracks[add_track(w, state)]
        t.birth = birth
        numbers.give_number(w, t, state, 10.0, START_NS)
        numbers.note_shown(w, t, state, START_NS)
    w.tally.shown_ns = START_NS
    return w


BIRTHS = st.lists(st.integers(1, 50), unique=True, max_size=12)


@given(BIRTHS, st.integers(0, 12), st.booleans())
@examples(max_examples=30)
def test_numbers_are_found_by_birth_and_by_number(births: list[int], sorted_at: int, by_tick: bool) -> None:
    w = _given(births[:sorted_at])
    if by_tick:
        numbers.sort_births(w)
        assert w.tally.sorted == w.tally.numbered
    else:
        keep_numbers(w, START_NS)
    for k, birth in enumerate(births[sorted_at:], sorted_at):  # given since they were sorted
        t = w.tracks[add_track(w, np.zeros(6))]
        t.birth = birth
        numbers.give_number(w, t, np.full(6, 1e6), 10.0, START_NS)
        assert t.number == k + 1
    for birth in range(1, 51):
        row = numbers.place_of(w, birth)
        assert row == (births.index(birth) if birth in births else -1)
        if row >= 0:
            assert numbers.row_of(w, w.numbers[row].number) == row
    assert numbers.row_of(w, len(births) + 1) == numbers.row_of(w, 0) == -1


def test_a_birth_worked_again_gets_its_number_again() -> None:
    w = _given([7, 3, 9])
    w.tracks["number"] = 0
    w.tracks[2].birth = 4  # was never shown
    keep_numbers(w, START_NS)
    numbers.numbers_again(w)
    assert w.tracks["number"][:3].tolist() == [1, 2, 0]
    numbers.number_again(w, 2, 9)
    assert w.tracks[2].number == 3


def test_what_was_given_before_every_snapshot_is_forgotten() -> None:
    w = _given([7, 3, 9])
    w.numbers[0].given_ns -= SECOND_NS
    keep_numbers(w, START_NS)
    assert w.tally.numbered == w.tally.sorted == 2
    assert w.numbers["number"][:2].tolist() == [2, 3]
    assert [numbers.place_of(w, birth) for birth in (7, 3, 9)] == [-1, 0, 1]


@pytest.mark.parametrize(("away_m", "number"), [(0.0, 2), (50.0, 2), (200.0, 4)])
def test_a_number_that_lost_its_track_goes_to_the_next_one_near(away_m: float, number: int) -> None:
    """After a rebuild the second object's track begins with another report, 3 s later and 60 m further north."""
    w = _given([7, 3, 9])
    w.tracks[1].number, w.tracks[1].birth = 0, 2
    numbers.find_lost(w)
    assert w.numbers["lost"][:3].tolist() == [0, 1, 0]
    t = w.tracks[1]
    state = np.array([1000.0 + away_m, 60.0, 200.0, 0.0, 20.0, 0.0])
    numbers.give_number(w, t, state, 10.0, START_NS + 3 * SECOND_NS)
    assert t.number == number
    if number == 2:
        assert (w.numbers[1].birth, w.numbers[1].lost, w.tally.next_number) == (2, 0, 4)
        keep_numbers(w, START_NS)
        assert numbers.place_of(w, 2) == 1
        assert numbers.place_of(w, 3) == -1


def test_only_what_was_shown_at_the_last_tick_can_be_lost() -> None:
    w = _given([7, 3])
    w.tally.shown_ns += SECOND_NS
    w.tracks[1].number = 0
    numbers.find_lost(w)
    assert not w.numbers["lost"].any()
