"""What pairs agree on: each weighed as right or wrong, singly as they come or, after a disagreement, all at once.

A report that may be of the object of several reports of another sensor belongs to at most one of them; or to none,
with a uniform density. So a pair's weight is its likelihood over those of its rivals and of being wrong: a robust
M-estimate by expectation and maximisation (Dempster, Laird and Rubin 1977). While estimates are right, each pair is
weighed once. Where few pairs agree, the search begins with hundreds of metres of tolerance and shrinks it.
"""

from __future__ import annotations

import math

import numpy as np

from .cache import jit
from .difference import difference
from .layout import ERRORS, LINKS, PAIRS, SIGHTS
from .normals import (
    CORRELATED,
    GROUP,
    add_to_link,
    clear_link,
    estimate_group,
    group_of,
    inflation,
    link_of,
    plausible,
    solve_once,
)
from .sensing import COOPERATIVE
from .sights import OLD_NS, RIVALS, keep_pair, owner, quota, rivals_of

WRONG_M3 = 3e-9  # density of wrong pairs, 1/m^3: two within 700 m, over 400 m of height
NORMAL_3 = 15.749609945722419  # (2 pi)^(3/2)
NEGLIGIBLE = 0.02
WELL_TRIED, WELL_AGREED = 60.0, 0.8  # sights that show how well two sensors agree, and the share of them that must
SEARCH_M = (400.0, 400.0, 280.0, 200.0, 140.0, 100.0, 70.0, 50.0, 35.0, 25.0, 15.0, 8.0, 0.0, 0.0)  # tolerances
PRIOR_M = 12.0  # the prior's scale is that of the tolerance over this
LEAST_PAIRS = 40.0  # a search among fewer finds anything
BETTER = 0.1  # share of the pairs by which a search must do better than what is believed


@jit
def likelihood(distance2, root, inflate):
    """Density of a whitened difference, its noise inflated."""
    return math.exp(-0.5 * distance2 / inflate) / (NORMAL_3 * root * inflate ** 1.5)


@jit
def note_pair(w, pair, weight, distance2, d, j):
    """Add a weighed pair to both links and to what is known lately of both sensors."""
    s, q = pair.sensor[0], pair.sensor[1]
    b = w.corrections[s].estimate, w.corrections[q].estimate
    target = np.empty(3)
    for i in range(3):
        target[i] = -d[i]
        for c in range(ERRORS):
            target[i] += j[0, i, c] * b[0][c] + j[1, i, c] * b[1][c]
    for side in range(2):
        mine, other = (s, q) if side == 0 else (q, s)
        k = -1 if w.sensors[mine].kind == COOPERATIVE else link_of(w, mine, other)
        if k < 0:
            continue
        link = w.links[mine, k]
        true_weight = weight * CORRELATED / inflation(link)
        add_to_link(link, true_weight, j[side], j[1 - side], target)
        link.pairs += weight
        link.misfit += weight * distance2
        identity = pair.side[1 - side].identity
        if identity >= 0 and weight > 0.5:
            link.names |= 1 << (identity % 63)
        note_lately(w.corrections[mine], true_weight, d, j[side])


@jit
def note_lately(correction, weight, d, j):
    """What a pair says against the estimate: gradient and information, for the detection of steps."""
    for i in range(3):
        for r in range(ERRORS):
            part = weight * j[i, r]
            correction.score[r] -= part * d[i]
            for c in range(ERRORS):
                correction.weight[r, c] += part * j[i, c]


@jit
def weigh_group(w, rows, n, into_links, space):
    """Weigh n pairs (rows in one ring given as (ring, row)) of one report and one other sensor; returns their sum."""
    d, j, cov, axis, like, far = space
    total = 0.0
    for k in range(n):
        pair = w.pairs[rows[k, 0], rows[k, 1]]
        b0, b1 = w.corrections[pair.sensor[0]].estimate, w.corrections[pair.sensor[1]].estimate
        distance2, root = difference(pair, w.sensors, b0, b1, 0.0, d, j, cov, axis)
        like[k], far[k] = likelihood(distance2, root, pair_inflation(w, pair)), distance2
        total += like[k]
    agreed = 0.0
    for k in range(n):
        weight = like[k] / (total + WRONG_M3)
        agreed += weight
        if into_links and weight > NEGLIGIBLE:
            pair = w.pairs[rows[k, 0], rows[k, 1]]
            b0, b1 = w.corrections[pair.sensor[0]].estimate, w.corrections[pair.sensor[1]].estimate
            if n > 1:  # else it is still there
                difference(pair, w.sensors, b0, b1, 0.0, d, j, cov, axis)
            note_pair(w, pair, weight, far[k], d, j)
    return agreed


@jit
def pair_inflation(w, pair):
    """The inflation of noise that the pair's link has learnt."""
    s, q = pair.sensor[0], pair.sensor[1]
    if w.sensors[s].kind == COOPERATIVE:
        s, q = q, s
    for k in range(LINKS):
        if w.links[s, k].used and w.links[s, k].other == q:
            return inflation(w.links[s, k])
    return 1.0


@jit
def work_space():
    """Arrays for one pair: difference, derivatives, covariance, axes; likelihoods and distances of its rivals."""
    return np.empty(3), np.empty((2, 3, ERRORS)), np.empty((3, 3)), np.empty((5, 3)), np.empty(RIVALS), np.empty(RIVALS)


@jit
def count_agreed(w, s, q, agreed):
    """Note on the link of two radars, from both ends, whether a report agreed with one of the other."""
    for side in range(2):
        mine, other = (s, q) if side == 0 else (q, s)
        if w.sensors[mine].kind != COOPERATIVE:
            k = link_of(w, mine, other)
            if k >= 0:
                w.links[mine, k].tried += 1.0
                w.links[mine, k].agreed += agreed


@jit
def are_well_known(w, s, q):
    """Do two sensors of which nothing is corrected agree so well and so often that half the pairs are enough?"""
    if w.corrections[s].in_force or w.corrections[q].in_force or w.sensors[s].kind == COOPERATIVE:
        return False
    for k in range(LINKS):
        link = w.links[s, k]
        if link.used and link.other == q:
            return link.tried > WELL_TRIED and link.agreed > WELL_AGREED * link.tried
    return False


@jit
def meet(w, s, q, since_ns, until_ns, space):
    """Pair the sights of two sensors that have not met, weigh the pairs and keep them."""
    left, found, rows = quota(w, s, q), np.empty(RIVALS, np.int64), np.empty((RIVALS, 2), np.int64)
    if are_well_known(w, s, q):
        left = max(left // 2, 4)
    first = w.corrections[s].next_sight
    for v in range(SIGHTS):
        one = w.sights[s, (first + v) % SIGHTS]
        if left <= 0:
            break
        if one.time_ns < until_ns - OLD_NS:
            continue
        n = rivals_of(one, w.sights[q], since_ns, found)
        if n == 0:
            continue
        for k in range(n):
            rows[k, 0], rows[k, 1] = owner(s, q), keep_pair(w, s, q, one, w.sights[q, found[k]], k == 0)
        agreed = weigh_group(w, rows, n, True, space)
        count_agreed(w, s, q, agreed)
        left -= n


@jit
def pair_places(w, pair, members):
    """Where the pair's sensors are in the group: -1 declared (no errors), -2 not of the group."""
    places = (-2, -2)
    for side in range(2):
        at = -1 if w.sensors[pair.sensor[side]].kind == COOPERATIVE else -2
        for m in range(len(members)):
            if members[m] == pair.sensor[side]:
                at = m
        places = (at, places[1]) if side == 0 else (places[0], at)
    return places


@jit
def pairs_of(w, members, since_ns):
    """Pairs (n, 2) as ring and row that are newer than a time and only between the group's members and declared ones,
    in order of ring and age; with them (n,) whether each is the first of its rivals."""
    out, first = np.empty((len(w.sensors) * PAIRS, 2), np.int64), np.empty(len(w.sensors) * PAIRS, np.bool_)
    n = 0
    for ring in range(len(w.sensors)):
        start = w.corrections[ring].next_pair
        for v in range(PAIRS):
            at = (start + v) % PAIRS
            pair = w.pairs[ring, at]
            if pair.side[0].time_ns <= since_ns or pair.sensor[0] == pair.sensor[1]:
                continue
            places = pair_places(w, pair, members)
            if min(places[0], places[1]) == -2 or max(places[0], places[1]) < 0:
                continue
            out[n, 0], out[n, 1], first[n] = ring, at, pair.first or n == 0
            n += 1
    return out[:n], first[:n]


@jit
def group_share(w, members, rows, first, b, tolerance_m, h, g, space):
    """Weigh all pairs under errors b with a tolerance, sum the normal equations into h and g; the share that agrees."""
    d, j, cov, axis, like, _ = space
    h[:, :], g[:] = 0.0, 0.0
    groups, agreed, start = 0.0, 0.0, 0
    zero = np.zeros(ERRORS)
    while start < len(rows):
        last = start + 1
        while last < len(rows) and not first[last] and last - start < RIVALS:
            last += 1
        total = 0.0
        for k in range(start, last):
            pair = w.pairs[rows[k, 0], rows[k, 1]]
            p0, p1 = pair_places(w, pair, members)
            b0 = b[ERRORS * p0 : ERRORS * (p0 + 1)] if p0 >= 0 else zero
            b1 = b[ERRORS * p1 : ERRORS * (p1 + 1)] if p1 >= 0 else zero
            distance2, root = difference(pair, w.sensors, b0, b1, tolerance_m, d, j, cov, axis)
            like[k - start] = likelihood(distance2, root, pair_inflation(w, pair))
            total += like[k - start]
        for k in range(start, last):
            weight = like[k - start] / (total + WRONG_M3)
            agreed += weight
            if weight > NEGLIGIBLE:
                pair = w.pairs[rows[k, 0], rows[k, 1]]
                p0, p1 = pair_places(w, pair, members)
                b0 = b[ERRORS * p0 : ERRORS * (p0 + 1)] if p0 >= 0 else zero
                b1 = b[ERRORS * p1 : ERRORS * (p1 + 1)] if p1 >= 0 else zero
                difference(pair, w.sensors, b0, b1, tolerance_m, d, j, cov, axis)
                add_pair(h, g, weight * CORRELATED, ERRORS * p0, ERRORS * p1, d, j, b0, b1)
        groups += 1.0
        start = last
    return agreed / max(groups, 1.0)


@jit
def add_pair(h, g, weight, at0, at1, d, j, b0, b1):
    """Add a whitened pair to the normal equations in total errors; rows at0 and at1 (negative: none)."""
    for i in range(3):
        target = -d[i]
        for c in range(ERRORS):
            target += j[0, i, c] * b0[c] + j[1, i, c] * b1[c]
        for r in range(ERRORS):
            for side in range(2):
                at, other = (at0, at1) if side == 0 else (at1, at0)
                part = weight * j[side, i, r]
                if at < 0 or part == 0.0:
                    continue
                g[at + r] += part * target
                for c in range(ERRORS):
                    h[at + r, at + c] += part * j[side, i, c]
                    if other >= 0:
                        h[at + r, other + c] += part * j[1 - side, i, c]


@jit
def search(w, members, since_ns):
    """Look for errors of the group's members that more pairs agree on than now; returns whether it found better ones.

    If so they are the new estimates, and what the links of the group knew is learnt anew from the pairs at hand.
    """
    rows, first = pairs_of(w, members, since_ns)
    n = ERRORS * len(members)
    space, b, now = work_space(), np.zeros(n), np.empty(n)
    h, g, a = np.empty((n, n)), np.empty(n), np.empty((n, n))
    if len(rows) < LEAST_PAIRS:
        return False
    for m in range(len(members)):
        now[ERRORS * m : ERRORS * (m + 1)] = w.corrections[members[m]].estimate
    before = group_share(w, members, rows, first, now, 0.0, h, g, space)
    for tolerance_m in SEARCH_M:
        group_share(w, members, rows, first, b, tolerance_m, h, g, space)
        for _ in range(2):
            if not solve_once(h, g, b, max(tolerance_m / PRIOR_M, 1.0), a):
                return False
    if not plausible(b):
        return False
    after = group_share(w, members, rows, first, b, 0.0, h, g, space)
    if after < before + BETTER:
        return False
    for m in range(len(members)):
        w.corrections[members[m]].estimate[:] = b[ERRORS * m : ERRORS * (m + 1)]
    learn_anew(w, members, rows, first, space)
    return True


@jit
def learn_anew(w, members, rows, first, space):
    """Fill the links within a group from the pairs at hand, weighed by the estimates as they are now."""
    for m in range(len(members)):
        correction = w.corrections[members[m]]
        correction.score[:], correction.weight[:, :] = 0.0, 0.0
        for k in range(LINKS):
            if w.links[members[m], k].used:
                clear_link(w.links[members[m], k])
    start = 0
    while start < len(rows):
        last = start + 1
        while last < len(rows) and not first[last] and last - start < RIVALS:
            last += 1
        pair = w.pairs[rows[start, 0], rows[start, 1]]
        agreed = weigh_group(w, rows[start:last], last - start, True, space)
        count_agreed(w, pair.sensor[0], pair.sensor[1], agreed)
        start = last
    for m in range(len(members)):
        if len(w.sensors) > GROUP and m > 0:
            break
        estimate_group(w, group_of(w, members[m]), 1 if len(w.sensors) > GROUP else len(members))
        if len(w.sensors) <= GROUP:
            break
