"""Scenes and their folders: the same seed gives the same bytes, and the files say what was played."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.cli.main import main
from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate import SCENES, Recording, make_scene, write_folder
from lowsky.simulate.describe import describe_sensor
from lowsky.wire.table import read_scenario
from lowsky.wire.table.sensors import SensorsFile, sensor_table

FILES = (
    "sensors.json", "truth_sensors.json", "plots.parquet", "looks.parquet", "truth.parquet", "sources.parquet",
)  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Recording:
    return make_scene("small", 1)


@pytest.fixture(scope="module")
def folder(small: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small")
    write_folder(path, small)
    return path


def _digests(folder: Path) -> list[str]:
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES]


def _columns(path: Path) -> dict[str, np.ndarray]:
    table = pq.read_table(path)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def test_same_seed_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    write_folder(tmp_path / "again", make_scene("small", 1))
    write_folder(tmp_path / "other", make_scene("small", 2))
    assert _digests(tmp_path / "again") == _digests(folder)
    other, mine = _digests(tmp_path / "other"), _digests(folder)
    assert other[0] == mine[0]  # the sensors stand where they stood
    assert other[1] == mine[1]
    assert all(a != b for a, b in zip(other[2:], mine[2:], strict=True))


def test_files_agree_with_what_was_played(folder: Path, small: Recording) -> None:
    plots, sources = _columns(folder / "plots.parquet"), _columns(folder / "sources.parquet")
    looks, truth = _columns(folder / "looks.parquet"), _columns(folder / "truth.parquet")
    described = json.loads((folder / "sensors.json").read_text())
    assert len(plots["time_s"]) == len(sources["source"]) == len(small.observation.reports)
    assert described["scenario"] == "small"
    assert described["duration_s"] == 40.0
    kinds = {s["id"]: s["kind"] for s in described["sensors"]}
    assert set(plots["sensor"]) <= set(kinds)
    assert set(looks["sensor"]) == set(kinds)
    radar = np.array([kinds[s].startswith("radar") for s in plots["sensor"]])
    assert (np.isfinite(plots["range_m"]) == radar).all()
    declared = plots["identity"] != ""
    assert (declared == np.isfinite(plots["lat"])).all()
    assert declared.any()
    seconds = np.unique(truth["time_s"])
    np.testing.assert_allclose(seconds, described["start_s"] + np.arange(41))
    assert (np.diff(plots["received_s"]) >= 0).all()


def test_real_plots_lie_on_the_truth_of_their_source(folder: Path) -> None:
    """Independent of the generator's frame: place the plots of the 3-D radar by its own description."""
    plots, sources = _columns(folder / "plots.parquet"), _columns(folder / "sources.parquet")
    truth = _columns(folder / "truth.parquet")
    radar = next(s for s in json.loads((folder / "sensors.json").read_text())["sensors"] if s["kind"] == "radar_3d")
    local = Frame(Origin(radar["lat"], radar["lon"], radar["height_m"]))
    at = local.to_enu(truth["lat"], truth["lon"], truth["height_m"])
    rows = np.flatnonzero((plots["sensor"] == radar["id"]) & (sources["source"] >= 0))
    assert len(rows) > 100
    for i in rows[::7]:
        own = truth["object"] == sources["source"][i]
        track = [np.interp(plots["time_s"][i], truth["time_s"][own], at[own, k]) for k in range(3)]
        off = np.hypot(track[0], track[1])
        assert np.linalg.norm(track) == pytest.approx(plots["range_m"][i], abs=5.0 * radar["sigma_range_m"])
        azimuth = np.degrees(np.arctan2(track[0], track[1])) - plots["azimuth_deg"][i]
        assert abs((azimuth + 180) % 360 - 180) < 5 * radar["sigma_azimuth_deg"] + np.degrees(3.0 / off)


@given(centre=st.floats(0, 6.28), width=st.floats(0.1, 6.2), low=st.floats(-1.5, 0.0), high=st.floats(0.1, 1.5))
def test_a_sensor_is_read_back_as_it_was_described(centre: float, width: float, low: float, high: float) -> None:
    sensor = Sensor(
        "s", SensorKind.CAMERA, 56.0, 11.0, 40.0, period_s=0.5, min_range_m=50.0, sees=(Kind.BIRD,),
        azimuth_centre_rad=centre, azimuth_width_rad=width, elevation_min_rad=low, elevation_max_rad=high,
    )  # fmt: skip
    entry = msgspec.convert({"sensors": [describe_sensor(sensor)]}, SensorsFile)
    read = sensor_table(entry, "made").sensors[0]
    for name in Sensor.__slots__:
        if name == "azimuth_centre_rad":
            assert abs(wrap_pi(read.azimuth_centre_rad - centre)) < 1e-9
        else:
            assert getattr(read, name) == (
                pytest.approx(getattr(sensor, name))
                if isinstance(getattr(sensor, name), float)
                else getattr(sensor, name)
            )


def test_the_folder_is_read_back_as_it_was_drawn(folder: Path, small: Recording) -> None:
    read, seen = read_scenario(folder), small.observation
    assert read.problems.rejected == 0
    assert (read.reports.quantities == seen.reports.quantities).all()
    np.testing.assert_allclose(read.reports.azimuth_rad, seen.reports.azimuth_rad, rtol=1e-12)
    np.testing.assert_array_equal(read.reports.range_m, seen.reports.range_m)
    assert np.abs(read.reports.time_ns - seen.reports.time_ns).max() < 1000  # float seconds in the file
    assert len(read.looks) == len(seen.looks)
    assert read.end_ns == small.start_ns + 40 * NS_PER_S


def test_night_has_what_it_says() -> None:
    night = make_scene("night", 3)
    counts = {kind: int((night.truth[0].kind == kind).sum()) for kind in Kind}
    assert counts[Kind.FIXED_WING] == 200
    assert counts[Kind.BIRD] == 40
    assert min(counts[Kind.MULTIROTOR], counts[Kind.BALLOON], counts[Kind.AIRCRAFT]) >= 1
    kinds = [s.kind for s in night.site.sensors]
    assert [kinds.count(k) for k in (SensorKind.RADAR_3D, SensorKind.CAMERA, SensorKind.COOPERATIVE)] == [4, 2, 1]
    assert night.duration_s == 180.0
    left = int((night.truth[-1].kind == Kind.FIXED_WING).sum())
    assert 50 < left < 190  # some waves have come, others are still on their way
    false = int((night.observation.source < 0).sum())
    assert false == pytest.approx(4 * 180 * 30 + 2 * 360 * 0.2, rel=0.05)


def test_command_writes_the_folder_and_says_what_is_in_it(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "small", "--seed", "1", "--out", str(tmp_path / "made")]) == 0
    assert "15 objects, 5 sensors" in capsys.readouterr().out
    assert _digests(tmp_path / "made") == _digests(folder)


@pytest.mark.parametrize(("scene", "seed", "said"), [("nihgt", "1", "'nihgt'"), ("small", "-4", "-4")])
def test_command_refuses_in_one_sentence(
    scene: str, seed: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", scene, "--seed", seed, "--out", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_every_scene_is_told_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "--help"])
    said = capsys.readouterr().out
    for name in SCENES:
        assert f"  {name} " in said
