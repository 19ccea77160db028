"""Clusters: the sets of tracks that one report of a radar of limited resolution may be of.

Besides "it is of track k alone", the hypotheses "it is of tracks k, n, ... together" are formed for each report of a
frame (unresolved measurements: Chang and Bar-Shalom, IEEE TAC 29, 1984; Svensson, Ulmke and Hammarstrand, IEEE TAES 48,
2012). A set weighs the likelihood of the report at the mean of what its members should give, times the probability that
they are unresolved. As a cluster is made by one object that takes in its neighbours, one member must be unresolved from
each other one. The mean of the members is taken to be no surer than one of them: they have been fed with the same
reports, and a second track beside a single object would seem to explain them better.

Objects that no look has resolved from a known one are still undetected: beside each track a few are expected, and
their density is added to that of new objects.

Not done: one report of more than MEMBERS objects; that tracks which a radar cannot resolve do not give two reports.
"""

from __future__ import annotations

import math

import numpy as np

from .cache import jit
from .groups import companions
from .layout import MEMBERS
from .resolution import add_member, clear_mean, companion_density, fit, note_nearest, together, unresolved

LEAST_UNRESOLVED = 0.02  # sets that are less probably unresolved are not formed
BEAM = 24  # sets of each size that are kept for a report
NEAR = 32  # tracks that are looked at for one report


@jit
def set_fit(w, edge, report, of, members, size, nu, l):
    """Likelihood of a report at the mean of a set of candidates; `of` (n,) gives the candidate of each member."""
    mean, cov = w.work.vector[0], w.work.small[0]
    clear_mean(mean, cov)
    turn = w.candidates[of[members[0]]].z_mean[1]
    for q in range(size):
        c = w.candidates[of[members[q]]]
        add_member(c.z_mean, c.s_mean, 1.0 / size, turn, mean, cov)
    d2, inverse = fit(report, edge, mean, cov, nu, l)
    return math.exp(-0.5 * d2) / inverse if d2 < 4.0 * w.rules.gate else 0.0


@jit
def edges_of_plots(w, owner):
    """Edges by plot, as (first (P + 1,), edges (E,)); writes the candidate of each edge into owner (E,)."""
    first = np.zeros(w.frame.plots + 1, np.int32)
    listed = np.empty(w.frame.edges, np.int32)
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        for e in range(c.first, c.last):
            owner[e] = k
            first[w.edges[e].plot + 1] += 1
    for f in range(w.frame.plots):
        first[f + 1] += first[f]
    at = first.copy()
    for k in range(w.frame.candidates):
        for e in range(w.candidates[k].first, w.candidates[k].last):
            f = w.edges[e].plot
            listed[at[f]] = e
            at[f] += 1
    return first, listed


@jit
def bits_of(mask, n, members):
    """Write the set bits of a mask, ascending, into members; returns how many."""
    size = 0
    for q in range(n):
        if mask & (1 << q):
            members[size] = q
            size += 1
    return size


@jit
def keep_best(masks, scores, kept, mask, score):
    """Add a set to the (at most BEAM) best, in order of score, unless it is there; returns how many there are."""
    for q in range(kept):
        if masks[q] == mask:
            return kept
    if kept == BEAM and score <= scores[kept - 1]:
        return kept
    at = min(kept, BEAM - 1)
    while at > 0 and scores[at - 1] < score:
        masks[at], scores[at] = masks[at - 1], scores[at - 1]
        at -= 1
    masks[at], scores[at] = mask, score
    return min(kept + 1, BEAM)


@jit
def add_joint(w, f, edges, of, members, size, share, weight):
    """Add a joint hypothesis for plot f; False if there is no room."""
    if w.frame.joints >= len(w.joints):
        return False
    joint = w.joints[w.frame.joints]
    joint.plot, joint.n, joint.together, joint.weight = f, size, share, weight
    for q in range(size):
        joint.member[q], joint.edge[q] = of[members[q]], edges[members[q]]
    w.frame.joints += 1
    return True


@jit
def find_hidden(w, sensor, f, edges, of):
    """Note the density of objects that may so far have hidden beside the tracks that gate plot f."""
    plot = w.plots[f]
    report, nu, l = w.pool[plot.report], np.empty(6), np.empty((6, 6))
    plot.hidden, most = 0.0, 0.0
    for q in range(len(edges)):
        c = w.candidates[of[q]]
        share = companions(w.tracks[c.track], w.rules) * c.existence / plot.density
        share *= companion_density(sensor, w.edges[edges[q]], c, report, nu, l)
        plot.hidden += share
        if share > most:
            most, plot.beside = share, of[q]


@jit
def join_plot(w, sensor, f, edges, of, near, odds):
    """Form the sets of tracks that plot f may be of, growing them from single ones; False if there is no room."""
    n, plot = len(edges), w.plots[f]
    report, base = w.pool[plot.report], w.edges[edges[0]]
    nu, l, members = np.empty(6), np.empty((6, 6)), np.empty(MEMBERS, np.int64)
    parents, masks, scores = np.empty(NEAR, np.int64), np.empty(BEAM, np.int64), np.empty(BEAM)
    for q in range(n):
        parents[q] = 1 << q
    count = n
    for size in range(2, MEMBERS + 1):
        kept = 0
        for v in range(count):
            for q in range(n):
                mask = parents[v] | (1 << q)
                if mask == parents[v]:
                    continue
                bits_of(mask, n, members)
                share = together(near, members, size)
                if share < LEAST_UNRESOLVED:
                    continue
                like = share * set_fit(w, base, report, of, members, size, nu, l) / plot.density
                if like > 0.0:
                    score = math.log(like)
                    for u in range(size):
                        score += odds[members[u]]
                    kept = keep_best(masks, scores, kept, mask, score)
        for v in range(kept):
            parents[v] = masks[v]
            bits_of(masks[v], n, members)
            share = together(near, members, size)
            like = share * set_fit(w, base, report, of, members, size, nu, l) / plot.density
            if not add_joint(w, f, edges, of, members, size, share, like):
                return False
        if kept == 0:
            return True
        count = kept
    return True


@jit
def find_joints(w, sensor, first, listed, owner):
    """Form all joint hypotheses of the frame into w.joints; False if there is no room."""
    near, of, odds = np.zeros((NEAR, NEAR)), np.empty(NEAR, np.int64), np.empty(NEAR)
    for f in range(w.frame.plots):
        edges = listed[first[f] : min(first[f + 1], first[f] + NEAR)]
        n, any_near = len(edges), False
        for q in range(n):
            of[q] = owner[edges[q]]
            c = w.candidates[of[q]]
            odds[q] = math.log(c.existence * c.detection / max(c.missed, 1e-6))
            for v in range(q):
                p = unresolved(sensor, c, w.candidates[of[v]])
                near[q, v], near[v, q] = p, p
                if p > LEAST_UNRESOLVED:
                    any_near = True
                    note_nearest(sensor, c, w.candidates[of[v]], of[q], of[v])
        if n > 0:
            find_hidden(w, sensor, f, edges, of)
        if any_near and not join_plot(w, sensor, f, edges, of, near, odds):
            return False
    return True
