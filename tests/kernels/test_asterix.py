"""The compiled walk against the reader by the same descriptions, and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.kernels import asterix as kernel
from lowsky.kernels import asterix_items as steps
from lowsky.wire.asterix.description import CATEGORIES, category, name_of
from lowsky.wire.asterix.faults import AsterixError
from lowsky.wire.asterix.reading import read_record, records
from lowsky.wire.asterix.tables import Tables, make_tables
from lowsky.wire.asterix.walk import Walker, subject
from lowsky.wire.asterix.writing import encode
from tests.wire.asterix.items import datablocks, edition_of, lookup, record

NEWEST = {number: category(name_of(number)) for number in CATEGORIES}
WANTED = {
    48: ("010", "140", "020/TYP", "020/TST", "040/RHO", "040/THETA", "120/CAL/CAL", "120/RDS/DOP", "240", "250/BDS1"),
    62: ("105/LAT", "185/VY", "380/ADR", "500/APC/X", "510/TRACK", "040/@"),
    1: ("040/RHO", "161"),
    129: ("080/LON", "185/VX"),
}
TABLES = make_tables(NEWEST, WANTED)


def _walk(tables: Tables, *pieces: bytes) -> tuple[list[list[int]], list[dict[str, list[float]]]]:
    """Rows, and the columns wanted of each that is whole."""
    data = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    ends = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    table, cells = [], []
    for rows in Walker(tables).walk(data, ends):
        for i, row in enumerate(rows.table.tolist()):
            table.append(row)
            if row[kernel.FAULT] == 0:
                found = rows.cells(tables, row[kernel.CATEGORY], np.array([i]))
                cells.append({path: column.tolist() for path, column in found.items()})
    return table, cells


@pytest.mark.parametrize(
    "name",
    """random/cat010_ed1.1 random/cat015_ed1.2 random/cat016_ed1.0 random/cat019_ed1.3 random/cat020_ed1.10
    random/cat021_ed2.6 random/cat034_ed1.29 random/cat048_ed1.32 random/cat062_ed1.20 random/cat063_ed1.7
    random/cat065_ed1.6 random/cat205_ed1.0 random/cat240_ed1.3 samples/cat_034_048""".split(),
)
def test_records_of_the_fixtures_end_where_the_reader_ends(shared: Path, name: str) -> None:
    path = shared / "data" / "asterix" / f"{name}.ast"
    find = lookup(edition_of(path))
    data, expected = path.read_bytes(), []
    start = 0
    for block in datablocks(data):
        expected += [[start + a, start + b, block[0], 0] for _, a, b in records(block, find)]
        start += len(block)
    rows, _ = _walk(make_tables({n: find(n) for n in CATEGORIES}, {}), data)
    assert [row[: kernel.FAULT + 1] for row in rows] == expected


@settings(max_examples=150)
@given(data=st.data())
def test_columns_are_the_values_of_the_reader(data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(sorted(WANTED)))
    items = data.draw(st.lists(record(NEWEST[number]), min_size=1, max_size=4))
    block = encode(number, items)
    rows, cells = _walk(TABLES, block)
    assert [row[kernel.FAULT] for row in rows] == [0] * len(items)
    for row, found, said in zip(rows, cells, items, strict=True):
        assert read_record(NEWEST[number], block, row[kernel.AT], row[kernel.END]) == (said, row[kernel.END])
        for path, (value,) in found.items():
            expected = _value(said, path.split("/"))
            if path in ("010", "240", "040/@"):
                assert np.isnan(value) == (path[:3] not in said)
            else:
                np.testing.assert_equal(value, np.nan if expected is None else float(expected))


def _value(said: Any, path: list[str]) -> Any:
    """A value by its path, of the first element where there are several; None if it is not there."""
    if isinstance(said, list):
        said = said[0] if said else None
    if not path or not isinstance(said, dict):
        return None if path else next(iter(said.values())) if isinstance(said, dict) else said
    return _value(said.get(path[0]), path[1:])


@settings(max_examples=300)
@given(body=st.binary(max_size=60), number=st.sampled_from(CATEGORIES))
def test_garbage_ends_where_and_as_with_the_reader(body: bytes, number: int) -> None:
    block = bytes([number]) + (len(body) + 3).to_bytes(2, "big") + body
    rows, _ = _walk(TABLES, block)
    whole = [row for row in rows if row[kernel.FAULT] == 0]
    found: list[tuple[int, int]] = []
    try:
        found.extend((a, b) for _, a, b in records(block))
        fault = 0
    except AsterixError as error:
        fault = error.fault
        assert subject(TABLES, rows[-1])
    assert rows[-1][kernel.FAULT] == fault
    if fault == 0:
        assert [(row[kernel.AT], row[kernel.END]) for row in whole] == found
    else:
        assert rows[-1][kernel.END] == len(block)


def test_faults_cost_their_block_and_no_other() -> None:
    good = encode(48, [{"010": {"SAC": 1, "SIC": 2}, "161": {"TRN": 7}}])
    cut = bytes.fromhex("300006" + "01" + "0180")  # item 10 of the specification would be there, its octets are not
    pieces = (good + cut + good, good[:-1], b"\x30\x00", b"\x30\x00\x03" + good, b"\xf7\x00\x05\x01\x02" + good, good)
    rows, _ = _walk(TABLES, *pieces)
    assert [(row[kernel.CATEGORY], row[kernel.FAULT], row[kernel.PIECE]) for row in rows] == [
        (48, 0, 0),
        (48, steps.CUT, 0),
        (48, 0, 0),
        (48, steps.CUT, 1),
        (48, steps.GARBAGE, 2),
        (48, steps.SHORT, 3),
        (247, steps.UNKNOWN, 4),
        (48, 0, 4),
        (48, 0, 5),
    ]


def test_a_block_that_says_to_be_longer_than_it_is_still_gives_its_records() -> None:
    good = bytearray(encode(48, [{"010": {"SAC": 1, "SIC": 2}}] * 2))
    good[2] += 1
    rows, _ = _walk(TABLES, bytes(good))
    assert [row[kernel.FAULT] for row in rows] == [0, 0, steps.LONG]


def test_undefined_items_are_named_and_further_octets_are_skipped() -> None:
    rows, _ = _walk(TABLES, bytes.fromhex("3e0006" + "40" + "0000"))
    assert rows[0][kernel.FAULT] == steps.UNDEFINED
    assert subject(TABLES, rows[0]) == "item number 2 of category 062"
    octets = bytes.fromhex("30000b" + "20" + "01" * 6 + "00")  # item 020 with one octet more than edition 1.32 has
    rows, _ = _walk(TABLES, octets)
    assert (rows[0][kernel.FAULT], rows[0][kernel.END]) == (0, len(octets))
    assert next(records(octets))[0]["020"]["FX"] == "00"


def test_random_field_sequencing_of_category_001() -> None:
    """Item 21 of the specification is a count, then number and item each: here item 040 (3) and item 131 (10)."""
    body = bytes.fromhex("81" + "01" + "02" + "0102" + "02" + "03" + "0080" + "4000" + "0a" + "05")
    block = b"\x01" + (len(body) + 3).to_bytes(2, "big") + body
    assert [items for items, _, _ in records(block)] == [
        {"010": {"SAC": 1, "SIC": 2}, "040": {"RHO": 1.0, "THETA": 90.0}, "131": 5.0}
    ]
    rows, cells = _walk(TABLES, block)
    assert rows[0][kernel.FAULT] == 0
    assert cells[0]["040/RHO"] == [1.0]


def test_a_datablock_is_found_in_garbage_and_not_made_of_it() -> None:
    walker = Walker(TABLES)
    good = encode(48, [{"010": {"SAC": 1, "SIC": 2}, "161": {"TRN": 7}}])
    data = np.frombuffer(b"\x00\x30\xff" + good + good, dtype=np.uint8)
    assert walker.find(data, 0, 2048, False) == (True, 3)
    alone = np.frombuffer(b"\x00" + good, dtype=np.uint8)
    assert walker.find(alone, 0, 2048, False) == (False, 1)  # what follows it is not known yet
    assert walker.find(alone, 0, 2048, True) == (True, 1)
    assert walker.find(alone[:-1], 0, 2048, True)[0] is False
    assert walker.find(np.zeros(50, dtype=np.uint8), 0, 2048, False) == (False, 50)
