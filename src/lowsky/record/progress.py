"""What those who append and the threads that write and sync know in common.

Who appends takes the lock `door`, which only others who append ever hold, and puts an item into a queue that blocks
nobody; so the core never waits for a thread that has been put to sleep in the middle of its work. Everything else is
read and changed under `changed`, except that flags and totals that one side alone writes are read by the other as they
are.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from .frames import FrameKind
from .limits import Status
from .payloads import Mark


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be written; `encode` is called by the thread that writes."""

    kind: FrameKind
    sequence: int
    time_ns: int
    size: int  # bytes that it holds in memory, about
    encode: Callable[[], bytes]
    reports: int = 0
    header: Callable[[], bytes] | None = (
        None  # of the segment that this checkpoint begins; None: it goes on in the last
    )


class Progress:
    """The queue, how far everything is, and what was lost."""

    def __init__(self, sequence: int, reserved: int) -> None:
        self.door = threading.Lock()
        self.changed = threading.Condition()
        self.queue: SimpleQueue[Item | None] = SimpleQueue()  # None: there will be no more
        self.put_bytes = self.done_bytes = 0  # of items, about: written by the door alone, by the writer alone
        self.taken = self.written = self.synced = self.passed = sequence  # passed: given up, or written
        self.sync_wanted = 0
        self.reserved = self.asked = reserved  # numbers that may be shown; that are or will be reserved
        self.reservations: deque[tuple[int, int]] = deque()  # running number and upto, not yet synced
        self.begun = self.beginning = self.closing = self.closed = False
        self.segment_from_ns = self.segment_bytes = self.last_ns = 0
        self.giving_up = self.failed = False  # at the door; at the writer's desk
        self.reason = ""
        self.held = self.failures = self.segments = self.retired = self.bytes = 0
        self.lost = Lost()
        self.total = Lost()
        self.longest_sync_s = 0.0

    @property
    def waiting_bytes(self) -> int:
        """Of what was put and is not yet done with."""
        return self.put_bytes - self.done_bytes

    def put(self, item: Item) -> None:
        """Queue an item, or give it up. Who calls holds `door`."""
        if self.giving_up and not item.header:
            with self.changed:
                self.give_up(item)
            return
        if item.header:
            self.giving_up = False
        self.put_bytes += item.size
        self.queue.put(item)

    def take_all(self) -> list[Item | None]:
        """Everything that waits; waits for something."""
        items = [self.queue.get()]
        with suppress(Empty):
            while True:
                items.append(self.queue.get_nowait())
        return items

    def give_up(self, item: Item) -> None:
        """Count an item that will not be written. Who calls holds `changed`."""
        self.passed = max(self.passed, item.sequence)
        for lost in (self.lost, self.total):
            lost.inputs += item.kind is FrameKind.INPUT
            lost.reports += item.reports
        self.changed.notify_all()

    def begin_losing(self, reason: str, at_desk: bool) -> None:
        """From now on everything is given up, until a checkpoint begins a segment."""
        self.giving_up, self.reason = True, reason
        self.failed = self.failed or at_desk
        self.changed.notify_all()

    def mark_of(self, item: Item) -> Mark:
        """What is to be said at the beginning of a segment."""
        if not self.lost.inputs:
            return Mark("segment", item.time_ns)
        return Mark("loss", item.time_ns, self.last_ns, self.lost.inputs, self.lost.reports, self.reason)

    def healed(self, mark: Mark) -> None:
        """A segment has begun, with this mark."""
        self.lost.inputs -= mark.lost_inputs
        self.lost.reports -= mark.lost_reports
        self.failed = self.beginning = False

    def numbers_ready(self, number: int) -> bool:
        """May public numbers up to this one be shown?"""
        return number <= self.reserved or self.giving_up or self.failed

    def status(self) -> Status:
        """A copy of what matters to others."""
        losing = self.giving_up or self.failed
        return Status(
            state="closed" if self.closed else "failing" if losing else "well",
            reason=self.reason,
            written=max(self.written, self.passed),
            synced=self.synced,
            waiting_bytes=self.waiting_bytes,
            held=self.held,
            lost_inputs=self.total.inputs,
            lost_reports=self.total.reports,
            failures=self.failures,
            segments=self.segments,
            retired=self.retired,
            bytes=self.bytes,
            longest_sync_s=self.longest_sync_s,
        )


@dataclass(slots=True)
class Lost:
    """Number of inputs, and of reports in them, that were given up."""

    inputs: int = 0
    reports: int = 0
