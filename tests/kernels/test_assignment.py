"""The assignment kernels against scipy, exhaustive search and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, maximum_bipartite_matching

from lowsky.kernels.assignment import assign, assign_sparse, components

SHAPES = st.tuples(st.integers(0, 7), st.integers(0, 7))
COSTS = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6))


def total(cost: np.ndarray, column_of: np.ndarray) -> float:
    rows = np.flatnonzero(column_of >= 0)
    assert len(set(column_of[rows])) == len(rows), "a column was given twice"
    return float(cost[rows, column_of[rows]].sum())


@settings(deadline=None, max_examples=300)
@given(SHAPES.flatmap(lambda shape: arrays(np.float64, shape, elements=COSTS)))
def test_total_cost_is_that_of_scipy(cost: np.ndarray) -> None:
    column_of = assign(cost)
    assert (column_of >= 0).sum() == min(cost.shape)
    rows, columns = linear_sum_assignment(cost)
    assert total(cost, column_of) == pytest.approx(cost[rows, columns].sum(), rel=1e-9, abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(SHAPES.flatmap(lambda s: st.tuples(arrays(np.float64, s, elements=st.floats(0, 9)), arrays(np.bool_, s))))
def test_forbidden_pairs(case: tuple[np.ndarray, np.ndarray]) -> None:
    cost = np.where(case[1], np.inf, case[0])
    column_of = assign(cost)
    matched = np.flatnonzero(column_of >= 0)
    assert np.isfinite(cost[matched, column_of[matched]]).all()
    largest = (maximum_bipartite_matching(csr_matrix(np.isfinite(cost))) >= 0).sum() if cost.size else 0
    assert len(matched) == largest
    if largest == min(cost.shape):
        rows, columns = linear_sum_assignment(cost)
        assert total(cost, column_of) == pytest.approx(cost[rows, columns].sum())


def test_ties_large_and_wide() -> None:
    assert sorted(assign(np.zeros((4, 4)))) == [0, 1, 2, 3]
    rng = np.random.default_rng(1)
    for shape in ((120, 120), (40, 300), (300, 40)):
        for cost in (rng.uniform(size=shape), rng.integers(0, 4, shape).astype(float)):
            rows, columns = linear_sum_assignment(cost)
            assert total(cost, assign(cost)) == pytest.approx(cost[rows, columns].sum())


def test_transposed_memory_layout_and_empty() -> None:
    cost = np.arange(12.0).reshape(3, 4)
    assert assign(cost.T).tolist() == [assign(np.ascontiguousarray(cost.T))[i] for i in range(4)]
    assert assign(np.empty((0, 3))).tolist() == []
    assert assign(np.empty((2, 0))).tolist() == [-1, -1]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, int, np.ndarray, np.ndarray]:
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    mask = draw(arrays(np.bool_, (rows, columns)))
    cost = draw(arrays(np.float64, (rows, columns), elements=st.floats(0, 12)))
    return rows, columns, mask, cost


@settings(deadline=None, max_examples=200)
@given(graphs(), st.floats(1, 10))
def test_sparse_equals_dense_with_cutoff(graph: tuple[int, int, np.ndarray, np.ndarray], cutoff: float) -> None:
    rows, columns, mask, cost = graph
    edge_row, edge_column = (a.astype(np.int64) for a in np.nonzero(mask))
    edge_cost = cost[mask]
    chosen = assign_sparse(rows, columns, edge_row, edge_column, edge_cost, cutoff)
    assert len(set(edge_row[chosen])) == len(set(edge_column[chosen])) == len(chosen)
    assert (edge_cost[chosen] < cutoff).all()
    dense = np.where(mask, np.minimum(cost, cutoff), cutoff)
    r, c = linear_sum_assignment(dense)
    assert edge_cost[chosen].sum() + cutoff * (min(rows, columns) - len(chosen)) == pytest.approx(dense[r, c].sum())


@settings(deadline=None, max_examples=100)
@given(graphs())
def test_components_are_those_of_scipy(graph: tuple[int, int, np.ndarray, np.ndarray]) -> None:
    rows, columns, mask, _ = graph
    edge_row, edge_column = (a.astype(np.int64) for a in np.nonzero(mask))
    component, count = components(rows, columns, edge_row, edge_column)
    whole = np.zeros((rows + columns, rows + columns))
    whole[edge_row, rows + edge_column] = 1
    label = connected_components(whole, directed=False)[1]
    assert count == len(set(label[edge_row]))
    assert len(set(zip(component, label[edge_row], strict=True))) == count
