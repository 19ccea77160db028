"""The rules of telling, without any network: what a receiver hears of every course that a call can take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Event, EventKind, Level
from lowsky.serve.delivery import Receiver, Situation
from lowsky.serve.delivery.calls import MOST_ENDED, CallBook
from lowsky.serve.delivery.chain import (
    LIFE_NS,
    MAX_REFERENCES,
    REACHED,
    RENEW_NS,
    Chain,
    Message,
    State,
    Step,
    expiry_ns,
    give_up,
    next_step,
)
from lowsky.wire.cap import Alert, Audience, Call
from tests.serve.receivers import HARBOUR, PLANT, kind_of, notice, notices

T0 = 1_790_000_000_000_000_000
MINUTE_NS = 60_000_000_000
TOWER = Receiver("tower", "webhook", Level.WARNING, frozenset({"harbour"}), Audience())


def call_at(level: Level) -> Call | None:
    return None if level is Level.CLEAR else Call(1, level, HARBOUR, 1, late_ns=T0)


def alert(name: str) -> Alert:
    return Alert(name, "s", "t", "Actual", "Alert", "Public")


class Told:
    """A receiver and what it was told, driven by `next_step` as a courier does."""

    def __init__(self) -> None:
        self.chain: Chain | None = None
        self.messages: list[Message] = []

    def run(self, level: Level, fate: State, drill: bool, now_ns: int) -> None:
        """Do all steps that are due, each attempt with one fate; the last of these may leave the message open."""
        call = call_at(level)
        for _ in range(10):
            step = next_step(TOWER, self.chain, call, drill, now_ns).step
            if step is Step.NOTHING:
                return
            if step is Step.FORGET:
                self.chain = None
                continue
            if step in (Step.TELL, Step.CLEAR):
                self.chain = self.chain or Chain(1, HARBOUR, drill, now_ns)
                told = None if step is Step.CLEAR else call
                message = Message(
                    alert(f"{len(self.messages)}"), told.level if told else Level.CLEAR, now_ns, expiry_ns(told, now_ns)
                )
                self.chain.add(message)
                self.messages.append(message)
            assert self.chain is not None
            assert self.chain.outstanding is not None
            if self.chain.outstanding.expires_ns <= now_ns:
                give_up(self.chain.outstanding)
            elif not (fate is State.WAITING and self.chain.outstanding.state is State.UNSURE):
                self.chain.outstanding.state = fate
            if self.chain.outstanding is not None:
                return
        raise AssertionError("it never comes to rest")


courses = st.lists(
    st.tuples(
        st.sampled_from(Level),
        st.sampled_from([State.DELIVERED, State.DELIVERED, State.WAITING, State.UNSURE]),
        st.booleans(),
        st.integers(0, 8),
    ),
    max_size=25,
)


@given(courses)
def test_whatever_happens_a_receiver_is_left_with_what_stands(course: list[tuple[Level, State, bool, int]]) -> None:
    told, now_ns = Told(), T0
    for level, fate, drill, minutes in course:
        now_ns += minutes * MINUTE_NS
        told.run(level, fate, drill, now_ns)
    told.run(Level.IMMINENT, State.DELIVERED, False, now_ns)
    assert told.chain is not None
    assert told.chain.last is not None
    assert (told.chain.last.level, told.chain.last.state, told.chain.exercise) == (
        Level.IMMINENT,
        State.DELIVERED,
        False,
    )
    told.run(Level.CLEAR, State.DELIVERED, False, now_ns)
    assert told.chain is None
    assert told.messages[-1].level is Level.CLEAR


@given(st.lists(st.sampled_from(Level), max_size=30), st.integers(0, 2))
def test_who_confirms_hears_each_change_once(levels: list[Level], seconds: int) -> None:
    told = Told()
    for i, level in enumerate(levels):
        for _ in range(3):
            told.run(level, State.DELIVERED, False, T0 + i * seconds * 1_000_000_000)
    heard: list[Level] = []
    for level in levels:  # what a person with the rule in hand would say
        since = heard[-1] if heard else Level.CLEAR
        begins = since is Level.CLEAR and level >= TOWER.level
        if begins or (since is not Level.CLEAR and level is not since):
            heard.append(level)
    assert [m.level for m in told.messages] == heard


@given(courses)
def test_every_message_names_those_that_may_be_known_and_no_other(course: list[tuple[Level, State, bool, int]]) -> None:
    told = Told()
    for i, (level, fate, drill, _) in enumerate(course):
        told.run(level, fate, drill, T0 + i)
        if told.chain is not None:
            named = {r.identifier for r in told.chain.references}
            assert named == {m.alert.identifier for m in told.chain.messages if m.state in REACHED}
            assert len(told.chain.messages) <= MAX_REFERENCES + 1


def test_nothing_is_told_below_the_level_or_of_other_places() -> None:
    call = Call(1, Level.IMMINENT, PLANT, 1)
    assert next_step(TOWER, None, call, False, T0).step is Step.NOTHING
    assert next_step(TOWER, None, replace(call, place=HARBOUR), False, T0).step is Step.TELL
    assert next_step(TOWER, None, replace(call, place=HARBOUR, level=Level.WATCH), False, T0).step is Step.NOTHING


def test_a_warning_lives_beyond_the_last_arrival_it_names() -> None:
    call = Call(1, Level.WARNING, HARBOUR, 1, arrival_ns=T0 + MINUTE_NS, late_ns=T0 + 2 * MINUTE_NS)
    assert expiry_ns(call, T0) == T0 + 2 * MINUTE_NS + LIFE_NS
    assert expiry_ns(replace(call, arrival_ns=NO_TIME_NS, late_ns=NO_TIME_NS), T0) == T0 + LIFE_NS
    assert RENEW_NS < LIFE_NS


def test_a_call_is_the_sum_of_its_notices() -> None:
    book = CallBook()
    rows = [
        notice(7, Level.WATCH, number=1, track=1, place=1, probability=0.4, arrival_ns=0),
        notice(
            7,
            Level.WARNING,
            number=2,
            track=3,
            place=1,
            probability=0.9,
            arrival_ns=T0 + 50,
            early_ns=T0 + 40,
            late_ns=T0 + 60,
        ),
        notice(
            7,
            Level.WARNING,
            number=3,
            track=2,
            place=1,
            probability=0.7,
            arrival_ns=T0 + 30,
            early_ns=T0 + 20,
            late_ns=T0 + 99,
        ),
        notice(7, Level.CLEAR, number=4, track=9, place=1, probability=1.0, arrival_ns=T0 + 1),
        notice(8, Level.CLEAR, number=5, track=5),
    ]
    situation = Situation((HARBOUR, PLANT), False, kind_of, lambda row: (1.0, 2.0))
    assert book.update(notices(T0, *rows), situation) == [7]
    kinds = ((Kind.FIXED_WING, 2), (Kind.UNKNOWN, 1))
    assert book.call(7) == Call(7, Level.WARNING, PLANT, 3, kinds, 0.9, T0 + 30, T0 + 20, T0 + 99, (1.0, 2.0))
    assert book.call(8) is None
    assert book.update(notices(T0 + 1, *rows), situation) == []
    assert book.update(notices(T0 + 2, rows[0]), situation) == [7]
    assert book.levels == {7: Level.WATCH}
    assert book.update(notices(T0 + 3), situation) == [7]
    assert book.call(7) is None


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(Level)), max_size=12))
def test_levels_of_calls_are_the_highest_of_their_notices(rows: list[tuple[int, Level]]) -> None:
    book = CallBook()
    batch = notices(T0, *(notice(call, level, number=i + 1) for i, (call, level) in enumerate(rows)))
    book.update(batch, Situation((HARBOUR,), False, kind_of))
    expected = {c: max(v for k, v in rows if k == c) for c, _ in rows}
    assert book.levels == {c: v for c, v in expected.items() if v > Level.CLEAR}
    assert sum((book.call(c) or Call(0, Level.CLEAR, HARBOUR, 0)).count for c in book.levels) == sum(
        1 for c, v in rows if v > Level.CLEAR
    )


def test_a_call_keeps_its_place_while_places_change() -> None:
    book = CallBook()
    moved = replace(HARBOUR, radius_m=1200.0)
    book.update(notices(T0, notice(1)), Situation((HARBOUR, PLANT), False, kind_of))
    for places, place in (((PLANT, HARBOUR), HARBOUR), ((), HARBOUR), ((moved,), moved), ((PLANT,), moved)):
        assert book.update(notices(T0, notice(1)), Situation(places, False, kind_of)) == []
        call = book.call(1)
        assert call is not None
        assert call.place == place
    book.update(notices(T0, notice(2, place=7)), Situation((HARBOUR,), False, kind_of))
    assert book.levels == {}  # nobody knows where


def test_who_ends_a_call_by_hand_is_no_rule() -> None:
    book = CallBook()
    situation = Situation((HARBOUR,), False, kind_of)
    book.update(notices(T0, notice(1), notice(2)), situation)
    ended = [Event(T0, EventKind.ENDED, n, n, 1, 0, Level.CLEAR, who) for n, who in ((1, "kim"), (2, ""))]
    book.update(notices(T0), situation, ended)
    assert list(book.ended_by_hand) == [1]
    told = Told()
    told.run(Level.WARNING, State.DELIVERED, False, T0)
    notes = [next_step(TOWER, told.chain, None, False, T0, by_hand).note for by_hand in (True, False)]
    assert notes == ["ended by hand", "ended by rule"]
    book.update(notices(T0), situation, [replace(ended[0], call=c) for c in range(5000)])
    assert len(book.ended_by_hand) <= MOST_ENDED


def test_only_the_last_tick_of_a_batch_counts() -> None:
    book = CallBook()
    batch = notices(T0, notice(1), notice(2))
    batch = replace(batch, time_ns=np.array([T0 - 1, T0]))
    book.update(batch, Situation((HARBOUR,), False, kind_of))
    assert list(book.levels) == [2]
