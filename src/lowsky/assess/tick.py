"""One tick of the assessment: actions, objects, vessels, outlook, notices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.action import Action
from ..model.notice import Event, Level, NoticeBatch, no_notices
from ..model.picture import Picture
from .actions import apply_action
from .calls import forget_calls
from .habits import kind_probabilities, threats
from .notices import batch_of, move_notices, update_notices
from .objects import follow_rows
from .outlook import outlook
from .state import AssessState
from .vessels import hear_vessels, where_places_are


def assess_tick(
    state: AssessState, time_ns: int, rows: Picture, identities: list[str], actions: list[Action]
) -> tuple[NoticeBatch, list[Event]]:
    """What stands at a tick, and what happened since the tick before. The state is changed in place.

    Args:
        time_ns: the tick; ticks come in order, at any pace.
        rows: the picture at this tick alone.
        identities: the core's own table, which `rows.identity` points into; it only ever grows.
        actions: received since the tick before, in order.
    """
    events = [event for action in actions for event in apply_action(state, time_ns, action)]
    if not state.places:
        return no_notices(), events
    tables = state.tables
    tables["objects"], moves = follow_rows(tables["objects"], time_ns, rows, state.frame, state.rules)
    events += move_notices(state, time_ns, moves)
    hear_vessels(state, time_ns, rows, identities)
    where = where_places_are(state, time_ns)
    seen = outlook(tables["objects"], time_ns, state.ground, where, state.rules)
    seen = seen.weighed(threats(kinds_now(state), state.rules))
    events += update_notices(state, time_ns, seen, where)
    batch = batch_of(tables["notices"][tables["notices"]["muted"] == 0], time_ns)
    ended = tables["notices"]["level"] == Level.CLEAR
    if ended.any():
        tables["notices"] = tables["notices"][~ended]
    forget_calls(state, time_ns)
    return batch, events


def kinds_now(state: AssessState) -> NDArray[np.float64]:
    """Probability (n, kinds) of each kind for each of the state's objects."""
    return kind_probabilities(state.tables["objects"], state.rules)


def place_positions(state: AssessState, time_ns: int) -> NDArray[np.float64]:
    """East and north m (P, 2) of the places' anchors at a time, region frame; NaN: a vessel that is not heard."""
    where = where_places_are(state, time_ns)
    ground = state.ground
    return where[:, :2] + ground.segments[ground.first[:-1], :2]
