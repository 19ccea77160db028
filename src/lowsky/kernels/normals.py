"""Normal equations of the errors of all sensors: kept as links between two sensors, summed and solved in groups.

A link holds the fading information that pairs of reports gave about its sensor, the cross term with the other, and the
right side; linearised about the estimates of their time, in total errors, so that they add up. A group of sensors is
solved at once. Only differences between sensors are seen: what all have in common is not observable, and neither is
anything where objects have not been. There a prior decides. It is heavy-tailed (Student's t with one degree of
freedom, by iteratively reweighted least squares; Black and Rangarajan 1996 for the equivalence with robust
estimation), so that one displaced sensor among three is found as that and does not pull two good ones by a third;
its scale shrinks from wide to narrow (graduated non-convexity, Blake and Zisserman 1987), or the first guess would
decide which one it is.
"""

from __future__ import annotations

import math

import numpy as np

from .borrow import bare
from .cache import jit
from .errors import EAST, NORTH
from .layout import ERRORS, LINKS
from .linalg import cholesky, forward_solve, inverse_from_cholesky
from .sensing import COOPERATIVE

NARROW = (4.0, 1.5e-4, 1.2e-3, 1.2e-3, 0.03, 4.0, 4.0)  # errors of a sensor set up with care: m, 1, rad, rad, s, m, m
SET_UP = (60.0, 4e-3, 0.04, 0.04, 0.6, 100.0, 100.0)  # and of one that was not; so wide is also the prior's tail
MOST = (1000.0, 0.05, 0.4, 0.4, 5.0, 2000.0, 2000.0)  # a solution beyond that is none
STAGES = (32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 1.0)  # of the prior's scale
CORRELATED = 0.5  # share of a pair's information that is its own: reports meet others more than once
GROUP = 8  # sites of so many sensors are solved at once ...
AROUND = 5  # ... on others a sensor with those it shares most objects with
NAMES = 2  # identities that must agree before what is declared corrects a sensor


@bare
def link_of(w, s, q):
    """Row of the link from sensor s to q, made if there is room or a hardly used one; -1 if there is none."""
    weakest = 0
    for k in range(LINKS):
        link = w.links[s, k]
        if link.used and link.other == q:
            return k
        if not link.used:
            link.used, link.other = 1, q
            clear_link(link)
            return k
        if link.tried < w.links[s, weakest].tried:
            weakest = k
    link = w.links[s, weakest]
    if link.tried > 1.0:
        return -1
    link.other = q
    clear_link(link)
    return weakest


@bare
def clear_link(link):
    """Forget what a link knows of errors."""
    for r in range(ERRORS):
        for c in range(ERRORS):
            link.own[r, c], link.cross[r, c] = 0.0, 0.0
        link.right[r] = 0.0
    link.pairs, link.misfit, link.names = 0.0, 0.0, 0
    link.agreed, link.tried = 0.0, 0.0


@jit
def fade_link(link, keep, keep_share):
    """Let a link forget."""
    for r in range(ERRORS):
        for c in range(ERRORS):
            link.own[r, c] *= keep
            link.cross[r, c] *= keep
        link.right[r] *= keep
    link.pairs *= keep
    link.misfit *= keep
    link.agreed *= keep_share
    link.tried *= keep_share


@bare
def inflation(link):
    """Factor by which the described noise of two sensors is too small, from how their pairs fit; at least 1."""
    if link.pairs < 10.0:
        return 1.0
    return min(max(link.misfit / link.pairs / 2.8, 1.0), 9.0)


@bare
def add_to_link(link, weight, mine, others, target):
    """Add a pair's whitened derivatives, (3, 7) each, and target (3,) to a link."""
    for i in range(3):
        for r in range(ERRORS):
            part = weight * mine[i, r]
            if part == 0.0:
                continue
            for c in range(ERRORS):
                link.own[r, c] += part * mine[i, c]
                link.cross[r, c] += part * others[i, c]
            link.right[r] += part * target[i]


@jit
def names_known(names):
    """How many different identities a link has met, as far as its bits tell."""
    count = 0
    for k in range(63):
        count += (names >> k) & 1
    return count


@jit
def link_counts(w, link):
    """May a link be believed? One that knows only one declared identity may be fed by a liar."""
    return w.sensors[link.other].kind != COOPERATIVE or names_known(link.names) >= NAMES


@jit
def assemble(w, members, h, g):
    """Sum the links of the group's members (n,) into h (7n, 7n) and g (7n,), others held at their estimates.

    Returns whether there is anything.
    """
    h[:, :], g[:] = 0.0, 0.0
    found = False
    for m in range(len(members)):
        for k in range(LINKS):
            link = w.links[members[m], k]
            if not link.used or link.pairs <= 0.0 or not link_counts(w, link):
                continue
            found = True
            place = -1
            for other in range(len(members)):
                if members[other] == link.other:
                    place = other
            add_link(h, g, link, ERRORS * m, ERRORS * place, w.corrections[link.other].estimate)
    return found


@jit
def add_link(h, g, link, at, other, held):
    """Add one link to the normal equations: its sensor's errors begin at row `at`, the other's at `other`, or, below
    0, are held."""
    for r in range(ERRORS):
        g[at + r] += link.right[r]
        for c in range(ERRORS):
            h[at + r, at + c] += link.own[r, c]
            if other >= 0:
                h[at + r, other + c] += link.cross[r, c]
            else:
                g[at + r] -= link.cross[r, c] * held[c]


@jit
def prior_weight(b, at, c, scale):
    """Precision that the heavy-tailed prior gives error c of the sensor at row `at` of b; a place counts as one."""
    s = NARROW[c] * scale
    squared = b[at + c] * b[at + c]
    if c >= EAST:
        squared = 0.5 * (b[at + EAST] * b[at + EAST] + b[at + NORTH] * b[at + NORTH])
    return 2.0 / (s * s + squared) + 0.1 / (SET_UP[c] * SET_UP[c])


@jit
def solve_once(h, g, b, scale, a):
    """One reweighted solution of h b = g with the prior at `scale`, into b; a becomes the factor. False if singular."""
    n = len(g)
    for r in range(n):
        for c in range(r + 1):
            a[r, c] = h[r, c]
        a[r, r] += prior_weight(b, r - r % ERRORS, r % ERRORS, scale)
    if not cholesky(a, n):
        return False
    b[:] = g
    forward_solve(a, b, n)
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            b[i] -= a[k, i] * b[k]
        b[i] /= a[i, i]
    return True


@jit
def solve(h, g, b, a):
    """Solve h b = g with the prior, from wide to narrow, into b (n,); a (n, n) becomes the last factor."""
    b[:] = 0.0
    for scale in STAGES:
        if not solve_once(h, g, b, scale, a):
            return False
    return plausible(b)


@jit
def plausible(b):
    """Are all errors (n,) such as a sensor may have?"""
    for r in range(len(b)):
        if not abs(b[r]) < MOST[r % ERRORS]:
            return False
    return True


@jit
def told_sigma(information, variance, c):
    """The standard deviation told of error c: where hardly anything is seen, that of a sensor set up by hand."""
    if information * NARROW[c] * NARROW[c] < 1.0:
        return max(math.sqrt(variance), SET_UP[c])
    return math.sqrt(variance)


@jit
def group_of(w, s):
    """The rows (n,) of the sensors that are solved together with s, s first; on small sites all, in their order."""
    rows = np.empty(max(GROUP, 1 + AROUND), np.int64)
    n = 0
    if len(w.sensors) <= GROUP:
        for q in range(len(w.sensors)):
            if w.sensors[q].kind != COOPERATIVE:
                rows[n] = q
                n += 1
        return rows[:n]
    rows[0], n = s, 1
    for _ in range(AROUND):
        best = -1
        for k in range(LINKS):
            link = w.links[s, k]
            if not link.used or w.sensors[link.other].kind == COOPERATIVE or link.pairs <= 0.0:
                continue
            taken = False
            for q in range(n):
                taken = taken or rows[q] == link.other
            if not taken and (best < 0 or link.pairs > w.links[s, best].pairs):
                best = k
        if best < 0:
            break
        rows[n] = w.links[s, best].other
        n += 1
    return rows[:n]


@jit
def estimate_group(w, members, n_kept):
    """Solve a group and keep estimates, covariances and told sigmas of its first n_kept members."""
    n = ERRORS * len(members)
    h, g = np.empty((n, n)), np.empty(n)
    if not assemble(w, members, h, g):
        return
    b, a, inverse = np.empty(n), np.empty((n, n)), np.empty((n, n))
    if not solve(h, g, b, a):
        return
    inverse_from_cholesky(a, inverse, n)
    for m in range(n_kept):
        correction = w.corrections[members[m]]
        at = ERRORS * m
        correction.known = 1
        for r in range(ERRORS):
            correction.estimate[r] = b[at + r]
            correction.sigma[r] = told_sigma(h[at + r, at + r], inverse[at + r, at + r], r)
            for c in range(ERRORS):
                correction.doubt[r, c] = inverse[at + r, at + c]
