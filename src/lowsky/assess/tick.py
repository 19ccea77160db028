"""One tick of the assessment: actions, objects, vessels, outlook, notices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.action import Action
from ..model.notice import Event, Level, NoticeBatch, no_notices
from ..model.picture import Picture
from ..model.timebase import NS_PER_S
from .actions import apply_action
from .calls import forget_calls
from .habits import kind_probabilities, threats
from .notices import batch_of, move_notices, update_notices
from .objects import follow_rows
from .outlook import outlook
from .state import AssessState
from .vessels import drifts_of_places, hear_vessels, identities_of_places, where_places_are


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
    tally = state.tally
    if time_ns - tally["looked_ns"] >= round(state.rules.look_s * NS_PER_S):
        tally["looked_ns"] = time_ns
        events += _look(state, time_ns, rows, identities)
    notices = state.tables["notices"]
    batch = batch_of(notices[notices["muted"] == 0], time_ns)
    if not notices["level"].all():
        state.tables["notices"] = notices[notices["level"] > Level.CLEAR]
        forget_calls(state, time_ns)
    return batch, events


def _look(state: AssessState, time_ns: int, rows: Picture, identities: list[str]) -> list[Event]:
    """Take in the picture, and bring the notices up to it."""
    tables, rules = state.tables, state.rules
    tables["objects"], moves = follow_rows(tables["objects"], time_ns, rows, state.frame, rules)
    events = move_notices(state, time_ns, moves)
    hear_vessels(state, time_ns, rows, identities)
    where = where_places_are(state, time_ns)
    threat, drifts = threats(kinds_now(state), rules), drifts_of_places(state, time_ns)
    seen = outlook(tables["objects"], time_ns, threat, state.ground, where, drifts, rules)
    own = tables["objects"]["identity"][seen.object] == identities_of_places(state)[seen.place]
    # no vessel is a danger to itself
    return events + update_notices(state, time_ns, seen.without(own), where)


def kinds_now(state: AssessState) -> NDArray[np.float64]:
    """Probability (n, kinds) of each kind for each of the state's objects."""
    return kind_probabilities(state.tables["objects"], state.rules)


def place_positions(state: AssessState, time_ns: int) -> NDArray[np.float64]:
    """East and north m (P, 2) of the places' anchors at a time, region frame; NaN: a vessel that is not heard."""
    where = where_places_are(state, time_ns)
    ground = state.ground
    return where[:, :2] + ground.segments[ground.first[:-1], :2]
