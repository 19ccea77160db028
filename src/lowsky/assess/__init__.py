"""Who may enter a protected place, and when: outlook, levels, notices, calls, and the life of a warning.

Pure like the core that it is part of: `assess_tick(state, ...)` at every tick, no I/O, clock or randomness, and a
state of plain arrays. The rules are declared in `rules.py`, docs/warnings.md tells them in words.
"""

from .rules import Rules, rules_from_text, rules_text
from .state import (
    AssessState,
    acknowledged_by,
    delivered_to,
    new_assessment,
    restored_assessment,
    saved_assessment,
)
from .tick import assess_tick, kinds_now, place_positions

__all__ = [
    "AssessState",
    "Rules",
    "acknowledged_by",
    "assess_tick",
    "delivered_to",
    "kinds_now",
    "new_assessment",
    "place_positions",
    "restored_assessment",
    "rules_from_text",
    "rules_text",
    "saved_assessment",
]
