"""Groups: two tracks that no sensor tells apart are joined, and come apart again.

Neighbours are compared with one in their middle (`kernels.pairs`), and below -`one_evidence` they are joined. If they
once were surely two, or began as two, the joined track is a group of as many objects as both stood for. It keeps the
numbers of those that it swallowed, expects its members to come out again, and gives the numbers back, the last first,
to the objects that do.

Not done: the number of objects that came as one and were never seen apart.
"""

from __future__ import annotations

from .cache import jit
from .cells import relink
from .layout import HELD
from .lifecycle import join_pair
from .motion import centre_and_spread

COMING_OUT = 0.5  # objects expected to come out of a group, for each that it holds
LEAST_EXTENT_M = 5.0


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
def unite(w, i, j):
    """Join track j into i, in the middle of both."""
    a, b = w.tracks[i], w.tracks[j]
    for m in range(a.models):
        for c in range(6):
            a.x[m, c] = 0.5 * (a.x[m, c] + b.x[m, c])
    join_pair(i, j, w)
    centre_and_spread(a.mu, a.x, a.p, a.models, a.centre, a.spread)
    relink(i, w)


@jit
def may_join(w, a, b):
    """Are tracks a and b, compared with each other, one for all that can be seen?"""
    if not b.used or b.uid != a.beside_uid or b.beside_uid != a.uid or a.state_ns != b.state_ns:
        return False
    return not (a.identity >= 0 and b.identity >= 0 and a.identity != b.identity)


@jit
def join_groups(w):
    """Join the neighbours among the frame's candidates that are one for all that can be seen."""
    for k in range(w.frame.candidates):
        i = w.candidates[k].track
        j = w.tracks[i].beside_row
        a, b = w.tracks[i], w.tracks[j]
        if not a.used or a.beside_uid == 0 or a.beside > -w.rules.one_evidence or not may_join(w, a, b):
            continue
        if b.confirmed > a.confirmed or (b.confirmed == a.confirmed and b.uid < a.uid):
            i, j = j, i
            a, b = b, a
        if a.apart or (a.parent_uid == 0 and b.parent_uid == 0):
            swallow(i, j, w)
        a.beside_uid = 0
        unite(w, i, j)


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
