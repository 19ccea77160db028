"""Bytes to reports, places of operators and statuses: a stream object without sockets or clock.

`push` gathers messages; `take` checks all of them on columns, puts together what belongs to one transmitter, and gives
out what is news. The unit of the books is the message: *used* is one that became a report, the place of an operator,
or part of who a transmitter is; *ignored* is one that says nothing for the picture (a duplicate, authentication, free
text, a location without a place). A broadcast that cannot be read is one rejected item. `Decoded.noted` counts what
is worth knowing besides: messages lost on the way, declared emergencies, reserved values.

A location never waits for its identity: where none was heard lately, it becomes a report without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..decoded import Context, Decoded, SensorStatus
from ..names import SensorNames
from ..problems import MESSAGE_LIMIT, Problems, join_problems
from .assembly import Assembler
from .batch import Gathered
from .heard import Heard, Nothing, Said
from .intake import Found, Intake
from .packs import BrokenError, messages_of

MAX_PENDING = 200_000  # messages gathered and not taken: many minutes of the busiest sky
MAX_STATUSES = 1_000


@dataclass(slots=True)
class _Faults:
    """What was no message: the first sentences, counts by kind."""

    source: str
    messages: list[str]
    counts: Counter[str]

    def note(self, number: int, kind: str, text: str, count: int = 1) -> None:
        self.counts[kind] += count
        if len(self.messages) < MESSAGE_LIMIT:
            self.messages.append(f"{self.source}, item {number}, {text}")


class RemoteIdDecoder:
    """Reads what one source sends."""

    def __init__(self, context: Context, names: SensorNames, datagrams: bool = False, encoding: str = "auto") -> None:
        self.names = names
        self._context = context
        self._intake = Intake(datagrams, encoding)
        self._assembler = Assembler(context, names)
        self._gathered = Gathered()
        self._statuses: list[SensorStatus] = []
        self._ignored: Counter[str] = Counter()
        self._number = 0  # of the last item
        self._faults = _Faults(context.source, [], Counter())

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather what `data`, received at `received_ns` (UTC), completes: any piece of a stream, or one datagram."""
        self._gather(self._intake.push(data), received_ns)

    def push_frame(self, link_type: int, frame: bytes, received_ns: int) -> None:
        """The same of a frame of a capture of one of `carriers.LINK_TYPES`."""
        self._gather(self._intake.frame(link_type, frame), received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        self._gather(self._intake.close(), received_ns)

    def take(self) -> Decoded:
        """What was gathered since the last time."""
        gathered, self._gathered = self._gathered, Gathered()
        statuses, self._statuses = tuple(self._statuses), []
        faults, self._faults = self._faults, _Faults(self._context.source, [], Counter())
        ignored, self._ignored = self._ignored, Counter()
        wrong = Problems(tuple(faults.messages), dict(faults.counts), faults.counts.total())
        if not len(gathered):
            return Decoded(statuses=statuses, problems=wrong, used=len(statuses), ignored=dict(ignored))
        found = self._assembler.assemble(gathered)
        return Decoded(
            reports=found.reports,
            statuses=statuses,
            problems=join_problems([wrong, *found.problems]),
            used=found.used + len(statuses),
            ignored=dict(ignored + found.ignored),
            operators=tuple(found.operators),
            noted=dict(+found.noted),
        )

    def _gather(self, found: Iterable[Found], received_ns: int) -> None:
        for item in found:
            self._number += 1
            if isinstance(item, BrokenError):
                self._faults.note(self._number, item.kind, str(item))
            elif isinstance(item, Nothing):
                self._ignored[item.kind] += 1
            elif isinstance(item, Said):
                self._status(item, received_ns)
            else:
                self._heard(item, received_ns)

    def _heard(self, heard: Heard, received_ns: int) -> None:
        if not heard.payloads:
            self._ignored["nothing said"] += 1
        for payload in heard.payloads:
            try:
                messages = messages_of(payload)
            except BrokenError as error:
                self._faults.note(self._number, error.kind, str(error))
                continue
            if len(self._gathered) + len(messages) > MAX_PENDING:
                text = f"message: came after {MAX_PENDING} not yet taken"
                self._faults.note(self._number, "message not taken in time", text, len(messages))
            else:
                self._gathered.add(messages, heard, received_ns, self._number)

    def _status(self, said: Said, received_ns: int) -> None:
        index = int(self.names.find([said.receiver or self._context.source])[0])
        if index < 0:
            text = f"sensor: {said.receiver[:40]!r} is no sensor of this site"
            self._faults.note(self._number, "sensor is no sensor of this site", text)
        elif len(self._statuses) >= MAX_STATUSES:
            text = f"status: came after {MAX_STATUSES} not yet taken"
            self._faults.note(self._number, "status not taken in time", text)
        else:
            time_ns = said.time_ns or received_ns
            self._statuses.append(SensorStatus(index, time_ns, received_ns, said.state, said.text))
