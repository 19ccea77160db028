"""Validation: columns of a table to reports and looks, leaving out rows that cannot be true.

The columns are those of a scenario's `plots` and `looks` (degrees, metres, seconds). Checks are on whole columns;
work in Python is done only for bad rows. A row is bad when a value is no number, not finite or outside what any
sensor can say, when its sensor is unknown, or when it lacks what its sensor's kind of report consists of.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch, look_batch, report_batch
from lowsky.model.sensor import Site
from lowsky.model.timebase import ns_from_s

from ..plausible import LATEST_TIME_S, MAX_AHEAD_S, MAX_DELAY_S, NEEDED, Reach
from ..problems import MESSAGE_LIMIT, Problems, RowCheck
from .columns import Columns
from .fields import FIELDS, by_first_appearance, canonical_order

Floats = NDArray[np.float64]

NUMERIC = ("time_s", "received_s", *(f.name for f in FIELDS))
TEXT = ("sensor", "identity")
LOOK_NUMERIC = ("time_s", "received_s")


def reports_of(file: Columns, site: Site, limit: int = MESSAGE_LIMIT) -> tuple[ReportBatch, Problems]:
    """The usable reports of a table in canonical order of receipt, and what was wrong with the rest.

    Raises:
        InputError: if the table lacks a time or sensor column or a column is of a type without numbers.
    """
    file.require("time_s", "sensor")
    check = start_check(file, limit)
    sensor = _sensors(file, site, check)
    time_s, received_s = _times(file, check)
    values = {f.name: _values(file, f.name, check, f.low, f.high) for f in FIELDS if file.has(f.name)}
    _check_needed(values, sensor, site, check)
    _check_reach(file, values, sensor, site, check)
    identity, names = _identities(file)
    rows = np.flatnonzero(check.good)
    columns: dict[str, NDArray[Any]] = {"sensor": sensor, "identity": identity, "raw": file.row}
    columns |= {"time_ns": _ns(time_s, check.good), "received_ns": _ns(received_s, check.good)}
    columns |= {f.target: values.pop(f.name) for f in FIELDS if f.name in values}
    rows = rows[canonical_order(columns, rows, names)]
    # gathered once and not before: the table of a large site is hundreds of megabytes
    for name in columns:
        columns[name] = columns[name][rows]
    for f in FIELDS:
        if f.scale != 1.0 and f.target in columns:
            columns[f.target] *= f.scale
    columns["identity"], names = by_first_appearance(columns["identity"], names)
    return report_batch(len(rows), identities=names, **columns), check.result()


def _ns(time_s: Floats, good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Nanoseconds of all rows; bad ones, which nobody will look at, are 0."""
    return ns_from_s(np.where(good, time_s, 0.0))


def looks_of(file: Columns, site: Site, limit: int = MESSAGE_LIMIT) -> tuple[LookBatch, Problems]:
    """The usable looks of a table in canonical order of receipt, and what was wrong with the rest.

    Raises:
        InputError: as `reports_of`.
    """
    file.require("time_s", "sensor")
    check = start_check(file, limit)
    sensor = _sensors(file, site, check)
    time_s, received_s = _times(file, check)
    good = check.good
    looks = look_batch(sensor[good], ns_from_s(time_s[good]), ns_from_s(received_s[good]))
    return looks.take(np.lexsort((looks.sensor, looks.time_ns, looks.received_ns))), check.result()


def start_check(file: Columns, limit: int) -> RowCheck:
    """A check of the file's rows that has already counted the lines that are no rows."""
    csv = file.path.suffix.lower() != ".parquet"

    def where(index: int) -> str:
        row = int(file.row[index])
        return f"row {row} (line {row + 2})" if csv else f"row {row}"

    check = RowCheck(str(file.path), len(file), limit, where)
    for row, expected, found in file.lost:
        check.note_lost(row, f"row {row} (line {row + 2}): has {found} fields, not {expected}")
    return check


def sensor_index(file: Columns, site: Site) -> NDArray[np.int32]:
    """Index of each row's sensor in the site, -1 for one that the site has not."""
    encoded = file.texts("sensor")
    index = {sensor.id: i for i, sensor in enumerate(site.sensors)}
    lookup = np.array([index.get(name, -1) for name in encoded.dictionary.to_pylist()] or [-1], dtype=np.int32)
    found: NDArray[np.int32] = lookup[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _sensors(file: Columns, site: Site, check: RowCheck) -> NDArray[np.int32]:
    sensor = sensor_index(file, site)
    check.reject(sensor < 0, file.label("sensor"), file.cells("sensor"), "is no sensor of this site")
    return sensor


def _times(file: Columns, check: RowCheck) -> tuple[Floats, Floats]:
    """Times of validity and receipt; a receipt that is missing equals the time of validity."""
    time_s = _values(file, "time_s", check, -LATEST_TIME_S, LATEST_TIME_S)
    check.reject(np.isnan(time_s), file.label("time_s"), time_s, "is no time")
    if not file.has("received_s"):
        return time_s, time_s
    received_s = _values(file, "received_s", check, -LATEST_TIME_S, LATEST_TIME_S)
    received_s = np.where(np.isnan(received_s), time_s, received_s)
    with np.errstate(invalid="ignore"):
        ahead, late = time_s - received_s > MAX_AHEAD_S, received_s - time_s > MAX_DELAY_S
    check.reject(ahead, file.label("time_s"), time_s, f"is over {MAX_AHEAD_S:.0f} s after the receipt")
    check.reject(late, file.label("received_s"), received_s, "is over a day after time_s")
    return time_s, received_s


def _values(file: Columns, name: str, check: RowCheck, low: float, high: float) -> Floats:
    """A column of numbers, its impossible ones reported."""
    values, texts = file.numbers(name)
    if texts is not None:
        check.reject(texts, file.label(name), file.cells(name), "is not a number")
    outside = (values < low) | (values > high)
    if outside.any():
        check.reject(np.isinf(values), file.label(name), values, "is not finite")
        check.reject(outside, file.label(name), values, f"is not between {low:.10g} and {high:.10g}")
    return values


def _check_needed(values: dict[str, Floats], sensor: NDArray[np.int32], site: Site, check: RowCheck) -> None:
    """Reject reports that lack what their sensor's kind of report consists of."""
    kinds = np.array([s.kind for s in site.sensors], dtype=np.int64)[sensor]
    nothing = np.full(len(sensor), np.nan)
    for kind, names in NEEDED.items():
        of_kind = kinds == kind
        if of_kind.any():
            for name in names:
                column = values.get(name, nothing)
                check.reject(of_kind & np.isnan(column), name, column, f"in a report of a {kind.word}")


def _check_reach(
    file: Columns, values: dict[str, Floats], sensor: NDArray[np.int32], site: Site, check: RowCheck
) -> None:
    """Reject declared positions much farther away than their receiver hears: a corrupt digit, not an object."""
    if "lat" not in values or "lon" not in values:
        return
    rows = np.flatnonzero(check.good)
    far = np.zeros(len(check.good), dtype=np.bool_)
    far[rows] = Reach(site).beyond(sensor[rows], values["lat"][rows], values["lon"][rows])
    pair = {row: f"{values['lat'][row]:.6f} {values['lon'][row]:.6f}" for row in np.flatnonzero(far)[: check.limit]}
    check.reject(far, f"{file.label('lat')}, {file.label('lon')}", pair, "is over twice max_range_m from the sensor")


def _identities(file: Columns) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Index of each row's declared identity (-1: none) and the table of identities."""
    if not file.has("identity"):
        return np.full(len(file), -1, dtype=np.int32), ()
    encoded = file.texts("identity")
    names = encoded.dictionary.to_pylist()
    number = np.array([-1 if not name else i for i, name in enumerate(names)] or [-1], dtype=np.int32)
    return number[encoded.indices.to_numpy(zero_copy_only=False)], tuple(names)
