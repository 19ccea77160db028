"""GOSPA: localisation errors, missed and false objects of a picture in one metric.

Source: A. S. Rahmathullah, A. F. Garcia-Fernandez and L. Svensson, "Generalized optimal sub-pattern assignment
metric", 20th International Conference on Information Fusion, 2017 (arXiv:1601.05585), definition 1 and proposition 1.

With alpha = 2 the p-th power of the metric is the sum of three parts: localisation (sum of d^p over matched pairs),
missed (c^p / 2 an object) and false (c^p / 2 a track). With another alpha the metric is defined, but its parts are
not; the counts of pairs under the cut-off are given all the same. The switching term that some tools add (trajectory
GOSPA) is not done: number changes are counted by `lowsky.evaluate.continuity`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .matching import Edges, Flags, Floats, Longs, match, near_edges


@dataclass(frozen=True, slots=True)
class Gospa:
    """GOSPA over k instants, each array (k,)."""

    distance_m: Floats
    localisation: Floats  # sum of d^p over matched pairs, m^p
    matched: Longs
    missed: Longs  # objects without a track
    false: Longs  # tracks without an object
    power: float

    @property
    def mean_m(self) -> float:
        """Mean over the instants, m; NaN where there is none."""
        return float(np.mean(self.distance_m)) if len(self.distance_m) else float("nan")

    @property
    def localisation_m(self) -> float:
        """Mean over the instants with a pair of (mean d^p of the pairs)^(1/p), m; NaN where there is none."""
        some = self.matched > 0
        each = (self.localisation[some] / self.matched[some]) ** (1.0 / self.power)
        return float(np.mean(each)) if some.any() else float("nan")


def gospa_of_matches(
    distance_m: Floats,
    step: Longs,
    objects: Longs,
    tracks: Longs,
    cutoff_m: float,
    power: float = 2.0,
    alpha: float = 2.0,
) -> Gospa:
    """GOSPA of each instant from its matched pairs.

    Args:
        distance_m, step: (pairs,) distances under the cut-off and instants of the pairs.
        objects, tracks: (k,) numbers of objects and tracks at each instant.
        cutoff_m: c; power: p, at least 1; alpha: in (0, 2].

    Raises:
        ValueError: if cutoff_m, power or alpha is out of its range.
    """
    _check(cutoff_m, power, alpha)
    steps = len(objects)
    matched = np.bincount(step, minlength=steps)
    localisation = np.asarray(np.bincount(step, weights=distance_m**power, minlength=steps), dtype=np.float64)
    missed, false = objects - matched, tracks - matched
    # of the smaller set, everything is assigned, if need be at the cost c^p; what the larger has more costs c^p / alpha
    cut_off_pairs, surplus = np.minimum(missed, false), np.abs(objects - tracks)
    penalty = float(cutoff_m) ** power * (cut_off_pairs + surplus / alpha)
    return Gospa((localisation + penalty) ** (1.0 / power), localisation, matched, missed, false, power)


def gospa(
    objects_m: Floats, tracks_m: Floats, cutoff_m: float, power: float = 2.0, alpha: float = 2.0
) -> tuple[Gospa, Edges]:
    """GOSPA of two finite sets of points, and the matched pairs (`truth` and `track` are their row numbers).

    Args:
        objects_m, tracks_m: (n, d) and (m, d), d = 2 or 3, m, finite.
        cutoff_m, power, alpha: as in `gospa_of_matches`.

    Raises:
        ValueError: if cutoff_m, power or alpha is out of its range.
    """
    _check(cutoff_m, power, alpha)
    here, there = np.zeros(len(objects_m), np.int64), np.zeros(len(tracks_m), np.int64)
    pairs = match(near_edges(objects_m, here, tracks_m, there, 1, cutoff_m), cutoff_m, power)
    objects, tracks = np.array([len(here)]), np.array([len(there)])
    return gospa_of_matches(pairs.distance_m, here[pairs.truth], objects, tracks, cutoff_m, power, alpha), pairs


def gospa_over_time(
    truth_m: Floats,
    truth_step: Longs,
    track_m: Floats,
    track_step: Longs,
    steps: int,
    cutoff_m: float,
    power: float = 2.0,
    owed: Flags | None = None,
) -> tuple[Gospa, Edges]:
    """GOSPA (alpha = 2) of every instant 0 to steps - 1, and the matched pairs of all of them.

    Args:
        truth_m, truth_step, track_m, track_step: rows as in `near_edges`.
        owed: (n,) truth rows that count; the others are as if they were not there. All, if not given.
    """
    edges = near_edges(truth_m, truth_step, track_m, track_step, steps, cutoff_m)
    if owed is not None:
        edges, truth_step = edges.take(owed[edges.truth]), np.where(owed, truth_step, -1)
    pairs = match(edges, cutoff_m, power)
    objects, tracks = count_per_step(truth_step, steps), count_per_step(track_step, steps)
    return gospa_of_matches(pairs.distance_m, truth_step[pairs.truth], objects, tracks, cutoff_m, power), pairs


def count_per_step(step: Longs, steps: int) -> Longs:
    """Rows at each of the instants 0 to steps - 1, (steps,); rows of other instants are left out."""
    return np.bincount(step[(step >= 0) & (step < steps)], minlength=steps)


def _check(cutoff_m: float, power: float, alpha: float) -> None:
    if not cutoff_m > 0 or not power >= 1 or not 0 < alpha <= 2:
        raise ValueError(f"GOSPA needs c > 0, p >= 1 and 0 < alpha <= 2, not {cutoff_m}, {power} and {alpha}")
