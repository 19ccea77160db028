"""Notices: raised, moved with their object, raised and lowered, ended. One an object and place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.notice import NO_TIME_NS, NOTICE_COLUMNS, NOTICE_DTYPES, Event, EventKind, Level, NoticeBatch
from ..model.timebase import NS_PER_S
from .calls import call_for
from .levels import raised_level, stepped
from .objects import Moves
from .outlook import Floats, Outlook
from .state import MOST_NOTICES, NOTICE, AssessState

FURTHEST_S = 1e6  # an arrival beyond is none; and int64 ns would not hold every float


def event_of(time_ns: int, kind: EventKind, notice: Any, who: str = "") -> Event:
    """What happened to a notice (a record)."""
    notice_number, call, track, place = (int(notice[name]) for name in ("notice", "call", "track", "place"))
    return Event(time_ns, kind, notice_number, call, track, place, Level(int(notice["level"])), who)


def move_notices(state: AssessState, time_ns: int, moves: Moves) -> list[Event]:
    """Give the notices of objects that go on under another number to it; of two for one place the older stays."""
    events = []
    notices = state.tables["notices"]
    for old, new in moves:
        for i in np.flatnonzero(notices["track"] == old):
            there = (notices["track"] == new) & (notices["place"] == notices["place"][i])
            told = notices["muted"][i] == 0
            if there.any():
                notices["level"][i] = Level.CLEAR
            else:
                notices["track"][i] = new
            if told:
                kind = EventKind.ENDED if there.any() else EventKind.MOVED
                events.append(event_of(time_ns, kind, notices[i]))
    return events


def update_notices(state: AssessState, time_ns: int, seen: Outlook, where: Floats) -> list[Event]:
    """Levels and arrivals of the standing notices, and new notices for pairs that are called for."""
    objects, notices = state.tables["objects"], state.tables["notices"]
    pair_of = np.full((len(objects), len(state.places)), -1, dtype=np.int64)
    pair_of[seen.object, seen.place] = np.arange(len(seen.object))
    row, found = _rows_of(objects, notices)
    pair = np.where(found, pair_of[row, notices["place"]], -1) if len(objects) else np.full(len(notices), -1)
    events = _update_standing(state, time_ns, seen, pair, row, found, where)
    fresh = np.ones(len(seen.object), dtype=np.bool_)
    fresh[pair[pair >= 0]] = False
    return events + _raise(state, time_ns, seen, np.flatnonzero(fresh & (raised_level(seen.near, state.rules) > 0)))


def _rows_of(objects: NDArray[Any], notices: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Row of each notice's object, and whether it is there at all."""
    if not len(objects):
        return np.zeros(len(notices), dtype=np.int64), np.zeros(len(notices), dtype=np.bool_)
    row = np.minimum(np.searchsorted(objects["number"], notices["track"]), len(objects) - 1)
    return row, objects["number"][row] == notices["track"]


def _update_standing(
    state: AssessState,
    time_ns: int,
    seen: Outlook,
    pair: NDArray[np.int64],
    row: NDArray[np.int64],
    found: NDArray[np.bool_],
    where: Floats,
) -> list[Event]:
    """Every standing notice by its pair of the outlook (-1: it has none); events of those that change."""
    objects, notices, rules = state.tables["objects"], state.tables["notices"], state.rules
    if not len(notices):
        return []
    has = pair >= 0
    near = np.zeros((len(notices), 3))
    near[has] = seen.near[pair[has]]
    before = notices["level"].copy()
    level, low_ns = stepped(before, notices["low_ns"], near, time_ns, rules)
    present = found.copy()
    present[found] = objects["seen_ns"][row[found]] == time_ns
    known = np.isfinite(where[notices["place"], 0])
    frozen = found & ~(present & known)  # out of sight for a while, or the vessel is: nothing is learnt, nothing sinks
    level[frozen], low_ns[frozen] = before[frozen], 0
    lost = ~found
    lost[found] = time_ns - objects["seen_ns"][row[found]] >= round(rules.lost_s * NS_PER_S)
    worse = (notices["muted"] == 1) & (level > before)  # than when somebody ended it: to be raised anew
    level[lost | worse | (before == Level.CLEAR)] = Level.CLEAR
    notices["level"], notices["low_ns"] = level, low_ns
    notices["probability"] = np.where(frozen, notices["probability"], 0.0)
    notices["probability"][has] = seen.probability[pair[has]]
    _set_arrivals(notices, np.flatnonzero(has), seen.arrival_s[pair[has]], time_ns)
    gone = np.flatnonzero(~has & ~(frozen & known))
    _set_arrivals(notices, gone, np.full((len(gone), 3), np.nan), time_ns)
    return [
        event_of(time_ns, EventKind.LEVEL if level[i] else EventKind.ENDED, notices[i])
        for i in np.flatnonzero((level != before) & (notices["muted"] == 0))
    ]


def _set_arrivals(notices: NDArray[Any], rows: NDArray[np.int64], arrival_s: Floats, time_ns: int) -> None:
    """Put 5, 50 and 95 percent points of arrival (n, 3), s from the tick, into notices."""
    for name, column in zip(("early_ns", "arrival_ns", "late_ns"), arrival_s.T, strict=True):
        finite = np.abs(column) < FURTHEST_S
        ahead_ns = np.rint(np.where(finite, column, 0.0) * NS_PER_S).astype(np.int64)
        notices[name][rows] = np.where(finite, time_ns + ahead_ns, NO_TIME_NS)


def _raise(state: AssessState, time_ns: int, seen: Outlook, pairs: NDArray[np.int64]) -> list[Event]:
    """New notices for pairs, in order of object and place."""
    pairs = pairs[: MOST_NOTICES - len(state.tables["notices"])]
    if not len(pairs):
        return []
    objects, tally = state.tables["objects"], state.tally
    new = np.zeros(len(pairs), dtype=NOTICE)
    new["notice"] = tally["next_notice"] + np.arange(len(pairs))
    tally["next_notice"] += len(pairs)
    new["track"], new["place"] = objects["number"][seen.object[pairs]], seen.place[pairs]
    new["level"], new["probability"] = raised_level(seen.near[pairs], state.rules), seen.probability[pairs]
    new["raised_ns"], new["acknowledged_by"] = time_ns, -1
    _set_arrivals(new, np.arange(len(new)), seen.arrival_s[pairs], time_ns)
    for i, o in enumerate(seen.object[pairs]):
        new["call"][i] = call_for(state, time_ns, int(new["place"][i]), objects["state"][o])
    state.tables["notices"] = np.concatenate([state.tables["notices"], new])
    return [event_of(time_ns, EventKind.RAISED, notice) for notice in new]


def batch_of(notices: NDArray[Any], time_ns: int) -> NoticeBatch:
    """All notices as rows of this tick, in order of number."""
    columns = {name: notices[name].astype(NOTICE_DTYPES[name]) for name in NOTICE_COLUMNS if name != "time_ns"}
    return NoticeBatch(time_ns=np.full(len(notices), time_ns, dtype=np.int64), **columns)
