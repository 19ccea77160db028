"""Many datablocks at once to rows and columns: `kernels.asterix` with its buffers, and the names of what it found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels import asterix as kernel
from lowsky.kernels import asterix_items as steps

from .layout import Compound
from .tables import Tables, make_tables

MOST_ROWS = 1 << 15  # at once; their offsets stay near the processor
LEAST_ROWS = 256
OCTETS_A_ROW = 16  # few records are shorter

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a walk: see the columns of `kernels.asterix`."""

    data: NDArray[np.uint8]
    table: Longs  # (n, ROW_COLUMNS)
    found: NDArray[np.int32]  # (n, slots)

    def cells(self, tables: Tables, category: int, rows: Longs) -> dict[str, NDArray[np.float64]]:
        """The columns wanted of a category, for these rows of it; NaN where a record has no such field."""
        columns = tables.columns[category]
        out = np.empty((len(columns.paths), len(rows)))
        kernel.extract(self.data, self.found, rows, columns.fields, columns.scales, out)
        return dict(zip(columns.paths, out, strict=True))


class Walker:
    """Goes through data by the tables of some categories. Not thread-safe: the buffers are used again."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._rows = np.empty((0, kernel.ROW_COLUMNS), dtype=np.int64)
        self._found = np.empty((0, tables.slots), dtype=np.int32)

    def walk(self, data: NDArray[np.uint8], pieces: Longs) -> Iterator[Rows]:
        """The rows of pieces that each begin with a datablock: piece k is data[pieces[k]:pieces[k + 1]].

        What is given out is overwritten by the next step.
        """
        self._make_room(len(data) // OCTETS_A_ROW)
        tables = self.tables
        state = np.zeros(kernel.STATE, dtype=np.int64)
        state[2] = -1
        while True:
            n = kernel.walk(data, pieces, tables.roots, tables.nodes, tables.links, state, self._rows, self._found)
            yield Rows(data, self._rows[:n], self._found[:n])
            if n < len(self._rows):
                return

    def find(self, data: NDArray[np.uint8], start: int, most: int, ended: bool) -> tuple[bool, int]:
        """Whether there is a datablock at or after octet `start`, see `kernels.asterix.find_block`, and where; if not,
        from where on one may come."""
        found = np.empty((1, self.tables.slots), dtype=np.int32)
        tables = self.tables
        at = int(kernel.find_block(data, start, most, ended, tables.roots, tables.nodes, tables.links, found))
        return at >= 0, at if at >= 0 else -1 - at

    def _make_room(self, rows: int) -> None:
        wanted = min(max(rows, LEAST_ROWS), MOST_ROWS)
        if wanted > len(self._rows):
            self._rows = np.empty((wanted, kernel.ROW_COLUMNS), dtype=np.int64)
            self._found = np.empty((wanted, self.tables.slots), dtype=np.int32)


@cache
def warm() -> None:
    """Compile what walks, or load it from the cache, by walking through next to nothing; once a process."""
    walker = Walker(make_tables({}, {}))
    nothing = np.frombuffer(bytes(1), dtype=np.uint8)  # arrays that cannot be written are a type of their own
    for rows in walker.walk(nothing, np.array([0, 1], dtype=np.int64)):
        fields = np.zeros((0, 4), dtype=np.int64)
        kernel.extract(nothing, rows.found, np.zeros(0, dtype=np.int64), fields, np.zeros(0), np.empty((0, 0)))
    walker.find(np.zeros(1, dtype=np.uint8), 0, 1, True)


def subject(tables: Tables, row: Sequence[int]) -> str:
    """What a row's fault is about, in words."""
    number, item, sub = (row[k] for k in (kernel.CATEGORY, kernel.ITEM, kernel.SUB))
    layout = tables.categories.get(number)
    if layout is None or row[kernel.FAULT] in (steps.SHORT, steps.LONG, steps.GARBAGE, steps.UNKNOWN):
        return f"a datablock of category {number:03d}"
    if item < 0:
        return f"the field specification of a record of category {layout.name}"
    order = layout.profiles[0].order
    name = order[item] if item < len(order) and not layout.selector else None
    if name is None:
        return f"item number {item + 1} of category {layout.name}"
    compound = layout.items.get(name)
    if sub < 0 or not isinstance(compound, Compound):
        return f"item {name} of category {layout.name}"
    inner = compound.subitems[sub] if sub < len(compound.subitems) else None
    return f"item {name}/{inner[0] if inner else sub + 1} of category {layout.name}"
