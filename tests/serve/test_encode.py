"""Binary pictures against a decoder of its own."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowsky.serve.feed.columns import COLUMNS, DTYPES, Table, empty_table, take
from lowsky.serve.feed.encode import CHANGES, Stamp, encode, snapshot
from tests.serve.decoding import LETTERS, decode

HELLO = [list(column) for column in COLUMNS]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    n = draw(st.integers(0, 13))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return {
        name: np.frombuffer(rng.bytes(n * dtype.itemsize), dtype=dtype).copy()
        if name != "number"
        else np.arange(1.0, n + 1)
        for name, dtype in DTYPES.items()
    }


@given(tables(), st.lists(st.floats(1, 2**53), max_size=5))
def test_every_bit_arrives(table: Table, removed: list[float]) -> None:
    data = encode(CHANGES, table, np.array(removed), Stamp(1e12 + 0.25, 7, 1e12))
    message = decode(data, HELLO)
    assert (message.what, message.picture_ms, message.sequence, message.newest_report_ms) == (
        "changes", 1e12 + 0.25, 7.0, 1e12,
    )  # fmt: skip
    assert message.removed == removed
    for i, number in enumerate(table["number"].tolist()):
        for name, kind in COLUMNS:
            letter = LETTERS[kind][0]
            assert struct.pack("<" + letter, message.rows[number][name]) == table[name][
                i : i + 1
            ].tobytes() or np.isnan(table[name][i])


def test_a_snapshot_says_so_and_may_be_empty() -> None:
    message = decode(snapshot(empty_table(), Stamp(5.0, 1, 0.0)), HELLO)
    assert (message.what, message.rows, message.removed) == ("snapshot", {}, [])


def test_columns_are_those_of_the_description() -> None:
    words = [kind for _, kind in COLUMNS]
    assert words == ["f64"] * 5 + ["f32"] * 11 + ["u32"] * 2 + ["u8"] * 5
    assert [name for name, _ in COLUMNS][:3] == ["number", "lat", "lon"]


def test_take_keeps_columns_and_order() -> None:
    table = {name: np.arange(4).astype(dtype) for name, dtype in DTYPES.items()}
    taken = take(table, np.array([3, 1]))
    assert list(taken) == [name for name, _ in COLUMNS]
    assert taken["reports"].tolist() == [3, 1]
