"""The core: `step(state, input) -> (state, changes)`, pure, the same for live, replay, simulation and tests."""

from .catching_up import catching_up
from .changes import Changes, Scores, counts_of
from .registered import ERROR_NAMES, Course, Registration, in_words
from .saving import restore_state, save_state
from .state import CoreInput, CoreState, new_state
from .step import glance, picture_hash, step
from .warming import is_warm, warm, warm_frames, warm_rest

__all__ = [
    "ERROR_NAMES",
    "Changes",
    "CoreInput",
    "CoreState",
    "Course",
    "Registration",
    "Scores",
    "catching_up",
    "counts_of",
    "glance",
    "in_words",
    "is_warm",
    "new_state",
    "picture_hash",
    "restore_state",
    "save_state",
    "step",
    "warm",
    "warm_frames",
    "warm_rest",
]
