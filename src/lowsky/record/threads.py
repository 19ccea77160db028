"""The two threads of a journal: one encodes and writes, one syncs.

What the disk refuses becomes a state (`Progress.reason`) and never an exception that ends a thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from .files import SegmentWriter, retire
from .frames import FrameKind, frame_bytes
from .limits import Limits
from .payloads import put_json
from .progress import Item, Progress

NS_PER_S = 1_000_000_000
MOST_IN_ONE_WRITE = 256  # frames; what was appended meanwhile goes together


class Writer:
    """Takes items off the queue, turns them into frames and appends them to the segment."""

    def __init__(self, at: Progress, files: SegmentWriter, limits: Limits) -> None:
        self._at, self._files, self._limits = at, files, limits

    def run(self) -> None:
        """Work until the journal is closing and nothing waits."""
        last = False
        while not last:
            taken = self._at.take_all()
            last = taken[-1] is None
            items = [item for item in taken if item is not None]
            for first in range(0, len(items), MOST_IN_ONE_WRITE):
                self._write(items[first : first + MOST_IN_ONE_WRITE])
        self._files.end()

    def _write(self, items: list[Item]) -> None:
        """Write items in turn; those of one segment in one go."""
        begin = 0
        for k, item in enumerate(items):
            if item.header is not None:
                self._append(items[begin:k])
                self._begin(item, item.header)
                begin = k + 1
        self._append(items[begin:])

    def _append(self, items: list[Item]) -> None:
        if items and not self._at.failed:
            try:
                self._files.append([frame_bytes(i.kind, i.sequence, i.time_ns, i.encode()) for i in items])
            except Exception as error:  # whatever it is, the core goes on without a recording, and says so
                self._fail(error)
        self._settle(items)

    def _begin(self, item: Item, header: Callable[[], bytes]) -> None:
        """Begin a segment with its header and checkpoint, and a mark that says what is missing before."""
        try:
            with self._at.changed:
                mark = self._at.mark_of(item)
            self._files.begin(
                [
                    frame_bytes(FrameKind.HEADER, item.sequence - 2, item.time_ns, header()),
                    frame_bytes(item.kind, item.sequence - 1, item.time_ns, item.encode()),
                    frame_bytes(FrameKind.MARK, item.sequence, item.time_ns, put_json(mark)),
                ]
            )
        except Exception as error:
            self._fail(error)
        else:
            with self._at.changed:
                self._at.healed(mark)
            self._retire(item.time_ns)
        self._settle([item])

    def _settle(self, items: list[Item]) -> None:
        """Note that items are written, or given up."""
        with self._at.changed:
            self._at.done_bytes += sum(item.size for item in items)
            if self._at.failed:
                for item in items:
                    self._at.give_up(item)
            elif items:
                self._at.written = items[-1].sequence
                self._at.last_ns = max(item.time_ns for item in items)
            self._at.bytes = self._files.written
            self._at.segment_bytes = self._files.index.size
            self._at.segments = self._files.begun
            self._at.changed.notify_all()

    def _fail(self, error: Exception) -> None:
        reason = (isinstance(error, OSError) and error.strerror) or repr(error)
        with self._at.changed:
            self._at.failures += 1
            self._at.beginning = False
            self._at.begin_losing(f"{self._files.folder}: {reason}", at_desk=True)

    def _retire(self, now_ns: int) -> None:
        """Remove what is too old or too much; what cannot be removed now is tried again at the next segment."""
        limits = self._limits
        try:
            removed = retire(
                self._files.folder, self._files.number, limits.keep_bytes, round(limits.keep_s * NS_PER_S), now_ns
            )
        except OSError as error:
            with self._at.changed:
                self._at.failures += 1
                self._at.reason = f"old segments cannot be removed: {error.strerror}"
        else:
            with self._at.changed:
                self._at.retired += len(removed)


class Syncer:
    """Brings what is written to the disk: each `Limits.sync_s`, and at once when somebody waits for it."""

    def __init__(self, at: Progress, files: SegmentWriter, limits: Limits) -> None:
        self._at, self._files, self._limits = at, files, limits
        self._folder_of = 0  # number of the newest segment whose name is on the disk

    def run(self) -> None:
        """Work until the journal is closed."""
        while True:
            with self._at.changed:
                due = self._at.changed.wait_for(self._wanted, self._limits.sync_s)
                last, target, fd = self._at.closed, self._at.written, self._files.fd
                if not due and target == self._at.synced and not self._files.finished:
                    continue
            self._sync(fd, target)
            if last:
                return

    def _wanted(self) -> bool:
        return self._at.closed or self._at.synced < min(self._at.sync_wanted, self._at.written)

    def _sync(self, fd: int, target: int) -> None:
        begin = time.monotonic()
        try:
            ended = self._sync_finished()
            if fd >= 0 and fd not in ended:  # that segment may have ended since it was asked for
                os.fsync(fd)
            self._sync_folder()
        except OSError as error:
            with self._at.changed:
                self._at.failures += 1
                self._at.begin_losing(f"{self._files.folder}: {error.strerror}", at_desk=False)
            time.sleep(self._limits.retry_s)
            return
        self._note(target, time.monotonic() - begin)

    def _sync_finished(self) -> list[int]:
        """Sync and close the descriptors of ended segments, which nobody else closes; returns them."""
        ended = []
        while self._files.finished:
            ended.append(self._files.finished.pop(0))
            try:
                os.fsync(ended[-1])
            finally:
                os.close(ended[-1])
        return ended

    def _sync_folder(self) -> None:
        """The name of a new file is on the disk only when its folder is synced."""
        number = self._files.number
        if number == self._folder_of or os.name == "nt":
            return
        fd = os.open(self._files.folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        self._folder_of = number

    def _note(self, target: int, seconds: float) -> None:
        with self._at.changed:
            self._at.synced = max(self._at.synced, target)
            self._at.longest_sync_s = max(self._at.longest_sync_s, seconds)
            while self._at.reservations and self._at.reservations[0][0] <= self._at.synced:
                self._at.reserved = max(self._at.reserved, self._at.reservations.popleft()[1])
            self._at.changed.notify_all()
