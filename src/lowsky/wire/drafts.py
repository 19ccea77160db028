"""Drafts of reports to reports: the checks that hold whatever format a report came in, on whole columns.

A decoder fills a draft: columns in the units of a report batch, heights still above whatever the sender counts from. A
row is left out when its sensor is unknown, its time is none or cannot be true, a number is outside what any sensor can
say, it lacks what its sensor's kind of report consists of, or it is declared out of reach. Heights come out above the
ellipsoid, their sigma widened by that of the datum. The order of rows is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.report import ReportBatch, report_batch
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S

from .plausible import MAX_AHEAD_S, MAX_DELAY_S, NEEDED, Reach
from .problems import RowCheck
from .table.fields import FIELDS

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

NO_INSTANT = -(1 << 63)
"""Stands for what is no time; no instant within reach of the clock checks comes near it."""
MAX_IDENTITY = 64  # characters; the longest in use, a Remote ID session number, has 40
DATUMS = frozenset(Datum)
QNH_STEP_HPA = 0.1  # as weather services give it; fewer different ones are cheaper to convert
_TARGETS = {f.name: f.target for f in FIELDS}


@dataclass(slots=True)
class Draft:
    """n rows that may become reports. Columns that are not known may be left out, values are NaN."""

    sensor: Sequence[Any]  # as the sender names it, for messages
    index: Longs  # in the site, -1: not in it
    said: Any  # times as the sender says them, for messages
    time_ns: Longs  # NO_INSTANT: none
    received_ns: Longs
    columns: dict[str, Any]  # name of a report column to (n,) in its unit
    identity: Sequence[str | int | None] = ()  # empty: none declares any
    datum: Sequence[str | None] = ()  # words of `Datum` that heights count from; empty, None: the ellipsoid
    qnh_hpa: Floats | None = None  # of heights by pressure, NaN: not known
    takeoff_height_m: Floats | None = None  # of the place of take-off, for heights above it; NaN: not known

    def __len__(self) -> int:
        return len(self.index)


class Finisher:
    """Turns drafts into reports of one site."""

    def __init__(self, site: Site) -> None:
        self._reach = Reach(site)
        # each ends with what stands for no sensor, which index -1 finds
        self._kinds = np.array([*(s.kind for s in site.sensors), -1], dtype=np.int64)
        self._sigma_height_m = np.array([*(s.sigma_height_m for s in site.sensors), np.nan])
        self._places = np.array([*((s.latitude_deg, s.longitude_deg) for s in site.sensors), (np.nan, np.nan)])

    def finish(self, draft: Draft, check: RowCheck) -> ReportBatch:
        """The reports of the rows that can be used, in their order; what is wrong with the others goes to `check`.

        `check` may have rejected rows before, by rules of the format.
        """
        check.blame(draft.index)
        check.reject(draft.index < 0, "sensor", draft.sensor, "is no sensor of this site")
        check_clock(draft.time_ns, draft.received_ns, draft.said, check)
        columns = {f.target: draft.columns[f.target] for f in FIELDS if f.target in draft.columns}
        _check_limits(columns, check)
        _check_words(draft, check)
        self._check_needed(columns, draft.index, check)
        self._check_reach(columns, draft.index, check)
        good = check.good
        columns |= {"sensor": draft.index, "time_ns": draft.time_ns, "received_ns": draft.received_ns}
        if not good.all():
            columns = {name: column[good] for name, column in columns.items()}
        if any(draft.datum):
            self._to_ellipsoid(columns, draft, np.flatnonzero(good))
        columns["identity"], names = _identities(draft.identity, good)
        return report_batch(int(good.sum()), identities=names, **columns)

    def _check_needed(self, columns: dict[str, Any], index: Longs, check: RowCheck) -> None:
        kinds = self._kinds[index]
        for kind, names in NEEDED.items():
            of_kind = kinds == kind
            if of_kind.any():
                for name in names:
                    column = columns.get(_TARGETS[name], np.full(len(index), np.nan))
                    check.reject(of_kind & np.isnan(column), name, column, f"in a report of a {kind.word}")

    def _check_reach(self, columns: dict[str, Any], index: Longs, check: RowCheck) -> None:
        if "latitude_deg" not in columns:
            return
        latitude, longitude = columns["latitude_deg"], columns["longitude_deg"]
        rows = np.flatnonzero(check.good)
        far = np.zeros(len(index), dtype=np.bool_)
        far[rows] = self._reach.beyond(index[rows], latitude[rows], longitude[rows])
        pair = {row: f"{latitude[row]:.6f} {longitude[row]:.6f}" for row in np.flatnonzero(far)[: check.limit]}
        check.reject(far, "lat, lon", pair, "is over twice max_range_m from the sensor")

    def _to_ellipsoid(self, columns: dict[str, Any], draft: Draft, good: Longs) -> None:
        """Bring heights that count from elsewhere above the ellipsoid, in place, in columns of the good rows."""
        n = len(good)
        nothing = np.full(n, np.nan)
        words = (Datum.ELLIPSOID, *(word for word in Datum if word != Datum.ELLIPSOID))
        code = {word: words.index(Datum(word)) if word in DATUMS else 0 for word in set(draft.datum)}
        datum = np.array([code[word] for word in draft.datum], dtype=np.int64)[good]
        qnh = nothing if draft.qnh_hpa is None else draft.qnh_hpa[good]
        qnh = np.nan_to_num(np.rint(qnh / QNH_STEP_HPA) * QNH_STEP_HPA)
        takeoff = nothing if draft.takeoff_height_m is None else draft.takeoff_height_m[good]
        place = np.stack([columns.get(name, nothing) for name in ("latitude_deg", "longitude_deg")], axis=1)
        # a sensor that measures no position tells heights near itself
        place = np.where(np.isnan(place).any(axis=1, keepdims=True), self._places[columns["sensor"]], place)
        height = columns["height_m"] = columns["height_m"].copy()
        sigma = columns["sigma_height_m"] = columns.get("sigma_height_m", nothing).copy()
        own = np.where(np.isnan(sigma), self._sigma_height_m[columns["sensor"]], sigma)
        other = (datum > 0) & np.isfinite(height)
        for which, pressure in sorted(set(zip(datum[other].tolist(), qnh[other].tolist(), strict=True))):
            at = np.flatnonzero(other & (datum == which) & (qnh == pressure))
            latitude, longitude = place[at].T
            options: dict[str, Any] = dict(qnh_hpa=pressure or None, takeoff_height_m=takeoff[at])
            height[at], added = ellipsoidal_height(height[at], latitude, longitude, words[which], **options)
            sigma[at] = np.hypot(own[at], added)


def check_clock(time_ns: Longs, received_ns: Longs, said: Any, check: RowCheck) -> None:
    """Reject rows without a time, and those whose time cannot be true when they are received now."""
    check.reject(time_ns == NO_INSTANT, "time", said, "is no time")
    ahead = time_ns > received_ns + int(MAX_AHEAD_S * NS_PER_S)
    late = time_ns < received_ns - int(MAX_DELAY_S * NS_PER_S)
    check.reject(ahead, "time", said, f"is over {MAX_AHEAD_S:.0f} s after the receipt")
    check.reject(late, "time", said, "is over a day before the receipt")


def _check_limits(columns: dict[str, Any], check: RowCheck) -> None:
    """Reject numbers beyond what any sensor can say; NaN is none, infinity is beyond."""
    for f in FIELDS:
        if f.target in columns:
            column = columns[f.target]
            slack = abs(f.high * f.scale) * 1e-12  # degrees that became radians
            outside = (column < f.low * f.scale - slack) | (column > f.high * f.scale + slack)
            if outside.any():
                reason = f"is not between {f.low:.10g} and {f.high:.10g}"
                check.reject(outside, f.name, column / f.scale, reason)


def _check_words(draft: Draft, check: RowCheck) -> None:
    """Reject heights that count from a surface we do not know, and identities that are too long to be any."""
    words = set(draft.datum)
    if not words <= DATUMS | {None}:
        unknown = np.array([word is not None and word not in DATUMS for word in draft.datum])
        check.reject(unknown, "height_datum", draft.datum, f"is not one of {', '.join(Datum)}")
    if Datum.TAKEOFF in words:
        above = np.array([word == Datum.TAKEOFF for word in draft.datum])
        takeoff = np.full(len(draft), np.nan) if draft.takeoff_height_m is None else draft.takeoff_height_m
        check.reject(above & np.isnan(takeoff), "takeoff_height_m", takeoff, "with height_datum takeoff")
    if any(len(str(name or "")) > MAX_IDENTITY for name in set(draft.identity)):
        long = np.array([len(str(name or "")) > MAX_IDENTITY for name in draft.identity])
        check.reject(long, "identity", draft.identity, f"has over {MAX_IDENTITY} characters")


def _identities(said: Sequence[Any], good: NDArray[np.bool_]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Index of each good row's identity (-1: none), and the identities as they first appear."""
    n = int(good.sum())
    if not any(name is not None for name in said):
        return np.full(n, -1, dtype=np.int32), ()
    names = said if n == len(said) else [said[row] for row in np.flatnonzero(good).tolist()]
    number: dict[str, int] = {}
    code: dict[Any, int] = {}
    for name in dict.fromkeys(names):  # few different ones, however many rows
        text = str(name).strip() if name is not None else ""
        code[name] = number.setdefault(text, len(number)) if text else -1
    return np.array([code[name] for name in names], dtype=np.int32), tuple(number)
