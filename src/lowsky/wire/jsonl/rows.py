"""Rows gathered from lines to batches: the checks of tables, on whole columns.

A row is left out when its sensor is unknown, its time is none or cannot be true, a number is outside what any sensor
can say, or it lacks what its sensor's kind of report consists of. Heights come out above the ellipsoid, their sigma
widened by that of the datum. The order of rows is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.report import ReportBatch, report_batch
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S

from ..plausible import MAX_AHEAD_S, MAX_DELAY_S, NEEDED, Reach
from ..table.fields import FIELDS
from ..table.problems import MESSAGE_LIMIT, Problems, RowCheck
from .instants import NO_INSTANT
from .messages import COLUMN, HIGH, LOW, VALUES

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

MAX_IDENTITY = 64  # characters; the longest in use, a Remote ID session number, has 40
QNH_STEP_HPA = 0.1  # as weather services give it; fewer different ones are cheaper to convert


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
        self._reach = Reach(site)
        # each ends with what stands for no sensor, which index -1 finds
        self._kinds = np.array([*(s.kind for s in site.sensors), -1], dtype=np.int64)
        self._sigma_height_m = np.array([*(s.sigma_height_m for s in site.sensors), np.nan])
        self._places = np.array([*((s.latitude_deg, s.longitude_deg) for s in site.sensors), (np.nan, np.nan)])

    def read(self, rows: Rows) -> tuple[ReportBatch, Problems]:
        """The reports of the rows that can be used, in their order, and what was wrong with the others."""
        check = RowCheck(self._source, len(rows), self._limit, lambda i: place_of_row(rows, i))
        check.reject(rows.index < 0, "sensor", rows.sensor, "is no sensor of this site")
        check_clock(rows.time_ns, rows.received_ns, rows.time, check)
        _check_limits(rows.values, check)
        _check_words(rows, check)
        columns = _columns(rows.values)
        self._check_needed(columns, rows.index, check)
        self._check_reach(columns, rows.index, check)
        good = check.good
        if not good.all():
            columns = {name: column[good] for name, column in columns.items()}
        columns |= {"sensor": rows.index[good], "time_ns": rows.time_ns[good], "received_ns": rows.received_ns[good]}
        if any(rows.datum):
            self._to_ellipsoid(columns, rows, np.flatnonzero(good))
        columns["identity"], names = _identities(rows.identity, good)
        return report_batch(int(good.sum()), identities=names, **columns), check.result()

    def _check_needed(self, columns: dict[str, Any], index: Longs, check: RowCheck) -> None:
        kinds = self._kinds[index]
        targets = {f.name: f.target for f in FIELDS}
        for kind, names in NEEDED.items():
            of_kind = kinds == kind
            if of_kind.any():
                for name in names:
                    column = columns[targets[name]]
                    check.reject(of_kind & np.isnan(column), name, column, f"in a report of a {kind.word}")

    def _check_reach(self, columns: dict[str, Any], index: Longs, check: RowCheck) -> None:
        latitude, longitude = columns["latitude_deg"], columns["longitude_deg"]
        rows = np.flatnonzero(check.good)
        far = np.zeros(len(index), dtype=np.bool_)
        far[rows] = self._reach.beyond(index[rows], latitude[rows], longitude[rows])
        pair = {row: f"{latitude[row]:.6f} {longitude[row]:.6f}" for row in np.flatnonzero(far)[: check.limit]}
        check.reject(far, "lat, lon", pair, "is over twice max_range_m from the sensor")

    def _to_ellipsoid(self, columns: dict[str, Any], rows: Rows, good: Longs) -> None:
        """Bring heights that count from elsewhere above the ellipsoid, in place, in columns of the good rows."""
        datum = np.array([rows.datum[i] or Datum.ELLIPSOID for i in good.tolist()], dtype=np.str_)
        qnh = np.nan_to_num(np.rint(rows.values[good, COLUMN["qnh_hpa"]] / QNH_STEP_HPA) * QNH_STEP_HPA)
        takeoff = rows.values[good, COLUMN["takeoff_height_m"]]
        place = np.stack([columns["latitude_deg"], columns["longitude_deg"]], axis=1)
        # a sensor that measures no position tells heights near itself
        place = np.where(np.isnan(place).any(axis=1, keepdims=True), self._places[columns["sensor"]], place)
        height, sigma = columns["height_m"], columns["sigma_height_m"]
        own = np.where(np.isnan(sigma), self._sigma_height_m[columns["sensor"]], sigma)
        other = (datum != Datum.ELLIPSOID) & np.isfinite(height)
        for word, pressure in sorted(set(zip(datum[other].tolist(), qnh[other].tolist(), strict=True))):
            at = np.flatnonzero(other & (datum == word) & (qnh == pressure))
            latitude, longitude = place[at].T
            options = dict(qnh_hpa=pressure or None, takeoff_height_m=takeoff[at])
            height[at], added = ellipsoidal_height(height[at], latitude, longitude, Datum(word), **options)
            sigma[at] = np.hypot(own[at], added)


def check_clock(time_ns: Longs, received_ns: Longs, time: Any, check: RowCheck) -> None:
    """Reject rows without a time, and those whose time cannot be true when they are received now."""
    check.reject(time_ns == NO_INSTANT, "time", time, "is no time")
    ahead = time_ns > received_ns + int(MAX_AHEAD_S * NS_PER_S)
    late = time_ns < received_ns - int(MAX_DELAY_S * NS_PER_S)
    check.reject(ahead, "time", time, f"is over {MAX_AHEAD_S:.0f} s after the receipt")
    check.reject(late, "time", time, "is over a day before the receipt")


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


def _check_words(rows: Rows, check: RowCheck) -> None:
    """Reject heights that count from a surface we do not know, and identities that are too long to be any."""
    if any(rows.datum):
        unknown = np.array([word is not None and word not in tuple(Datum) for word in rows.datum])
        check.reject(unknown, "height_datum", rows.datum, f"is not one of {', '.join(Datum)}")
        above = np.array([word == Datum.TAKEOFF for word in rows.datum])
        takeoff = rows.values[:, COLUMN["takeoff_height_m"]]
        check.reject(above & np.isnan(takeoff), "takeoff_height_m", takeoff, "with height_datum takeoff")
    if any(rows.identity):
        long = np.array([len(str(name or "")) > MAX_IDENTITY for name in rows.identity])
        check.reject(long, "identity", rows.identity, f"has over {MAX_IDENTITY} characters")


def _columns(values: Floats) -> dict[str, Any]:
    """Columns of a report batch; an angle in radians goes before the same in degrees."""
    columns = {f.target: np.ascontiguousarray(values[:, COLUMN[f.name]]) for f in FIELDS}
    for f in FIELDS:
        if f.scale != 1.0:
            radians = values[:, COLUMN[f.target]]
            columns[f.target] = np.where(np.isnan(radians), columns[f.target] * f.scale, radians)
    return columns


def _identities(said: list[str | int | None], good: NDArray[np.bool_]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Index of each good row's identity (-1: none), and the identities as they first appear."""
    number: dict[str, int] = {}
    index = np.full(int(good.sum()), -1, dtype=np.int32)
    if any(name is not None for name in said):
        for i, row in enumerate(np.flatnonzero(good).tolist()):
            name = str(said[row]).strip() if said[row] is not None else ""
            if name:
                index[i] = number.setdefault(name, len(number))
    return index, tuple(number)
