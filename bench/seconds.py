"""What the judge's means hide: in how many seconds the number of objects was right, and how long a ghost lived.

Both follow the judge's own definitions: an object is owed from when it could first be placed by a report with a range
or a declared position (objects known by lines alone: from their first report), the first ten seconds are not scored,
and a ghost is a track that in its life was within the cut-off of an object for less than three seconds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bench import reference
from lowsky.model.geodesy import ecef_from_geodetic

FIRST_S = 10  # the judge's warm-up
RIGHT = 0.1  # error of the number of objects, as a share of them
NEAR_S = 3

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def figures(folder: Path, tracks: Path) -> dict[str, float]:
    """`count_right`, the share of the scored seconds with a count wrong by less than RIGHT, and `ghost_s`."""
    about = json.loads((folder / "sensors.json").read_text())
    start_s, c_m = float(about["start_s"]), float(json.loads((folder / "judge.json").read_text())["c_m"])
    said, truth = reference.read(tracks), reference.read(folder / "truth.parquet")
    when, true = ((table["time_s"] - start_s).round().astype(np.int64) for table in (said, truth))
    owed = true >= first_placed(folder, truth["object"]) - start_s
    seconds = np.arange(FIRST_S, int(about["duration_s"]))
    weight = said["group_n"].astype(float) if "group_n" in said else np.ones(len(when))
    counted = np.array([[weight[when == s].sum(), (owed & (true == s)).sum()] for s in seconds])
    living = counted[counted[:, 1] > 0]
    near = near_objects(positions(said), when, positions(truth), true, c_m)
    right = np.abs(living[:, 0] - living[:, 1]) < RIGHT * living[:, 1]
    return {"count_right": float(right.mean()) if len(right) else float("nan"), "ghost_s": longest_ghost(said, near)}


def first_placed(folder: Path, objects: Longs) -> Floats:
    """When the object of each row could first be placed, seconds since 1970; infinite if never."""
    source, plots = reference.read(folder / "sources.parquet")["source"], reference.read(folder / "plots.parquet")
    direct = np.isfinite(plots["range_m"]) | np.isfinite(plots["lat"])
    first = np.full(int(max(source.max(initial=0), objects.max(initial=0))) + 1, np.inf)
    use = (source >= 0) & (direct if direct.any() else True)
    np.minimum.at(first, source[use], plots["received_s"][use])
    placed: Floats = first[objects]
    return placed


def positions(table: dict[str, NDArray[Any]]) -> Floats:
    """Earth-centred positions (n, 3) m of a table with lat, lon, height_m."""
    place: Floats = ecef_from_geodetic(table["lat"], table["lon"], table["height_m"]).reshape(-1, 3)
    return place


def near_objects(said: Floats, when: Longs, true: Floats, living: Longs, c_m: float) -> NDArray[np.bool_]:
    """Which of the rows `said` (n, 3) of the seconds `when` are within c_m of an object of that second."""
    near = np.zeros(len(said), dtype=bool)
    for second in np.unique(when):
        rows, there = np.flatnonzero(when == second), true[living == second]
        if len(there):
            near[rows] = cKDTree(there).query(said[rows])[0] < c_m
    return near


def longest_ghost(said: dict[str, NDArray[Any]], near: NDArray[np.bool_]) -> float:
    """Seconds shown of the track that lived longest of those that never were near an object for NEAR_S; 0 if none."""
    if not len(near):
        return 0.0
    _, track = np.unique(said["track"].astype(str), return_inverse=True)
    life, close = np.bincount(track), np.bincount(track, weights=near)
    return float(np.max(life * (close < np.minimum(NEAR_S, life))))
