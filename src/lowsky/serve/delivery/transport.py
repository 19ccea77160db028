"""Ways to a receiver: each takes one alert and says what became of it. None raises for what the other side does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from lowsky.wire.cap import Alert


class Fate(Enum):
    """What became of one attempt."""

    CONFIRMED = auto()
    UNREACHED = auto()  # the receiver cannot have it
    UNSURE = auto()  # it may have it


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt's fate, in words if it did not succeed, and how long the receiver asks us to wait."""

    fate: Fate
    words: str = ""
    wait_s: float = 0.0


CONFIRMED = Outcome(Fate.CONFIRMED)


class Transport(Protocol):
    """A way to a receiver."""

    to: str  # where, without what may be secret

    async def send(self, alert: Alert, heartbeat: bool) -> Outcome:
        """Try once."""
        ...

    async def close(self) -> None:
        """No more will be sent."""
        ...
