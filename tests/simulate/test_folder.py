"""Files: the bytes do not depend on how rows came, and they tell what is true and what is said."""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.cli.main import main
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.simulate import LiveScene, folder, record_scene
from lowsky.simulate.describe import describe_sensor
from lowsky.simulate.folder import TableFile
from lowsky.wire.table import read_scenario


@settings(max_examples=25)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_row_groups_do_not_depend_on_how_rows_came(counts: list[int]) -> None:
    total = sum(counts)
    values, words = np.arange(total, dtype=np.float64), np.array([f"w{i % 3}" for i in range(total)], dtype=object)
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(folder, "GROUP_ROWS", 32)
        for path, cuts in ((Path(name) / "a", counts), (Path(name) / "b", [total])):
            table, at = TableFile(path), 0
            for n in cuts:
                table.add({"value": values[at : at + n], "word": words[at : at + n]})
                at += n
            table.close()
            assert table.rows == total
        assert (Path(name) / "a").read_bytes() == (Path(name) / "b").read_bytes()
        read = pq.ParquetFile(Path(name) / "a")
        sizes = [read.metadata.row_group(i).num_rows for i in range(read.metadata.num_row_groups)]
        assert sum(sizes) == total
        assert all(size == 32 for size in sizes[:-1])
        assert read.read()["value"].to_pylist() == values.tolist()
        assert read.read()["word"].to_pylist() == words.tolist()


def test_the_truth_about_sensors_is_told_beside_what_is_said(tmp_path: Path) -> None:
    scene = LiveScene("harbour", 1)
    record_scene(tmp_path, scene, 2.0)
    said = {s["id"]: s for s in json.loads((tmp_path / "sensors.json").read_text())["sensors"]}
    true = {s["id"]: s for s in json.loads((tmp_path / "truth_sensors.json").read_text())["sensors"]}
    assert said.keys() == true.keys()
    assert "faults" not in said["camera-quay"]
    assert (said["camera-quay"]["detection_probability"], true["camera-quay"]["detection_probability"]) == (0.8, 0.55)
    assert true["camera-quay"]["faults"] == {"said": ["detection_probability"]}
    assert true["radar-plant"]["faults"]["outages_s"] == [[400.0, 460.0], [2460.0, 2500.0]]
    assert true["df-north"]["faults"] == {}


def test_the_harbours_folder_is_read_without_a_complaint(tmp_path: Path) -> None:
    scene = LiveScene("harbour", 1)
    record_scene(tmp_path, scene, 8.0)
    read = read_scenario(tmp_path)
    assert read.problems.rejected == 0
    assert [s.id for s in read.site.sensors] == [s.id for s in scene.site.sensors]
    again = LiveScene("harbour", 1)
    reports, looks = again.advance(again.start_ns + 8_000_000_000)
    assert len(read.reports) == len(reports)
    assert len(read.looks) == len(looks)
    assert (read.reports.quantities == reports.quantities).all()
    names = [np.array([*b.identities, ""])[b.identity] for b in (read.reports, reports)]
    assert (names[0] == names[1]).all()


def test_horizons_are_described_in_degrees() -> None:
    corners = ((0.5, 0.01), (3.0, 0.1))
    described = describe_sensor(Sensor("s", SensorKind.CAMERA, 1.0, 2.0, 3.0, horizon=corners))
    assert described["horizon"] == {
        "azimuth_deg": [pytest.approx(math.degrees(0.5)), pytest.approx(math.degrees(3.0))],
        "elevation_deg": [pytest.approx(math.degrees(0.01)), pytest.approx(math.degrees(0.1))],
    }
    assert "horizon" not in describe_sensor(Sensor("s", SensorKind.CAMERA, 1.0, 2.0, 3.0))


def test_the_command_takes_a_duration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "harbour", "--duration", "3", "--out", str(tmp_path / "a")]) == 0
    assert "10 sensors" in capsys.readouterr().out
    assert json.loads((tmp_path / "a" / "sensors.json").read_text())["duration_s"] == 3.0
    assert main(["simulate", "harbour", "--duration", "-3", "--out", str(tmp_path / "b")]) == 2
    assert "duration" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
