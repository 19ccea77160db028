"""How well objects keep their track: number switches, broken shares, gaps, time to confirm; and tracks of nothing.

The pairs are those of the GOSPA assignment (`lowsky.evaluate.matching`), one to one at each instant. A switch is
counted as in K. Bernardin and R. Stiefelhagen, "Evaluating multiple object tracking performance: the CLEAR MOT
metrics", EURASIP JIVP 2008: an object is matched to another track than it was last matched to, however long ago.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .matching import Floats, Longs


@dataclass(frozen=True, slots=True)
class Held:
    """Matched pairs as rows (object, track, instant), sorted by object, then instant."""

    object: Longs
    track: Longs
    step: Longs

    @classmethod
    def of(cls, truth_object: Longs, track_number: Longs, step: Longs) -> Held:
        """From unsorted rows, each (pairs,)."""
        order = np.lexsort((step, truth_object))
        return cls(truth_object[order], track_number[order], step[order])

    def __len__(self) -> int:
        return len(self.object)

    def begins(self) -> Longs:
        """Row at which each object begins."""
        return np.flatnonzero(np.r_[True, np.diff(self.object) != 0]) if len(self) else np.empty(0, np.int64)


def switches(held: Held, from_step: int) -> int:
    """Times that an object was matched to another track than before, at instants of `from_step` or later."""
    same = held.object[1:] == held.object[:-1]
    return int((same & (held.track[1:] != held.track[:-1]) & (held.step[1:] >= from_step)).sum())


def broken_share(held: Held) -> float | None:
    """Share of the matched object-instants that were not with the object's most frequent track; None without any."""
    if not len(held):
        return None
    both, count = np.unique(np.stack([held.object, held.track]), axis=1, return_counts=True)
    begins = np.flatnonzero(np.r_[True, np.diff(both[0]) != 0])
    return float(1.0 - np.maximum.reduceat(count, begins).sum() / len(held))


def gaps(held: Held, truth_object: Longs, truth_step: Longs) -> tuple[int, int]:
    """Gaps between two matches of an object in which it was owed but not matched, and how many of them ended with the
    same track as before.

    Args:
        held: all matched pairs.
        truth_object, truth_step: (n,) rows of the truth that were owed.
    """
    order = np.lexsort((truth_step, truth_object))
    key = truth_object[order] * _span(truth_step) + truth_step[order]
    at = np.searchsorted(key, held.object * _span(truth_step) + held.step)
    same = held.object[1:] == held.object[:-1]
    gap = same & (np.diff(at) > 1)
    return int(gap.sum()), int((gap & (held.track[1:] == held.track[:-1])).sum())


def _span(step: Longs) -> int:
    return int(step.max(initial=0)) + 1


def longest_run_share(held: Held, owed: int) -> float | None:
    """Sum over objects of their longest run of consecutive instants with one track, of all `owed` object-instants."""
    if not owed or not len(held):
        return 0.0 if owed else None
    breaks = (np.diff(held.object) != 0) | (np.diff(held.track) != 0) | (np.diff(held.step) != 1)
    first = np.flatnonzero(np.r_[True, breaks])
    length = np.diff(np.r_[first, len(held)])
    who = held.object[first]
    longest = np.maximum.reduceat(length, np.flatnonzero(np.r_[True, np.diff(who) != 0]))
    return float(longest.sum() / owed)


def first_held_step(held: Held, objects: int) -> Floats:
    """Instant at which each object 0 to objects - 1 was first matched, inf where never; (objects,)."""
    first = np.full(objects, np.inf)
    begins = held.begins()
    first[held.object[begins]] = held.step[begins]
    return first


def false_tracks(near: Longs, life: Longs, needed: int = 3) -> int:
    """Tracks that were near no object for `needed` instants, or for their whole life where that is shorter.

    Args:
        near: (tracks,) instants at which the track was within the cut-off of any object.
        life: (tracks,) instants at which it was shown.
    """
    return int((near < np.minimum(needed, life)).sum())
