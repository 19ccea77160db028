"""Coarse ground cells: where tracks are, and the density of objects not yet detected.

Tracks are kept in buckets by the cell of their last estimate, so a frame touches the tracks near it and never all.
Undetected objects are a Poisson process with a density per cell: it starts at a prior, grows as objects appear and
shrinks by each look that should have seen them (Williams 2015, section IV: the Poisson part of the multi-Bernoulli
mixture), here uniform within a cell and over height. The rate at which objects appear is learnt.
"""

from __future__ import annotations

import math

from .borrow import bare, bare_inlined
from .cache import jit
from .layout import HEARD, LAYERS, NEVER_NS, PLACED, SIGHTED

HALF_DIAGONAL = 0.7071067811865476  # of a unit square


@bare
def bucket(cell_east, cell_north, buckets):
    """Bucket of a cell; `buckets` is a power of two. Teschner et al. 2003, section 4.1."""
    return ((int(cell_east) * 73856093) ^ (int(cell_north) * 19349663)) & (buckets - 1)  # in 64 bits


@bare
def link(i, w):
    """Put track i into the bucket of its mean."""
    spot, centre, cell_m = w.spots[i], w.tracks[i].centre, w.rules.cell_m
    spot.cell[0], spot.cell[1] = int(math.floor(centre[0] / cell_m)), int(math.floor(centre[1] / cell_m))
    b = bucket(spot.cell[0], spot.cell[1], len(w.head))
    spot.before, spot.after = -1, w.head[b]
    if w.head[b] >= 0:
        w.spots[w.head[b]].before = i
    w.head[b] = i


@bare
def unlink(i, w):
    """Take track i out of its bucket."""
    spot = w.spots[i]
    if spot.before >= 0:
        w.spots[spot.before].after = spot.after
    else:
        w.head[bucket(spot.cell[0], spot.cell[1], len(w.head))] = spot.after
    if spot.after >= 0:
        w.spots[spot.after].before = spot.before


@bare_inlined
def relink(i, w):
    """Move track i to another bucket if its mean has left its cell."""
    spot, centre, cell_m = w.spots[i], w.tracks[i].centre, w.rules.cell_m
    if int(math.floor(centre[0] / cell_m)) != spot.cell[0] or int(math.floor(centre[1] / cell_m)) != spot.cell[1]:
        unlink(i, w)
        link(i, w)


@bare_inlined
def tracks_within(w, east_from, north_from, east_to, north_to):
    """Write the rows of the tracks whose cell touches a box on the ground (m) into w.near; returns their number.

    A track may have moved since its cell was noted, so the box is widened by one cell.
    """
    cell_m, spots, near = w.rules.cell_m, w.spots, w.near
    e0, n0 = int(math.floor(east_from / cell_m)) - 1, int(math.floor(north_from / cell_m)) - 1
    e1, n1 = int(math.floor(east_to / cell_m)) + 1, int(math.floor(north_to / cell_m)) + 1
    n = 0
    if (e1 - e0 + 1) * (n1 - n0 + 1) > w.tally.highest:
        for i in range(w.tally.highest):
            cell = spots[i].cell
            if w.tracks[i].used and e0 <= cell[0] <= e1 and n0 <= cell[1] <= n1:
                near[n] = i
                n += 1
        return n
    for ce in range(e0, e1 + 1):
        for cn in range(n0, n1 + 1):
            i = w.head[bucket(ce, cn, len(w.head))]
            while i >= 0:
                spot = spots[i]
                if spot.cell[0] == ce and spot.cell[1] == cn:
                    near[n] = i
                    n += 1
                i = spot.after
    return n


@bare
def faded(tally, memory_s):
    """By how much the memory of appearances has faded since it was last renewed; frames settled are its clock, so that
    it does not matter when the tracker was asked for a picture."""
    if tally.appeared_ns == NEVER_NS:
        return 1.0
    return math.exp(-max(0.0, (tally.settled_ns - tally.appeared_ns) * 1e-9) / memory_s)


@jit
def appearance_rate(rules, tally):
    """Objects expected to appear a second and square metre of looked-at ground, learnt from those confirmed so far.

    Gamma posterior mean with forgetting: (prior events + events) / (prior time + memory); the area is that of all
    cells any sensor has looked at.
    """
    events = rules.appear_prior + tally.appeared * faded(tally, rules.appear_memory_s)
    rate = events / (rules.appear_prior_s + rules.appear_memory_s)
    area_m2 = max(tally.cells_looked, 1) * rules.cell_m * rules.cell_m
    return max(rate, rules.appear_floor_per_s) / area_m2


@bare
def note_appearance(rules, tally, share):
    """Count `share` (0..1) of a confirmed object as one that appeared, in the frame being settled."""
    tally.appeared = tally.appeared * faded(tally, rules.appear_memory_s) + share
    tally.appeared_ns = tally.settled_ns


@bare
def cell_index(position_m, cell_m, cells):
    """Index along one axis of the ground of a coordinate; the border cells stand for all beyond."""
    return min(max(int(math.floor(position_m / cell_m)) + cells // 2, 0), cells - 1)


@bare_inlined
def undetected(w, rate, east_m, north_m, time_ns, layer):
    """Expected undetected objects a m^2 at a place and time, and the part that appeared; `rate` of that, 1/(s m^2)."""
    cells, cell_m = w.ground.shape[1], w.rules.cell_m
    c = w.ground[layer, cell_index(east_m, cell_m, cells), cell_index(north_m, cell_m, cells)]
    if c.time_ns == NEVER_NS:
        return w.rules.start_density_m2, 0.0
    grown = rate * max(0.0, (time_ns - c.time_ns) * 1e-9)
    return c.density + grown, c.appeared + grown


@jit
def look_over(w, place_m, reach_m, detection, time_ns, layer):
    """Lower the density of undetected objects by one look of a sensor at place_m (3,) with the given reach m.

    A sensor that places an object alone thins all layers (layer PLACED); a camera or post only its own.
    """
    cells, cell_m = w.ground.shape[1], w.rules.cell_m
    rate = appearance_rate(w.rules, w.tally)
    touched = reach_m + HALF_DIAGONAL * cell_m  # a cell counts as looked at if any of it may be
    low, high = cell_index(place_m[1] - reach_m, cell_m, cells), cell_index(place_m[1] + reach_m, cell_m, cells)
    first, last = cell_index(place_m[0] - reach_m, cell_m, cells), cell_index(place_m[0] + reach_m, cell_m, cells)
    for i in range(first, last + 1):
        east = (i - cells // 2 + 0.5) * cell_m - place_m[0]
        for j in range(low, high + 1):
            north = (j - cells // 2 + 0.5) * cell_m - place_m[1]
            if east * east + north * north > touched * touched:
                continue
            if w.ground[SIGHTED, i, j].time_ns == NEVER_NS and w.ground[HEARD, i, j].time_ns == NEVER_NS:
                w.tally.cells_looked += 1
            for k in range(layer, LAYERS if layer == PLACED else layer + 1):
                thin_cell(w.ground[k, i, j], rate, detection, time_ns, w.rules.start_density_m2)


@jit
def thin_cell(c, rate, detection, time_ns, start_m2):
    """Let objects appear in one cell at a rate 1/(s m^2) until time_ns and lower what is undetected by one look."""
    if c.time_ns == NEVER_NS:
        c.density, c.appeared = start_m2, 0.0
    else:
        grown = rate * max(0.0, (time_ns - c.time_ns) * 1e-9)
        c.density += grown
        c.appeared += grown
    c.density *= 1.0 - detection
    c.appeared *= 1.0 - detection
    c.time_ns = max(time_ns, c.time_ns)
