"""Saving and restoring the core's state: all that is needed to go on exactly, as named arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assess import Rules, restored_assessment, saved_assessment
from ..model.place import Place
from ..model.roster import roster_from_text
from ..model.sensor import Site
from ..tracking.history import restored_world, saved_tables
from ..tracking.settings import Settings
from ..tracking.turning import turned
from .state import CoreState, new_state
from .working import put_in_order, work_again


def save_state(state: CoreState) -> dict[str, NDArray[Any]]:
    """A copy of all that is needed to go on exactly: name to array. Site, settings and rules are the caller's to
    keep. What came late is worked in before."""
    put_in_order(state)
    described = {name: _bytes(text) for name, text in (("described", state.described), ("turned", state.turned))}
    assessed = {f"assess_{name}": table for name, table in saved_assessment(state.assessment).items()}
    tracked = saved_tables(state.world, state.history)
    return {**tracked, **state.identities.saved(), **state.by_hand.saved(), **described, **assessed}


def _bytes(text: str) -> NDArray[Any]:
    return np.frombuffer(text.encode(), dtype=np.uint8).copy()


def _text(tables: dict[str, NDArray[Any]], name: str) -> str:
    return tables.get(name, np.empty(0, dtype=np.uint8)).astype(np.uint8).tobytes().decode()


def restore_state(
    site: Site,
    settings: Settings | None,
    places: tuple[Place, ...],
    rules: Rules | None,
    tables: dict[str, NDArray[Any]],
) -> CoreState:
    """The state that was saved under the same site and settings. Saved places, rules and descriptions of the sensors
    go before those given: they may have been changed while running.

    Raises:
        ValueError: if the tables do not fit the site or this version.
    """
    described, turning = _text(tables, "described"), _text(tables, "turned")
    if described:
        site = Site(roster_from_text(described), site.origin)
    if turning:
        settings = turned(settings or Settings(), turning)
    state = new_state(site, settings, places, rules)
    state.described, state.turned = described, turning
    state.world, state.history = restored_world(state.world, tables)
    work_again(state)
    state.identities.restore(tables)
    state.by_hand.restore(tables)
    assessed = {name.removeprefix("assess_"): table for name, table in tables.items() if name.startswith("assess_")}
    state.assessment = restored_assessment(state.frame, assessed)
    return state
