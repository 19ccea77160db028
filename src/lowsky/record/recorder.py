"""The recorder: the core and its journal in the order that makes a recording exact.

One call takes an input: it is journalled, then the core steps, then what came of it is noted: once a second the hash of
the picture and the notices, checkpoints when time or work since the last one call for them, public numbers reserved
ahead. Results may leave when `Journal.wait` says that their input is in the file.

When checkpoints are made is decided by what was counted, not by clocks: it changes no result and is the same each time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from lowsky.core import Changes, CoreInput, CoreState, step
from lowsky.model.notice import Event, EventKind, Level

from .journal import Journal, last_ns
from .limits import Limits
from .payloads import Mark, Pulse
from .proof import hash_at, rows_at, sample_of
from .threads import NS_PER_S

INPUT_S, REPORT_S, ROW_S = 300e-6, 4e-6, 4e-6  # of replaying an input, a report and a row of the picture: measured


class Happened:
    """What happened to notices that stand or ended a short while ago, in order; bounded."""

    def __init__(self, limits: Limits, events: tuple[Event, ...] = ()) -> None:
        self._limits = limits
        self._of: OrderedDict[int, list[Event]] = OrderedDict()
        self.add(events)

    def add(self, events: tuple[Event, ...]) -> None:
        """Take over what happened next."""
        for event in events:
            self._of.setdefault(event.notice, []).append(event)

    def kept(self, now_ns: int) -> tuple[Event, ...]:
        """Everything worth keeping at a time, by time; the oldest notices are forgotten first beyond the limit."""
        since_ns = now_ns - round(self._limits.events_s * NS_PER_S)
        for notice in [n for n, of in self._of.items() if _ended_ns(of, now_ns) < since_ns]:
            del self._of[notice]
        while sum(map(len, self._of.values())) > self._limits.events:
            self._of.popitem(last=False)
        return tuple(sorted((e for of in self._of.values() for e in of), key=lambda e: e.time_ns))


def _ended_ns(events: list[Event], now_ns: int) -> int:
    return next((e.time_ns for e in events if e.kind is EventKind.ENDED), now_ns)


def raised_of(events: tuple[Event, ...], state: CoreState) -> list[tuple[int, Level, str]]:
    """Time, level and id of the place of every notice that was raised or has another level now."""
    ids = [place.id for place in state.assessment.places]
    news = (e for e in events if e.kind in (EventKind.RAISED, EventKind.LEVEL))
    return [(e.time_ns, e.level, ids[e.place] if 0 <= e.place < len(ids) else "") for e in news]


@dataclass(slots=True)
class _Since:
    """What came since the last checkpoint, and what is due when."""

    checkpoint_ns: int
    work_s: float = 0.0
    pulse_ns: int = 0  # of the last one
    sample_ns: int = 0


class Recorder:
    """A core whose inputs are journalled."""

    def __init__(
        self, journal: Journal, state: CoreState, time_ns: int, reports: int = 0, events: tuple[Event, ...] = ()
    ) -> None:
        """Begin with a checkpoint of the state as it is.

        Args:
            journal: nothing has been taken by it yet.
            time_ns: time of the core.
            reports: recorded so far; the next report's running number.
            events: of an earlier run, of notices that still matter.
        """
        self.journal, self.state = journal, state
        self.reports = reports
        self.highest = 0  # public number that was shown
        self._happened = Happened(journal.limits, events)
        self._news: list[tuple[int, Level, str]] = []  # since the last pulse
        self._now_ns = time_ns
        self._since = _Since(time_ns)
        journal.checkpoint(state, time_ns, reports, self._happened.kept(time_ns))
        journal.reserve_numbers(journal.asked + journal.limits.numbers, time_ns)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened to notices that stand, or ended a short while ago, in order of time."""
        return self._happened.kept(self._now_ns)

    def step(self, given: CoreInput) -> tuple[Changes, int]:
        """Journal an input, let the core consume it, note what came of it.

        Returns:
            What the core changed, and the running number to give to `ready` before anybody sees it.
        """
        sequence = self.journal.append_input(given)
        self.state, changes = step(self.state, given)
        self.reports += len(given.reports)
        self._now_ns = max(self._now_ns, last_ns(given))
        self._happened.add(changes.events)
        self._news += raised_of(changes.events, self.state)
        self._reserve(changes)
        self._pulse(given, changes)
        self._checkpoint(given, changes)
        return changes, sequence

    def ready(self, sequence: int, timeout_s: float = 1.0) -> bool:
        """Wait until results of that input may leave; False if the disk took longer. Then, too, warnings should."""
        return self.journal.wait(sequence, self.highest, timeout_s)

    def close(self, why: str = "") -> None:
        """A last checkpoint and the mark of a clean stop, then the end of the journal."""
        self.journal.checkpoint(self.state, self._now_ns, self.reports, self.events)
        self.journal.mark(Mark("stop", self._now_ns, why=why))
        self.journal.close()

    def _reserve(self, changes: Changes) -> None:
        """Reserve ahead when half of the reserved numbers are gone."""
        self.highest = max(self.highest, int(changes.picture.track.max(initial=0)))
        numbers = self.journal.limits.numbers
        if self.highest + numbers // 2 > self.journal.asked:
            self.journal.reserve_numbers(self.highest + numbers, self._now_ns)

    def _pulse(self, given: CoreInput, changes: Changes) -> None:
        """The hash of the first tick of each second."""
        limits, since = self.journal.limits, self._since
        period_ns = round(limits.pulse_s * NS_PER_S)
        for tick_ns in given.ticks_ns.tolist():
            if tick_ns // period_ns <= since.pulse_ns // period_ns:
                continue
            rows = rows_at(changes.picture, tick_ns)
            sampled = tick_ns - since.sample_ns >= limits.sample_s * NS_PER_S
            self.journal.pulse(
                Pulse(
                    time_ns=tick_ns,
                    hash=hash_at(changes, tick_ns),
                    objects=len(rows),
                    standing=int(np.sum((changes.notices.time_ns == tick_ns) & (changes.notices.level > 0))),
                    raised=tuple(self._news),
                    sample=sample_of(rows) if sampled else "",
                )
            )
            since.pulse_ns, self._news = tick_ns, []
            since.sample_ns = tick_ns if sampled else since.sample_ns

    def _checkpoint(self, given: CoreInput, changes: Changes) -> None:
        """A checkpoint, if time or work since the last one call for it, or a loss is to be ended."""
        limits, since = self.journal.limits, self._since
        since.work_s += INPUT_S + REPORT_S * len(given.reports) + ROW_S * len(changes.picture)
        aged = self._now_ns - since.checkpoint_ns >= limits.checkpoint_s * NS_PER_S
        if aged or since.work_s >= limits.replay_s or self.journal.wants_checkpoint:
            self.journal.checkpoint(self.state, self._now_ns, self.reports, self.events)
            since.checkpoint_ns, since.work_s = self._now_ns, 0.0
