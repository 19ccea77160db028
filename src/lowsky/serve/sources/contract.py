"""The contract of a source, and of a decoder that a stream of bytes is read with.

A source is anything with a `name`, a `kind`, `unknown_sensors()` (what it named that the site does not have, by count)
and a coroutine `run(sink)` that brings reports until it is cancelled. That returns when it has ended for good (a table
played to its end) and raises when it broke: it is then started again, later each time. A source opens what it needs
inside `run` and closes it on the way out.

A decoder turns the bytes of one sender into reports. It has no socket and no clock:
    push(data, received_ns)  any piece of a stream, or one datagram
    take() -> Decoded        what was complete since the last time: reports, looks, statuses, problems
    close(received_ns)       the sender has ended
    names                    finds sensors by name, and counts names that the site does not have
What cannot be used is counted in the problems and costs only itself. `lowsky.wire.jsonl.Decoder` is one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.jsonl import Decoded
from lowsky.wire.jsonl.names import SensorNames

MAX_FAULT_KINDS = 100  # told apart a source; what is beyond counts as "other"
OTHER = "other"


class Decoder(Protocol):
    """Bytes in, reports out."""

    @property
    def names(self) -> SensorNames: ...

    def push(self, data: bytes, received_ns: int) -> None: ...
    def take(self) -> Decoded: ...
    def close(self, received_ns: int) -> None: ...


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
