"""What people, receivers and the shell do to notices: acknowledge, deliver, end, drill, other places and rules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..model.action import Action, ActionKind
from ..model.notice import Event, EventKind, Level
from ..model.place import places_from_text
from .ground import ground_of
from .notices import event_of
from .rules import rules_from_text
from .state import DELIVERY, MOST_DELIVERIES, MOST_NAMES, VESSEL, AssessState

Done = list[Event] | None  # None: what it referred to is not there


def apply_action(state: AssessState, time_ns: int, action: Action) -> list[Event]:
    """Apply one action at a tick. One that refers to nothing that is there is counted and has no effect."""
    do = ACTIONS.get(action.kind)
    if do is None:  # the core's own
        return []
    done = do(state, time_ns, action)
    if done is None:
        state.tally["without_effect"] += 1
    return done or []


def _name(state: AssessState, who: str) -> int:
    """Index of a name; beyond the limit the last one stands for all others."""
    if who not in state.names and len(state.names) < MOST_NAMES:
        state.names.append(who)
    return state.names.index(who) if who in state.names else MOST_NAMES - 1


def _acknowledge(state: AssessState, time_ns: int, action: Action) -> Done:
    column = "notice" if action.kind is ActionKind.ACKNOWLEDGE else "call"
    notices = state.tables["notices"]
    rows = np.flatnonzero((notices[column] == action.number) & (notices["muted"] == 0))
    if not len(rows):
        return None
    rows = rows[notices["acknowledged_ns"][rows] == 0]
    notices["acknowledged_ns"][rows], notices["acknowledged_by"][rows] = time_ns, _name(state, action.who)
    return [event_of(time_ns, EventKind.ACKNOWLEDGED, notices[i], action.who) for i in rows]


def _deliver(state: AssessState, time_ns: int, action: Action) -> Done:
    notices, deliveries = state.tables["notices"], state.tables["deliveries"]
    rows = np.flatnonzero(notices["call"] == action.number)
    if not len(rows):
        return None
    new = np.array([(action.number, _name(state, action.who), time_ns)], dtype=DELIVERY)
    state.tables["deliveries"] = np.concatenate([deliveries, new])[-MOST_DELIVERIES:]
    return [event_of(time_ns, EventKind.DELIVERED, notices[i], action.who) for i in rows]


def _end(state: AssessState, time_ns: int, action: Action) -> Done:
    notices = state.tables["notices"]
    rows = np.flatnonzero((notices["notice"] == action.number) & (notices["muted"] == 0))
    notices["muted"][rows] = 1
    return [event_of(time_ns, EventKind.ENDED, notices[i], action.who) for i in rows] or None


def _drill(state: AssessState, time_ns: int, action: Action) -> Done:
    if action.value not in ("on", "off"):
        return None
    state.tally["drill"] = action.value == "on"
    return []


def _set_places(state: AssessState, time_ns: int, action: Action) -> Done:
    """Other places: notices of those that stay, by id, go on; of the others they end."""
    try:
        places = places_from_text(action.value)
    except ValueError:
        return None
    row_of = {place.id: row for row, place in enumerate(places)}
    old = state.places
    moved = np.array([row_of.get(place.id, -1) for place in old], dtype=np.int64)
    events = []
    notices = state.tables["notices"]
    ends = np.flatnonzero(moved[notices["place"]] < 0)
    for i in ends:
        notices["level"][i] = Level.CLEAR
        events.append(event_of(time_ns, EventKind.ENDED, notices[i]))
    state.tables["notices"] = notices = np.delete(notices, ends)
    notices["place"] = moved[notices["place"]]
    calls = state.tables["calls"]
    state.tables["calls"] = calls = calls[moved[calls["place"]] >= 0]
    calls["place"] = moved[calls["place"]]
    vessels = np.zeros(len(places), dtype=VESSEL)
    for row, new in enumerate(moved):
        if new >= 0 and places[new].identity == old[row].identity:
            vessels[new] = state.tables["vessels"][row]
    state.tables["vessels"], state.places, state.ground = vessels, places, ground_of(places, state.frame)
    return events


def _set_rules(state: AssessState, time_ns: int, action: Action) -> Done:
    """Other rules: what stands is judged by them from this tick on."""
    try:
        state.rules = rules_from_text(action.value)
    except ValueError:
        return None
    return []


ACTIONS: dict[ActionKind, Callable[[AssessState, int, Action], Done]] = {
    ActionKind.ACKNOWLEDGE: _acknowledge,
    ActionKind.ACKNOWLEDGE_CALL: _acknowledge,
    ActionKind.DELIVERED: _deliver,
    ActionKind.END: _end,
    ActionKind.DRILL: _drill,
    ActionKind.SET_PLACES: _set_places,
    ActionKind.SET_RULES: _set_rules,
}
