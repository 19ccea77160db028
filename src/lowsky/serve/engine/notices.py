"""The book of notices: which stand, who has them, who has seen them, and how each is told.

The core says what stands at every tick and what happened; the book remembers who, and keeps what ended for ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lowsky.model.notice import NO_TIME_NS, NOTICE_COLUMNS, Event, EventKind, Level, NoticeBatch
from lowsky.model.place import Place

from ..answers.notices import Acknowledged, Delivered, Notice, Why
from ..answers.words import KINDS, LEVELS
from ..feed.columns import Table
from .path import distance_m, path_to

KEPT_NS = 600 * 1_000_000_000
MAX_NOTICES = 5_000  # shown; the oldest ended ones are forgotten first
MAX_DELIVERIES = 20  # remembered a notice
RULES = {
    Level.CLEAR: "it has gone, turned away or was ended",
    Level.WATCH: "it may come here",
    Level.WARNING: "it probably comes here soon",
    Level.IMMINENT: "it is about to be here",
}


@dataclass(slots=True)
class Entry:
    """One notice: its last row, and who did what."""

    row: dict[str, Any]
    ended_ns: int = NO_TIME_NS
    ended_by: str = ""
    top: int = 0  # the highest level it ever had
    seen_by: str = ""
    delivered: dict[str, int] = field(default_factory=dict)  # receiver to time


class NoticeBook:
    """All notices shown. `changed` is set when somebody should be told."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self.places = places
        self.entries: dict[int, Entry] = {}
        self.shown: dict[int, Notice] = {}
        self.earlier: tuple[Event, ...] = ()  # of an earlier run, to be taken over with the first tick
        self.changed = True

    def ticked(self, batch: NoticeBatch, events: tuple[Event, ...], now_ns: int) -> None:
        """Take over the last tick's rows, and the ended ones of every tick, with what happened."""
        last_ns = int(batch.time_ns[-1]) if len(batch) else 0
        lists = {name: getattr(batch, name).tolist() for name in NOTICE_COLUMNS}
        for i in range(len(batch)):
            row = {name: column[i] for name, column in lists.items()}
            if row["level"] == Level.CLEAR or row["time_ns"] == last_ns:
                self._take(row)
        earlier, self.earlier = self.earlier, ()
        for event in (*earlier, *events):
            self._happened(event)
        self._forget(now_ns)

    def levels(self) -> dict[int, tuple[int, bool]]:
        """Highest level of each track with standing notices, and whether all at that level have been seen."""
        found: dict[int, tuple[int, bool]] = {}
        for entry in self.entries.values():
            if entry.ended_ns:
                continue
            track, level = entry.row["track"], entry.row["level"]
            seen = entry.row["acknowledged_ns"] != NO_TIME_NS
            best, all_seen = found.get(track, (0, True))
            if level > best:
                found[track] = (level, seen)
            elif level == best:
                found[track] = (best, all_seen and seen)
        return found

    def describe(self, table: Table, now_ms: float) -> None:
        """Make all shown notices anew, ordered by standing, level and arrival."""
        rows = {int(number): i for i, number in enumerate(table["number"].tolist())}
        notices = [self._notice(entry, table, rows.get(entry.row["track"]), now_ms) for entry in self.entries.values()]
        notices.sort(key=_urgency)
        self.shown = {notice.notice: notice for notice in notices}

    def _take(self, row: dict[str, Any]) -> None:
        entry = self.entries.setdefault(row["notice"], Entry(row))
        if row["level"] == Level.CLEAR:
            entry.ended_ns = entry.ended_ns or row["time_ns"]
            self.changed = True
        elif entry.row["level"] != row["level"] or entry.row is row:
            self.changed = True
        if entry.row["acknowledged_ns"] != row["acknowledged_ns"]:
            self.changed = True
        entry.top = max(entry.top, row["level"])
        entry.row = row

    def _happened(self, event: Event) -> None:
        self.changed = True
        if event.kind is EventKind.DELIVERED:
            for entry in self.entries.values():
                if entry.row["call"] == event.call and len(entry.delivered) < MAX_DELIVERIES:
                    entry.delivered.setdefault(event.who, event.time_ns)
            return
        found = self.entries.get(event.notice)
        if found is None:
            return
        if event.kind is EventKind.ACKNOWLEDGED:
            found.seen_by = event.who
            found.row["acknowledged_ns"] = found.row["acknowledged_ns"] or event.time_ns
        elif event.kind is EventKind.ENDED:
            found.ended_ns, found.ended_by = found.ended_ns or event.time_ns, event.who

    def _forget(self, now_ns: int) -> None:
        old = [n for n, e in self.entries.items() if e.ended_ns and now_ns - e.ended_ns > KEPT_NS]
        if len(self.entries) - len(old) > MAX_NOTICES:
            ended = [n for n, e in self.entries.items() if e.ended_ns]
            old = ended[: max(len(old), len(self.entries) - MAX_NOTICES)]
        for number in old:
            del self.entries[number]
            self.changed = True

    def _notice(self, entry: Entry, table: Table, at: int | None, now_ms: float) -> Notice:
        row = entry.row
        place = self.places[row["place"]] if 0 <= row["place"] < len(self.places) else None
        return Notice(
            notice=row["notice"],
            call=row["call"],
            track=row["track"],
            place=place.id if place else "",
            place_name=place.name if place else "",
            level=LEVELS[row["level"]],
            probability=row["probability"],
            arrival_ms=_ms(row["arrival_ns"]),
            early_ms=_ms(row["early_ns"]),
            late_ms=_ms(row["late_ns"]),
            raised_ms=row["raised_ns"] / 1e6,
            ended_ms=_ms(entry.ended_ns),
            acknowledged=_acknowledged(entry),
            delivered=tuple(Delivered(to, ns / 1e6) for to, ns in entry.delivered.items()),
            why=_why(entry, table, at, place),
            path=() if at is None or entry.ended_ns else path_to(table, at, now_ms, _ms(row["late_ns"])),
        )


def _why(entry: Entry, table: Table, at: int | None, place: Place | None) -> Why:
    rule = RULES[Level(entry.row["level"])]
    if entry.ended_by:
        rule = f"ended by {entry.ended_by}"
    if at is None:
        return Why(None, None, None, "unknown", rule)
    return Why(
        distance_m=None if place is None else distance_m(table, at, place),
        speed_mps=float(np.hypot(table["east_mps"][at], table["north_mps"][at])),
        height_m=float(table["height_m"][at]),
        kind=KINDS[int(table["kind"][at])],
        rule=rule,
    )


def _acknowledged(entry: Entry) -> Acknowledged | None:
    at_ns = entry.row["acknowledged_ns"]
    return None if at_ns == NO_TIME_NS else Acknowledged(entry.seen_by, at_ns / 1e6)


def _urgency(notice: Notice) -> tuple[bool, int, float]:
    return notice.ended_ms is not None, -LEVELS.index(notice.level), notice.arrival_ms or float("inf")


def _ms(time_ns: int) -> float | None:
    return None if time_ns == NO_TIME_NS else time_ns / 1e6
