"""Running a scenario: rows of every tick and none behind the end, settled or not, and figures that add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lowsky.cli.tracking import Run, track
from lowsky.simulate import make_scene, write_folder
from lowsky.wire.table import Scenario, read_input


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The simulator's small scene, seed 1: forty seconds, sensors of every kind that is used."""
    folder: Path = tmp_path_factory.mktemp("tracking") / "small-1"
    write_folder(folder, make_scene("small", 1))
    return read_input(folder)


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> Run:
    """All that comes of it, settled pictures too."""
    return track(scenario, settling=True)


def _seconds(tables: list[pa.Table], scenario: Scenario) -> list[float]:
    rows: list[float] = (pa.concat_tables(tables)["time_s"].to_numpy() - scenario.start_ns / 1e9).tolist()
    return rows


def _duration_s(scenario: Scenario) -> float:
    assert scenario.end_ns is not None
    return (scenario.end_ns - scenario.start_ns) / 1e9


def test_every_second_has_rows_to_the_end_of_the_scenario(scenario: Scenario, run: Run) -> None:
    seconds = _seconds(run.tables, scenario)
    assert max(seconds) == _duration_s(scenario)
    assert {second % 1.0 for second in seconds} == {0.0}
    table = pa.concat_tables(run.tables)
    assert set(table["status"].to_pylist()) <= {"confirmed", "coasting"}
    rows = list(zip(seconds, table["track"].to_pylist(), strict=True))
    assert len(set(rows)) == len(rows)
    assert set(table["track"].to_pylist()) == run.objects


def test_the_tick_that_settles_the_end_adds_no_rows_of_its_own(scenario: Scenario, run: Run) -> None:
    assert sorted(set(_seconds(run.settled, scenario))) == sorted(set(_seconds(run.tables, scenario)))
    plain = track(scenario)
    assert plain.settled == []
    assert pa.concat_tables(plain.tables).equals(pa.concat_tables(run.tables))


def test_rows_at_other_intervals_are_rows_of_the_same_picture(scenario: Scenario, run: Run) -> None:
    slow, every = (pa.concat_tables(tables) for tables in (track(scenario, every_s=5.0).tables, run.tables))
    fifth = every.filter(pa.array(np.array(_seconds([every], scenario)) % 5.0 == 0.0))
    assert slow["time_s"].equals(fifth["time_s"])
    for name in ("lat", "lon", "height_m"):
        assert np.sort(slow[name].to_numpy()) == pytest.approx(np.sort(fifth[name].to_numpy()), abs=1e-5)


def test_a_run_tells_of_every_report_and_every_sensor(scenario: Scenario, run: Run) -> None:
    assert run.counts["used"] + run.counts["waiting"] == len(scenario.reports)
    assert run.core_s > 0.0
    assert run.registration is not None
    assert len(run.registration.estimate) == len(scenario.site.sensors)
