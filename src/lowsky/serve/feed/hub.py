"""The hub: holds the picture and the texts as they are now, and tells clients that there is news.

No client has a queue. Each knows up to where it has been told (a sequence number of the picture, a version of each
text), and when it can take another message it gets everything that is new since: rows that had news, numbers that are
gone. So a slow client costs no memory and holds nobody up; one that missed more than `MAX_MISSED` pictures gets a
snapshot instead. Messages are encoded once for all clients that stand at the same point. Lives in the event loop's
thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..route import Role
from .columns import COLUMNS, Table, empty_table, take
from .encode import CHANGES, Stamp, encode, snapshot

MAX_CLIENTS = 500
MAX_MISSED = 300  # pictures; about ten seconds
MAX_REMOVED = 20_000  # numbers remembered as gone
MAX_EVENTS = 500  # remembered for clients that are behind
REFRESH_MS = 1000.0  # a row without news is sent again this often: what coasts grows unsure
NEWS = ("last_report_ms", "status", "kind", "level", "flags", "identity", "group_n")


class Listener(Protocol):
    """Whoever is connected: woken by `news`, sent away by `closed`."""

    news: asyncio.Event
    closed: asyncio.Event


class Hub:
    """What all clients are told."""

    def __init__(self) -> None:
        self.identities: list[str] = []  # the growing table that the pictures' identities point into
        self.clients: set[Listener] = set()
        self.table: Table = empty_table()
        self.stamp = Stamp(0.0, 0, 0.0)
        self.texts: dict[str, tuple[int, str]] = {}
        self.guarded: dict[str, Role] = {}  # texts that not every client may see, and whose role suffices
        self.events: deque[tuple[int, str]] = deque(maxlen=MAX_EVENTS)
        self.event_count = 0
        self._changed: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # sequence of a row's last news
        self._changed_ms: NDArray[np.float64] = np.empty(0)
        self._removed: deque[tuple[int, float]] = deque(maxlen=MAX_REMOVED)
        self._heard = 0  # sequence of the last picture with newer reports than the one before: no news is worth telling
        self._forgotten = 0  # sequence up to which removals may have been forgotten
        self._encoded: dict[int, bytes] = {}

    def publish(self, table: Table, picture_ms: float, newest_report_ms: float) -> None:
        """Replace the picture (rows ordered by number) and wake the clients if anything is new in it."""
        sequence = self.stamp.sequence + 1
        if newest_report_ms > self.stamp.newest_report_ms:
            self._heard = sequence
        self.stamp = Stamp(picture_ms, sequence, newest_report_ms)
        changed, changed_ms = self._compare(table, sequence, picture_ms)
        gone = self.table["number"][~np.isin(self.table["number"], table["number"], assume_unique=True)]
        self._remember(gone, sequence)
        self.table, self._changed, self._changed_ms = table, changed, changed_ms
        self._encoded.clear()
        if len(gone) or self._heard == sequence or (changed == sequence).any():
            self._wake()

    def say(self, kind: str, text: str, least: Role = Role.VIEWER) -> None:
        """Replace the text message of a kind; clients get the latest only, if their role suffices for `least`."""
        if least is Role.VIEWER:
            self.guarded.pop(kind, None)
        else:
            self.guarded[kind] = least
        version = self.texts.get(kind, (0, ""))[0] + 1
        self.texts[kind] = (version, text)
        self._wake()

    def tell(self, text: str) -> None:
        """Add an event; clients get all of them, up to `MAX_EVENTS` behind."""
        self.event_count += 1
        self.events.append((self.event_count, text))
        self._wake()

    def hello(self, now_ms: float) -> str:
        """The first message to a client."""
        words: dict[str, Any] = {"type": "hello", "version": 1, "columns": COLUMNS, "now_ms": now_ms}
        words |= {
            "kinds": ["unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"],
            "statuses": ["tentative", "confirmed", "coasting", "ended"],
            "levels": ["clear", "watch", "warning", "imminent"],
        }
        return msgspec.json.encode(words).decode()

    def picture_since(self, since: int) -> bytes | None:
        """What a client that was told up to `since` (0: nothing) needs; None: it has everything."""
        if since == self.stamp.sequence:
            return None
        if since not in self._encoded:
            self._encoded[since] = self._encode_since(since)
        return self._encoded[since] or None

    def _encode_since(self, since: int) -> bytes:
        if since == 0 or since < self._forgotten or self.stamp.sequence - since > MAX_MISSED:
            return snapshot(self.table, self.stamp)
        rows = np.flatnonzero(self._changed > since)
        gone = np.array([number for sequence, number in self._removed if sequence > since], dtype=np.float64)
        if not len(rows) and not len(gone) and self._heard <= since:
            return b""
        return encode(CHANGES, take(self.table, rows), gone, self.stamp)

    def _compare(self, table: Table, sequence: int, picture_ms: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """For every row of the new table the sequence and time of its last news."""
        old, new = self.table["number"], table["number"]
        changed = np.full(len(new), sequence, dtype=np.int64)
        changed_ms = np.full(len(new), picture_ms)
        if not len(old) or not len(new):
            return changed, changed_ms
        at = np.minimum(np.searchsorted(old, new), len(old) - 1)
        same = old[at] == new
        for name in NEWS:
            same &= self.table[name][at] == table[name]
        same &= picture_ms - self._changed_ms[at] < REFRESH_MS
        changed[same], changed_ms[same] = self._changed[at[same]], self._changed_ms[at[same]]
        return changed, changed_ms

    def _remember(self, gone: NDArray[np.float64], sequence: int) -> None:
        for number in gone.tolist():
            if len(self._removed) == MAX_REMOVED:
                self._forgotten = self._removed[0][0]
            self._removed.append((sequence, number))

    def _wake(self) -> None:
        for client in self.clients:
            client.news.set()
