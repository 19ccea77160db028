"""Rows of many aircraft as a run of each: what was told last, before and up to each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frames import Bools, Longs


@dataclass(frozen=True, slots=True)
class Runs:
    """n rows sorted by slot, within each in the order in which they came."""

    slot: Longs
    first: Longs  # row at which the run of each row begins

    def last(self, told: Bools) -> Longs:
        """The newest row of the same run, this one included, at which `told` (n,) holds; -1: none."""
        rows = np.arange(len(told))
        newest = np.maximum.accumulate(np.where(told, rows, -1)) if len(told) else rows
        return np.where(newest >= self.first, newest, -1)

    def before(self, told: Bools) -> Longs:
        """As `last`, this row not included."""
        newest = np.append(-1, np.maximum.accumulate(np.where(told, np.arange(len(told)), -1))[:-1])
        return np.where(newest >= self.first, newest, -1)

    def ends(self) -> Longs:
        """The last row of each run."""
        return np.flatnonzero(np.append(self.slot[1:] != self.slot[:-1], True)) if len(self.slot) else self.slot


def runs_of(slot: Longs) -> Runs:
    """The runs of sorted slots (n,)."""
    new = np.append(True, slot[1:] != slot[:-1]) if len(slot) else np.empty(0, np.bool_)
    return Runs(slot, np.maximum.accumulate(np.where(new, np.arange(len(slot)), 0)) if len(slot) else slot)


def value_at(row: Longs, column: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[Any]:
    """`column[row]`, and what was remembered where there is no such row (-1)."""
    if not len(column):
        return otherwise
    return np.where(row >= 0, column[row], otherwise)
