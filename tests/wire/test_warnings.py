"""Notices as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lowsky.model.errors import InputError
from lowsky.model.notice import NOTICE_COLUMNS, NOTICE_DTYPES, Level, NoticeBatch, no_notices
from lowsky.model.place import Place, Shape
from lowsky.wire.warnings import check_warnings_path, warning_lines, write_warnings

PLACES = (Place("a", "A", Shape.POINT, ((0.0, 0.0),), 10.0), Place("b", "B", Shape.POINT, ((0.0, 1.0),), 10.0))
SECOND_NS = 1_000_000_000


def batch(**rows: list[float]) -> NoticeBatch:
    """Rows with 7 in every column that is not given."""
    n = len(next(iter(rows.values())))
    return NoticeBatch(
        **{name: np.array(rows.get(name, [7] * n), dtype=NOTICE_DTYPES[name]) for name in NOTICE_COLUMNS}
    )


def test_a_line_holds_what_is_known() -> None:
    (line,) = warning_lines(
        batch(
            time_ns=[1_750_000_000 * SECOND_NS + SECOND_NS // 2],
            place=[1],
            level=[Level.IMMINENT],
            arrival_ns=[1_750_000_030 * SECOND_NS],
            acknowledged_ns=[0],
            probability=[0.123456],
        ),
        PLACES,
    )
    assert line["time_s"] == 1_750_000_000.5
    assert (line["place"], line["level"]) == ("b", "imminent")
    assert line["arrival_s"] == 1_750_000_030.0
    assert line["acknowledged_s"] is None
    assert line["probability"] == 0.1235


def test_a_file_holds_all_rows_in_order(tmp_path: Path) -> None:
    path = tmp_path / "warnings.jsonl"
    batches = [batch(notice=[1, 2], place=[0, 1], level=[1, 2]), no_notices(), batch(notice=[3], place=[0], level=[0])]
    write_warnings(path, batches, PLACES)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(n["notice"], n["place"], n["level"]) for n in lines] == [
        (1, "a", "watch"),
        (2, "b", "warning"),
        (3, "a", "clear"),
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["warnings.jsonl"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "warnings.jsonl"):
        with pytest.raises(InputError, match=str(path.name)):
            check_warnings_path(path)
    with pytest.raises(InputError, match="cannot be written"):
        write_warnings(tmp_path / "none" / "warnings.jsonl", [], PLACES)
    check_warnings_path(tmp_path / "warnings.jsonl")


def test_half_a_file_is_never_left(tmp_path: Path) -> None:
    path = tmp_path / "warnings.jsonl"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_warnings(path, [no_notices()], PLACES)
    assert [p.name for p in tmp_path.iterdir()] == ["warnings.jsonl"]
