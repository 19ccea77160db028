"""The state is saved and restored to the last bit, whatever happened; what does not fit is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.assess import Rules, restored_assessment, saved_assessment
from lowsky.model.action import Action, ActionKind
from lowsky.model.notice import NOTICE_COLUMNS, Event, EventKind, Level, NoticeBatch
from lowsky.model.place import Place, Shape, places_text
from tests.assess.nights import FRAME, HARBOUR, Night, State, flown

SHIP = Place("ship", "Ship 바다", Shape.VESSEL, (), 350.0, identity="440123456")
DEPOT = Place("depot", "Depot", Shape.POLYGON, ((37.01, 127.0), (37.01, 127.01), (37.02, 127.01)), 50.0)
PLACES = (HARBOUR, SHIP, DEPOT)

FLIGHT = st.tuples(
    st.floats(-4000.0, 4000.0),
    st.floats(-4000.0, 4000.0),
    st.floats(0.0, 500.0),
    st.floats(-50.0, 50.0),
    st.floats(-50.0, 50.0),
    st.floats(-3.0, 3.0),
)
ACTION = st.tuples(
    st.sampled_from(list(ActionKind)),
    st.integers(0, 6),
    st.sampled_from(["", "on", "off", "bird", "[]", places_text(PLACES), places_text((DEPOT,)), "}"]),
    st.sampled_from(["kim", "lee", ""]),
)
TICK = st.tuples(
    st.dictionaries(st.integers(1, 6), FLIGHT, max_size=4),
    st.lists(ACTION, max_size=2),
    st.sampled_from([0.2, 1.0, 7.0, 40.0]),
)


def play(night: Night, ticks: list[Any]) -> list[tuple[NoticeBatch, list[Event]]]:
    out = []
    for flights, actions, seconds in ticks:
        known = len(night.events)
        batch = night.tick(
            flights, *(Action(night.time_ns, *action) for action in actions), seconds=seconds, identities={1: 0}
        )
        out.append((batch, night.events[known:]))
    return out


def same(one: NoticeBatch, other: NoticeBatch) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in NOTICE_COLUMNS)


def night_of_all() -> Night:
    night = Night(PLACES)
    night.identities = ["440123456"]
    return night


@settings(max_examples=60)
@given(st.lists(TICK, min_size=2, max_size=8), st.integers(0, 7))
def test_it_goes_on_as_if_nothing_had_been(ticks: list[Any], cut: int) -> None:
    whole, first = night_of_all(), night_of_all()
    expected = play(whole, ticks)
    play(first, ticks[:cut])
    second = night_of_all()
    second.time_ns = first.time_ns
    second.state = restored_assessment(FRAME, saved_assessment(first.state))
    for (batch, events), (other, others) in zip(play(second, ticks[cut:]), expected[cut:], strict=True):
        assert same(batch, other)
        assert events == others
    for name, table in saved_assessment(whole.state).items():
        assert table.tobytes() == saved_assessment(second.state)[name].tobytes()


@settings(max_examples=60)
@given(st.lists(TICK, min_size=1, max_size=10))
def test_what_stands_fits_what_happened(ticks: list[Any]) -> None:
    """One notice a pair, numbers rise, and events tell exactly how the standing ones came and went."""
    night = night_of_all()
    standing: set[int] = set()
    highest = 0
    for batch, events in play(night, ticks):
        pairs = list(zip(batch.track.tolist(), batch.place.tolist(), strict=True))
        open_pairs = [p for p, level in zip(pairs, batch.level, strict=True) if level > Level.CLEAR]
        assert len(set(open_pairs)) == len(open_pairs)
        raised = [e.notice for e in events if e.kind is EventKind.RAISED]
        assert raised == list(range(highest + 1, highest + 1 + len(raised)))
        highest += len(raised)
        ended = {e.notice for e in events if e.kind is EventKind.ENDED}
        assert ended <= standing | set(raised)
        standing = (standing | set(raised)) - ended
        assert {n for n, level in zip(batch.notice.tolist(), batch.level, strict=True) if level > 0} == standing
        assert np.all((batch.probability >= 0.0) & (batch.probability <= 1.0 + 1e-9))
        known = batch.arrival_ns > 0
        assert np.all(batch.early_ns[known] <= batch.arrival_ns[known])
        assert np.all(batch.arrival_ns[known] <= batch.late_ns[known])


def test_what_is_saved_is_a_copy() -> None:
    night = night_of_all()
    saved = saved_assessment(night.state)
    before = {name: table.copy() for name, table in saved.items()}
    for second in range(20):
        into: State = flown((0.0, 3000.0, 200.0, 0.0, -45.0, 0.0), second)
        night.tick({7: into}, Action(night.time_ns, ActionKind.DRILL, value="on"))
    assert all(np.array_equal(before[name], saved[name]) for name in saved)
    assert all(isinstance(table, np.ndarray) for table in saved.values())


@pytest.mark.parametrize("name", sorted(saved_assessment(Night().state)))
def test_a_table_that_is_missing_or_another_is_refused(name: str) -> None:
    saved = saved_assessment(night_of_all().state)
    without = {key: table for key, table in saved.items() if key != name}
    other = saved | {name: np.zeros(3, dtype=np.float32)}
    for tables in (without, other):
        with pytest.raises(ValueError, match=name):
            restored_assessment(FRAME, tables)


def test_tables_of_other_places_are_refused() -> None:
    saved: dict[str, NDArray[Any]] = saved_assessment(night_of_all().state)
    saved["vessels"] = saved["vessels"][:1]
    with pytest.raises(ValueError, match="places"):
        restored_assessment(FRAME, saved)


def test_who_was_seen_is_forgotten_in_time_and_there_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowsky.assess.objects.MOST_OBJECTS", 50)
    monkeypatch.setattr("lowsky.assess.notices.MOST_NOTICES", 10)
    night = Night(rules=dataclasses.replace(Rules(), inherit_m=0.0, inherit_growth_mps=0.0))
    for second in range(40):
        crowd: dict[int, State] = {
            100 * second + k: (3.0 * k, 3000.0 + 90.0 * (second % 2), 200.0, 0.0, -45.0, 0.0) for k in range(60)
        }
        night.tick(crowd)
        assert len(night.state.tables["objects"]) <= 50
        assert len(night.state.tables["notices"]) <= 10
    for _ in range(40):
        night.tick({})
    assert len(night.state.tables["objects"]) == 0
    assert len(night.state.tables["notices"]) == 0
