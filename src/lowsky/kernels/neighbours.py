"""Pairs of points closer than a radius, by a spatial hash over the horizontal plane.

Cells are squares of the radius' size; the points of one side are sorted by cell, so that a query reads three runs of
consecutive points. Work grows with the points and the pairs found. The third coordinate is not hashed: the sky is
flat, kilometres wide and hundreds of metres high. Exact: the distance itself decides, the cells only propose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cache import jit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@jit
def _walk(
    here: Floats,
    there: Floats,
    key: Longs,
    order: Longs,
    low: Floats,
    cells: Floats,
    radius: float,
    left: Longs,
    right: Longs,
    squared: Floats,
    write: bool,
) -> int:
    """Counts the pairs; writes them too where `write` is true."""
    found = 0
    limit = radius * radius
    height = np.int64(cells[1])
    for i in range(len(here)):
        # a cell outside the hashed area can still touch it: one row and column of empty cells lie around it
        column = np.floor((here[i, 0] - low[0]) / radius) + 1.0
        line = np.floor((here[i, 1] - low[1]) / radius) + 1.0
        if not (0.0 <= column <= cells[0] - 1.0 and 0.0 <= line <= cells[1] - 1.0):
            continue
        for step in range(-1, 2):
            first = (np.int64(column) + step) * height + np.int64(line) - 1
            at = np.searchsorted(key, first)
            while at < len(key) and key[at] <= first + 2:
                j = order[at]
                d2 = 0.0
                for axis in range(here.shape[1]):
                    d2 += (here[i, axis] - there[j, axis]) ** 2
                if d2 < limit:
                    if write:
                        left[found], right[found], squared[found] = i, j, d2
                    found += 1
                at += 1
    return found


@jit
def pairs_within(here: Floats, there: Floats, radius_m: float) -> tuple[Longs, Longs, Floats]:
    """All pairs (i, j) with |here[i] - there[j]| < radius_m and their squared distances, ordered by i, then cell.

    Args:
        here, there: (n, d) and (m, d) points in m, d at least 2, finite.
        radius_m: above 0; the extent of `there` over it must stay below 2^31 a side.
    """
    none = np.empty(0, dtype=np.int64)
    if len(here) == 0 or len(there) == 0:
        return none, none, np.empty(0)
    low = np.array([there[:, 0].min(), there[:, 1].min()])
    high = np.array([there[:, 0].max(), there[:, 1].max()])
    cells = np.floor((high - low) / radius_m) + 3.0
    key = np.empty(len(there), dtype=np.int64)
    for j in range(len(there)):
        column = np.int64(np.floor((there[j, 0] - low[0]) / radius_m)) + 1
        key[j] = column * np.int64(cells[1]) + np.int64(np.floor((there[j, 1] - low[1]) / radius_m)) + 1
    order = np.argsort(key, kind="mergesort")
    key = key[order]
    count = _walk(here, there, key, order, low, cells, radius_m, none, none, np.empty(0), False)
    left, right, squared = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), np.empty(count)
    _walk(here, there, key, order, low, cells, radius_m, left, right, squared, True)
    return left, right, squared
