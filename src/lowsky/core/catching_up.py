"""What must be told to a core that goes on under another configuration than it was saved under."""

from __future__ import annotations

from ..assess import rules_text
from ..model.action import Action, ActionKind
from ..model.roster import roster_text
from .state import CoreState


def catching_up(state: CoreState, wanted: CoreState, time_ns: int) -> tuple[Action, ...]:
    """Actions, received at `time_ns`, that give a state the sensors and rules of another; none if it has them."""
    actions: list[Action] = []
    if state.site.sensors != wanted.site.sensors:
        actions.append(Action(time_ns, ActionKind.SET_SENSORS, value=roster_text(wanted.site.sensors)))
    if state.assessment.rules != wanted.assessment.rules:
        actions.append(Action(time_ns, ActionKind.SET_RULES, value=rules_text(wanted.assessment.rules)))
    return tuple(actions)
