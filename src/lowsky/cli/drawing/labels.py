"""Labels that never lie on one another, and groups that share one: all in pixels, nothing of matplotlib.

Placing is greedy in order of importance (point-feature labelling: Christensen, Marks, Shieber, ACM Trans. Graphics
14(3), 1995): each label tries the places round its point, drops those that touch another label, a mark or the edge,
takes the one that hides least of the lines, and is left out if none remains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Box = tuple[float, float, float, float]  # left, bottom, right, top

# where a label goes: right, left, above, below and the corners of what it names; the same closer in, among the members
# of a group; the same farther out. The latter two cost as much as hiding so many points of lines.
SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)], dtype=np.float64)
CANDIDATES = np.tile(SIDES, (3, 1))
REACHES, GAPS, COSTS = (np.repeat(v, len(SIDES)) for v in ([1.0, 0.6, 1.0], [1.0, 1.0, 3.0], [0.0, 2.0, 4.0]))


def place_labels(
    points: Floats, sizes: Floats, reach: Floats, marks: Floats, lines: Floats, box: Box, gap: float = 6.0
) -> tuple[Longs, Floats]:
    """Choose labels and places for them.

    Args:
        points: (n, 2) what is labelled, most important first.
        sizes: (n, 2) width and height of the labels.
        reach: (n, 2) half width and half height of what is labelled; 0 for a point.
        marks: (m, 2) what no label may come nearer to than 5 px.
        lines: (k, 2) points of lines that labels should rather not hide.
        box: the map; no label leaves it.
        gap: between a point and its label.

    Returns:
        Indices of the labels that found a place (k,), and the middles of the labels (k, 2).
    """
    chosen: list[int] = []
    taken = np.empty((len(points), 4))
    for i, (point, size) in enumerate(zip(points, sizes, strict=True)):
        middles = point + CANDIDATES * (size / 2 + REACHES[:, None] * reach[i] + GAPS[:, None] * gap)
        rectangles = np.concatenate([middles - size / 2, middles + size / 2], axis=1)
        hits = _touching(rectangles, marks, 5.0) > 0
        free = _inside(rectangles, box) & ~_overlaps(rectangles, taken[: len(chosen)]) & ~hits
        if free.any():
            cost = np.where(free, _touching(rectangles, lines, 1.0) + COSTS, np.inf)
            taken[len(chosen)] = rectangles[int(np.argmin(cost))]
            chosen.append(i)
    kept = taken[: len(chosen)]
    return np.array(chosen, dtype=np.int64), (kept[:, :2] + kept[:, 2:]) / 2


def _inside(rectangles: Floats, box: Box) -> NDArray[np.bool_]:
    low, high = rectangles[:, :2] >= box[:2], rectangles[:, 2:] <= box[2:]
    return np.asarray((low & high).all(axis=1))


def _overlaps(rectangles: Floats, taken: Floats) -> NDArray[np.bool_]:
    """Which of (n, 4) touch any of (m, 4)."""
    low, high = np.maximum(rectangles[:, None, :2], taken[:, :2]), np.minimum(rectangles[:, None, 2:], taken[:, 2:])
    common: NDArray[np.bool_] = np.all(low < high, axis=-1)
    return np.asarray(np.any(common, axis=1))


def _touching(rectangles: Floats, marks: Floats, radius: float) -> Longs:
    """How many of the marks (m, 2) each of (n, 4) comes nearer to than a radius."""
    low, high = rectangles[:, :2].min(axis=0) - radius, rectangles[:, 2:].max(axis=0) + radius
    marks = marks[np.all((marks >= low) & (marks <= high), axis=1)]  # of many marks few are anywhere near
    nearest = np.clip(marks[None], rectangles[:, None, :2], rectangles[:, None, 2:])
    off = marks[None] - nearest
    return np.asarray(((off**2).sum(axis=-1) < radius**2).sum(axis=1))


def groups(points: Floats, cell: float, least: int, widest: float) -> Longs:
    """Which points stand so close together that they are shown as one group.

    Points whose cells touch are joined (connected components of the occupied cells of a grid, eight neighbours: linear
    in points). What has fewer than `least` members or is wider than `widest` is no group.

    Returns:
        (n,) number of the group, -1 for none.
    """
    if not len(points):
        return np.empty(0, dtype=np.int64)
    at = np.floor((points - points.min(axis=0)) / cell).astype(np.int64) + 1
    name = np.zeros(at.max(axis=0) + 2, dtype=np.int64)
    name[at[:, 0], at[:, 1]] = np.arange(1, len(at) + 1)
    while True:  # the largest number of a component floods it
        flooded = np.where(name > 0, _largest_neighbour(name), 0)
        if (flooded == name).all():
            break
        name = flooded
    _, group = np.unique(name[at[:, 0], at[:, 1]], return_inverse=True)
    group = group.reshape(len(points)).astype(np.int64)
    low, high = np.full((group.max() + 1, 2), np.inf), np.full((group.max() + 1, 2), -np.inf)
    np.minimum.at(low, group, points)
    np.maximum.at(high, group, points)
    good = (np.bincount(group) >= least) & ((high - low).max(axis=1) <= widest)
    return np.where(good[group], group, -1)


def _largest_neighbour(grid: Longs) -> Longs:
    """The largest value of each cell and its eight neighbours; the border is empty."""
    row = np.maximum(grid, np.maximum(np.roll(grid, 1, axis=0), np.roll(grid, -1, axis=0)))
    return np.maximum(row, np.maximum(np.roll(row, 1, axis=1), np.roll(row, -1, axis=1)))
