"""Tables played as if they happened now: each report and look comes when it came then, times shifted alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.report import LookBatch, ReportBatch, look_batch
from lowsky.wire.decoded import Decoded
from lowsky.wire.table import Scenario, read_input

from ..clock import Clock
from ..config.entries import TableSource
from .contract import Sink

LEAD_NS = 500_000_000  # from the start of the source to the start of the table
STEP_S = 0.005  # what is due within this time comes together
LONGEST_SLEEP_S = 1.0

Rows = NDArray[np.int32]


class PlayedSource:
    """A scenario, once or again and again."""

    kind = "table"

    def __init__(self, name: str, scenario: Scenario, lookup: Rows, clock: Clock, repeat: bool, via: str = "") -> None:
        """`lookup` (sensors of the scenario,) gives each its row in the server's site."""
        self.name, self._scenario, self._lookup, self._clock, self._repeat = name, scenario, lookup, clock, repeat
        self.via = via

    def unknown_sensors(self) -> dict[str, int]:
        """A table's sensors are the site's, unless another of that name is configured; none is unknown."""
        return {}

    async def run(self, sink: Sink) -> None:
        """Play it."""
        if self._scenario.problems:
            sink.decoded(Decoded(problems=self._scenario.problems))
        while True:
            await play(self._scenario.reports, self._scenario.looks, self._lookup, self._scenario.start_ns,
                       self._clock, sink)  # fmt: skip
            if not self._repeat:
                return


async def play(reports: ReportBatch, looks: LookBatch, lookup: Rows, start_ns: int, clock: Clock, sink: Sink) -> None:
    """Put every row when it is due, the first `LEAD_NS` from now."""
    shift_ns = clock.now_ns() + LEAD_NS - start_ns
    reports = _placed_reports(reports, lookup, shift_ns)
    looks = _placed_looks(looks, lookup, shift_ns)
    done = [0, 0]
    sink.say("running")
    while done[0] < len(reports) or done[1] < len(looks):
        now_ns = clock.now_ns()
        upto = [int(np.searchsorted(batch.received_ns, now_ns, side="right")) for batch in (reports, looks)]
        if upto != done:
            sink.put(reports.take(slice(done[0], upto[0])), looks.take(slice(done[1], upto[1])))
            done = upto
        times = ((reports.received_ns, done[0]), (looks.received_ns, done[1]))
        nexts = [int(column[i]) for column, i in times if i < len(column)]
        rest_s = clock.real_s(min(nexts, default=now_ns) - now_ns)
        await asyncio.sleep(min(max(rest_s, STEP_S), LONGEST_SLEEP_S))


def _placed_reports(batch: ReportBatch, lookup: Rows, shift_ns: int) -> ReportBatch:
    """The reports with the server's sensors and shifted times, by receipt."""
    kept = batch.take(np.argsort(batch.received_ns, kind="stable"))
    return replace(
        kept,
        sensor=lookup[kept.sensor],
        time_ns=kept.time_ns + shift_ns,
        received_ns=kept.received_ns + shift_ns,
    )


def _placed_looks(batch: LookBatch, lookup: Rows, shift_ns: int) -> LookBatch:
    """As `_placed_reports`."""
    kept = batch.take(np.argsort(batch.received_ns, kind="stable"))
    return look_batch(lookup[kept.sensor], kept.time_ns + shift_ns, kept.received_ns + shift_ns, kept.assumed)


def read_table(entry: TableSource, folder: Path, here: str) -> Scenario:
    """The table of a source.

    Raises:
        InputError: if it cannot be read, naming the source.
    """
    try:
        return read_input(folder / entry.path)
    except InputError as error:
        raise InputError(f"{here}: {error}") from None
