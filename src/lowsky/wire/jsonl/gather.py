"""Report lines to rows: cheap while bytes come in, columns when somebody takes them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from ..names import SensorNames
from .instants import instant_ns
from .messages import VALUES, Reports
from .rows import Rows, join_rows

MAX_LINE_ROWS = 10_000

_FIRST = 3  # of a report's fields, where its numbers begin: sensor, time, time_ns
_END = _FIRST + len(VALUES)  # ... and end: height_datum, identity


class Gatherer:
    """Rows in the order in which they came, from lines of one report and lines of many."""

    def __init__(self, names: SensorNames) -> None:
        self._names = names
        self._blocks: list[Rows] = []
        self._singles: list[tuple[tuple[Any, ...], int, int]] = []  # a line's fields, receipt, number of the line

    def report(self, message: Any, received_ns: int, line: int) -> None:
        """Gather a line of one report."""
        self._singles.append((msgspec.structs.astuple(message), received_ns, line))

    def reports(self, message: Any, received_ns: int, line: int) -> tuple[int, str, str]:
        """Gather a line of many reports: how many it has, and if it cannot be used what kind of fault and which."""
        lists = {name: v for name in Reports.__struct_fields__ if isinstance(v := getattr(message, name), list)}
        if not lists:
            return 0, "line without lists", " has no lists, which a line of reports is made of"
        first, n = next((name, len(v)) for name, v in lists.items())
        for name, values in lists.items():
            if len(values) != n:
                return 0, "lists of different lengths", f", {name}: has {len(values)} values where {first} has {n}"
        if n > MAX_LINE_ROWS:
            return 0, f"line of more than {MAX_LINE_ROWS} rows", f" has {n} rows, more than {MAX_LINE_ROWS}"
        self._end_singles()
        self._blocks.append(self._block(message, lists, n, received_ns, line))
        return n, "", ""

    def take(self) -> Rows | None:
        """All rows since the last time, None if there are none."""
        self._end_singles()
        blocks, self._blocks = self._blocks, []
        return join_rows(blocks) if blocks else None

    def _end_singles(self) -> None:
        """Make one block of the reports that came one a line."""
        if not self._singles:
            return
        said, received, line = zip(*self._singles, strict=True)
        self._singles = []
        sensor, datum, identity = ([r[k] for r in said] for k in (0, _END, _END + 1))
        self._blocks.append(
            Rows(
                sensor=sensor,
                index=self._names.find(sensor),
                time=[r[1] if r[2] is None else r[2] for r in said],
                time_ns=np.array([instant_ns(r[1], r[2]) for r in said], dtype=np.int64),
                received_ns=np.array(received, dtype=np.int64),
                line=np.array(line, dtype=np.int64),
                row=np.full(len(said), -1, dtype=np.int64),
                values=np.array([r[_FIRST:_END] for r in said], dtype=np.float64),
                datum=datum,
                identity=identity,
            )
        )

    def _block(self, message: Any, lists: dict[str, list[Any]], n: int, received_ns: int, line: int) -> Rows:
        """The rows of a line of lists of length n; what is no list holds for all."""

        def column(name: str) -> list[Any]:
            return lists[name] if name in lists else [getattr(message, name)] * n

        values = np.full((n, len(VALUES)), np.nan)
        for i, f in enumerate(VALUES):
            if f.name in lists:
                values[:, i] = lists[f.name]
        sensor, time, time_ns = column("sensor"), column("time"), column("time_ns")
        return Rows(
            sensor=sensor,
            index=self._names.find(sensor),
            time=time if message.time_ns is None else time_ns,
            time_ns=np.array([instant_ns(t, ns) for t, ns in zip(time, time_ns, strict=True)], dtype=np.int64),
            received_ns=np.full(n, received_ns, dtype=np.int64),
            line=np.full(n, line, dtype=np.int64),
            row=np.arange(n, dtype=np.int64),
            values=values,
            datum=column("height_datum"),
            identity=column("identity"),
        )
