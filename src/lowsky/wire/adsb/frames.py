"""Mode S frames as columns, as a receiver hands them over: bytes, receipt, counter, signal."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LONG, SHORT = 14, 7  # bytes of a frame
NO_TICKS = -1
MLAT_TICKS = 0xFF004D4C4154  # stands where the counter would, in what a multilateration server gives back


@dataclass(frozen=True, slots=True)
class Frames:
    """n frames in the order in which they came."""

    data: Bytes  # (n, LONG), a short one ends with zeros
    long: Bools
    received_ns: Longs
    ticks: Longs  # 48-bit counter of the receiver, NO_TICKS: none
    signal: Floats  # amplitude 0 to 1 of full scale, NaN: not told

    def __len__(self) -> int:
        return len(self.data)

    def take(self, rows: Longs | Bools | slice) -> Frames:
        """The given rows, in the given order."""
        return Frames(*(getattr(self, f.name)[rows] for f in fields(self)))

    def hex(self, row: int) -> str:
        """One frame as it is written in messages."""
        return bytes(self.data[row, : LONG if self.long[row] else SHORT]).hex().upper()


def no_frames() -> Frames:
    """None at all."""
    none = np.empty(0)
    return Frames(np.empty((0, LONG), np.uint8), none.astype(bool), none.astype(np.int64), none.astype(np.int64), none)


def join_frames(parts: list[Frames]) -> Frames:
    """All rows of the parts in order."""
    if not parts:
        return no_frames()
    return Frames(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Frames)))


def numbers(octets: Bytes) -> Longs:
    """Big-endian numbers (n,) of rows of up to 7 octets (n, k)."""
    value = np.zeros(len(octets), dtype=np.int64)
    for column in octets.T:
        value = (value << 8) | column
    return value
