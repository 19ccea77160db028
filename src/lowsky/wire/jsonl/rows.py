"""Rows gathered from lines to drafts of reports, on whole columns: numbers within their limits, angles in radians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Site

from ..drafts import Draft, Finisher
from ..problems import MESSAGE_LIMIT, Problems, RowCheck
from ..table.fields import FIELDS
from .messages import COLUMN, HIGH, LOW, VALUES

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """n rows as they came, column by column."""

    sensor: list[str | int]  # as the line says it
    index: Longs  # in the site, -1: not in it
    time: list[Any]  # as the line says it, for messages
    time_ns: Longs  # NO_INSTANT: none
    received_ns: Longs
    line: Longs
    row: Longs  # within its line, -1: a line of one
    values: Floats  # (n, len(VALUES)), NaN: missing
    datum: list[str | None]
    identity: list[str | int | None]

    def __len__(self) -> int:
        return len(self.sensor)


def join_rows(parts: list[Rows]) -> Rows:
    """All rows in order; at least one part is needed."""
    if len(parts) == 1:
        return parts[0]
    joined: dict[str, Any] = {}
    for name in Rows.__slots__:
        columns = [getattr(p, name) for p in parts]
        joined[name] = [x for c in columns for x in c] if isinstance(columns[0], list) else np.concatenate(columns)
    return Rows(**joined)


class RowReader:
    """Turns rows into reports of one site."""

    def __init__(self, site: Site, source: str, limit: int = MESSAGE_LIMIT) -> None:
        self._source, self._limit = source, limit
        self._finisher = Finisher(site)

    def read(self, rows: Rows, qnh_hpa: float | None = None) -> tuple[ReportBatch, Problems]:
        """The reports of the rows that can be used, in their order, and what was wrong with the others.

        `qnh_hpa` is the sea-level pressure of the area, for heights by pressure whose line does not say one.
        """
        check = RowCheck(self._source, len(rows), self._limit, lambda i: place_of_row(rows, i))
        _check_limits(rows.values, check)
        qnh = rows.values[:, COLUMN["qnh_hpa"]]
        draft = Draft(
            sensor=rows.sensor,
            index=rows.index,
            said=rows.time,
            time_ns=rows.time_ns,
            received_ns=rows.received_ns,
            columns=_columns(rows.values),
            identity=rows.identity,
            datum=rows.datum,
            qnh_hpa=qnh if qnh_hpa is None else np.where(np.isnan(qnh), qnh_hpa, qnh),
            takeoff_height_m=rows.values[:, COLUMN["takeoff_height_m"]],
        )
        return self._finisher.finish(draft, check), check.result()


def place_of_row(rows: Rows, index: int) -> str:
    """The words that name a row in messages."""
    line, row = int(rows.line[index]), int(rows.row[index])
    return f"line {line}" if row < 0 else f"line {line} row {row}"


def _check_limits(values: Floats, check: RowCheck) -> None:
    outside = (values < LOW) | (values > HIGH)
    if outside.any():
        for column in np.flatnonzero(outside.any(axis=0)).tolist():
            f = VALUES[column]
            reason = f"is not between {f.low:.10g} and {f.high:.10g}"
            check.reject(outside[:, column], f.name, values[:, column], reason)


def _columns(values: Floats) -> dict[str, Any]:
    """Columns of a report batch; an angle in radians goes before the same in degrees."""
    columns = {f.target: np.ascontiguousarray(values[:, COLUMN[f.name]]) for f in FIELDS}
    for f in FIELDS:
        if f.scale != 1.0:
            radians = values[:, COLUMN[f.target]]
            columns[f.target] = np.where(np.isnan(radians), columns[f.target] * f.scale, radians)
    return columns
