"""Parity of Mode S: the 24-bit remainder of a frame, in columns.

Source: ICAO Annex 10 Volume IV, 3.1.2.3.3 (generator polynomial 1FFF409, here without its first bit). No error is ever
corrected: a position out of a mended frame could be any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frames import LONG, SHORT, Bools, Bytes, Longs

GENERATOR = 0xFFF409


def _tables() -> NDArray[np.uint32]:
    """Remainder of each octet at each place of a long frame (LONG, 256); its last three places are the remainder."""
    step = np.arange(256, dtype=np.uint32) << 16
    for _ in range(8):
        step = np.where(step & 0x800000, (step << 1) ^ GENERATOR, step << 1) & 0xFFFFFF
    tables = np.empty((LONG, 256), dtype=np.uint32)
    for place in range(3):
        tables[LONG - 1 - place] = np.arange(256, dtype=np.uint32) << (8 * place)
    for place in range(LONG - 4, -1, -1):
        after = tables[place + 1] if place < LONG - 4 else None
        if after is None:
            tables[place] = step
        else:
            tables[place] = ((after << 8) & 0xFFFFFF) ^ step[after >> 16]
    return tables


_TABLES = _tables()


def remainders(data: Bytes, long: Bools) -> Longs:
    """Remainders (n,) of frames (n, LONG), of which those that are not `long` have SHORT octets.

    0: the parity is whole. Else what was laid over it: an interrogator's code (DF 11), an address (DF 0, 4, 5, 16, 20,
    21) or an error.
    """
    aligned = data
    if not long.all():
        aligned = np.where(long[:, None], data, np.roll(data, LONG - SHORT, axis=1))
    found = np.zeros(len(data), dtype=np.uint32)
    for place in range(LONG):
        found ^= _TABLES[place][aligned[:, place]]
    return found.astype(np.int64)
