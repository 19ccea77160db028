"""Records written in columns are those written one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.wire.asterix.reading import read_block
from lowsky.wire.asterix.system_server import SystemTracks
from lowsky.wire.asterix.system_track import Source
from lowsky.wire.asterix.templates import Column, write_columns
from lowsky.wire.asterix.writing import datablock, encode
from tests.airs import air

SITE: dict[tuple[str, ...], Column] = {("010", "SAC"): Column(25), ("010", "SIC"): Column(1)}


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_tracks_written_in_columns_are_those_written_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 8
    lower = np.tril(rng.normal(size=(n, 6, 6))) * rng.uniform(1.0, 200.0) + np.eye(6)
    rows = air(
        list(range(1, n + 1)), status=rng.integers(1, 3, n), kind=rng.integers(0, 7, n),
        latitude_deg=rng.uniform(-89.0, 89.0, n), longitude_deg=rng.uniform(-180.0, 180.0, n),
        velocity_mps=rng.normal(size=(n, 3)) * 300.0, covariance=lower @ np.swapaxes(lower, 1, 2),
        identity=[("", "F00A0B", "DLH123", "200000001")[int(i)] for i in rng.integers(0, 4, n)],
    )  # fmt: skip
    (datagram,), _ = SystemTracks(Source(25, 100, emitters=True)).batch(rows, False)
    assert encode(62, read_block(datagram), "1.20") == datagram


def test_values_go_to_their_bits() -> None:
    columns: dict[tuple[str, ...], Column] = {
        **SITE,
        ("140",): Column(np.array([1.0, 86_399.9921875])),
        ("040", "RHO"): Column(np.array([1.0, 255.99609375])),
        ("040", "THETA"): Column(np.array([90.0, 359.9945])),
        ("240",): Column(np.array(["AB", "Z9"], dtype=object)),
    }
    first, second = write_columns(48, "1.31", columns, 2)
    ours = read_block(datablock(48, first + second))
    assert [r["140"] for r in ours] == [1.0, 86_399.9921875]
    assert [r["040"]["RHO"] for r in ours] == [1.0, 255.99609375]
    assert [r["240"] for r in ours] == ["AB      ", "Z9      "]
    assert encode(48, ours, "1.31") == datablock(48, first + second)


def test_rows_without_an_item_are_shorter_and_stay_in_their_place() -> None:
    has = np.array([True, False, True, False])
    columns: dict[tuple[str, ...], Column] = {
        **SITE,
        ("140",): Column(np.arange(4.0), has),
        ("161", "TRN"): Column(np.arange(4)),
    }
    records = write_columns(48, "", columns, 4)
    assert [len(r) for r in records] == [9, 6, 9, 6]
    assert [r.get("140") for r in read_block(datablock(48, b"".join(records)))] == [0.0, None, 2.0, None]
    assert [r["161"]["TRN"] for r in read_block(datablock(48, b"".join(records)))] == [0, 1, 2, 3]


def test_nothing_is_no_record() -> None:
    assert write_columns(48, "", {**SITE, ("140",): Column(np.empty(0))}, 0) == []


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({("999",): Column(1)}, "has no item '999'"),
        ({("010", "SAC"): Column(1)}, "010/SIC is missing"),
        ({**SITE, ("010", "SOC"): Column(1)}, "010/SOC is no field"),
        ({("140",): Column(np.array([1.0, 131_072.0]))}, "140: .*131072.* has no such bits"),
        ({("140",): Column(np.array([1.0, np.nan]))}, "140: .*nan.* has no such bits"),
        ({("140",): Column(-1.0)}, "140: .* has no such bits"),
        ({("240",): Column("a b")}, "240: "),
        ({("250", "BDSDATA"): Column(1)}, "250 is no item that is written in columns"),
    ],
)
def test_what_cannot_be_written_is_named(columns: dict[tuple[str, ...], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        write_columns(48, "", columns, 2)


def test_a_category_that_is_not_described() -> None:
    with pytest.raises(KeyError):
        write_columns(99, "", SITE, 1)
    with pytest.raises(KeyError):
        write_columns(48, "0.1", SITE, 1)
