"""What a receiver handed on: broadcasts, statuses of its own, and what says nothing for the picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """One broadcast as a receiver handed it on."""

    payloads: tuple[bytes, ...]  # messages and packs
    receiver: str = ""  # its name for itself, "": it has none
    mac: str = ""  # of the transmitter, "": not told
    carrier: str = ""
    counter: int = -1  # -1: not told
    time_ns: int = 0  # when it was heard; 0: not told


@dataclass(frozen=True, slots=True)
class Said:
    """How a receiver says that it is."""

    receiver: str
    state: str  # one of `lowsky.wire.decoded.STATES`
    text: str
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class Nothing:
    """Understood, and of no use here."""

    kind: str  # from a fixed stock


Item = Heard | Said | Nothing
