"""Datablocks to reports, looks and states of sensors: a stream object without sockets or clock.

`push` gathers; `take` walks through all that was gathered, compiled, and checks it on columns. The unit of the books is
the record; a datablock of a category that is not read, octets that are no datablock, and the rest of a datablock behind
a record that is broken count as one each. A broken record costs itself and what follows in its datablock, because only
whole records tell where the next one begins; never other datablocks.

Not thread-safe. Limits: octets gathered and not taken, the beginning of one datablock, what is kept of each sender.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels import asterix as kernel
from lowsky.kernels import asterix_items as steps

from ..decoded import Context, Decoded
from ..names import SensorNames
from ..problems import join_problems
from . import bearings, declared, radar
from .drafting import Drafting
from .faults import FAULTS
from .framing import Framed, Framer
from .options import AsterixOptions
from .outcome import Outcome
from .service import MESSAGES
from .tables import Tables, make_tables
from .targets import Cells, Targets
from .walk import Rows, Walker, subject, warm

MAX_PENDING_OCTETS = 64 << 20  # gathered and not taken: minutes of the largest site
LOST_OCTETS = "octets that could not be read"
TABLES_KEPT = 16  # choices of editions
TARGET_REPORT = 1.0  # message type of 010, which holds targets and service messages

Longs = NDArray[np.int64]

TARGETS: dict[int, tuple[tuple[str, ...], Callable[[Cells], Targets]]] = {
    1: (radar.WANTED_001, radar.from_001),
    10: (radar.WANTED_010, radar.from_010),
    15: (radar.WANTED_015, radar.from_015),
    20: (declared.WANTED_020, declared.from_020),
    21: (declared.WANTED_021, declared.from_021),
    48: (radar.WANTED_048, radar.from_048),
    62: (declared.WANTED_062, declared.from_062),
    129: (declared.WANTED_129, declared.from_129),
    205: (bearings.WANTED_205, bearings.from_205),
}
"""Categories of targets: the paths wanted, and what is made of them."""


@lru_cache(maxsize=TABLES_KEPT)
def _tables(editions: tuple[tuple[str, str], ...]) -> Tables:
    """What is wanted of all categories, in these editions."""
    wanted = {n: paths for n, (paths, _) in TARGETS.items()}
    wanted |= {n: (*wanted.get(n, ()), *how.wanted) for n, how in MESSAGES.items()}
    return make_tables(AsterixOptions(editions=dict(editions)).categories(), wanted)


class AsterixDecoder:
    """Reads the datablocks of one source for a site."""

    def __init__(self, context: Context, options: AsterixOptions, datagrams: bool) -> None:
        """With `datagrams`, what is pushed at once begins with a datablock and ends with one.

        Raises:
            InputError: if the options name a sensor or an edition that is not there.
        """
        warm()  # now, and not when the first datagram waits
        self._walker = Walker(_tables(tuple(sorted(options.editions.items()))))
        self._framer = None if datagrams else Framer(self._walker)
        self._names = options.names(context)
        self._drafting = Drafting(context, self._names, options)
        self._outcome = Outcome(context.source)
        self._pieces: list[bytes] = []
        self._received_ns: list[int] = []
        self._octets = 0
        self._records = 0

    @property
    def names(self) -> SensorNames:
        """The sensors as this source names them."""
        return self._names

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one datagram."""
        if self._framer is None:
            self._add(data, received_ns)
            return
        self._add_framed(self._framer.push(data), received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended: what has begun is cut short."""
        if self._framer is not None:
            self._add_framed(self._framer.close(), received_ns)

    def take(self) -> Decoded:
        """What was gathered since the last time."""
        if not self._pieces and not self._outcome:
            return Decoded()
        data = np.frombuffer(b"".join(self._pieces), dtype=np.uint8)
        ends = np.cumsum([0, *map(len, self._pieces)], dtype=np.int64)
        received_ns = np.array(self._received_ns, dtype=np.int64)
        self._pieces, self._received_ns, self._octets = [], [], 0
        if len(data):
            for rows in self._walker.walk(data, ends):
                self._sort(rows, received_ns)
        reports, draft_problems, ignored, used = self._drafting.take()
        outcome, self._outcome = self._outcome, Outcome(self._outcome.source)
        for reason, n in ignored.items():
            outcome.ignore(reason, n)
        problems = join_problems([outcome.problems(), *draft_problems])
        return Decoded(
            reports=reports,
            looks=self._drafting.looks(),
            statuses=self._drafting.statuses(),
            problems=problems,
            used=used,
            ignored=outcome.ignored,
            noted=outcome.noted,
        )

    def _add(self, data: bytes, received_ns: int) -> None:
        if self._octets > MAX_PENDING_OCTETS:
            self._outcome.reject("octets not taken in time", f"{len(data)} octets came after {MAX_PENDING_OCTETS}")
        elif data:
            self._pieces.append(data)
            self._received_ns.append(received_ns)
            self._octets += len(data)

    def _add_framed(self, framed: Framed, received_ns: int) -> None:
        for _ in range(framed.losses):
            self._outcome.reject("octets that are no datablock", f"after {self._records} records: octets that are none")
        self._outcome.note(LOST_OCTETS, framed.garbage)
        self._add(framed.blocks, received_ns)

    def _sort(self, rows: Rows, received_ns: Longs) -> None:
        """Give rows to what reads their category; count those that are broken or not read."""
        table = rows.table
        fault, category = table[:, kernel.FAULT], table[:, kernel.CATEGORY]
        received = received_ns[np.minimum(table[:, kernel.PIECE], len(received_ns) - 1)]
        if fault.any():
            for i in np.flatnonzero(fault).tolist():
                self._note(table[i].tolist(), self._records + i)
        good = fault == 0
        for number in np.flatnonzero(np.bincount(category[good], minlength=256)).tolist():
            chosen = np.flatnonzero(good & (category == number))
            if number not in TARGETS and number not in MESSAGES:
                self._outcome.ignore(f"category {number:03d}", len(chosen))
                continue
            cells = rows.cells(self._walker.tables, number, chosen)
            self._read(number, cells, rows, received[chosen], self._records + chosen)
        self._records += len(table)

    def _read(self, number: int, cells: Cells, rows: Rows, received_ns: Longs, record: Longs) -> None:
        if number in TARGETS and number in MESSAGES:
            target = np.isnan(cells["000"]) | (cells["000"] == TARGET_REPORT)
            for mask, read in ((target, self._read_targets), (~target, self._drafting.service)):
                if mask.any():
                    part = {path: column[mask] for path, column in cells.items()}
                    read(number, part, rows, received_ns[mask], record[mask])
        elif number in TARGETS:
            self._read_targets(number, cells, rows, received_ns, record)
        else:
            self._drafting.service(number, cells, rows, received_ns, record)

    def _read_targets(self, number: int, cells: Cells, rows: Rows, received_ns: Longs, record: Longs) -> None:
        self._drafting.targets(number, TARGETS[number][1](cells), rows, received_ns, record)

    def _note(self, row: list[int], record: int) -> None:
        fault, number = row[kernel.FAULT], row[kernel.CATEGORY]
        if fault == steps.UNKNOWN:
            self._outcome.ignore(f"category {number:03d}", 1)
            return
        self._outcome.note(LOST_OCTETS, row[kernel.END] - row[kernel.AT])
        about = subject(self._walker.tables, row)
        self._outcome.reject(f"record {FAULTS[fault]}", f"record {record}, {about} {FAULTS[fault]}")
