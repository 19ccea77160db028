"""Bytes to reports, looks and statuses: a stream object without sockets or clock.

`push` splits bytes into lines and gathers their rows, cheaply; `take` checks what was gathered on whole columns and
gives it out. Who reads many small datagrams pushes each with its own time of receipt and takes a few times a second;
`feed` does both. A line that is no line, or a row that cannot be true, costs only itself and is counted.

Not thread-safe. Every buffer here has a limit: a line, the rows of a line, the rows not taken yet, the statuses, the
table of unknown sensors. What is beyond is counted, never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from lowsky.model.report import LookBatch, look_batch, no_looks, report_batch
from lowsky.model.sensor import Site

from ..decoded import Decoded, SensorStatus, Weather
from ..drafts import NO_INSTANT, check_clock
from ..names import SensorNames
from ..problems import MESSAGE_LIMIT, Problems, RowCheck, join_problems
from .faults import LineFaults
from .gather import Gatherer
from .instants import instant_ns
from .lines import MAX_LINE_BYTES, LineSplitter
from .messages import LINE, Look, Report, Reports, Status
from .rows import RowReader

MAX_PENDING = 500_000  # rows and looks gathered and not taken: minutes of the largest site
MAX_STATUSES = 1_000
MAX_TEXT = 200  # characters of a status


@dataclass(slots=True)
class Totals:
    """Counts since the decoder was made."""

    bytes: int = 0
    lines: int = 0
    reports: int = 0
    looks: int = 0
    statuses: int = 0
    rejected: int = 0  # lines, rows and looks that could not be used


class Decoder:
    """Reads the JSON lines of one sender for a site."""

    def __init__(
        self,
        site: Site,
        source: str = "JSON lines",
        datagrams: bool = False,
        limit: int = MESSAGE_LIMIT,
        names: SensorNames | None = None,
        weather: Weather | None = None,
    ) -> None:
        """`source` names the sender in messages; with `datagrams`, the end of the data is the end of a line."""
        self.totals = Totals()
        self.names = names or SensorNames(site)
        self._weather = weather or Weather()
        self._source, self._datagrams, self._limit = source, datagrams, limit
        self._decode = msgspec.json.Decoder(LINE).decode
        self._reader = RowReader(site, source, limit)
        self._faults = LineFaults(source, limit)
        self._splitter = LineSplitter()
        self._gatherer = Gatherer(self.names)
        self._pending = 0
        self._looks: list[tuple[str | int, Any, int, int, int, bool]] = []
        self._statuses: list[SensorStatus] = []

    def feed(self, data: bytes, received_ns: int) -> Decoded:
        """`push`, then `take`."""
        self.push(data, received_ns)
        return self.take()

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather what `data`, received at `received_ns` (UTC), completes: any piece of a stream, or one datagram."""
        self.totals.bytes += len(data)
        for line in self._splitter.push(data):
            self._line(line, received_ns)
        if self._datagrams:
            self.close(received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended: what it sent last counts as a line without its end."""
        for line in self._splitter.close():
            self._line(line, received_ns)

    def take(self) -> Decoded:
        """What was gathered since the last time."""
        rows, self._pending = self._gatherer.take(), 0
        statuses, self._statuses = tuple(self._statuses), []
        reports, wrong_rows = (
            (report_batch(0), Problems()) if rows is None else self._reader.read(rows, self._weather.qnh_hpa)
        )
        looks, wrong_looks = self._take_looks()
        problems = join_problems([self._faults.take(), wrong_rows, wrong_looks], self._limit)
        self.totals.reports += len(reports)
        self.totals.looks += len(looks)
        self.totals.statuses += len(statuses)
        self.totals.rejected += problems.rejected
        used = len(reports) + len(looks) + len(statuses)
        return Decoded(reports, looks, statuses, problems, used)

    def _line(self, line: bytes | None, received_ns: int) -> None:
        if line is not None and line.isspace():
            return
        self.totals.lines += 1
        if line is None:
            words = f"longer than {MAX_LINE_BYTES} bytes"
            self._faults.note(self.totals.lines, f"line {words}", f" is {words}")
            return
        try:
            message = self._decode(line)
        except (ValueError, RecursionError) as error:  # msgspec's own, wrong UTF-8, numbers of thousands of digits
            self._faults.note_undecodable(self.totals.lines, line, error)
            return
        if self._pending >= MAX_PENDING:
            self._faults.note(self.totals.lines, "line not taken in time", f" came after {MAX_PENDING} not yet taken")
        else:
            self._gather(message, received_ns)

    def _gather(self, message: Any, received_ns: int) -> None:
        line = self.totals.lines
        if type(message) is Report:
            self._pending += 1
            self._gatherer.report(message, received_ns, line)
        elif type(message) is Reports:
            n, kind, sentence = self._gatherer.reports(message, received_ns, line)
            self._pending += n
            if kind:
                self._faults.note(line, kind, sentence)
        elif type(message) is Look:
            self._pending += 1
            said = message.time if message.time_ns is None else message.time_ns
            time_ns = instant_ns(message.time, message.time_ns)
            self._looks.append((message.sensor, said, time_ns, received_ns, line, message.assumed))
        else:
            self._status(message, received_ns)

    def _take_looks(self) -> tuple[LookBatch, Problems]:
        gathered, self._looks = self._looks, []
        if not gathered:
            return no_looks(), Problems()
        sensor, said, *numbers, assumed = (list(column) for column in zip(*gathered, strict=True))
        time_ns, received_ns, line = (np.array(column, dtype=np.int64) for column in numbers)
        check = RowCheck(self._source, len(sensor), self._limit, lambda i: f"line {line[i]}")
        index = self.names.find(sensor)
        check.blame(index)
        check.reject(index < 0, "sensor", sensor, "is no sensor of this site")
        check_clock(time_ns, received_ns, said, check)
        looks = look_batch(index, time_ns, received_ns, np.array(assumed, dtype=np.bool_))
        return looks.take(check.good), check.result()

    def _status(self, message: Status, received_ns: int) -> None:
        index = int(self.names.find([message.sensor])[0])
        line = self.totals.lines
        time_ns = instant_ns(message.time, message.time_ns)
        if message.time is None and message.time_ns is None:
            time_ns = received_ns
        if index < 0:
            kind = "sensor is no sensor of this site"
            self._faults.note(line, kind, f", sensor: {str(message.sensor)[:40]!r} is no sensor of this site")
        elif time_ns == NO_INSTANT:
            self._faults.note(line, "time is no time", f", time: {str(message.time)[:40]!r} is no time")
        elif len(self._statuses) >= MAX_STATUSES:
            self._faults.note(line, "status not taken in time", f" came after {MAX_STATUSES} not yet taken")
        else:
            self._statuses.append(SensorStatus(index, time_ns, received_ns, message.state, message.text[:MAX_TEXT]))
