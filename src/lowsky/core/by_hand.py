"""What people did that the core must remember: actions that wait for their tick, and kinds that were set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..model.action import Action, ActionKind
from ..model.kinds import Kind, kind_from_word

MOST_KINDS = 4096  # objects whose kind is set by hand; the oldest is forgotten first


@dataclass(slots=True)
class ByHand:
    """Waiting actions in order of receipt, and the kind of a track number where somebody has said it."""

    waiting: list[Action] = field(default_factory=list)
    kinds: dict[int, int] = field(default_factory=dict)
    refused: int = 0  # actions that cannot be understood

    def due(self, time_ns: int) -> list[Action]:
        """Take the actions that take effect at a tick at this time, those of the core's own business carried out."""
        n = sum(action.received_ns <= time_ns for action in self.waiting)
        now, self.waiting = self.waiting[:n], self.waiting[n:]
        for action in now:
            if action.kind is ActionKind.SET_KIND:
                self._set_kind(action)
        return now

    def _set_kind(self, action: Action) -> None:
        try:
            kind = kind_from_word(action.value) if action.value else None
        except ValueError:
            self.refused += 1
            return
        self.kinds.pop(action.number, None)
        if kind is not None:
            self.kinds[action.number] = int(kind)
        if len(self.kinds) > MOST_KINDS:
            del self.kinds[next(iter(self.kinds))]

    def put_kinds(self, track: NDArray[np.int64], kind: NDArray[np.uint8]) -> None:
        """Write the kinds set by hand over those of the tracks (n,)."""
        for number, value in self.kinds.items():
            kind[track == number] = value

    def saved(self) -> dict[str, NDArray[np.generic]]:
        """Everything as one array of JSON bytes."""
        text = msgspec.json.encode([self.waiting, list(self.kinds.items()), self.refused])
        return {"by_hand": np.frombuffer(text, dtype=np.uint8).copy()}

    def restore(self, tables: dict[str, NDArray[Any]]) -> None:
        """Take over what was saved.

        Raises:
            ValueError: if it is not that.
        """
        try:
            text = tables["by_hand"].astype(np.uint8).tobytes()
            waiting, kinds, refused = msgspec.json.decode(text, type=tuple[list[Action], list[tuple[int, Kind]], int])
        except (KeyError, msgspec.DecodeError) as error:
            raise ValueError(f"saved state does not fit: what was done by hand cannot be read ({error!r})") from None
        self.waiting, self.kinds, self.refused = waiting, {n: int(k) for n, k in kinds}, refused
