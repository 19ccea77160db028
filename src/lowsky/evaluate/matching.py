"""Which track is matched to which object, at one instant and over a whole recording.

The matching is the optimal assignment inside GOSPA with alpha = 2 (A. S. Rahmathullah, A. F. Garcia-Fernandez and
L. Svensson, "Generalized optimal sub-pattern assignment metric", FUSION 2017, proposition 1): it minimises the sum of
min(distance, cut-off)^p, and pairs at or beyond the cut-off are not matched. Everything else that the score says
about pairs (switches, errors, NEES) uses these same pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels.assignment import assign_sparse
from lowsky.kernels.neighbours import pairs_within

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of a truth row and a track row at the same instant, closer than the cut-off; ordered by instant."""

    truth: Longs  # row of the truth
    track: Longs  # row of the tracks
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Longs | Flags) -> Edges:
        """The given edges."""
        return Edges(self.truth[rows], self.track[rows], self.distance_m[rows])


@dataclass(frozen=True, slots=True)
class Instants:
    """Rows sorted by instant: rows `order[start[k]:start[k + 1]]` belong to instant k."""

    order: Longs
    start: Longs

    @classmethod
    def of(cls, step: Longs, steps: int) -> Instants:
        """From the instant (0 to steps - 1) of every row; rows of other instants are left out."""
        order = np.argsort(step, kind="stable")
        return cls(order, np.searchsorted(step[order], np.arange(steps + 1)))

    def rows(self, step: int) -> Longs:
        """Rows of one instant, in their first order."""
        return self.order[self.start[step] : self.start[step + 1]]

    def between(self, first: int, last: int) -> Longs:
        """Rows of the instants first to last, both included, ordered by instant."""
        return self.order[self.start[first] : self.start[last + 1]]


def near_edges(
    truth_m: Floats, truth_step: Longs, track_m: Floats, track_step: Longs, steps: int, cutoff_m: float
) -> Edges:
    """All pairs of an object and a track closer than `cutoff_m` at the same instant.

    Args:
        truth_m, track_m: (n, d) and (m, d) positions in one Cartesian frame, d = 3, or 2 for the horizontal alone.
        truth_step, track_step: (n,) and (m,) instants; rows outside 0 to steps - 1 have no edges.
        steps: number of instants.
        cutoff_m: above 0.
    """
    truths, tracks = Instants.of(truth_step, steps), Instants.of(track_step, steps)
    here, there = np.ascontiguousarray(truth_m), np.ascontiguousarray(track_m)
    parts: list[tuple[Longs, Longs, Floats]] = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    for step in range(steps):
        i, j = truths.rows(step), tracks.rows(step)
        if len(i) and len(j):
            left, right, squared = pairs_within(here[i], there[j], cutoff_m)
            parts.append((i[left], j[right], squared))
    truth, track, squared = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Edges(truth, track, np.sqrt(squared))


def match(edges: Edges, cutoff_m: float, power: float = 2.0) -> Edges:
    """The edges of the optimal assignment at each instant, minimising the sum of min(distance, cutoff_m)^power.

    Rows of different instants share no edge, so that one call solves a whole recording.
    """
    if not len(edges):
        return edges
    rows, left = np.unique(edges.truth, return_inverse=True)
    columns, right = np.unique(edges.track, return_inverse=True)
    cost = edges.distance_m**power
    return edges.take(assign_sparse(len(rows), len(columns), left, right, cost, float(cutoff_m) ** power))
