"""The objects that the assessment follows: the picture's rows by number, and who goes on under another number.

A tracker may lose an object and show it again under a new number, or join two tracks that were one object. What was
told of it must not be told again, so a new number takes over from an object that is gone if it flies where that one
would be by now, with its velocity, and declares nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.geodesy import Frame
from ..model.picture import Picture
from ..model.timebase import NS_PER_S
from .habits import begin_habits, learn_habits, steadiness
from .rules import Rules
from .state import MOST_OBJECTS, OBJECT

Moves = list[tuple[int, int]]


def follow_rows(
    objects: NDArray[Any], time_ns: int, rows: Picture, frame: Frame, rules: Rules
) -> tuple[NDArray[Any], Moves]:
    """The objects, ordered by number, with this tick's rows in them, and who goes on under which number now.

    Who has not been in the picture for longer than anything needs is forgotten.
    """
    objects, moves = _taken_over(objects, time_ns, rows, rules)
    fresh = ~np.isin(rows.track, objects["number"])
    if fresh.any():
        added = np.zeros(int(fresh.sum()), dtype=OBJECT)
        added["number"], added["first_ns"] = rows.track[fresh], rows.first_report_ns[fresh]
        added["seen_ns"] = time_ns
        begin_habits(added, time_ns)
        objects = np.concatenate([objects, added])
        objects = objects[np.argsort(objects["number"], kind="stable")]
    at = np.searchsorted(objects["number"], rows.track)
    gaps_s = (time_ns - objects["seen_ns"][at]) / NS_PER_S
    objects["seen_ns"][at], objects["identity"][at] = time_ns, rows.identity
    objects["state"][at], objects["covariance"][at] = rows.state, rows.covariance
    objects["told"][at], objects["rcs_dbsm"][at] = rows.kind, rows.rcs_dbsm
    objects["steered_now"][at] = steadiness(rows.model_probability)
    objects["above_m"][at] = frame.to_geodetic(rows.state[:, :3])[2]
    here = objects[at]
    learn_habits(here, time_ns, gaps_s, rules)
    objects[at] = here
    keep_ns = round(max(rules.lost_s, rules.inherit_s) * NS_PER_S)
    kept: NDArray[Any] = objects[objects["seen_ns"] >= time_ns - keep_ns][-MOST_OBJECTS:]
    return kept, moves


def _taken_over(objects: NDArray[Any], time_ns: int, rows: Picture, rules: Rules) -> tuple[NDArray[Any], Moves]:
    """Numbers changed where a row continues an object that is gone; one that is gone beside one that stays joins it."""
    gone = np.flatnonzero(~np.isin(objects["number"], rows.track))
    moves: Moves = []
    if not len(gone) or not len(rows):
        return objects, moves
    known = np.isin(rows.track, objects["number"])
    dropped = []
    for i in gone:
        old = objects[i]
        gap_s = (time_ns - int(old["seen_ns"])) / NS_PER_S
        candidates = _who_goes_on(old, gap_s, rows, rules)
        new = candidates[~known[candidates]] if gap_s <= rules.inherit_s else candidates[:0]
        if len(new):
            moves.append((int(old["number"]), int(rows.track[new[0]])))
            objects["number"][i] = rows.track[new[0]]
            known[new[0]] = True
        elif len(candidates) and gap_s <= rules.join_s:
            moves.append((int(old["number"]), int(rows.track[candidates[0]])))
            dropped.append(i)
    objects = np.delete(objects, dropped)
    return objects[np.argsort(objects["number"], kind="stable")], moves


def _who_goes_on(old: Any, gap_s: float, rows: Picture, rules: Rules) -> NDArray[np.int64]:
    """Rows that may be the object that is gone, the nearest to where it would be first."""
    away_m = np.hypot(*(rows.state[:, :2] - old["state"][:2] - gap_s * old["state"][3:5]).T)
    apart_mps = np.hypot(*(rows.state[:, 3:5] - old["state"][3:5]).T)
    other = (rows.identity >= 0) & (old["identity"] >= 0) & (rows.identity != old["identity"])
    fits = (away_m <= rules.inherit_m + rules.inherit_growth_mps * gap_s) & (apart_mps <= rules.inherit_mps) & ~other
    found = np.flatnonzero(fits)
    nearest: NDArray[np.int64] = found[np.argsort(away_m[found], kind="stable")]
    return nearest
