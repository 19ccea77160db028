"""Marginal association probabilities by loopy belief propagation on the gated edges of one frame.

Each track takes at most one report, each report belongs to at most one track or to something else. Messages follow
Williams and Lau 2014 (IEEE TAES 50, equations 29-30). Tracks that compete with no other need no sweep. Only tracks
of contested reports are iterated; sweeps run in fixed order until the largest relative
change of a message falls below TOLERANCE: messages to likely reports are as small as the odds against others.
"""

from __future__ import annotations

import numpy as np

from .borrow import bare
from .cache import jit

TOLERANCE = 1e-2
MAX_SWEEPS = 60
LEAST_REST = 1e-12  # share of a candidate's weight that is taken to be elsewhere at least: rounding may leave nothing


@jit
def propagate(candidates, n_candidates, edges, plots, n_plots):
    """Iterate messages to convergence; returns the number of sweeps.

    Reads each candidate's `missed` weight and edges, each edge's `weight` (of "this track made this plot", over that
    of the plot being something else), each plot's count of `tracks`. Writes each edge's message `back` to its
    track, in (0, 1], and each plot's probability of belonging to no track into `alone`.
    """
    for f in range(n_plots):
        plots[f].alone = 1.0
    rivals, n = np.empty(n_candidates, np.int32), 0
    for k in range(n_candidates):
        c = candidates[k]
        for e in range(c.first, c.last):
            edges[e].back = 1.0
        add_messages(c, edges, plots)
        if contested(c, edges, plots):
            rivals[n] = k
            n += 1
    sweeps, change = 0, 1.0
    while n > 0 and sweeps < MAX_SWEEPS and change >= TOLERANCE:
        sweeps += 1
        change = 0.0
        for v in range(n):
            change = max(change, renew_messages(candidates[rivals[v]], edges, plots))
        for v in range(n):
            clear_messages(candidates[rivals[v]], edges, plots)
        for v in range(n):
            add_messages(candidates[rivals[v]], edges, plots)
    for f in range(n_plots):
        plots[f].alone = 1.0 / plots[f].alone
    return sweeps


@bare
def contested(c, edges, plots):
    """Does a candidate compete with another for a plot? A plot of such a candidate has none but such candidates, or
    is its alone, so that the others need no sweep."""
    for e in range(c.first, c.last):
        if plots[edges[e].plot].tracks > 1:
            return True
    return False


@bare
def track_sum(c, edges):
    """Weight of all that a candidate may have done: its missed weight and its edges under the present messages."""
    s = c.missed
    for e in range(c.first, c.last):
        s += edges[e].weight * edges[e].back
    return s


@bare
def clear_messages(c, edges, plots):
    """Begin the sums of messages to a candidate's plots anew: at one, the plot is something else."""
    for e in range(c.first, c.last):
        plots[edges[e].plot].alone = 1.0


@bare
def add_messages(c, edges, plots):
    """Add a candidate's messages to the sums of its plots, kept in `alone`."""
    s = track_sum(c, edges)
    for e in range(c.first, c.last):
        edge = edges[e]
        plots[edge.plot].alone += edge.weight / max(s - edge.weight * edge.back, LEAST_REST * s)


@bare
def renew_messages(c, edges, plots):
    """New messages to one candidate, from the sums in `alone`; returns the largest relative change."""
    s = track_sum(c, edges)
    change = 0.0
    for e in range(c.first, c.last):
        edge = edges[e]
        own = edge.weight / max(s - edge.weight * edge.back, LEAST_REST * s)
        new = 1.0 / max(plots[edge.plot].alone - own, 1.0)
        change = max(change, abs(new - edge.back) / new)
        edge.back = new
    return change
