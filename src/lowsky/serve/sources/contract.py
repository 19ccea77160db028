"""The contract of a source.

A source is anything with a `name`, a `kind`, `unknown_sensors()` (what it named that the site does not have, by count)
and a coroutine `run(sink)` that brings reports until it is cancelled. That returns when it has ended for good (a table
played to its end) and raises when it broke: it is then started again, later each time. A source opens what it needs
inside `run` and closes it on the way out.

Most sources are a format that comes over a transport (`intake.WireSource`). A format that needs a dialogue has a source
of its own, which is listed in `own`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.decoded import Decoded

from ..answers.sensors import SenderInfo

MAX_FAULT_KINDS = 100  # told apart a source; what is beyond counts as "other"
OTHER = "other"


class Sink(Protocol):
    """Where a source puts what it has; every method returns at once."""

    def now_ns(self) -> int: ...
    def received(self, count: int) -> None:
        """So many bytes came."""
        ...

    def decoded(self, decoded: Decoded) -> None:
        """What a decoder gave out; its books are the source's."""
        ...

    def put(self, reports: ReportBatch | None, looks: LookBatch | None) -> None:
        """Rows that need no decoder."""
        ...

    def fault(self, kind: str, sentence: str, count: int = 1) -> None:
        """Something went wrong with the line itself; `kind` is of a fixed stock."""
        ...

    def say(self, state: str, message: str = "") -> None: ...


class Source(Protocol):
    """One source."""

    name: str
    kind: str
    via: str  # where its bytes come from, for people

    async def run(self, sink: Sink) -> None: ...
    def unknown_sensors(self) -> dict[str, int]: ...


@runtime_checkable
class KnowsSenders(Protocol):
    """A source that tells its senders apart."""

    def senders(self) -> tuple[SenderInfo, ...]: ...


@dataclass(slots=True)
class Counters:
    """What came from a source since the start: `received == used + ignored + rejected`, in items of its format."""

    bytes: int = 0
    received: int = 0
    used: int = 0
    reports: int = 0
    looks: int = 0
    restarts: int = 0
    last_ns: int = 0
    lag_s: float | None = None
    ignored: Counter[str] = field(default_factory=Counter)  # by what
    rejected: Counter[str] = field(default_factory=Counter)  # by reason
    noted: Counter[str] = field(default_factory=Counter)  # beside the books: lost on the way, odd and yet used
    faults: Counter[str] = field(default_factory=Counter)  # of the line, not of what came over it

    def enter(self, decoded: Decoded) -> None:
        """Enter what a decoder gave out."""
        self.received += decoded.received
        self.used += decoded.used
        for kind, count in decoded.ignored.items():
            count_kind(self.ignored, kind, count)
        for kind, count in decoded.problems.counts.items():
            count_kind(self.rejected, kind, count)
        for kind, count in decoded.noted.items():
            count_kind(self.noted, kind, count)
        untold = decoded.problems.rejected - sum(decoded.problems.counts.values())
        if untold > 0:
            count_kind(self.rejected, OTHER, untold)


def count_kind(counts: Counter[str], kind: str, count: int = 1) -> None:
    """Count under a kind; those beyond `MAX_FAULT_KINDS` count as `OTHER`."""
    known = kind in counts or len(counts) < MAX_FAULT_KINDS
    counts[kind if known else OTHER] += count
