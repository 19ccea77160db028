"""AIS to reports: positions of ships, of aircraft that search, and of what floats.

`push` gathers lines; `take` reads them and works on columns. A position becomes a report with the MMSI as identity;
what else a message says is kept (ships' names) or ignored by what it is. Times are the second of the minute that the
sender tells, in the minute of the receipt or the one before it (with `clock = "tag"`, of the tag block). Such
positions are a second or more old when they come: they are carried on to their receipt by their own speed and course.

Heights: ships float at mean sea level, or at `water_msl_m` above it; aircraft tell theirs. Left out: base stations,
virtual aids to navigation, positions that are "not available", whose sender says that its positioning is broken, and
distress beacons that are being tested. Source: ITU-R M.1371-5.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lowsky.model.report import ReportBatch, report_batch

from ..decoded import Context, Decoded
from ..drafts import Draft, Finisher
from ..formats import Options
from ..problems import Problems, RowCheck
from ..tally import Tally
from ..waiting import WaitingLines
from .fields import LAYOUTS, Longs, Told, kind_of, read_positions
from .messages import Assembler
from .positions import Repeats, carried, columns_of, datums_of, left_out, times_of
from .sentences import MAX_LINE, Sentence, read_sentences
from .vessels import STATIC_BITS, Vessels

MAX_PENDING = 200_000  # lines gathered and not taken: all the ships of the world for a minute
MAX_MMSI = 999_999_999
IGNORED = {4: "base station", 5: "ship described", 14: "safety text", 24: "ship described"}
KINDS = range(1, 28)


class AisOptions(Options, frozen=True, kw_only=True):
    """What a source of AIS may say."""

    clock: Literal["receipt", "tag"] = "receipt"
    water_msl_m: float = 0.0  # height of rivers and lakes above mean sea level


class AisDecoder:
    """Reads one receiver, or a feed of many."""

    def __init__(self, context: Context, options: AisOptions, datagrams: bool) -> None:
        self.names = options.names(context)
        self.vessels = Vessels()
        self._context, self._options = context, options
        self._tally = Tally(context.source)
        self._finisher = Finisher(context.site)
        self._assembler, self._repeats = Assembler(), Repeats()
        self._waiting = WaitingLines(MAX_LINE, MAX_PENDING, datagrams, self._tally)
        self._closing = False

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one datagram."""
        self._waiting.push(data, received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        self._waiting.close(received_ns)
        self._closing = True

    def take(self) -> Decoded:
        """What was complete since the last time."""
        lines = self._waiting.take()
        messages = self._assembler.put(read_sentences(lines, self._tally), self._tally)
        if self._closing:
            self._assembler.close(self._tally)
            self._closing = False
        reports, problems = self._reports(messages)
        ignored, problems = self._tally.take(problems)
        return Decoded(reports=reports, problems=problems, used=len(reports), ignored=ignored)

    def _reports(self, messages: list[Sentence]) -> tuple[ReportBatch, Problems]:
        """The reports of messages in their order; what is none is counted."""
        rows_of: dict[int, list[int]] = {}
        for row, message in enumerate(messages):
            rows_of.setdefault(kind_of(message.payload), []).append(row)
        rows, told = list[int](), list[Told]()
        for kind, at in rows_of.items():
            whole = self._whole(kind, messages, at)
            if whole:
                told.append(read_positions(kind, [messages[row].payload for row in whole]))
                rows += whole
        if not rows:
            return report_batch(0), Problems()
        order = np.argsort(np.array(rows), kind="stable")
        return self._finish([messages[rows[i]] for i in order.tolist()], join_told(told).take(order))

    def _whole(self, kind: int, messages: list[Sentence], rows: list[int]) -> list[int]:
        """The rows of messages of one type that tell a position; the others are counted, ships' names kept."""
        if kind not in KINDS:
            name = "payload empty" if kind < 0 else "message type unknown"
            self._tally.reject(name, f"{name}: {messages[rows[0]].payload[:30]!r}", len(rows))
            return []
        if kind not in LAYOUTS and kind not in STATIC_BITS:
            self._tally.ignore(IGNORED.get(kind, f"message {kind}"), len(rows))
            return []
        bits = LAYOUTS[kind].bits if kind in LAYOUTS else STATIC_BITS[kind]
        whole = [row for row in rows if 6 * len(messages[row].payload) - messages[row].fill >= bits]
        if len(whole) < len(rows):
            short = next(row for row in rows if 6 * len(messages[row].payload) - messages[row].fill < bits)
            sentence = f"message {kind} cut short: {messages[short].payload[:70]!r}"
            self._tally.reject("message cut short", sentence, len(rows) - len(whole))
        if kind in STATIC_BITS:
            for row in whole:
                self.vessels.read(kind, messages[row].payload)
        if kind in LAYOUTS:
            return whole
        self._tally.ignore(IGNORED[kind], len(whole))
        return []

    def _finish(self, messages: list[Sentence], told: Told) -> tuple[ReportBatch, Problems]:
        """The reports of what messages tell, through the checks that are every report's."""
        received = np.array([m.received_ns for m in messages], dtype=np.int64)
        base = received
        if self._options.clock == "tag":
            base = np.array([m.told_ns or m.received_ns for m in messages], dtype=np.int64)
        time_ns = times_of(told.second, base, received)
        out = left_out(told, self._tally)
        again = ~out & self._repeats.among(told, time_ns)
        self._tally.ignore("message repeated", int(again.sum()))
        rows = np.flatnonzero(~out & ~again)
        return self._draft([messages[i] for i in rows.tolist()], told.take(rows), time_ns[rows], received[rows])

    def _draft(
        self, messages: list[Sentence], told: Told, time_ns: Longs, received_ns: Longs
    ) -> tuple[ReportBatch, Problems]:
        n, source = len(messages), self._context.source
        check = RowCheck(source, n, where=lambda i: f"message of {told.mmsi[i]:09d}")
        check.reject((told.mmsi < 1) | (told.mmsi > MAX_MMSI), "mmsi", told.mmsi, f"is not between 1 and {MAX_MMSI}")
        wrong = np.abs(told.longitude_deg) > 180.0
        check.reject(wrong, "longitude", told.longitude_deg, "is not between -180 and 180")
        columns = columns_of(told, self._options.water_msl_m)
        carried_ns = carried(columns, time_ns, received_ns)
        qnh = self._context.weather.qnh_hpa
        draft = Draft(
            sensor=[source] * n,
            index=np.repeat(self.names.find([source]), n),
            said=time_ns,
            time_ns=carried_ns,
            received_ns=received_ns,
            columns=columns,
            identity=[f"{mmsi:09d}" for mmsi in told.mmsi.tolist()],
            datum=datums_of(told),
            qnh_hpa=np.full(n, np.nan if qnh is None else qnh),
        )
        return self._finisher.finish(draft, check), check.result()


def join_told(parts: list[Told]) -> Told:
    """All rows of the parts in order."""
    return Told(*(np.concatenate([getattr(part, name) for part in parts]) for name in Told.__slots__))
