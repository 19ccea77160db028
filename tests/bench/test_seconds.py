"""Counts second by second, and ghosts, on scenes of a few rows."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import seconds

START_S = 1000.0
DURATION_S = 30


def scene(folder: Path) -> Path:
    """Two objects a kilometre apart that stand still; the second is first seen at second 20."""
    folder.mkdir()
    (folder / "sensors.json").write_text(json.dumps({"start_s": START_S, "duration_s": DURATION_S}))
    (folder / "judge.json").write_text(json.dumps({"c_m": 50.0}))
    when = np.repeat(np.arange(DURATION_S), 2)
    who = np.tile([0, 1], DURATION_S)
    truth = {"time_s": START_S + when, "object": who, "lat": 50.0 + 0.01 * who, "lon": 8.0 + 0 * who}
    truth["height_m"] = 0.0 * who
    pq.write_table(pa.table(truth), folder / "truth.parquet")
    pq.write_table(pa.table({"source": [-1, 0, 1]}), folder / "sources.parquet")
    plots = {"range_m": [1.0, 1.0, 1.0], "lat": [np.nan] * 3, "received_s": START_S + np.array([0.0, 1.0, 20.0])}
    pq.write_table(pa.table(plots), folder / "plots.parquet")
    return folder


def shown(path: Path, rows: list[tuple[int, str, float]], group_n: list[int] | None = None) -> Path:
    """Tracks at (second, name, latitude)."""
    when, name, lat = zip(*rows, strict=True)
    table = {"time_s": START_S + np.array(when), "track": name, "lat": lat, "lon": [8.0] * len(rows)}
    table["height_m"] = [0.0] * len(rows)
    if group_n:
        table["group_n"] = group_n
    pq.write_table(pa.table(table), path)
    return path


def test_seconds_with_the_right_number_are_counted(tmp_path: Path) -> None:
    """One track all the time is right for the ten scored seconds before the second object is owed, of twenty."""
    folder = scene(tmp_path / "scene")
    tracks = shown(tmp_path / "t.parquet", [(s, "a", 50.0) for s in range(DURATION_S)])
    assert seconds.figures(folder, tracks)["count_right"] == pytest.approx(0.5)


def test_a_group_counts_as_many_as_it_says(tmp_path: Path) -> None:
    folder = scene(tmp_path / "scene")
    tracks = shown(
        tmp_path / "t.parquet",
        [(s, "a", 50.0) for s in range(DURATION_S)],
        [1 if s < 20 else 2 for s in range(DURATION_S)],
    )
    assert seconds.figures(folder, tracks)["count_right"] == 1.0


def test_the_longest_ghost_is_found(tmp_path: Path) -> None:
    """A track that passes an object for three seconds is none, one that never did is."""
    rows = [(s, "a", 50.0) for s in range(DURATION_S)]
    rows += [(s, "ghost", 50.005) for s in range(5, 12)]
    rows += [(s, "was right", 50.0 if s < 8 else 50.005) for s in range(5, 25)]
    tracks = shown(tmp_path / "t.parquet", rows)
    assert seconds.figures(scene(tmp_path / "scene"), tracks)["ghost_s"] == 7
