"""The core's state and its input.

The state is plain arrays (`tracking.memory`), the table of identities and what was done by hand; the step owns it and
updates it in place, and who needs an old state saves it first. An input is what was received and done in a stretch of
time, and the ticks at which the picture is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.layout import World
from ..model.action import Action
from ..model.geodesy import Frame
from ..model.report import LookBatch, ReportBatch
from ..model.sensor import Site
from ..sensing import sensor_table
from ..tracking.memory import new_world, restored_world, saved_tables
from ..tracking.settings import Settings, rules_of
from .by_hand import ByHand
from .identities import Identities


@dataclass(frozen=True, slots=True)
class CoreInput:
    """Reports, looks, actions and ticks, each in order of receipt; consumed merged by receipt (on ties in this order).

    A later input must not hold anything received before what an earlier one held.
    """

    reports: ReportBatch
    looks: LookBatch
    ticks_ns: NDArray[np.int64]
    actions: tuple[Action, ...] = ()


@dataclass(slots=True)
class CoreState:
    """Everything the core knows. Changed in place by `step`."""

    site: Site
    settings: Settings
    frame: Frame
    world: World
    identities: Identities
    by_hand: ByHand = field(default_factory=ByHand)


def new_state(site: Site, settings: Settings | None = None) -> CoreState:
    """The state before anything was received."""
    settings = settings or Settings()
    world = new_world(rules_of(settings, site.origin.height_m), sensor_table(site), settings.trace)
    return CoreState(site, settings, Frame(site.origin), world, Identities(site.sensors))


def save_state(state: CoreState) -> dict[str, NDArray[Any]]:
    """A copy of all that is needed to go on exactly: name to array. Site and settings are the caller's to keep."""
    return {**saved_tables(state.world), **state.identities.saved(), **state.by_hand.saved()}


def restore_state(site: Site, settings: Settings | None, tables: dict[str, NDArray[Any]]) -> CoreState:
    """The state that was saved under the same site and settings.

    Raises:
        ValueError: if the tables do not fit the site or this version.
    """
    state = new_state(site, settings)
    state.world = restored_world(state.world, tables)
    state.identities.restore(tables)
    state.by_hand.restore(tables)
    return state
