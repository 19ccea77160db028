"""An input cut where the description of the sensors changes: what was received before is read by the old one."""

from __future__ import annotations

import numpy as np

from ..model.action import ActionKind
from .state import CoreInput


def pieces(given: CoreInput) -> list[CoreInput]:
    """The input as inputs in turn, of which only the first action may describe the sensors anew.

    As with all that changes the tracker itself, what was received at the same moment comes after it.
    """
    cuts = [i for i, action in enumerate(given.actions) if action.kind is ActionKind.SET_SENSORS]
    found: list[CoreInput] = []
    for cut in reversed(cuts):
        at_ns = given.actions[cut].received_ns
        reports, looks = given.reports, given.looks
        row, look, tick = (
            int(np.searchsorted(times, at_ns, side="left"))
            for times in (reports.received_ns, looks.received_ns, given.ticks_ns)
        )
        behind = CoreInput(
            reports.take(slice(row, None)), looks.take(slice(look, None)), given.ticks_ns[tick:], given.actions[cut:]
        )
        found.append(behind)
        given = CoreInput(
            reports.take(slice(None, row)), looks.take(slice(None, look)), given.ticks_ns[:tick], given.actions[:cut]
        )
    return [given, *reversed(found)]
