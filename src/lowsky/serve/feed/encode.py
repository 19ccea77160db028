"""Binary pictures: a table to flat little-endian bytes that a browser lays typed arrays over.

header, 40 bytes: u8 what, u8 version, u16 0, u32 rows, u32 removed, u32 0,
                  f64 picture_ms, f64 sequence, f64 newest_report_ms
f64[removed]      numbers that are gone
columns           in the order of `COLUMNS`, each beginning at a multiple of 8 bytes, zero padded
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import DTYPES, Table

SNAPSHOT, CHANGES = 1, 2
VERSION = 1
HEADER = struct.Struct("<BBHIIIddd")
NOTHING = np.empty(0, dtype="<f8")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a message says of its moment: UTC of the picture, running number, receipt of the newest report in it."""

    picture_ms: float
    sequence: int
    newest_report_ms: float


def encode(what: int, table: Table, removed: NDArray[np.float64], stamp: Stamp) -> bytes:
    """One message.

    Args:
        what: SNAPSHOT (`removed` is then meaningless and empty) or CHANGES.
        table: rows to send, columns as in `COLUMNS`.
        removed: numbers (k,) of objects that are gone.
    """
    n = len(table["number"])
    parts = [
        HEADER.pack(
            what, VERSION, 0, n, len(removed), 0, stamp.picture_ms, float(stamp.sequence), stamp.newest_report_ms
        ),
        removed.astype("<f8", copy=False).tobytes(),
    ]
    for name, dtype in DTYPES.items():
        parts.append(table[name].astype(dtype, copy=False).tobytes())
        parts.append(b"\0" * (-n * dtype.itemsize % 8))
    return b"".join(parts)


def snapshot(table: Table, stamp: Stamp) -> bytes:
    """The whole picture, which replaces whatever the receiver has."""
    return encode(SNAPSHOT, table, NOTHING, stamp)
