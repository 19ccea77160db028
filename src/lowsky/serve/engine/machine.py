"""The machine: the core's state with its journal, turned once an input."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreInput, CoreState, glance, step
from lowsky.model.notice import Event, EventKind
from lowsky.model.picture import Picture, take_rows

from ..feed.columns import Table
from .gather import core_input
from .inbox import Drained
from .output import Output
from .rows import feed_table


class Recorder(Protocol):
    """What the machine needs of a journal."""

    def record(self, given: CoreInput) -> int: ...
    def stepped(self, state: CoreState, ticks_ns: NDArray[np.int64], picture: Picture) -> None: ...
    def wait_written(self, sequence: int) -> None: ...
    def close(self) -> None: ...


class NoRecorder:
    """Keeps nothing: for servers without a journal."""

    def record(self, given: CoreInput) -> int:
        """Nothing is written."""
        return 0

    def stepped(self, state: CoreState, ticks_ns: NDArray[np.int64], picture: Picture) -> None:
        """Nothing is checkpointed."""

    def wait_written(self, sequence: int) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class Machine:
    """Owned by the core's thread."""

    state: CoreState
    recorder: Recorder
    last_tick_ns: int = 0
    newest_report_ns: int = 0
    raw: int = 0  # reports since the recording began

    def turn(self, drained: Drained, ticks_ns: NDArray[np.int64], watched: bool) -> Output | None:
        """Consume what was drained and the ticks due; None: there was nothing."""
        begin_s = time.perf_counter()
        if not (drained.letters or drained.actions or len(ticks_ns)):
            return None
        given = core_input(drained, ticks_ns, self.raw)
        self.raw += len(given.reports)
        if len(given.reports):
            self.newest_report_ns = int(given.reports.received_ns[-1])
        sequence = self.recorder.record(given)
        self.state, changes = step(self.state, given)
        ticked = len(ticks_ns) > 0
        if ticked:
            self.last_tick_ns = int(ticks_ns[-1])
        time_ns, table = self._picture(changes.picture, drained.upto_ns, ticked, watched)
        self.recorder.stepped(self.state, ticks_ns, changes.picture)
        self.recorder.wait_written(sequence)
        return Output(
            time_ns=time_ns,
            newest_report_ns=self.newest_report_ns,
            given=given,
            changes=changes,
            table=table,
            ticked=ticked,
            spent_s=time.perf_counter() - begin_s,
            flush_first=_danger(changes.events),
        )

    def close(self) -> None:
        """Close the journal with its mark."""
        self.recorder.close()

    def _picture(self, picture: Picture, now_ns: int, ticked: bool, watched: bool) -> tuple[int, Table | None]:
        """The newest picture there is to show, and its moment."""
        if ticked:
            rows = slice(int(np.searchsorted(picture.time_ns, self.last_tick_ns)), None)
            return self.last_tick_ns, feed_table(take_rows(picture, rows), self.state.frame)
        return now_ns, feed_table(glance(self.state, now_ns), self.state.frame) if watched else None


def _danger(events: tuple[Event, ...]) -> bool:
    """Whether somebody is about to be told of something new."""
    return any(event.kind in (EventKind.RAISED, EventKind.LEVEL) for event in events)
