"""Optimal assignment of rows to columns: dense by shortest augmenting paths, sparse by connected components.

Source: R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
problems", Computing 38 (1987); the rectangular form follows D. F. Crouse, "On implementing 2D rectangular assignment
algorithms", IEEE Trans. Aerospace and Electronic Systems 52 (2016). The initialisation phases of 1987 are left out:
the problems here are small, because thousands of objects fall into components of a few.

Not done: k-best solutions, and assignment in more than two dimensions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cache import jit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@jit
def _shortest_path(
    cost: Floats,
    row: int,
    row_price: Floats,
    column_price: Floats,
    row_of: Longs,
    path: Longs,
    shortest: Floats,
    row_seen: Flags,
    column_seen: Flags,
) -> tuple[int, float]:
    """Dijkstra over reduced costs from `row` to the nearest free column.

    Writes path (the row from which a column was reached) and the marks. Returns (column, its distance), column -1
    where no free column can be reached.
    """
    columns = cost.shape[1]
    shortest[:] = np.inf
    row_seen[:] = False
    column_seen[:] = False
    distance = 0.0
    at = row
    while True:
        row_seen[at] = True
        nearest, lowest = -1, np.inf
        for j in range(columns):
            if column_seen[j]:
                continue
            through = distance + cost[at, j] - row_price[at] - column_price[j]
            if through < shortest[j]:
                shortest[j] = through
                path[j] = at
            # among equals a free column ends the search at once
            if shortest[j] < lowest or (shortest[j] == lowest and nearest >= 0 and row_of[j] < 0):
                nearest, lowest = j, shortest[j]
        if nearest < 0:
            return -1, np.inf
        distance = lowest
        column_seen[nearest] = True
        if row_of[nearest] < 0:
            return nearest, distance
        at = row_of[nearest]


@jit
def _assign_wide(cost: Floats) -> Longs:
    """`assign` where no row is without a possible column, that is rows <= columns."""
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    column_of, row_of = np.full(rows, -1, dtype=np.int64), np.full(columns, -1, dtype=np.int64)
    path, shortest = np.full(columns, -1, dtype=np.int64), np.empty(columns)
    row_seen, column_seen = np.zeros(rows, dtype=np.bool_), np.zeros(columns, dtype=np.bool_)
    for row in range(rows):
        sink, distance = _shortest_path(
            cost, row, row_price, column_price, row_of, path, shortest, row_seen, column_seen
        )
        if sink < 0:
            continue
        row_price[row] += distance
        for i in range(rows):
            if row_seen[i] and i != row:
                row_price[i] += distance - shortest[column_of[i]]
        for j in range(columns):
            if column_seen[j]:
                column_price[j] -= distance - shortest[j]
        j = sink
        while True:
            i = path[j]
            row_of[j] = i
            column_of[i], j = j, column_of[i]
            if i == row:
                break
    return column_of


@jit
def assign(cost: Floats) -> Longs:
    """Column of each row in the assignment of least total cost, -1 for a row that has none.

    Args:
        cost: (rows, columns), any sign; +inf forbids a pair. NaN and -inf are not allowed.

    Returns:
        (rows,). As many rows as columns allow are assigned; where forbidden pairs make a full assignment impossible,
        the number of pairs is still the largest possible, and their cost the least for the rows (columns, where there
        are fewer of them) that have one.
    """
    rows, columns = cost.shape
    if rows <= columns:
        return _assign_wide(cost)
    row_of = _assign_wide(np.ascontiguousarray(cost.T))
    column_of = np.full(rows, -1, dtype=np.int64)
    for j in range(columns):
        if row_of[j] >= 0:
            column_of[row_of[j]] = j
    return column_of


@jit
def _root(parent: Longs, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@jit
def components(rows: int, columns: int, edge_row: Longs, edge_column: Longs) -> tuple[Longs, int]:
    """Connected component of every edge of a bipartite graph, numbered in order of first edge, and their count.

    Args:
        rows, columns: numbers of nodes on either side.
        edge_row, edge_column: (edges,) nodes that an edge joins.
    """
    parent = np.arange(rows + columns)
    for k in range(len(edge_row)):
        a, b = _root(parent, edge_row[k]), _root(parent, rows + edge_column[k])
        if a != b:
            parent[max(a, b)] = min(a, b)
    number = np.full(rows + columns, -1, dtype=np.int64)
    component = np.empty(len(edge_row), dtype=np.int64)
    count = 0
    for k in range(len(edge_row)):
        r = _root(parent, edge_row[k])
        if number[r] < 0:
            number[r] = count
            count += 1
        component[k] = number[r]
    return component, count


@jit
def _numbering(nodes: Longs, local: Longs) -> int:
    """Numbers the distinct nodes in order of first appearance: writes local[node], returns their count."""
    count = 0
    for node in nodes:
        if local[node] < 0:
            local[node] = count
            count += 1
    return count


@jit
def assign_sparse(
    rows: int, columns: int, edge_row: Longs, edge_column: Longs, edge_cost: Floats, cutoff: float
) -> Longs:
    """Edges chosen by the assignment that minimises the sum of min(cost, cutoff), pairs without an edge costing cutoff.

    This is the assignment inside GOSPA (alpha = 2) and OSPA. It falls apart into the connected components of the
    graph, each solved on its own, so the work grows with the edges and not with rows times columns.

    Args:
        rows, columns: numbers of nodes on either side.
        edge_row, edge_column, edge_cost: (edges,) at most one edge a pair; costs of `cutoff` or more are never chosen.
        cutoff: cost of leaving a row and a column without each other.

    Returns:
        (chosen,) indices of the chosen edges, ordered by component, then row as first seen.
    """
    component, count = components(rows, columns, edge_row, edge_column)
    start = np.zeros(count + 1, dtype=np.int64)
    for k in range(len(component)):
        start[component[k] + 1] += 1
    start = np.cumsum(start)
    order = np.argsort(component, kind="mergesort")
    local_row, local_column = np.full(rows, -1, dtype=np.int64), np.full(columns, -1, dtype=np.int64)
    chosen = np.empty(min(rows, columns), dtype=np.int64)
    total = 0
    for c in range(count):
        edges = order[start[c] : start[c + 1]]
        if len(edges) == 1:
            if edge_cost[edges[0]] < cutoff:
                chosen[total] = edges[0]
                total += 1
            continue
        shape = _numbering(edge_row[edges], local_row), _numbering(edge_column[edges], local_column)
        cost, which = np.full(shape, cutoff), np.full(shape, -1, dtype=np.int64)
        for k in edges:
            i, j = local_row[edge_row[k]], local_column[edge_column[k]]
            if edge_cost[k] < cutoff:
                cost[i, j], which[i, j] = edge_cost[k], k
        column_of = assign(cost)
        for i in range(shape[0]):
            if column_of[i] >= 0 and which[i, column_of[i]] >= 0:
                chosen[total] = which[i, column_of[i]]
                total += 1
    return chosen[:total]
