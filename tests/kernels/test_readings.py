"""Readings against the same rules written with whole arrays."""

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import layout
from lowsky.kernels.readings import fill_part
from lowsky.model.angles import wrap_pi
from lowsky.tracking.memory import table

VALUE = st.one_of(st.floats(-200, 200), st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))
ROW = st.tuples(st.booleans(), VALUE, VALUE, st.integers(0, 2))


@given(st.lists(ROW, max_size=30), st.integers(0, 3), st.booleans())
@examples(max_examples=60)
def test_a_part_counts_where_it_makes_sense(rows: list[tuple[Any, ...]], part: int, turned: bool) -> None:
    carries, value, sigma, sensor = (np.array([row[k] for row in rows], dtype=t) for k, t in enumerate("?ffi"))
    value, sigma = value.astype(np.float64), sigma.astype(np.float64)
    out = table(layout.REPORT, len(rows))
    out["sensor"] = sensor
    own = np.array([1.0, 2.0, 3.0])
    fill_part(out, part, carries, value, sigma, own, np.array([-100.0, 100.0, 50.0]), turned)
    has = carries & (value >= -100) & (value <= 100)
    expected = np.where(has, value, 0.0)
    assert np.array_equal(out["values"][:, part], wrap_pi(expected) if turned else expected)
    assert np.array_equal(out["parts"], np.where(has, 1 << part, 0))
    used = np.where((sigma > 0) & (sigma <= 50), sigma, own[sensor])
    assert np.array_equal(out["variance"][:, part], used**2)
