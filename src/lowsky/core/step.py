"""The step: consumes one input, updates the state in place, and says what changed.

Deterministic to the bit: events are merged by a stable sort, everything else happens in compiled kernels in a fixed
order, and nothing depends on how input was cut: `step` of two inputs in turn equals `step` of both as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..assess import assess_tick
from ..kernels import codes
from ..model.action import Action, ActionKind
from ..model.horizon import horizon_from_json
from ..model.notice import NOTICE_COLUMNS, Event, NoticeBatch, concatenate_notices
from ..model.picture import PICTURE_COLUMNS, Picture, concatenate_pictures, take_rows
from ..model.report import no_looks, report_batch
from ..sensing import draw_horizon
from ..tracking.intake import look_records, report_records
from .changes import Changes, counts_of, joined, scores_of, take_picture, take_trace
from .pieces import pieces
from .registered import registration_of
from .state import CoreInput, CoreState
from .working import work


def step(state: CoreState, given: CoreInput) -> tuple[CoreState, Changes]:
    """Consume one input. The state is changed in place and returned.

    Raises:
        MemoryError: if the site outgrows a capacity of `tracking.memory`.
    """
    return state, joined([_consumed(state, piece) for piece in pieces(given)])


def _consumed(state: CoreState, given: CoreInput) -> Changes:
    """Consume an input under one description of the sensors."""
    if given.actions and given.actions[0].kind is ActionKind.SET_SENSORS:
        state.set_sensors(given.actions[0].value)
        given = replace(given, actions=given.actions[1:])
    identified = replace(given.reports, identity=state.identities.taken(given.reports))
    reports = report_records(identified, state.world.sensors, state.frame, state.settings)
    looks = look_records(given.looks)
    events = merge_events(given)
    first = 0
    for action in given.actions:
        if action.kind in AT_ONCE:
            last = int(np.searchsorted(events[2], action.received_ns, side="left"))
            work(state, tuple(column[first:last] for column in events), reports, looks)
            AT_ONCE[action.kind](state, action)
            first = last
    work(state, tuple(column[first:] for column in events), reports, looks)
    counts = counts_of(state)
    picture = take_picture(state)
    notices, happened = _assess(state, picture, given)
    trace, scores = take_trace(state.world), scores_of(state.world)
    settled, state.settled = concatenate_pictures([take_rows(picture, slice(0)), *state.settled]), []
    state.registration = registration_of(state.world, state.registration)
    names = state.identities.names
    return Changes(picture, counts, trace, notices, happened, scores, state.registration, names, settled)


def glance(state: CoreState, time_ns: int) -> Picture:
    """The picture at a moment between ticks, of the objects that have a public number. Nothing is changed that a later
    step could show, so glances need not be kept for replay.

    Args:
        time_ns: not before the last tick, and not after anything that a later input holds.
    """
    kinds, rows, times_ns = (np.array([v]) for v in (np.int8(codes.GLANCE), np.int64(0), np.int64(time_ns)))
    empty = report_records(report_batch(0), state.world.sensors, state.frame, state.settings)
    work(state, (kinds, rows, times_ns), empty, look_records(no_looks()))
    picture = take_picture(state)
    state.by_hand.put_kinds(picture.track, picture.kind)
    return picture


def _numbers_from(state: CoreState, action: Action) -> None:
    state.world.tally["next_number"] = max(int(state.world.tally["next_number"]), action.number)


def _set_horizon(state: CoreState, action: Action) -> None:
    try:
        corners = horizon_from_json(action.value)
        row = state.world.sensors[action.number] if action.number >= 0 else None
    except (ValueError, IndexError):
        row = None
    if row is None:
        state.by_hand.refused += 1
    else:
        draw_horizon(row, corners)
        state.history.work_again(state.world)


def _turn(state: CoreState, action: Action) -> None:
    state.turn(action.value)


AT_ONCE: dict[ActionKind, Callable[[CoreState, Action], None]] = {
    ActionKind.NUMBERS_FROM: _numbers_from,
    ActionKind.SET_HORIZON: _set_horizon,
    ActionKind.TURN: _turn,
}
"""Actions that change the tracker itself: carried out before what is received after them, not at the next tick."""


def _assess(state: CoreState, picture: Picture, given: CoreInput) -> tuple[NoticeBatch, tuple[Event, ...]]:
    """What the picture means at every tick of the input; actions take effect at the first tick not before them."""
    state.by_hand.waiting.extend(a for a in given.actions if a.kind not in AT_ONCE)
    first_of, after = (np.searchsorted(picture.time_ns, given.ticks_ns, side=side) for side in ("left", "right"))
    notices: list[NoticeBatch] = []
    events: list[Event] = []
    for tick_ns, first, last in zip(given.ticks_ns.tolist(), first_of.tolist(), after.tolist(), strict=True):
        actions = state.by_hand.due(tick_ns)
        rows = take_rows(picture, slice(first, last))
        state.by_hand.put_kinds(rows.track, rows.kind)
        standing, happened = assess_tick(state.assessment, tick_ns, rows, state.identities.names, actions)
        notices.append(standing)
        events += happened
    return concatenate_notices(notices), tuple(events)


def merge_events(given: CoreInput) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64]]:
    """Kind, row and time of receipt of every event of an input, in order of consumption."""
    n = (len(given.reports), len(given.looks), len(given.ticks_ns))
    kind = np.repeat(np.array([codes.REPORT, codes.LOOK, codes.TICK], dtype=np.int8), n)
    row = np.concatenate([np.arange(k, dtype=np.int64) for k in n])
    time_ns = np.concatenate([given.reports.received_ns, given.looks.received_ns, given.ticks_ns])
    order = np.argsort(time_ns, kind="stable")
    return kind[order], row[order], time_ns[order]


def picture_hash(picture: Picture, notices: NoticeBatch | None = None) -> str:
    """Hash (32 hexadecimal digits) of every bit of a picture and, if given, of the notices that stand in it: equal
    ones, and only those, have equal hashes."""
    digest = hashlib.blake2b(digest_size=16)
    columns = [(name, getattr(picture, name)) for name in PICTURE_COLUMNS]
    columns += [(name, getattr(notices, name)) for name in NOTICE_COLUMNS] if notices is not None else []
    for name, values in columns:
        column = np.ascontiguousarray(values)
        digest.update(f"{name} {column.dtype.str} {column.shape}".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()
