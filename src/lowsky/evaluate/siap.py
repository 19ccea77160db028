"""SIAP attributes of a picture: completeness, ambiguity, spuriousness, accuracy and continuity.

Source: Votruba et al., "Single Integrated Air Picture (SIAP) Metrics Implementation", SIAP System Engineering Task
Force, 29 October 2001. Each track is associated at each instant with the nearest object within the cut-off, if any;
several tracks may have one object. (The matched pairs of `lowsky.evaluate.matching` are one to one; SIAP's question
is another one.) The attributes of identification (ID completeness, correctness, ambiguity) are not done here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .matching import Edges, Floats, Longs


@dataclass(frozen=True, slots=True)
class Siap:
    """SIAP attributes over a time range; None where there is nothing to divide by."""

    completeness: float | None  # objects that have a track, of all objects; best 1
    ambiguity: float | None  # tracks an object that has one; best 1
    spuriousness: float | None  # tracks without an object, of all tracks; best 0
    position_accuracy_m: float | None  # mean error of associated tracks; best 0
    velocity_accuracy_mps: float | None  # likewise
    number_changes_per_s: float | None  # R: changes of track number a second that objects are tracked; best 0
    longest_segment: float | None  # LS: longest association with one track, of the objects' lifetimes; best 1


@dataclass(frozen=True, slots=True)
class Segments:
    """Unbroken associations of one object with one track, ordered by object: instants first to last, included."""

    object: Longs
    first: Longs
    last: Longs


def nearest_object(edges: Edges) -> Longs:
    """For each track row that has an edge, which edge leads to its nearest object; ordered by track row."""
    order = np.lexsort((edges.truth, edges.distance_m, edges.track))
    track = edges.track[order]
    return order[np.r_[True, track[1:] != track[:-1]]] if len(track) else order


def segments_of(owner: Longs, number: Longs, step: Longs) -> tuple[Segments, int]:
    """Segments of associations (owner, number, step), and the count of distinct (owner, step - 1 to step) covered."""
    if not len(owner):
        return Segments(owner, step, step), 0
    order = np.lexsort((step, number, owner))
    owner, number, step = owner[order], number[order], step[order]
    begins = np.r_[True, (np.diff(owner) != 0) | (np.diff(number) != 0) | (np.diff(step) != 1)]
    first = np.flatnonzero(begins)
    last = np.r_[first[1:], len(owner)] - 1
    covered = np.unique(np.stack([owner[~begins], step[~begins]]), axis=1).shape[1]
    return Segments(owner[first], step[first], step[last]), covered


def fewest_tracks(first: Longs, last: Longs) -> int:
    """Fewest segments that cover all instants covered by any of them (NU of the source)."""
    count, covered = 0, np.int64(-1)
    while (ahead := last > covered).any():
        at = np.maximum(first[ahead], covered + 1).min()
        covered = last[(first <= at) & (last >= at)].max()
        count += 1
    return count


def siap(
    edges: Edges,
    truth_object: Longs,
    truth_step: Longs,
    track_number: Longs,
    track_step: Longs,
    velocity_error_mps: Floats | None = None,
    period_s: float = 1.0,
) -> Siap:
    """SIAP attributes of the rows given.

    Args:
        edges: `near_edges` of these rows, cut off at the largest distance of an association.
        truth_object, truth_step: (n,) object and instant (0 or more) of each truth row that counts.
        track_number, track_step: (m,) likewise of each track row that counts.
        velocity_error_mps: (edges,) magnitude of the velocity error of each edge, if known.
        period_s: seconds between instants.
    """
    nearest = nearest_object(edges)
    associated = edges.take(nearest)
    tracked = len(np.unique(associated.truth))
    segments, covered = segments_of(
        truth_object[associated.truth], track_number[associated.track], truth_step[associated.truth]
    )
    return Siap(
        completeness=_share(tracked, len(truth_object)),
        ambiguity=_share(len(associated), tracked),
        spuriousness=_share(len(track_number) - len(associated), len(track_number)),
        position_accuracy_m=_share(associated.distance_m.sum(), len(associated)),
        velocity_accuracy_mps=None
        if velocity_error_mps is None
        else _share(velocity_error_mps[nearest].sum(), len(nearest)),
        number_changes_per_s=_share(_changes(segments), covered * period_s),
        longest_segment=_share(_longest(segments), _lifetimes(truth_object, truth_step)),
    )


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _changes(segments: Segments) -> int:
    """Sum over tracked objects of the fewest tracks needed, less one each."""
    starts = np.flatnonzero(np.r_[True, np.diff(segments.object) != 0]) if len(segments.object) else np.empty(0, int)
    bounds = np.r_[starts, len(segments.object)]
    several = np.flatnonzero(np.diff(bounds) > 1)  # one segment needs one track
    parts = [slice(bounds[k], bounds[k + 1]) for k in several]
    return sum(fewest_tracks(segments.first[part], segments.last[part]) - 1 for part in parts)


def _longest(segments: Segments) -> int:
    """Sum over objects of the length in intervals of their longest segment."""
    if not len(segments.object):
        return 0
    starts = np.flatnonzero(np.r_[True, np.diff(segments.object) != 0])
    return int(np.maximum.reduceat(segments.last - segments.first, starts).sum())


def _lifetimes(truth_object: Longs, truth_step: Longs) -> int:
    """Sum over objects of the intervals between their first and last instant."""
    if not len(truth_object):
        return 0
    order = np.lexsort((truth_step, truth_object))
    who, when = truth_object[order], truth_step[order]
    starts = np.flatnonzero(np.r_[True, np.diff(who) != 0])
    ends = np.r_[starts[1:], len(who)] - 1
    return int((when[ends] - when[starts]).sum())
