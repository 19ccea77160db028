"""Cuts: where a straight way meets a place, exactly, in the plane of the region's frame.

A place is a set of segments with a radius round them, closed to a ring or not: circles, corridors, polygons.
"""

from __future__ import annotations

import math

import numpy as np

from .cache import jit


@jit
def cut_circle(px, py, dx, dy, cx, cy, r, cut):
    """Widen cut = [in, out, clearance] (m along, m along, m) by the ray's cut with a circle.

    The ray starts at (px, py) and goes along the unit vector (dx, dy). Clearance is its least distance to the circle's
    middle, less r.
    """
    ex, ey = cx - px, cy - py
    along = ex * dx + ey * dy
    across = ex * dy - ey * dx
    far2 = ex * ex + ey * ey
    if along > 0.0:
        cut[2] = min(cut[2], abs(across) - r)
    else:
        cut[2] = min(cut[2], math.sqrt(far2) - r)
    half2 = r * r - across * across
    if half2 < 0.0:
        return
    half = math.sqrt(half2)
    if along + half < 0.0:
        return
    cut[0] = min(cut[0], max(0.0, along - half))
    cut[1] = max(cut[1], along + half)


@jit
def cut_edge(px, py, dx, dy, ax, ay, bx, by, r, cut):
    """Widen the cut by the side of a segment's strip that lies r to the right of a -> b (to the left, if negative)."""
    lx, ly = bx - ax, by - ay
    length = math.sqrt(lx * lx + ly * ly)
    if length == 0.0:
        return
    ax, ay = ax + r * ly / length, ay - r * lx / length
    turn = dx * ly - dy * lx
    if turn == 0.0:
        return
    ex, ey = ax - px, ay - py
    along = (ex * ly - ey * lx) / turn
    share = (ex * dy - ey * dx) / turn
    if along < 0.0 or share < 0.0 or share > 1.0:
        return
    cut[0], cut[1] = min(cut[0], along), max(cut[1], along)
    cut[2] = min(cut[2], -abs(r))


@jit
def is_inside(px, py, segments, r, ring):
    """Is the point within r of the segments (K, 4), or inside the ring that they make?"""
    crossings = 0
    for k in range(len(segments)):
        ax, ay, bx, by = segments[k, 0], segments[k, 1], segments[k, 2], segments[k, 3]
        lx, ly = bx - ax, by - ay
        length2 = lx * lx + ly * ly
        t = 0.0 if length2 == 0.0 else min(1.0, max(0.0, ((px - ax) * lx + (py - ay) * ly) / length2))
        ex, ey = ax + t * lx - px, ay + t * ly - py
        if ex * ex + ey * ey <= r * r:
            return True
        if (ay > py) != (by > py) and px < ax + (py - ay) / (by - ay) * lx:
            crossings += 1
    return ring and crossings % 2 == 1


@jit
def cut_place(px, py, dx, dy, segments, r, ring, cut):
    """Write into cut (3,) where the ray enters a place and leaves it for good, m along it (inf, -inf: never), and its
    clearance m: the distance by which it misses, negative by how deep it goes in."""
    cut[0], cut[1], cut[2] = np.inf, -np.inf, np.inf
    for k in range(len(segments)):
        ax, ay, bx, by = segments[k, 0], segments[k, 1], segments[k, 2], segments[k, 3]
        cut_circle(px, py, dx, dy, ax, ay, r, cut)
        if ax != bx or ay != by:
            cut_circle(px, py, dx, dy, bx, by, r, cut)
            cut_edge(px, py, dx, dy, ax, ay, bx, by, r, cut)
            cut_edge(px, py, dx, dy, ax, ay, bx, by, -r, cut)
    if is_inside(px, py, segments, r, ring):
        cut[0], cut[1] = 0.0, max(cut[1], 0.0)
        cut[2] = min(cut[2], -r)
    if cut[0] <= cut[1]:
        cut[2] = min(cut[2], -0.5 * (cut[1] - cut[0])) if ring else min(cut[2], 0.0)
