"""The comparison that all figures of a score are read from: which rows are owed, which are near, which are matched.

An object is owed at a second from when it could first be placed (`lowsky.evaluate.placed`). Seconds before the first
scored one are a warm-up: they count for who holds whom, and for nothing else. Second 0 and the last one are not
scored, so that a picture need not know of a report that arrives as the recording begins or ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

from .continuity import Held
from .matching import Edges, Flags, Floats, match, near_edges
from .truth import Columns, Grid, Tracks, Truth, grid_of, tracks_of, truth_of


@dataclass(frozen=True, slots=True)
class Settings:
    """What a score depends on besides truth and tracks."""

    cutoff_m: float = 50.0  # c of GOSPA: an object without a track within it is missed
    from_s: float = 10.0  # seconds of warm-up
    ospa2_window_s: int = 10
    flat: bool = False  # nothing was measured of heights: all are taken as 0


@dataclass(frozen=True, slots=True)
class Placed:
    """When objects could first be placed: labels as in the truth, and seconds since 1970."""

    labels: NDArray[Any]
    time_s: Floats


@dataclass(frozen=True, slots=True)
class Comparison:
    """Truth and tracks with all pairs that the figures need."""

    settings: Settings
    grid: Grid
    truth: Truth
    tracks: Tracks
    placed_s: Floats  # (objects,) after the start, inf: never
    owed: Flags  # (n,) truth rows that count
    near: Edges  # all pairs under the cut-off, also of rows that are not owed, at every second
    pairs: Edges  # matched pairs of owed rows
    pairs_flat: Edges  # likewise in the horizontal alone
    scored: range  # seconds

    def scored_truth(self) -> Flags:
        """Truth rows that are owed at a scored second."""
        return self.owed & self._scored(self.truth.step)

    def scored_tracks(self) -> Flags:
        """Track rows at a scored second."""
        return self._scored(self.tracks.step)

    def scored_edges(self, edges: Edges) -> Edges:
        """Those of the edges that belong to owed objects at scored seconds."""
        return edges.take(self.scored_truth()[edges.truth])

    def held(self) -> Held:
        """Matched pairs by object and second, the warm-up included."""
        truth = self.truth
        rows = self.pairs.truth
        return Held.of(truth.object[rows], self.tracks.number[self.pairs.track], truth.step[rows])

    def _scored(self, step: NDArray[np.int64]) -> Flags:
        inside: Flags = (step >= self.scored.start) & (step < self.scored.stop)
        return inside


def compare(
    truth: Columns,
    tracks: Columns,
    origin: Origin,
    settings: Settings,
    start_s: float | None = None,
    duration_s: float | None = None,
    placed: Placed | None = None,
) -> Comparison:
    """Compare tracks with the truth.

    Args:
        truth, tracks: columns as `lowsky.evaluate.truth` describes them.
        origin: of the frame in which distances are measured; its horizontal is the one of the flat figures.
        settings: cut-off, warm-up and the like.
        start_s, duration_s: of the recording; else the truth's.
        placed: when objects could first be placed; else at their first row in the truth. Objects that are not in it
            are never owed.

    Raises:
        InputError: if truth or tracks lack a column or hold a value that cannot be used, or no second is scored.
    """
    grid, frame = grid_of(truth, start_s, duration_s), Frame(origin)
    there = truth_of(truth, frame, grid, None if placed is None else placed.labels)
    shown = tracks_of(tracks, frame, grid)
    scored = range(max(1, int(np.ceil(settings.from_s))), grid.seconds)
    if not len(scored):
        raise InputError(f"no second is scored: the recording has {grid.seconds} s, the warm-up {settings.from_s:g} s")
    placed_s = _placed_s(there, grid, placed)
    owed = (placed_s[there.object] <= there.step) & (there.step >= 1) & (there.step < grid.seconds)
    if settings.flat:
        there.position_m[:, 2] = shown.position_m[:, 2] = 0.0
    near = _near(there, shown, grid, settings, 3)
    pairs = match(near.take(owed[near.truth]), settings.cutoff_m)
    flat = near if settings.flat else _near(there, shown, grid, settings, 2)
    pairs_flat = match(flat.take(owed[flat.truth]), settings.cutoff_m)
    return Comparison(settings, grid, there, shown, placed_s, owed, near, pairs, pairs_flat, scored)


def _near(truth: Truth, tracks: Tracks, grid: Grid, settings: Settings, dimensions: int) -> Edges:
    here, there = truth.position_m[:, :dimensions], tracks.position_m[:, :dimensions]
    return near_edges(here, truth.step, there, tracks.step, grid.steps, settings.cutoff_m)


def _placed_s(truth: Truth, grid: Grid, placed: Placed | None) -> Floats:
    """Seconds after the start at which each object could first be placed."""
    first = np.full(len(truth.labels), np.inf)
    if placed is None:
        there = truth.step >= 0
        np.minimum.at(first, truth.object[there], truth.step[there].astype(np.float64))
        return first
    labels = placed.labels if np.issubdtype(truth.labels.dtype, np.integer) else placed.labels.astype(str)
    first[np.searchsorted(truth.labels, labels)] = placed.time_s - grid.start_s
    return first
