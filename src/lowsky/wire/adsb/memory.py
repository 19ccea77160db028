"""What is remembered of each aircraft from one batch of messages to the next: a bounded table of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .accuracy import UNKNOWN
from .frames import NO_TICKS, Longs

MAX_AIRCRAFT = 20_000  # a receiver hears some hundred; whose messages were heard longest ago gives way
NEVER_NS = -(1 << 62)

_ROW = (
    ("key", np.int64, -1),
    ("heard_ns", np.int64, NEVER_NS),
    ("cpr_latitude", (np.float64, 2), np.nan),  # of the newest even and odd message
    ("cpr_longitude", (np.float64, 2), np.nan),
    ("cpr_ns", (np.int64, 2), NEVER_NS),
    ("cpr_ticks", (np.int64, 2), NO_TICKS),
    ("cpr_surface", (np.bool_, 2), False),
    ("frame_ns", np.int64, NEVER_NS),  # newest message with a position
    ("frame", np.int64, -1),  # ... its ME
    ("pair_latitude_deg", np.float64, np.nan),  # newest place that two messages told
    ("pair_longitude_deg", np.float64, np.nan),
    ("pair_ns", np.int64, NEVER_NS),
    ("latitude_deg", np.float64, np.nan),  # newest position that was believed
    ("longitude_deg", np.float64, np.nan),
    ("position_ns", np.int64, NEVER_NS),
    ("refused", np.int64, 0),  # positions since then that were not, and the last of them
    ("last_latitude_deg", np.float64, np.nan),
    ("last_longitude_deg", np.float64, np.nan),
    ("last_ns", np.int64, NEVER_NS),
    ("pressure_m", np.float64, np.nan),
    ("east_mps", np.float64, np.nan),  # newest velocity, NaN once it was given out
    ("north_mps", np.float64, np.nan),
    ("up_mps", np.float64, np.nan),
    ("nacv", np.int64, 0),
    ("velocity_ns", np.int64, NEVER_NS),
    ("above_pressure_m", np.float64, np.nan),
    ("above_ns", np.int64, NEVER_NS),
    ("nacp", np.int64, UNKNOWN),
    ("version", np.int64, UNKNOWN),
    ("gva", np.int64, UNKNOWN),
)
_DTYPE = np.dtype([(name, *(kind if isinstance(kind, tuple) else (kind,))) for name, kind, _ in _ROW])


class Memory:
    """One row an aircraft; `table[slot]` are its columns."""

    def __init__(self) -> None:
        self.table: NDArray[Any] = np.empty(0, dtype=_DTYPE)
        self._slots: dict[int, int] = {}
        self._extend(64)

    def __len__(self) -> int:
        return len(self._slots)

    def slots(self, keys: Longs, heard_ns: Longs) -> Longs:
        """The row (n,) of each key; who is new gets one, and all were heard now."""
        unique, inverse = np.unique(keys, return_inverse=True)
        if len(self._slots) + len(unique) > MAX_AIRCRAFT:
            self._forget(len(unique))
        slots = np.array([self._slot(key) for key in unique.tolist()], dtype=np.int64)
        found: Longs = slots[inverse]
        np.maximum.at(self.table["heard_ns"], found, heard_ns)
        return found

    def heard_since(self, keys: Longs, since_ns: Longs) -> NDArray[np.bool_]:
        """Which keys (n,) are of aircraft that were heard at `since_ns` (n,) or later."""
        slots = np.array([self._slots.get(key, -1) for key in keys.tolist()], dtype=np.int64)
        known: NDArray[np.bool_] = (slots >= 0) & (self.table["heard_ns"][slots] >= since_ns)
        return known

    def _slot(self, key: int) -> int:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = len(self._slots)
            if slot >= len(self.table):
                self._extend(2 * len(self.table))
            self.table["key"][slot] = key
        return slot

    def _extend(self, size: int) -> None:
        more = np.empty(size - len(self.table), dtype=_DTYPE)
        for name, _, value in _ROW:
            more[name] = value
        self.table = np.concatenate([self.table, more])

    def _forget(self, room: int) -> None:
        """Keep those who were heard last, so many that there is room again."""
        n = max(min(len(self._slots), MAX_AIRCRAFT // 2, MAX_AIRCRAFT - room), 0)
        rows = np.sort(np.argsort(-self.table["heard_ns"][: len(self._slots)], kind="stable")[:n])
        self.table = self.table[rows]
        self._slots = {key: slot for slot, key in enumerate(self.table["key"].tolist())}
        self._extend(max(64, 2 * n))
