"""Groups: two tracks that a sensor cannot tell apart are weighed against one, joined, and come apart again.

Two tracks flank a single object as comfortably as they follow two, once each has pushed the other aside: the reports
between them count as theirs together. A filter of each track's own existence cannot see that, because it takes the
other's state for granted. Therefore the two nearest of a frame are compared with one track in the middle of them: the
probability of the frame's reports under "both are there" over that under "there is one" (a sequential test, Wald 1945),
summed while the two stay each other's nearest. Below -`one_evidence` they are joined.

If they once were surely two (`SURE`), or began as two, the joined track is a group of as many objects as both stood
for. It keeps the numbers of those that it swallowed, expects its members to come out again, and gives the numbers back,
the last first, to the objects that do.

Not done: the number of objects that came as one and were never seen apart.
"""

from __future__ import annotations

import math

from .cache import jit
from .candidates import NORMAL
from .gating import whiten
from .layout import HELD
from .lifecycle import join_pair, state_distance
from .measurement import wrap_pi

SURE = 6.0  # logarithm of the odds
STEP = (-1.0, 2.0)  # what one frame may add to them
STILL_APART = 0.1  # what a sensor cannot resolve may yet be two reports: others lie between
LIKELY = 0.5  # existence from which tracks are compared
COMING_OUT = 0.5  # objects expected to come out of a group, for each that it holds
LEAST_EXTENT_M = 5.0


@jit
def middle_fit(w, a, b, edge, report, nu, l):
    """Likelihood of a report of one object in the middle of candidates a and b, as sure as one of them."""
    for i in range(edge.n):
        p = edge.part[i]
        off = b.z_mean[p] - a.z_mean[p]
        off = wrap_pi(off) if p == 1 else off
        nu[i] = report.values[p] - a.z_mean[p] - 0.5 * off
        nu[i] = wrap_pi(nu[i]) if p == 1 else nu[i]
        for j in range(i + 1):
            q = edge.part[j]
            l[i, j] = 0.5 * (a.s_mean[p, q] + b.s_mean[p, q])
        l[i, i] += report.variance[p]
    d2, root = whiten(nu, l, edge.n)
    return math.exp(-0.5 * d2) / (NORMAL[edge.n] * root)


@jit
def edge_to(w, c, plot):
    """Candidate c's edge to a plot as that of itself alone, -1 if it has none."""
    for e in range(c.first, c.last):
        if w.edges[e].plot == plot and w.edges[e].share == 1.0:
            return e
    return -1


@jit
def pair_evidence(w, a, b, near, nu, l):
    """Logarithm of the frame's probability if candidates a and b are both there, over that of one in their middle.

    `near` is the probability that the sensor cannot resolve them. Other tracks' claims on a plot enter by the messages
    of the association.
    """
    seen = 0.5 * (a.detection + b.detection)
    of_one, of_a, of_b, same = 0.0, 0.0, 0.0, 0.0
    for turn in range(2):
        c, other = (a, b) if turn == 0 else (b, a)
        for e in range(c.first, c.last):
            edge = w.edges[e]
            q = edge_to(w, other, edge.plot)
            if edge.share < 1.0 or (turn == 1 and q >= 0):
                continue  # has been counted
            plot = w.plots[edge.plot]
            nothing = 1.0 + plot.hidden
            free = 1.0 / edge.back
            if q >= 0:
                free += 1.0 / w.edges[q].back - nothing / plot.alone
            free = 1.0 / max(free, nothing)
            mine = edge.weight / (c.existence * c.detection) * free
            its = w.edges[q].weight / (other.existence * other.detection) * free if q >= 0 else 0.0
            of_one += middle_fit(w, a, b, edge, w.pool[plot.report], nu, l) / plot.density * free
            of_a += mine if turn == 0 else its
            of_b += its if turn == 0 else mine
            same += mine * its
    missed = 1.0 - seen
    apart = max(1.0 - near, STILL_APART) * max(of_a * of_b - same, 0.0)
    both = missed * missed + missed * seen * (of_a + of_b) + seen * seen * (near * of_one + apart)
    return math.log(max(both, 1e-300) / max(missed + seen * of_one, 1e-300))


@jit
def note_pair(t, other, evidence):
    """Add one frame's evidence to what is known of track t and its nearest, `other`."""
    if t.beside_uid != other.uid:
        t.beside_uid, t.beside, t.apart = other.uid, 0.0, 0
    t.beside = min(t.beside + min(max(evidence, STEP[0]), STEP[1]), SURE)
    if t.beside >= SURE:
        t.apart = 1


@jit
def swallow(i, j, w):
    """Join track j into i as a group: i holds the younger number and those that j held, and knows how wide it is."""
    a, b = w.tracks[i], w.tracks[j]
    held = 0
    while held < HELD and a.inside[held] > 0:
        held += 1
    for q in range(-1, HELD):
        number = b.inside[q] if q >= 0 else max(a.number, b.number) if min(a.number, b.number) > 0 else 0
        if number > 0 and held < HELD:
            a.inside[held] = number
            held += 1
    extent = 0.0
    for c in range(2):
        extent += 0.125 * (a.centre[c] - b.centre[c]) ** 2
    a.members += b.members
    a.extent_m2 = max(extent, a.extent_m2 + b.extent_m2, LEAST_EXTENT_M * LEAST_EXTENT_M)


@jit
def join_groups(w):
    """Join the pairs of the frame's candidates that are one for all that can be seen."""
    for k in range(w.work.candidates):
        partner = w.candidates[k].partner
        if partner <= k or w.candidates[partner].partner != k:
            continue
        i, j = w.candidates[k].track, w.candidates[partner].track
        a, b = w.tracks[i], w.tracks[j]
        if not a.used or not b.used or a.beside_uid != b.uid or a.beside > -w.rules.one_evidence:
            continue
        if (a.identity >= 0 and b.identity >= 0 and a.identity != b.identity) or a.state_ns != b.state_ns:
            continue
        if state_distance(a, b, w.work) > w.rules.join_gate:
            continue
        if a.apart or (a.parent_uid == 0 and b.parent_uid == 0):
            swallow(i, j, w)
        join_pair(i, j, w)


@jit
def companions(t, rules):
    """Objects expected to be near track t and not yet seen apart from it."""
    return rules.companions + COMING_OUT * max(t.members - 1, 0)


@jit
def come_out(w, t):
    """A newly confirmed track t that began beside a group takes its last number and is one less in it."""
    if t.parent_uid == 0:
        return
    g = w.tracks[t.parent]
    if not g.used or g.uid != t.parent_uid or g.members < 2 or t.number > 0:
        return
    g.members -= 1
    if g.members == 1:
        g.extent_m2 = 0.0
    for q in range(HELD - 1, -1, -1):
        if g.inside[q] > 0:
            t.number, g.inside[q] = g.inside[q], 0
            return
