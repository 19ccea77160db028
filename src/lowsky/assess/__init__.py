"""Who may enter a protected place, and when: outlook, levels, notices, calls, and the life of a warning.

Pure like the core that it is part of: `assess_tick(state, ...)` at every tick, no I/O, clock or randomness, and a
state of plain arrays. The rules are declared in `rules.py`, docs/warnings.md tells them in words.
"""

from .rules import Rules
from .state import AssessState, new_assessment, restored_assessment, saved_assessment
from .tick import assess_tick

__all__ = ["AssessState", "Rules", "assess_tick", "new_assessment", "restored_assessment", "saved_assessment"]
