"""Columns come back bit by bit; garbage is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.record.columns import (
    Cursor,
    put_floats,
    put_ints,
    put_text,
    take_floats,
    take_ints,
    take_text,
)
from lowsky.record.frames import DamageError

I64 = st.integers(-(2**63), 2**63 - 1)
ODD_BITS = (
    0x7FF8000000000000,  # the NaN that numpy writes
    0x7FF8000000000001,  # another
    -(0x0008000000000000),  # a negative one with a payload
    0x7FF0000000000001,  # a signalling one
    -(2**63),  # -0.0
    0,
    0x7FF0000000000000,  # infinity
    1,  # the least denormal
)
float_bits = st.sampled_from(ODD_BITS) | I64


@st.composite
def int_columns(draw: st.DrawFn) -> NDArray[np.int64]:
    """Constant, counting, narrow and wide ones."""
    n = draw(st.integers(0, 40))
    base = draw(I64)
    spread = draw(st.sampled_from([0, 1, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63]))
    if draw(st.booleans()):
        return (np.arange(n, dtype=np.uint64) + np.uint64(base % 2**64)).view(np.int64)
    values = [base + draw(st.integers(0, spread)) for _ in range(n)]
    return np.array([((v + 2**63) % 2**64) - 2**63 for v in values], dtype=np.int64)


@given(int_columns())
def test_whole_numbers_come_back(values: NDArray[np.int64]) -> None:
    cursor = Cursor(put_ints(values))
    back = take_ints(cursor, len(values), np.int64)
    cursor.done()
    assert back.dtype == np.int64
    assert np.array_equal(back, values)


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.uint8, np.int64])
def test_types_are_kept(dtype: type[Any]) -> None:
    info = np.iinfo(dtype)
    values = np.array([info.min, info.max, 0, 1], dtype=dtype)
    back = take_ints(Cursor(put_ints(values)), 4, dtype)
    assert back.dtype == dtype
    assert np.array_equal(back, values)


def test_narrow_columns_are_short() -> None:
    times_ns = 1_760_000_000_000_000_000 + np.arange(100) ** 2
    assert len(put_ints(times_ns)) == 9 + 200
    assert len(put_ints(np.arange(1000) + 7)) == 9
    assert len(put_ints(np.full(1000, -3))) == 9


def test_values_that_do_not_fit_their_type_are_damage() -> None:
    with pytest.raises(DamageError, match="uint16"):
        take_ints(Cursor(put_ints(np.array([0, 70_000]))), 2, np.uint16)


@st.composite
def float_columns(draw: st.DrawFn) -> list[NDArray[np.float64]]:
    """Columns of one batch: missing, equal, partly missing and plain ones, with every kind of NaN."""
    n, k = draw(st.integers(0, 20)), draw(st.integers(1, 6))
    columns = []
    for _ in range(k):
        pool = draw(st.lists(float_bits, min_size=1, max_size=4))
        bits = [draw(st.sampled_from(pool)) for _ in range(n)]
        columns.append(np.array(bits, dtype=np.int64).view(np.float64))
    return columns


@given(float_columns())
def test_floating_numbers_come_back_to_the_bit(columns: list[NDArray[np.float64]]) -> None:
    cursor = Cursor(put_floats(columns))
    back = take_floats(cursor, len(columns), len(columns[0]))
    cursor.done()
    for k, column in enumerate(columns):
        assert np.array_equal(back[k].view(np.int64), column.view(np.int64))


def test_missing_columns_cost_a_byte() -> None:
    missing = np.full(1000, np.nan)
    assert len(put_floats([missing] * 19)) == 19
    assert len(put_floats([np.full(1000, 2.5)])) == 1 + 8


@given(st.binary(max_size=200), st.integers(0, 30))
def test_garbage_is_refused_or_read_whole(data: bytes, n: int) -> None:
    for take in (lambda c: take_ints(c, n, np.int32), lambda c: take_floats(c, 3, n), take_text):
        cursor = Cursor(data)
        with contextlib.suppress(DamageError):  # and nothing else
            take(cursor)


@given(st.binary(max_size=50), st.binary(max_size=5))
def test_texts_come_back(text: bytes, behind: bytes) -> None:
    cursor = Cursor(put_text(text) + behind)
    assert take_text(cursor) == text
    assert bytes(cursor.take(len(behind))) == behind
    cursor.done()


def test_a_cursor_takes_neither_too_much_nor_backwards() -> None:
    cursor = Cursor(b"abc")
    for n in (4, -1):
        with pytest.raises(DamageError):
            cursor.take(n)
    with pytest.raises(DamageError, match="3 bytes too many"):
        cursor.done()
