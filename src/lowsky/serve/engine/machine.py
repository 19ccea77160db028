"""The machine: the core with its journal, turned once an input."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.core import glance
from lowsky.model.notice import Event, EventKind
from lowsky.model.picture import Picture, take_rows

from ..feed.columns import Table
from .begin import RecordedCore
from .gather import core_input
from .inbox import Drained
from .kinds import KindTable, kind_table, put_kinds
from .output import Output
from .rows import feed_table

DISK_S = 0.05  # how long results wait for the disk; a slower one is said in `health`, and does not stop the picture


@dataclass(slots=True)
class Machine:
    """Owned by the core's thread."""

    core: RecordedCore
    last_tick_ns: int = 0
    newest_report_ns: int = 0
    kinds: KindTable | None = None  # at the last tick
    idle: bool = False  # the last turn had nothing to consume but ticks, and nothing to show
    broken_rows: int = 0  # of pictures, that did not say where an object is
    slow_disk: int = 0  # turns whose results left before their input was in the file

    def turn(self, drained: Drained, ticks_ns: NDArray[np.int64], watched: bool) -> Output | None:
        """Consume what was drained and the ticks due; None: there was nothing."""
        begin_s = time.perf_counter()
        if not (drained.letters or drained.actions or len(ticks_ns)):
            return None
        given = core_input(drained, ticks_ns, self.core.reports)
        if len(given.reports):
            self.newest_report_ns = int(given.reports.received_ns[-1])
        changes, sequence = self.core.step(given)
        ticked = len(ticks_ns) > 0
        if ticked:
            self.last_tick_ns = int(ticks_ns[-1])
            self.kinds = kind_table(self.core.state.assessment)
        self.idle = not (len(changes.picture) or len(changes.notices) or len(given.reports) or given.actions)
        time_ns, table = self._picture(changes.picture, drained.upto_ns, ticked, watched)
        self.slow_disk += not self.core.ready(sequence, DISK_S)
        return Output(
            time_ns=time_ns,
            upto_ns=drained.upto_ns,
            newest_report_ns=self.newest_report_ns,
            given=given,
            changes=changes,
            table=table,
            kinds=self.kinds,
            ticked=ticked,
            spent_s=time.perf_counter() - begin_s,
            flush_first=_danger(changes.events),
        )

    def _picture(self, picture: Picture, now_ns: int, ticked: bool, watched: bool) -> tuple[int, Table | None]:
        """The newest picture there is to show, and its moment."""
        if ticked:
            rows = slice(int(np.searchsorted(picture.time_ns, self.last_tick_ns)), None)
            return self.last_tick_ns, self._table(take_rows(picture, rows))
        return now_ns, self._table(glance(self.core.state, now_ns)) if watched else None

    def _table(self, picture: Picture) -> Table:
        table = feed_table(picture, self.core.state.frame)
        self.broken_rows += len(picture) - len(table["number"])
        if self.kinds is not None:
            put_kinds(table, self.kinds)
        return table


def _danger(events: tuple[Event, ...]) -> bool:
    """Whether somebody is about to be told of something new."""
    return any(event.kind in (EventKind.RAISED, EventKind.LEVEL) for event in events)
