"""Pairs: two tracks against one in the middle of them.

Two tracks flank a single object as comfortably as they follow two, once each has pushed the other aside: the reports
between them count as theirs together. A filter of each track's own existence cannot see that, because it takes the
other's state for granted. Therefore two are compared with one in their middle: the probability of a frame's reports
under "both are there" over that under "there is one" (a sequential test, Wald 1945). The sets that other tracks form
with either count too: with one, its middle takes their place. Other tracks' claims on a report enter by the messages
of the association, which are not renewed for the comparison.
"""

from __future__ import annotations

import math

import numpy as np

from .cache import jit
from .clusters import set_fit
from .layout import MEMBERS
from .resolution import add_member, clear_mean, fit, together, unresolved

STILL_APART = 0.1  # what a sensor cannot resolve may yet be two reports: others lie between
SLACK = 0.3  # of the logarithm, a frame: in crowds reports lie wider than they should, and two fit that better
LIKELY = 0.5  # existence from which tracks are compared
STEP = (-3.0, 6.0)  # what one frame may add to the logarithm of the odds that two tracks are two
MOST = 30.0  # of it
REACH_M = 25.0  # two further from each other are two
FAITH = 1.4  # so much nearer must another neighbour be to be compared instead
GROWN_S = 8.0  # age from which SLACK counts in full


@jit
def put_middle(w, a, b):
    """Write the predicted measurement of one object in the middle of candidates a and b, as sure as one of them, into
    the candidate behind the frame's last; returns which that is."""
    middle = w.candidates[w.frame.candidates]
    clear_mean(middle.z_mean, middle.s_mean)
    add_member(a.z_mean, a.s_mean, 0.5, a.z_mean[1], middle.z_mean, middle.s_mean)
    add_member(b.z_mean, b.s_mean, 0.5, a.z_mean[1], middle.z_mean, middle.s_mean)
    return w.frame.candidates


@jit
def weight_with(w, sensor, joint, slot, middle, space):
    """Weight of a joint hypothesis with candidate `middle` in place of its member at `slot`."""
    of, members, near, nu, l = space
    n = joint.n
    for q in range(n):
        of[q] = middle if q == slot else joint.member[q]
        for v in range(q):
            p = unresolved(sensor, w.candidates[of[q]], w.candidates[of[v]])
            near[q, v], near[v, q] = p, p
    share = together(near, members, n)
    if share <= 0.0:
        return 0.0
    plot, edge = w.plots[joint.plot], w.edges[joint.edge[0]]
    return share * set_fit(w, edge, w.pool[plot.report], of, members, n, nu, l) / plot.density


@jit
def add_own(w, k, turn, middle, own, odds, nu, l):
    """Add what candidate k, the pair's first or second (`turn`), weighs for each plot alone, and the middle."""
    c, one = w.candidates[k], w.candidates[middle]
    for e in range(c.first, c.last):
        edge = w.edges[e]
        if edge.share < 1.0:
            continue
        f = edge.plot
        own[turn, f], odds[turn, f] = edge.weight / (c.existence * c.detection), edge.beta
        if own[3, f] == 0.0:
            d2, inverse = fit(w.pool[w.plots[f].report], edge, one.z_mean, one.s_mean, nu, l)
            own[3, f] = math.exp(-0.5 * d2) / (inverse * w.plots[f].density)
            own[4, f] = own[3, f]


@jit
def add_sets(w, sensor, ka, kb, middle, own, space):
    """Add what the sets with candidates ka, kb or both weigh for each plot, and those with the middle in their place:
    for either, because most sets of one are also sets of the other."""
    for h in range(w.frame.joints):
        joint = w.joints[h]
        a, b, product = -1, -1, 1.0
        for q in range(joint.n):
            if joint.member[q] == ka:
                a = q
            elif joint.member[q] == kb:
                b = q
            else:
                product *= w.edges[joint.edge[q]].beta
        if a >= 0 and b >= 0:
            own[2, joint.plot] += joint.weight * product
        elif a >= 0:
            own[0, joint.plot] += joint.weight * product
            own[3, joint.plot] += product * weight_with(w, sensor, joint, a, middle, space)
        elif b >= 0:
            own[1, joint.plot] += joint.weight * product
            own[4, joint.plot] += product * weight_with(w, sensor, joint, b, middle, space)


@jit
def pair_evidence(w, sensor, ka, kb):
    """Logarithm of the frame's probability if candidates ka and kb are both there, over that of one in their middle.

    To be called after the association and before any track is updated: an edge's `beta` is the odds that its track
    made the plot, as its other plots tell.
    """
    a, b, plots = w.candidates[ka], w.candidates[kb], w.frame.plots
    nu, l = np.empty(6), np.empty((6, 6))
    space = (np.empty(MEMBERS, np.int64), np.arange(MEMBERS), np.zeros((MEMBERS, MEMBERS)), nu, l)
    own, odds = np.zeros((5, plots)), np.zeros((2, plots))  # of a, of b, of both, of the middle by a's sets and by b's
    middle = put_middle(w, a, b)
    add_own(w, ka, 0, middle, own, odds, nu, l)
    add_own(w, kb, 1, middle, own, odds, nu, l)
    add_sets(w, sensor, ka, kb, middle, own, space)
    sums, same = np.zeros(5), 0.0
    for f in range(plots):
        nothing = 1.0 + w.plots[f].hidden
        theirs = own[0, f] * odds[0, f] + own[1, f] * odds[1, f] + own[2, f] * odds[0, f] * odds[1, f]
        free = 1.0 / max(nothing / w.plots[f].alone - theirs, nothing)
        for q in range(5):
            sums[q] += own[q, f] * free
        same += own[0, f] * own[1, f] * free * free
    seen = 0.5 * (a.detection + b.detection)
    missed = 1.0 - seen
    apart = max(1.0 - unresolved(sensor, a, b), STILL_APART) * max(sums[0] * sums[1] - same, 0.0)
    both = missed * missed + missed * seen * (sums[0] + sums[1]) + seen * seen * (sums[2] + apart)
    one = missed + seen * max(sums[3], sums[4])
    return math.log(max(both, 1e-300) / max(one, 1e-300))


@jit
def likely(w, k):
    """Does candidate k take part in comparisons?"""
    c = w.candidates[k]
    return c.existence > LIKELY and c.models > 1


@jit
def distance_m(w, a, b):
    """Distance over ground of two tracks, inf if their velocities differ too much for one object."""
    limit = 2.0 * w.rules.companion_speed_mps
    if math.hypot(a.centre[3] - b.centre[3], a.centre[4] - b.centre[4]) > limit:
        return math.inf
    return math.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1])


@jit
def choose_neighbour(w, k):
    """Candidate of the track that candidate k's track is compared with, -1 if there is none: the nearest, or the one
    compared so far, because who is nearest changes from sensor to sensor."""
    a = w.tracks[w.candidates[k].track]
    best, best_m, old, old_m = -1, REACH_M, -1, math.inf
    for q in range(w.frame.candidates):
        b = w.tracks[w.candidates[q].track]
        if q == k or not likely(w, q) or b.state_ns != a.state_ns:
            continue
        apart_m = distance_m(w, a, b)
        if apart_m < best_m:
            best, best_m = q, apart_m
        if b.uid == a.beside_uid:
            old, old_m = q, apart_m
    return old if old_m < FAITH * best_m else best


@jit
def note_pair(t, row, other, evidence):
    """Add one frame's evidence to what is known of track t and its neighbour, `other` in that row."""
    if t.beside_uid != other.uid:
        t.beside_uid, t.beside, t.apart = other.uid, 0.0, 0
    t.beside_row = row
    t.beside = min(t.beside + evidence, MOST)
    if t.beside >= MOST:
        t.apart = 1


@jit
def weigh_pairs(w, sensor):
    """Compare the frame's likely tracks, each with its neighbour, with single objects in their middle."""
    n = w.frame.candidates
    chosen = np.full(n, -1)
    for k in range(n):
        if likely(w, k):
            chosen[k] = choose_neighbour(w, k)
    for k in range(n):
        q = chosen[k]
        if q <= k or chosen[q] != k:
            continue
        i, j = w.candidates[k].track, w.candidates[q].track
        a, b = w.tracks[i], w.tracks[j]
        if a.trial_uid == b.uid:
            continue
        grown = min((w.tally.settled_ns - max(a.birth_ns, b.birth_ns)) * 1e-9 / GROWN_S, 1.0)
        evidence = min(max(pair_evidence(w, sensor, k, q), STEP[0]), STEP[1]) - SLACK * grown
        note_pair(a, j, b, evidence)
        note_pair(b, i, a, evidence)
