"""Actions: what people, receivers and the shell do to the picture. They are inputs of the core like reports, are
journalled like them, and take effect at the next tick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ActionKind(IntEnum):
    """What is done; in brackets what `number` and `value` are."""

    ACKNOWLEDGE = 0  # a notice was seen by `who` (notice)
    ACKNOWLEDGE_CALL = 1  # all notices of a call were seen by `who` (call)
    DELIVERED = 2  # a call reached the receiver `who` (call)
    END = 3  # a notice is ended by hand (notice; why)
    SET_KIND = 4  # the officer says what an object is (track; kind word, empty: take it back)
    DRILL = 5  # all from now on is exercise, or earnest again (-; "on" or "off")
    NUMBERS_FROM = 6  # no public number below this one is given any more (first number)
    SET_PLACES = 7  # the protected places are others now (-; JSON, a list of places)
    SET_HORIZON = 8  # what hides the sky of a sensor (row of the sensor; JSON as in model.horizon, empty: nothing)
    SET_SENSORS = 9  # the sensors of the site are described anew (-; JSON as in model.roster)
    SET_RULES = 10  # the rules of warning are others now (-; JSON as in assess.rules)
    TURN = 11  # a setting of the tracker is turned (-; JSON as in tracking.turning)

    @property
    def word(self) -> str:
        """The word used in files and on the wire, for example "acknowledge"."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Action:
    """One action. What refers to a notice, call or track that is not there is counted and has no effect."""

    received_ns: int
    kind: ActionKind
    number: int = 0
    value: str = ""
    who: str = ""
