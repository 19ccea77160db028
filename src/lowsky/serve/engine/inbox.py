"""The inbox: where sources and people put what the core shall consume; stamped, ordered, bounded.

Times of receipt are those at which a source took in the bytes, held between the last drain and now under the lock
under which the core drains: nothing drained later was received before what was drained earlier, whatever sources do.
When more reports wait than `MAX_REPORTS`, the oldest are dropped and counted by source: news is worth more than what
is old already.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from lowsky.model.action import Action
from lowsky.model.report import LookBatch, ReportBatch

from ..clock import Clock

MAX_REPORTS = 50_000  # waiting; about 25 s of a busy site
MAX_LOOKS = 50_000
MAX_ACTIONS = 10_000

B = TypeVar("B", ReportBatch, LookBatch)


class InboxFullError(Exception):
    """Too many actions wait: the core does not keep up."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one source put at once. Looks may be dropped only together with their reports' room."""

    received_ns: int
    source: str
    reports: ReportBatch | None
    looks: LookBatch | None


@dataclass(frozen=True, slots=True)
class Drained:
    """Everything that waited, in order of receipt, and the time up to which it is complete."""

    letters: list[Letter]
    actions: list[Action]
    upto_ns: int


class Inbox:
    """Thread-safe; `wake` is set when something was put."""

    def __init__(self, clock: Clock, max_reports: int = MAX_REPORTS) -> None:
        self.wake = threading.Event()
        self.handed_on = 0  # reports that were put, ever
        self.dropped: Counter[str] = Counter()  # reports by source
        self.dropped_looks: Counter[str] = Counter()
        self._clock = clock
        self._max_reports = max_reports
        self._lock = threading.Lock()
        self._letters: deque[Letter] = deque()
        self._actions: list[Action] = []
        self._reports = self._looks = 0
        self._floor_ns = 0

    def put(self, source: str, reports: ReportBatch | None, looks: LookBatch | None) -> int:
        """Add what a source received, stamped by it; stamps that cannot be are corrected. Returns the time now."""
        if not (reports is not None and len(reports)) and not (looks is not None and len(looks)):
            return self._clock.now_ns()
        with self._lock:
            received_ns = max(self._clock.now_ns(), self._floor_ns + 1)
            span = (self._floor_ns + 1, received_ns)
            letter = Letter(received_ns, source, _held(reports, span), _held(looks, span))
            self._letters.append(letter)
            self.handed_on += 0 if letter.reports is None else len(letter.reports)
            self._reports += 0 if letter.reports is None else len(letter.reports)
            self._looks += 0 if letter.looks is None else len(letter.looks)
            while len(self._letters) > 1 and (self._reports > self._max_reports or self._looks > MAX_LOOKS):
                self._drop_oldest()
        self.wake.set()
        return received_ns

    def act(self, action: Action) -> Action:
        """Add an action, stamped.

        Raises:
            InboxFullError: if `MAX_ACTIONS` wait already.
        """
        with self._lock:
            if len(self._actions) >= MAX_ACTIONS:
                raise InboxFullError
            stamped = replace(action, received_ns=max(self._clock.now_ns(), self._floor_ns + 1))
            self._actions.append(stamped)
        self.wake.set()
        return stamped

    def drain(self) -> Drained:
        """Take everything; what is put later is received after `upto_ns`."""
        with self._lock:
            self.wake.clear()
            letters, self._letters = list(self._letters), deque()
            actions, self._actions = self._actions, []
            self._reports = self._looks = 0
            self._floor_ns = self._clock.now_ns()
            return Drained(letters, actions, self._floor_ns)

    @property
    def waiting(self) -> int:
        """Reports that wait."""
        return self._reports

    def _drop_oldest(self) -> None:
        letter = self._letters.popleft()
        if letter.reports is not None:
            self._reports -= len(letter.reports)
            self.dropped[letter.source] += len(letter.reports)
        if letter.looks is not None:
            self._looks -= len(letter.looks)
            self.dropped_looks[letter.source] += len(letter.looks)


def _held(batch: B | None, span_ns: tuple[int, int]) -> B | None:
    """The batch with its times of receipt held within a span; None if there is nothing in it."""
    if batch is None or not len(batch):
        return None
    return replace(batch, received_ns=np.clip(batch.received_ns, *span_ns))
