"""Marginal association probabilities by loopy belief propagation on the gated edges of one frame.

Each track takes at most one report, each report belongs to at most one track or to something else. Messages follow
Williams and Lau 2014 (IEEE TAES 50, equations 29-30). With one track or one report in a cluster the first sweep
is already exact. Only edges of contested reports are iterated; sweeps run in fixed order until the largest change of
a message falls below TOLERANCE.
"""

from __future__ import annotations

from .cache import jit

TOLERANCE = 1e-4
MAX_SWEEPS = 60


@jit
def propagate(candidates, n_candidates, edges, plots, n_plots):
    """Iterate messages to convergence; returns the number of sweeps.

    Reads each candidate's `missed` weight and edges, each edge's `weight` (of "this track made this plot", over that
    of the plot being something else), each plot's count of `tracks`. Writes each edge's message `back` to its
    track, in (0, 1], and each plot's probability of belonging to no track into `alone`.
    """
    for k in range(n_candidates):
        for e in range(candidates[k].first, candidates[k].last):
            edges[e].back = 1.0
    sweeps = 0
    while sweeps < MAX_SWEEPS:
        sweeps += 1
        sum_messages(candidates, n_candidates, edges, plots, n_plots)
        change = 0.0
        for k in range(n_candidates):
            change = max(change, renew_messages(candidates[k], edges, plots))
        if change < TOLERANCE:
            break
    sum_messages(candidates, n_candidates, edges, plots, n_plots)
    for f in range(n_plots):
        plots[f].alone = 1.0 / plots[f].alone
    return sweeps


@jit
def track_sum(c, edges):
    """Weight of all that a candidate may have done: its missed weight and its edges under the present messages."""
    s = c.missed
    for e in range(c.first, c.last):
        s += edges[e].weight * edges[e].back
    return s


@jit
def sum_messages(candidates, n_candidates, edges, plots, n_plots):
    """Sum the messages from tracks to each plot into `alone`, starting at one (the plot is something else)."""
    for f in range(n_plots):
        plots[f].alone = 1.0
    for k in range(n_candidates):
        c = candidates[k]
        s = track_sum(c, edges)
        for e in range(c.first, c.last):
            edge = edges[e]
            plots[edge.plot].alone += edge.weight / (s - edge.weight * edge.back)


@jit
def renew_messages(c, edges, plots):
    """New messages to one candidate, from the sums in `alone`; returns the largest change (0: nothing contested)."""
    contested = False
    for e in range(c.first, c.last):
        contested = contested or plots[edges[e].plot].tracks > 1
    if not contested:
        return 0.0
    s = track_sum(c, edges)
    change = 0.0
    for e in range(c.first, c.last):
        edge = edges[e]
        own = edge.weight / (s - edge.weight * edge.back)
        new = 1.0 / max(plots[edge.plot].alone - own, 1.0)
        change = max(change, abs(new - edge.back))
        edge.back = new
    return change
