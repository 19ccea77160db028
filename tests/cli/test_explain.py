"""`lowsky explain` on a small scene: its reports are those of the folder, and of one object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from lowsky.cli.explain import LINES, Life, describe, life_of
from lowsky.cli.main import main
from lowsky.simulate import make_scene, write_folder
from lowsky.wire.table import Scenario, read_input

NUMBER = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulator's small scene, seed 1."""
    folder = tmp_path_factory.mktemp("explain") / "small-1"
    write_folder(folder, make_scene("small", 1))
    return folder


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Scenario:
    """The same, read."""
    return read_input(folder)


@pytest.fixture(scope="module")
def life(scenario: Scenario) -> Life:
    """The life of one of its tracks."""
    return life_of(scenario, NUMBER)


def test_rows_name_reports_of_the_folder(folder: Path, scenario: Scenario, life: Life) -> None:
    plots = pq.read_table(folder / "plots.parquet").take(life.trace["raw"])
    assert plots["time_s"].to_numpy() == pytest.approx(life.trace["time_ns"] / 1e9, abs=1e-6)
    assert plots["sensor"].to_pylist() == [scenario.site.sensors[s].id for s in life.trace["sensor"]]


def test_reports_that_are_surely_the_tracks_come_from_one_object(folder: Path, life: Life) -> None:
    source = pq.read_table(folder / "sources.parquet")["source"].to_numpy()
    sure = source[life.trace["raw"][life.trace["association"] > 0.9]]
    assert len(sure) > 20
    objects, count = np.unique(sure, return_counts=True)
    assert objects[count.argmax()] >= 0
    assert count.max() / count.sum() > 0.95


def test_shown_as_in_the_tracks_written(folder: Path, scenario: Scenario, life: Life, tmp_path: Path) -> None:
    assert main(["track", str(folder), "--out", str(tmp_path / "t.parquet")]) == 0
    table = pq.read_table(tmp_path / "t.parquet")
    times = table["time_s"].to_numpy()[table["track"].to_numpy() == NUMBER]
    assert (len(times), times.min(), times.max()) == (life.rows, life.first_shown_ns / 1e9, life.last_shown_ns / 1e9)
    assert (np.diff(life.trace["time_ns"]) >= 0).all()
    assert life.trace["time_ns"][0] < life.first_shown_ns


def test_probabilities_are_probabilities(life: Life) -> None:
    for name in ("association", "existence_before", "existence_after"):
        assert ((life.trace[name] >= 0.0) & (life.trace[name] <= 1.0)).all()
    sure = life.trace["association"] > 0.99
    assert (life.trace["existence_after"][sure] > 0.9).all()


def test_lines(scenario: Scenario, life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    n = len(life.trace["raw"])
    assert n > LINES
    assert sum("->" in line for line in describe(scenario, life, 0)) == n
    few = list(describe(scenario, life, 5))
    assert sum("->" in line for line in few) == 5
    assert f"and {n - 5} more" in few[-1]


def test_a_track_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(folder), "4711"]) == 2
    assert "there is no track 4711; the tracks shown are 1 to" in capsys.readouterr().err
