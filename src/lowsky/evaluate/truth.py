"""What is compared: truth and tracks as arrays in one east-north-up frame, at whole seconds after a start.

Both come as columns (dictionaries of equally long arrays), however they were stored: time_s, lat, lon, height_m
(WGS-84 degrees, metres above the ellipsoid), and `object` in the truth, `track` in the tracks. Optional: kind;
east_mps, north_mps, up_mps; in tracks also group_n and the position's covariance cov_ee, cov_nn, cov_en, cov_uu,
cov_eu, cov_nu in m^2. Velocities and covariances are taken as if they were in the frame's axes: an object's own
east-north-up is turned against these by about 0.16 mrad a kilometre of distance from the origin (times the tangent of
the latitude about the vertical), far below what they are compared with.

Truth that does not lie on whole seconds is interpolated linearly between rows at most `LONGEST_GAP_S` apart. Tracks are
never interpolated, because that would look ahead: the row nearest to each whole second counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind

from .matching import Floats, Longs

Columns = Mapping[str, NDArray[Any]]
ON_TIME_S = 1e-3  # a row so close to a whole second is at it: far less than an object moves, far more than rounding
LONGEST_GAP_S = 2.0  # truth is not invented over longer gaps
VELOCITY = ("east_mps", "north_mps", "up_mps")
COVARIANCE = (("cov_ee", "cov_en", "cov_eu"), ("cov_en", "cov_nn", "cov_nu"), ("cov_eu", "cov_nu", "cov_uu"))


@dataclass(frozen=True, slots=True)
class Grid:
    """The seconds that are looked at: 0 to `seconds` after `start_s` (s since 1970)."""

    start_s: float
    seconds: int

    @property
    def steps(self) -> int:
        """Number of instants, both ends included."""
        return self.seconds + 1

    def step(self, time_s: Floats) -> Longs:
        """Nearest whole second after the start, for times (n,) in s since 1970; -1 where it is not of the grid."""
        step = np.round(time_s - self.start_s)
        return np.where((step >= 0) & (step <= self.seconds), step, -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Truth:
    """n rows: where each object was. `object` is an index into `labels`; step -1 is outside the grid."""

    labels: NDArray[Any]
    object: Longs
    step: Longs
    position_m: Floats  # (n, 3)
    velocity_mps: Floats  # (n, 3), NaN where not known
    kind: NDArray[np.uint8]  # Kind


@dataclass(frozen=True, slots=True)
class Tracks:
    """m rows: what the picture showed. `number` is an index into `labels`."""

    labels: NDArray[Any]
    number: Longs
    step: Longs
    position_m: Floats  # (m, 3)
    velocity_mps: Floats  # (m, 3), NaN where not given
    kind: NDArray[np.uint8] | None  # None: no track says any but "unknown"
    covariance_m2: Floats  # (m, 3, 3), NaN where not given
    group_n: Floats  # objects that the row stands for
    rows_per_s: float | None  # median over the tracks


def grid_of(truth: Columns, start_s: float | None = None, duration_s: float | None = None) -> Grid:
    """The grid as said, else from the truth's first whole second to its last.

    Raises:
        InputError: if the truth has no rows, or a time in it is not finite.
    """
    time_s = _numbers(truth, "time_s", "truth")
    if not len(time_s):
        if start_s is None or duration_s is None:
            raise InputError("truth: there are no rows")
        return Grid(start_s, math.floor(duration_s + ON_TIME_S))
    start = math.floor(float(time_s.min())) if start_s is None else start_s
    end = float(time_s.max()) if duration_s is None else start + duration_s
    return Grid(start, max(0, math.floor(end - start + ON_TIME_S)))


def truth_of(columns: Columns, frame: Frame, grid: Grid, also: NDArray[Any] | None = None) -> Truth:
    """The truth from its columns; `also` are labels of objects that count even if they have no row.

    Raises:
        InputError: naming the column and row of a needed value that is missing or not finite.
    """
    if "object" not in columns:
        raise InputError("truth: there is no column 'object'")
    time_s, position_m = _numbers(columns, "time_s", "truth"), _positions(columns, frame, "truth")
    labels, index = _labels(columns["object"], also)
    velocity_mps = _optional(columns, VELOCITY)
    kind = kinds_of(columns["kind"]) if "kind" in columns else np.zeros(len(index), np.uint8)
    step = grid.step(time_s)
    after_s = time_s - grid.start_s
    if len(after_s) and np.abs(after_s - np.round(after_s)).max() > ON_TIME_S:
        before, after, part, step = _whole_seconds(index, after_s, grid)
        position_m, velocity_mps = (x[before] + part * (x[after] - x[before]) for x in (position_m, velocity_mps))
        index, kind = index[before], kind[before]
    return Truth(labels, index, step, position_m, velocity_mps, kind)


def tracks_of(columns: Columns, frame: Frame, grid: Grid) -> Tracks:
    """The tracks from their columns; of several rows of a track nearest to the same second, the nearest is kept.

    Raises:
        InputError: naming the column and row of a needed value that is missing or not finite.
    """
    if "track" not in columns:
        raise InputError("tracks: there is no column 'track'")
    time_s = _numbers(columns, "time_s", "tracks")
    labels, number = _labels(columns["track"], None)
    keep = _nearest_rows(number, time_s, grid)
    kept = {name: values[keep] for name, values in columns.items()}
    return Tracks(
        labels,
        number[keep],
        grid.step(time_s[keep]),
        _positions(kept, frame, "tracks"),
        _optional(kept, VELOCITY),
        _said_kinds(kept),
        np.stack([_optional(kept, row) for row in COVARIANCE], axis=1),
        np.nan_to_num(_optional(kept, ("group_n",))[:, 0], nan=1.0),
        _rows_per_s(number, time_s),
    )


def kinds_of(words: NDArray[Any]) -> NDArray[np.uint8]:
    """Kind of each word (n,); words outside the taxonomy are UNKNOWN."""
    distinct, index = np.unique(words.astype(str), return_inverse=True)
    known = {kind.word: int(kind) for kind in Kind}
    return np.array([known.get(word, 0) for word in distinct.tolist()], np.uint8)[index]


def _said_kinds(columns: Columns) -> NDArray[np.uint8] | None:
    kind = kinds_of(columns["kind"]) if "kind" in columns else np.zeros(0, np.uint8)
    return kind if (kind != Kind.UNKNOWN).any() else None


def _numbers(columns: Columns, name: str, source: str) -> Floats:
    if name not in columns:
        raise InputError(f"{source}: there is no column {name!r}")
    try:
        values = np.asarray(columns[name], dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{source}, {name}: holds something that is no number") from None
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(f"{source}, row {bad[0]}, {name}: {values[bad[0]]} is no finite number")
    return values


def _positions(columns: Columns, frame: Frame, source: str) -> Floats:
    return frame.to_enu(*(_numbers(columns, name, source) for name in ("lat", "lon", "height_m"))).reshape(-1, 3)


def _optional(columns: Columns, names: tuple[str, ...]) -> Floats:
    rows = len(columns["time_s"])
    return np.stack([np.asarray(columns.get(name, np.full(rows, np.nan)), np.float64) for name in names], axis=-1)


def _labels(values: NDArray[Any], also: NDArray[Any] | None) -> tuple[NDArray[Any], Longs]:
    """Distinct labels in order, and the index of each value; integers stay integers, all else is text."""
    arrays = [values] if also is None else [values, also]
    if not all(np.issubdtype(a.dtype, np.integer) for a in arrays):
        arrays = [a.astype(str) for a in arrays]
    labels = np.unique(np.concatenate(arrays))
    return labels, np.searchsorted(labels, arrays[0]).astype(np.int64)


def _whole_seconds(index: Longs, after_s: Floats, grid: Grid) -> tuple[Longs, Longs, Floats, Longs]:
    """Whole seconds between two rows of an object: row before, row after, part of the way (k, 1), step; (k,) each."""
    order = np.lexsort((after_s, index))
    sorted_s = after_s[order]
    same = np.diff(index[order]) == 0
    spans = np.flatnonzero(same & (np.diff(sorted_s) > 0) & (np.diff(sorted_s) <= LONGEST_GAP_S))
    # a second at the end of a span belongs to the next span, if there is one
    last_of_run = ~np.r_[same[1:] & (np.diff(sorted_s)[1:] <= LONGEST_GAP_S), False][spans]
    first, end = np.ceil(sorted_s[spans]).astype(np.int64), np.ceil(sorted_s[spans + 1]).astype(np.int64)
    count = end - first + (last_of_run & (sorted_s[spans + 1] == end))
    span = np.repeat(spans, count)
    step = np.repeat(first, count) + np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    part = (step - sorted_s[span]) / (sorted_s[span + 1] - sorted_s[span])
    step = np.where((step >= 0) & (step <= grid.seconds), step, -1)
    return order[span], order[span + 1], part[:, None], step


def _nearest_rows(number: Longs, time_s: Floats, grid: Grid) -> Longs:
    """Rows to keep, in their order: for each track and second the one nearest to it, of equals the earlier."""
    step = grid.step(time_s)
    off_s = np.abs(time_s - grid.start_s - step)
    order = np.lexsort((off_s, step, number))
    repeated = (np.diff(number[order]) == 0) & (np.diff(step[order]) == 0) & (step[order][1:] >= 0)
    return np.sort(order[np.r_[True, ~repeated]]) if len(order) else order


def _rows_per_s(number: Longs, time_s: Floats) -> float | None:
    if not len(number):
        return None
    order = np.lexsort((time_s, number))
    starts = np.flatnonzero(np.r_[True, np.diff(number[order]) != 0])
    rows = np.diff(np.r_[starts, len(order)])
    life_s = time_s[order][starts + rows - 1] - time_s[order][starts]
    lasting = life_s > 0
    return float(np.median((rows[lasting] - 1) / life_s[lasting])) if lasting.any() else None
