"""How long it takes until what broke is tried again: twice as long each time, up to a limit."""

from __future__ import annotations

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LONG_ENOUGH_S = 60.0  # a run after which the next pause is the first again


class Pauses:
    """The pauses of one source or output."""

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def after(self, ran_s: float) -> float:
        """The pause after a run that lasted so long, seconds."""
        pause_s = FIRST_PAUSE_S if ran_s > LONG_ENOUGH_S else self._next_s
        self._next_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
        return pause_s


def reason_of(error: BaseException) -> str:
    """What went wrong, in the words of the system where it has some."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
