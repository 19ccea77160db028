"""Rows that cannot be used: one sentence each, up to a limit, and counts by kind.

A bad row never stops a file. It is named once (file, row, field, value, reason), counted under its kind and left
out. Rows count from 0, the header not counted; for CSV the line of the file is named too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MESSAGE_LIMIT = 20  # sentences kept of one run; the counts stay complete
VALUE_LENGTH = 40  # characters of a bad value that are shown


@dataclass(frozen=True, slots=True)
class Problems:
    """What was wrong with rows: the first sentences in order of file and row, counts by kind, rows left out, and how
    many of these were whose, where that is known."""

    messages: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    by_sensor: dict[int, dict[str, int]] = field(default_factory=dict)  # sensor's index in the site to counts by kind

    def __bool__(self) -> bool:
        return self.rejected > 0

    def lines(self) -> list[str]:
        """What to show: the sentences, then one that counts those not shown."""
        hidden = self.rejected - len(self.messages)
        return [*self.messages, *([f"and {hidden} more rows that cannot be used"] if hidden > 0 else [])]


def join_problems(parts: Sequence[Problems], limit: int = MESSAGE_LIMIT) -> Problems:
    """The problems of several files as one; at most `limit` sentences stay, earlier files first."""
    counts: dict[str, int] = {}
    by_sensor: dict[int, dict[str, int]] = {}
    for part in parts:
        _add(counts, part.counts)
        for sensor, its in part.by_sensor.items():
            _add(by_sensor.setdefault(sensor, {}), its)
    messages = tuple(m for part in parts for m in part.messages)[:limit]
    return Problems(messages, counts, sum(p.rejected for p in parts), by_sensor)


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for kind, count in more.items():
        counts[kind] = counts.get(kind, 0) + count


class RowCheck:
    """Collects which of n rows of one file are bad; a row is counted once, for the first thing found wrong."""

    def __init__(
        self, source: str, n: int, limit: int = MESSAGE_LIMIT, where: Callable[[int], str] | None = None
    ) -> None:
        """`source` is the file's name as shown; `where` gives the words that name a row (default "row 17")."""
        self.source = source
        self.limit = limit
        self.good: NDArray[np.bool_] = np.ones(n, dtype=np.bool_)
        self._where = where or "row {}".format
        self._sensor: NDArray[np.int64] | None = None
        self._bad: list[tuple[str, NDArray[np.intp]]] = []  # kind and its rows
        self._found: list[tuple[int, str]] = []
        self._counts: dict[str, int] = {}

    def reject(self, bad: NDArray[np.bool_], name: str, values: Any, reason: str) -> None:
        """Leave out the rows of mask `bad` (n,): field `name` holds `values[row]`, which `reason` (a clause)."""
        rows = np.flatnonzero(bad & self.good)
        if not len(rows):
            return
        self.good[rows] = False
        kind = f"{name} {reason}"
        self._counts[kind] = self._counts.get(kind, 0) + len(rows)
        self._bad.append((kind, rows))
        for row in rows[: self.limit].tolist():
            self._found.append((row, f"{self._where(row)}, {name}: {shown(values[row])} {reason}"))

    def blame(self, sensor: NDArray[np.int64]) -> None:
        """Say whose the rows are: index of each one's sensor (n,), -1: nobody's. Those rejected are counted by it."""
        self._sensor = sensor

    def note_lost(self, row: int, sentence: str) -> None:
        """Count a row that never became a row of the table (a line with too few fields)."""
        self._counts["line malformed"] = self._counts.get("line malformed", 0) + 1
        if len(self._found) < 2 * self.limit:
            self._found.append((row, sentence))

    def result(self) -> Problems:
        """All that was found, in order of row."""
        self._found.sort(key=lambda item: item[0])
        messages = tuple(f"{self.source}, {text}" for _, text in self._found[: self.limit])
        return Problems(messages, dict(self._counts), sum(self._counts.values()), self._by_sensor())

    def _by_sensor(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for kind, rows in self._bad if self._sensor is not None else ():
            assert self._sensor is not None
            whose, counts = np.unique(self._sensor[rows], return_counts=True)
            for sensor, count in zip(whose.tolist(), counts.tolist(), strict=True):
                if sensor >= 0:
                    _add(found.setdefault(sensor, {}), {kind: count})
        return found


def shown(value: Any) -> str:
    """A value as shown in a sentence: numbers plainly, text quoted, short and on one line."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "no value"
    if isinstance(value, (bool, int, float, np.integer, np.floating)):
        return f"{float(value):.10g}"
    text = repr(str(value))
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 4] + "...'"
