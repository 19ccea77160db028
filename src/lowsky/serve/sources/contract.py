"""The contract of a source.

A source is anything with a `name`, a `kind`, `unknown_sensors()` (what it named that the site does not have, by count)
and a coroutine `run(sink)` that brings reports until it is cancelled. That returns when it has ended for good (a table
played to its end) and raises when it broke: it is then started again, later each time. A source opens what it needs
inside `run` and closes it on the way out.

The decoder that a stream of bytes is read with is `lowsky.wire.decoded.Decoder`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.decoded import Decoded

MAX_FAULT_KINDS = 100  # told apart a source; what is beyond counts as "other"
OTHER = "other"


class Sink(Protocol):
    """Where a source puts what it has; every method returns at once."""

    def now_ns(self) -> int: ...
    def received(self, count: int) -> None: ...
    def decoded(self, decoded: Decoded) -> None: ...
    def put(self, reports: ReportBatch | None, looks: LookBatch | None) -> None: ...
    def fault(self, kind: str, sentence: str, count: int = 1) -> None: ...
    def say(self, state: str, message: str = "") -> None: ...


class Source(Protocol):
    """One source."""

    name: str
    kind: str

    async def run(self, sink: Sink) -> None: ...
    def unknown_sensors(self) -> dict[str, int]: ...


@dataclass(slots=True)
class Counters:
    """What came from a source since the start."""

    bytes: int = 0
    reports: int = 0
    looks: int = 0
    restarts: int = 0
    last_ns: int = 0
    lag_s: float | None = None
    faults: Counter[str] = field(default_factory=Counter)

    def fault(self, kind: str, count: int = 1) -> None:
        """Count something that could not be used, under a kind from a bounded stock."""
        known = kind in self.faults or len(self.faults) < MAX_FAULT_KINDS
        self.faults[kind if known else OTHER] += count
