"""Tables played as if they happened now: each report and look comes when it came then, times shifted alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from lowsky.model.errors import InputError
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.table import Scenario, read_input

from ..clock import Clock
from ..config.entries import TableSource
from .contract import Sink

LEAD_NS = 500_000_000  # from the start of the source to the start of the table
STEP_S = 0.005  # what is due within this time comes together
LONGEST_SLEEP_S = 1.0

B = TypeVar("B", ReportBatch, LookBatch)


class PlayedSource:
    """A scenario, once or again and again. `sites` of it that the server does not know are counted and left out."""

    kind = "table"

    def __init__(self, name: str, scenario: Scenario, lookup: np.ndarray, clock: Clock, repeat: bool) -> None:
        """`lookup` (sensors of the scenario,) gives each its row in the server's site, -1: it has none."""
        self.name, self._scenario, self._lookup, self._clock, self._repeat = name, scenario, lookup, clock, repeat

    async def run(self, sink: Sink) -> None:
        """Play it."""
        self._count_unknown(sink)
        while True:
            await play(self._scenario.reports, self._scenario.looks, self._lookup, self._scenario.start_ns,
                       self._clock, sink)  # fmt: skip
            if not self._repeat:
                return

    def _count_unknown(self, sink: Sink) -> None:
        unknown = int((self._lookup[self._scenario.reports.sensor] < 0).sum())
        if unknown:
            sink.fault("sensor is no sensor of this site", f"{unknown} reports are of sensors of no site", unknown)
        for sentence in self._scenario.problems.messages:
            sink.fault("row cannot be used", sentence)


async def play(
    reports: ReportBatch, looks: LookBatch, lookup: np.ndarray, start_ns: int, clock: Clock, sink: Sink
) -> None:
    """Put every row when it is due, the first `LEAD_NS` from now."""
    shift_ns = clock.now_ns() + LEAD_NS - start_ns
    reports = _placed(reports, lookup, shift_ns)
    looks = _placed(looks, lookup, shift_ns)
    done = [0, 0]
    sink.say("running")
    while done[0] < len(reports) or done[1] < len(looks):
        now_ns = clock.now_ns()
        upto = [int(np.searchsorted(batch.received_ns, now_ns, side="right")) for batch in (reports, looks)]
        if upto != done:
            sink.put(reports.take(slice(done[0], upto[0])), looks.take(slice(done[1], upto[1])))
            done = upto
        nexts = [int(b.received_ns[i]) for b, i in zip((reports, looks), done, strict=True) if i < len(b)]
        rest_s = clock.real_s(min(nexts, default=now_ns) - now_ns)
        await asyncio.sleep(min(max(rest_s, STEP_S), LONGEST_SLEEP_S))


def _placed(batch: B, lookup: np.ndarray, shift_ns: int) -> B:
    """Rows of sensors that the site has, with its numbers and shifted times, by receipt."""
    sensor = lookup[batch.sensor]
    rows = np.flatnonzero(sensor >= 0)
    rows = rows[np.argsort(batch.received_ns[rows], kind="stable")]
    kept = batch.take(rows)
    return replace(
        kept, sensor=sensor[rows].astype(np.int32), time_ns=kept.time_ns + shift_ns,
        received_ns=kept.received_ns + shift_ns,
    )  # fmt: skip


def read_table(entry: TableSource, folder: Path, here: str) -> Scenario:
    """The table of a source.

    Raises:
        InputError: if it cannot be read, naming the source.
    """
    try:
        return read_input(folder / entry.path)
    except InputError as error:
        raise InputError(f"{here}: {error}") from None
