"""Notices to calls: all objects that come for one place together, as one thing that is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Event, EventKind, Level, NoticeBatch, no_notices
from lowsky.model.place import Place
from lowsky.wire.cap import Call

Point = tuple[float, float]

MOST_ENDED = 1000  # calls that somebody ended, whose end is still to be told


@dataclass(frozen=True, slots=True)
class Situation:
    """What a tick's notices refer to."""

    places: tuple[Place, ...]  # as the rows in notices count them
    drill: bool
    kind_of: Callable[[int], Kind]  # of an object by its public number; unknown for one that is gone
    vessel_of: Callable[[int], Point | None] = lambda row: None  # where the vessel of a place row is


class CallBook:
    """The standing calls by number, as of the last tick."""

    def __init__(self) -> None:
        self.levels: dict[int, Level] = {}
        self.drill = False
        self.ended_by_hand: dict[int, None] = {}
        self._places: dict[int, Place] = {}  # of the standing calls
        self._notices = no_notices()
        self._made: dict[int, Call] = {}  # since the last tick
        self._situation = Situation((), False, lambda number: Kind.UNKNOWN)

    def update(self, notices: NoticeBatch, situation: Situation, events: Sequence[Event] = ()) -> list[int]:
        """Take the last tick of a batch; the calls whose level it changed, in order of number.

        A batch without rows is a tick at which no notice stands. A call keeps the place at which it was first seen
        until its row names another state of the same place: whoever changes places does so between ticks.
        """
        if len(notices):
            notices = notices.take(notices.time_ns == notices.time_ns[-1])
        for event in events:
            if event.kind is EventKind.ENDED and event.who:
                self.ended_by_hand[event.call] = None
        while len(self.ended_by_hand) > MOST_ENDED:
            del self.ended_by_hand[next(iter(self.ended_by_hand))]
        self._notices, self._situation, self.drill = notices, situation, situation.drill
        self._made = {}
        self._find_places()
        calls, of_call = np.unique(notices.call, return_inverse=True)
        highest = np.zeros(len(calls), dtype=np.uint8)
        np.maximum.at(highest, of_call, notices.level)
        stand = {int(c): Level(int(v)) for c, v in zip(calls, highest, strict=True) if v > Level.CLEAR}
        now = {call: level for call, level in stand.items() if call in self._places}
        before, self.levels = self.levels, now
        return sorted(c for c in before.keys() | now.keys() if before.get(c) != now.get(c))

    def call(self, number: int) -> Call | None:
        """A call as it stands, None if none of its notices does."""
        if number in self.levels and number not in self._made:
            self._made[number] = self._make(number)
        return self._made.get(number)

    def _find_places(self) -> None:
        """The place of each standing call."""
        stands = self._notices.level > Level.CLEAR
        pairs = zip(self._notices.call[stands].tolist(), self._notices.place[stands].tolist(), strict=True)
        known, self._places = self._places, {}
        for call, row in dict(pairs).items():
            place = self._situation.places[row] if row < len(self._situation.places) else None
            before = known.get(call)
            if before is not None and (place is None or place.id != before.id):
                place = before
            if place is not None:
                self._places[call] = place

    def _make(self, number: int) -> Call:
        mine = self._notices.take((self._notices.call == number) & (self._notices.level > Level.CLEAR))
        row = int(mine.place[0])
        kinds = Counter(self._situation.kind_of(int(track)) for track in mine.track)
        ranked = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        known = np.flatnonzero(mine.arrival_ns != NO_TIME_NS)
        first = int(known[np.argmin(mine.arrival_ns[known])]) if len(known) else -1

        def at(times_ns: NDArray[np.int64]) -> int:
            return int(times_ns[first]) if first >= 0 else NO_TIME_NS

        return Call(
            number=number,
            level=Level(int(mine.level.max())),
            place=self._places[number],
            count=len(mine),
            kinds=tuple(ranked),
            probability=float(mine.probability.max()),
            arrival_ns=at(mine.arrival_ns),
            early_ns=at(mine.early_ns),
            late_ns=at(mine.late_ns),
            vessel=self._situation.vessel_of(row),
        )
