"""OSPA at each instant and OSPA(2) over sliding windows.

Sources: D. Schuhmacher, B.-T. Vo and B.-N. Vo, "A consistent metric for performance evaluation of multi-object
filters", IEEE Trans. Signal Processing 56 (2008), equations 3 and 4; M. Beard, B. T. Vo and B.-N. Vo, "A solution for
large-scale multi-object tracking", IEEE Trans. Signal Processing 68 (2020), section V: the distance between two
tracks is the mean of min(distance, c) over the instants at which either exists (c where only one does), and OSPA(2)
is OSPA between the two sets of tracks under that distance. OSPA(2) therefore sees switched and broken tracks, which
OSPA cannot. Weights over the window are equal; infinite order is not done.
"""

from __future__ import annotations

import numpy as np

from lowsky.kernels.assignment import assign_sparse

from .gospa import gospa_of_matches
from .matching import Edges, Floats, Instants, Longs, match, near_edges


def ospa(objects_m: Floats, tracks_m: Floats, cutoff_m: float, power: float = 2.0) -> float:
    """OSPA distance in m of two sets of points (n, d) and (m, d), d = 2 or 3; 0 where both are empty.

    Raises:
        ValueError: if cutoff_m is not above 0 or power is below 1.
    """
    here, there = np.zeros(len(objects_m), np.int64), np.zeros(len(tracks_m), np.int64)
    pairs = match(near_edges(objects_m, here, tracks_m, there, 1, cutoff_m), cutoff_m, power)
    objects, tracks = np.array([len(here)]), np.array([len(there)])
    return float(ospa_of_matches(pairs.distance_m, here[pairs.truth], objects, tracks, cutoff_m, power)[0])


def ospa_of_matches(
    distance_m: Floats, step: Longs, objects: Longs, tracks: Longs, cutoff_m: float, power: float = 2.0
) -> Floats:
    """OSPA of each instant from its matched pairs (arguments as in `gospa_of_matches`), (k,) m.

    The optimal assignment of OSPA is that of GOSPA of the same order; only the price of what is left differs (c^p for
    each of the larger set) and that it is divided by the size of the larger set.
    """
    whole = gospa_of_matches(distance_m, step, objects, tracks, cutoff_m, power, alpha=1.0)
    return whole.distance_m / np.maximum(np.maximum(objects, tracks), 1) ** (1.0 / power)


def ospa2(
    edges: Edges,
    truth_object: Longs,
    truth_step: Longs,
    track_number: Longs,
    track_step: Longs,
    steps: int,
    window: int,
    cutoff_m: float,
    power: float = 1.0,
    base_power: float = 1.0,
) -> Floats:
    """OSPA(2) of the window that ends at each instant, (steps,) m; 0 where nothing exists in the window.

    Args:
        edges: `near_edges` of the same rows and cut-off.
        truth_object, truth_step: (n,) object and instant of each truth row, at most one row an object and instant.
        track_number, track_step: (m,) likewise of the tracks.
        steps: number of instants; the first windows are shorter.
        window: length of a window in instants, at least 1.
        power, base_power: order of the metric (p) and of the mean over time (q), at least 1.

    Raises:
        ValueError: if window, power or base_power is below 1, or cutoff_m not above 0.
    """
    if window < 1 or not power >= 1 or not base_power >= 1 or not cutoff_m > 0:
        raise ValueError(
            f"OSPA(2) needs a window, p and q of at least 1 and c > 0, not {window}, {power}, {base_power}"
        )
    truths, tracks = Instants.of(truth_step, steps), Instants.of(track_step, steps)
    found = Instants.of(truth_step[edges.truth], steps)
    # what a near instant saves against the cut-off, so that only pairs that were near at some time are looked at
    saving = cutoff_m**base_power - edges.distance_m**base_power
    result = np.empty(steps)
    for step in range(steps):
        first = max(0, step - window + 1)
        i, j, e = (rows.between(first, step) for rows in (truths, tracks, found))
        objects, i_local = np.unique(truth_object[i], return_inverse=True)
        numbers, j_local = np.unique(track_number[j], return_inverse=True)
        here = _presence(i_local, truth_step[i] - first, len(objects), step - first + 1)
        there = _presence(j_local, track_step[j] - first, len(numbers), step - first + 1)
        left = np.searchsorted(objects, truth_object[edges.truth[e]])
        right = np.searchsorted(numbers, track_number[edges.track[e]])
        result[step] = _window_distance(here, there, left, right, saving[e], cutoff_m, power, base_power)
    return result


def _presence(who: Longs, when: Longs, count: int, instants: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    present = np.zeros((count, instants), dtype=np.bool_)
    present[who, when] = True
    return present


def _window_distance(
    here: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    there: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    left: Longs,
    right: Longs,
    saving: Floats,
    cutoff_m: float,
    power: float,
    base_power: float,
) -> float:
    """OSPA between tracks present as (tracks, instants), given what near pairs of them save at their instants."""
    larger = max(len(here), len(there))
    if larger == 0:
        return 0.0
    pair, of_pair = np.unique(left * np.int64(max(len(there), 1)) + right, return_inverse=True)
    a, b = pair // max(len(there), 1), pair % max(len(there), 1)
    either = (here[a] | there[b]).sum(axis=1)
    saved = np.bincount(of_pair, weights=saving, minlength=len(pair)) / np.maximum(either, 1)
    distance = np.maximum(cutoff_m**base_power - saved, 0.0) ** (1.0 / base_power)
    cost, unpaired = distance**power, cutoff_m**power
    chosen = assign_sparse(len(here), len(there), a, b, cost, unpaired)
    total = cost[chosen].sum() + unpaired * (larger - len(chosen))
    return float((total / larger) ** (1.0 / power))
