"""The journal: takes every input of the core before its results leave, and brings it to the disk.

Who appends hands over arrays, which must not be changed afterwards, and goes on: encoding, compression and writing
happen in a thread of the journal's own, syncing in a second one, so that a slow disk does not hold writing up either.
An append shares no lock with these threads; only where the queue is full it waits for room, once, at most
`Limits.hold_s`.

What cannot be kept, because the disk is full or too slow for the queue, is given up and counted: the core goes on, and
what is given up counts as written, because a warning must not wait for a disk. From there on everything is given up
until a checkpoint begins a new segment; a mark there says how much is missing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from lowsky.core import CoreInput, CoreState, save_state
from lowsky.model.notice import Event

from .files import FolderLock, SegmentWriter
from .frames import FrameKind
from .header import Header, put_header
from .limits import Limits, Status
from .payloads import Checkpoint, Mark, Pulse, put_checkpoint, put_input, put_json
from .progress import Item, Progress
from .threads import NS_PER_S, Syncer, Writer

REPORT_BYTES, LOOK_BYTES, SMALL_BYTES = 200, 21, 256  # in memory, about
TOO_SLOW = "the disk is slower than what is to be recorded"


def last_ns(given: CoreInput) -> int:
    """Receipt of the last event of an input; 0 if it has none."""
    columns = (given.reports.received_ns, given.looks.received_ns, given.ticks_ns)
    times = [int(c[-1]) for c in columns if len(c)] + [a.received_ns for a in given.actions[-1:]]
    return max(times, default=0)


class Journal:
    """A recording that is being written into a folder; safe to be used by several threads."""

    def __init__(
        self, folder: Path, header: Header, limits: Limits | None = None, sequence: int = 1, segment: int = 1
    ) -> None:
        """Start. A checkpoint must come first.

        Args:
            folder: made if it is not there.
            header: of its segments.
            sequence, segment: the first ones; for a folder that holds a recording, those behind it.

        Raises:
            InputError: if another process records there.
            ValueError: if the setup in the header cannot be kept.
            OSError: if the folder cannot be made or written.
        """
        put_header(header)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder, self.limits = folder, limits or Limits()
        self._header = header
        self._lock = FolderLock(folder)
        files = SegmentWriter(folder, segment)
        self._at = Progress(sequence - 1, header.reserved)
        self._tried_s = 0.0  # when a segment was last begun after a loss
        self._writer = threading.Thread(target=Writer(self._at, files, self.limits).run, daemon=True)
        self._syncer = threading.Thread(target=Syncer(self._at, files, self.limits).run, daemon=True)
        self._writer.start()
        self._syncer.start()

    # what goes in

    def append_input(self, given: CoreInput) -> int:
        """Take an input before the core does; its running number, which `wait` waits for.

        Raises:
            ValueError: before the first checkpoint, or after `close`.
        """
        size = SMALL_BYTES + REPORT_BYTES * len(given.reports) + LOOK_BYTES * len(given.looks)
        with self._at.door:
            if not self._at.begun:
                raise ValueError("a recording begins with a checkpoint")
            self._make_room(size)
            return self._put(FrameKind.INPUT, last_ns(given), size, lambda: put_input(given), len(given.reports))

    def _make_room(self, size: int) -> None:
        """Wait once if the queue is full; give up what comes if it stays so."""

        def fits() -> bool:
            # an input larger than the whole queue may go through an empty one
            return not self._at.waiting_bytes or self._at.waiting_bytes + size <= self.limits.queue_bytes

        if self._at.giving_up or fits():
            return
        with self._at.changed:
            self._at.held += 1
            if not fits():
                self._at.changed.wait(self.limits.hold_s)
            if not fits():
                self._at.begin_losing(TOO_SLOW, at_desk=False)

    def checkpoint(self, state: CoreState, time_ns: int, reports: int = 0, events: tuple[Event, ...] = ()) -> int:
        """Take a copy of the core's state as it is after the last input taken; it begins a segment when that is due.

        Args:
            state: of the core.
            time_ns: its time.
            reports: how many are recorded so far.
            events: to be found again by who begins here.
        """
        kept = Checkpoint(time_ns, save_state(state), reports, events)
        size = sum(table.nbytes for table in kept.tables.values())
        with self._at.door:
            header: Callable[[], bytes] | None = None
            if not self._at.begun or self._at.giving_up or self._segment_is_full(time_ns):
                header = partial(put_header, replace(self._header, reserved=self._at.asked))
                self._at.taken += 2  # the header's, the checkpoint's; the item's own is for a mark
                self._at.segment_from_ns, self._tried_s = time_ns, time.monotonic()
                self._at.begun = self._at.beginning = True
            return self._put(FrameKind.CHECKPOINT, time_ns, size, lambda: put_checkpoint(kept), 0, header)

    def pulse(self, pulse: Pulse) -> int:
        """Take what there was to see at a tick."""
        size = SMALL_BYTES + len(pulse.sample)
        with self._at.door:
            return self._put(FrameKind.PULSE, pulse.time_ns, size, lambda: put_json(pulse))

    def note_hash(self, time_ns: int, hexadecimal: str) -> int:
        """Take nothing but the hash of a tick."""
        return self.pulse(Pulse(time_ns, hexadecimal, 0))

    def mark(self, mark: Mark) -> int:
        """Take a mark."""
        with self._at.door:
            return self._put(FrameKind.MARK, mark.time_ns, SMALL_BYTES, lambda: put_json(mark))

    def reserve_numbers(self, upto: int, time_ns: int) -> int:
        """Reserve public numbers up to this one, synced at once; they may be shown when `numbers_ready` says so."""
        with self._at.door:
            self._at.asked = max(self._at.asked, upto)
            sequence = self._at.taken + 1
            self._at.reservations.append((sequence, upto))
            self._at.sync_wanted = sequence
            return self._put(FrameKind.RESERVE, time_ns, SMALL_BYTES, lambda: put_json(upto))

    def _put(
        self,
        kind: FrameKind,
        time_ns: int,
        size: int,
        encode: Callable[[], bytes],
        reports: int = 0,
        header: Callable[[], bytes] | None = None,
    ) -> int:
        if self._at.closing:
            raise ValueError("the recording is closed")
        self._at.taken += 1
        self._at.put(Item(kind, self._at.taken, time_ns, size, encode, reports, header))
        return self._at.taken

    def _segment_is_full(self, time_ns: int) -> bool:
        if self._at.beginning:  # one is on its way
            return False
        age_ns = time_ns - self._at.segment_from_ns
        return self._at.segment_bytes >= self.limits.segment_bytes or age_ns >= self.limits.segment_s * NS_PER_S

    # how far it is; single numbers are read without the lock, so that the core waits for nobody

    @property
    def written(self) -> int:
        """Running number of the last frame that is in the file, or that was given up."""
        return max(self._at.written, self._at.passed)

    @property
    def synced(self) -> int:
        """Running number of the last frame that is on the disk."""
        return self._at.synced

    @property
    def asked(self) -> int:
        """Public numbers up to this one are reserved, or will be."""
        return self._at.asked

    @property
    def wants_checkpoint(self) -> bool:
        """Was something lost, and may a checkpoint end that now? Asked for every `Limits.retry_s` at most."""
        calm = self._at.waiting_bytes <= self.limits.queue_bytes // 2
        return self._at.giving_up and calm and time.monotonic() - self._tried_s >= self.limits.retry_s

    def numbers_ready(self, number: int) -> bool:
        """May public numbers up to this one be shown: are they reserved on the disk?"""
        return self._at.numbers_ready(number)

    def wait(self, sequence: int, number: int = 0, timeout_s: float = 1.0) -> bool:
        """Wait until results may leave: the input `sequence` is in the file, and public numbers up to `number` are
        reserved. False if that took too long."""

        def ready() -> bool:
            return self.written >= sequence and self._at.numbers_ready(number)

        if ready():
            return True
        with self._at.changed:
            return self._at.changed.wait_for(ready, timeout_s)

    def flush(self, timeout_s: float = 1.0) -> bool:
        """Bring everything taken so far to the disk now, before a warning leaves. False if that took too long, or if
        some of it is given up: the warning leaves all the same, and `status` says why."""
        with self._at.changed:
            target = self._at.taken
            self._at.sync_wanted = max(self._at.sync_wanted, target)
            self._at.changed.notify_all()
            self._at.changed.wait_for(lambda: self._at.synced >= target or self._at.passed >= target, timeout_s)
            return self._at.synced >= target

    @property
    def status(self) -> Status:
        """How the recording is doing."""
        with self._at.changed:
            return self._at.status()

    def close(self, timeout_s: float = 10.0) -> None:
        """Write and sync what was taken, and end. A second call does nothing."""
        with self._at.door:
            if not self._at.closing:
                self._at.closing = True
                self._at.queue.put(None)
        self._writer.join(timeout_s)
        with self._at.changed:
            already, self._at.closed = self._at.closed, True
            self._at.changed.notify_all()
        self._syncer.join(timeout_s)
        if not already:
            self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
