"""The last ten minutes of every object, a point each two seconds, in tables of fixed size a slot.

A slot belongs to one object; when all `MAX_SLOTS` are taken, the object that was seen longest ago gives its own up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..feed.columns import Table

MAX_SLOTS = 20_000
FIRST_SLOTS = 256
POINTS = 300
EVERY_MS = 2000.0
FIELDS = ("time_ms", "lat", "lon", "height_m", "speed_mps")


@dataclass(frozen=True, slots=True)
class Way:
    """Points of one object, oldest first; columns as `FIELDS`."""

    time_ms: NDArray[np.float64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    height_m: NDArray[np.float64]
    speed_mps: NDArray[np.float64]


NO_WAY = Way(*(np.empty(0) for _ in FIELDS))


class Histories:
    """Rings of points by object number."""

    def __init__(self, max_slots: int = MAX_SLOTS) -> None:
        self._max_slots = max_slots
        self._points = np.full((min(FIRST_SLOTS, max_slots), POINTS, len(FIELDS)), np.nan)
        self._written = np.zeros(len(self._points), dtype=np.int64)  # points ever written to a slot
        self._seen_ms = np.zeros(len(self._points))
        self._slot_of: dict[int, int] = {}
        self._owner = np.zeros(len(self._points), dtype=np.int64)  # 0: free
        self._last_ms = 0.0

    def __len__(self) -> int:
        return len(self._slot_of)

    def add(self, table: Table, time_ms: float) -> None:
        """Add the picture's rows, if `EVERY_MS` have passed since the last that were."""
        if time_ms - self._last_ms < EVERY_MS:
            return
        self._last_ms = time_ms
        numbers = table["number"].astype(np.int64)
        slots = np.array([self._slot(number, time_ms) for number in numbers.tolist()], dtype=np.int64)
        if not len(slots):
            return
        columns = (
            np.full(len(slots), time_ms), table["lat"], table["lon"], table["height_m"],
            np.hypot(table["east_mps"], table["north_mps"]),
        )  # fmt: skip
        self._points[slots, self._written[slots] % POINTS] = np.stack(columns, axis=1)
        self._written[slots] += 1

    def way(self, number: int, since_ms: float = 0.0) -> Way:
        """The points of an object from `since_ms` on."""
        slot = self._slot_of.get(number)
        if slot is None:
            return NO_WAY
        written = int(self._written[slot])
        order = np.arange(max(0, written - POINTS), written) % POINTS
        points = self._points[slot, order]
        return Way(*points[points[:, 0] >= since_ms].T)

    def _slot(self, number: int, time_ms: float) -> int:
        slot = self._slot_of.get(number)
        if slot is None:
            slot = self._free_slot()
            self._slot_of[number] = slot
            self._owner[slot], self._written[slot] = number, 0
        self._seen_ms[slot] = time_ms
        return slot

    def _free_slot(self) -> int:
        """An unused slot; else more of them; else that of the object seen longest ago."""
        used = len(self._slot_of)
        if used == len(self._owner) and used < self._max_slots:
            self._grow(min(2 * used, self._max_slots))
        if used < len(self._owner):
            return used
        slot = int(np.argmin(self._seen_ms))
        del self._slot_of[int(self._owner[slot])]
        return slot

    def _grow(self, slots: int) -> None:
        more = slots - len(self._owner)
        self._points = np.concatenate([self._points, np.full((more, POINTS, len(FIELDS)), np.nan)])
        self._written = np.concatenate([self._written, np.zeros(more, dtype=np.int64)])
        self._seen_ms = np.concatenate([self._seen_ms, np.zeros(more)])
        self._owner = np.concatenate([self._owner, np.zeros(more, dtype=np.int64)])
