"""The objects that the assessment follows: the picture's rows by number, and who goes on under another number.

A tracker may lose an object and show it again under a new number, or join two tracks that were one object. What was
told of it must not be told again, so a new number takes over from an object that is gone if it flies where that one
would be by now, with its velocity, was not seen apart from it for long, and declares nothing else.
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
    objects, joined = _joined(objects, time_ns, rows, rules)
    fresh = ~np.isin(rows.track, objects["number"])
    if fresh.any():
        objects = _by_number(np.concatenate([objects, _begun(time_ns, rows, fresh)]))
    at = np.searchsorted(objects["number"], rows.track)
    here = objects[at]
    gaps_s = (time_ns - here["seen_ns"]) / NS_PER_S
    here["seen_ns"], here["heard_ns"], here["identity"] = time_ns, rows.last_report_ns, rows.identity
    here["state"], here["covariance"] = rows.state, rows.covariance
    here["told"], here["rcs_dbsm"] = rows.kind, rows.rcs_dbsm
    here["steered_now"] = steadiness(rows.model_probability)
    here["above_m"] = frame.to_geodetic(rows.state[:, :3])[2]
    learn_habits(here, time_ns, gaps_s, rules)
    objects[at] = here
    keep_ns = round(max(rules.lost_s, rules.inherit_s) * NS_PER_S)
    kept: NDArray[Any] = objects[objects["seen_ns"] >= time_ns - keep_ns][-MOST_OBJECTS:]
    return kept, moves + joined


def _begun(time_ns: int, rows: Picture, fresh: NDArray[np.bool_]) -> NDArray[Any]:
    added = np.zeros(int(fresh.sum()), dtype=OBJECT)
    added["number"], added["seen_ns"] = rows.track[fresh], time_ns
    begin_habits(added, time_ns)
    return added


def _by_number(objects: NDArray[Any]) -> NDArray[Any]:
    return objects[np.argsort(objects["number"], kind="stable")]


def _taken_over(objects: NDArray[Any], time_ns: int, rows: Picture, rules: Rules) -> tuple[NDArray[Any], Moves]:
    """Numbers changed where a new row continues an object that is gone: of those it fits the nearest."""
    fresh = np.flatnonzero(~np.isin(rows.track, objects["number"]))
    gone = np.flatnonzero(~np.isin(objects["number"], rows.track))
    moves: Moves = []
    for row in fresh.tolist() if len(gone) else ():
        old = objects[gone]
        gap_s = (time_ns - old["seen_ns"]) / NS_PER_S
        away_m = _away_m(old, gap_s, rows.state[row])
        overlap_s = (old["heard_ns"] - rows.first_report_ns[row]) / NS_PER_S
        fits = (gap_s <= rules.inherit_s) & (overlap_s <= rules.inherit_overlap_s)
        fits &= away_m <= rules.inherit_m + rules.inherit_growth_mps * gap_s
        fits &= _alike(old, rows, row, rules.inherit_mps)
        if fits.any():
            nearest = int(np.argmin(np.where(fits, away_m, np.inf)))
            moves.append((int(old["number"][nearest]), int(rows.track[row])))
            objects["number"][gone[nearest]] = rows.track[row]
            gone = np.delete(gone, nearest)
    return (_by_number(objects), moves) if moves else (objects, moves)


def _joined(objects: NDArray[Any], time_ns: int, rows: Picture, rules: Rules) -> tuple[NDArray[Any], Moves]:
    """Without the objects that are gone for `join_s` and were beside one that stays; who they are now."""
    gap_s = (time_ns - objects["seen_ns"]) / NS_PER_S
    gone = np.flatnonzero((gap_s >= rules.join_s) & ~np.isin(objects["number"], rows.track))
    moves: Moves = []
    for i in gone.tolist() if len(rows) else ():
        old = objects[i]
        there = old["state"][:2] + gap_s[i] * old["state"][3:5]
        away_m = np.hypot(*(rows.state[:, :2] - there).T)
        row = int(np.argmin(away_m))
        if away_m[row] <= rules.join_m and _alike(objects[i : i + 1], rows, row, rules.join_mps)[0]:
            moves.append((int(old["number"]), int(rows.track[row])))
    dead = np.array([old for old, _ in moves], dtype=np.int64)
    return (objects[~np.isin(objects["number"], dead)], moves) if moves else (objects, moves)


def _away_m(old: NDArray[Any], gap_s: NDArray[np.float64], state: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance (n,) m of objects, flown on for their gaps, from a state (6,)."""
    there = old["state"][:, :2] + gap_s[:, None] * old["state"][:, 3:5]
    away: NDArray[np.float64] = np.hypot(*(there - state[:2]).T)
    return away


def _alike(old: NDArray[Any], rows: Picture, row: int, most_mps: float) -> NDArray[np.bool_]:
    """Which of the objects (n,) fly about as the row does and declare nothing else."""
    apart_mps = np.hypot(*(old["state"][:, 3:5] - rows.state[row, 3:5]).T)
    identity = rows.identity[row]
    alike: NDArray[np.bool_] = (apart_mps <= most_mps) & (
        (identity < 0) | (old["identity"] < 0) | (old["identity"] == identity)
    )
    return alike
