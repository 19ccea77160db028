"""Scenario folders cut short, the yardstick on a scenario, and the programs around them, on a scenario made here."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import folders, reference, stonesoup_side
from bench.stonesoup_setups import SETUPS
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

START_S = 1_700_000_000.0
FRAME = Frame(Origin(50.0, 8.0, 100.0))
SENSOR = dict(
    id="r", kind="radar_3d", lat=50.0, lon=8.0, height_m=100.0, sigma_range_m=5.0, sigma_azimuth_deg=0.3,
    sigma_elevation_deg=0.3, sigma_range_rate_mps=0.5, sigma_position_m=5.0, sigma_height_m=8.0,
    max_range_m=9000.0, detection_probability=0.9, false_plots_per_scan=1.0, false_height_m=(0.0, 500.0),
    false_range_rate_mps=(-60.0, 60.0),
)  # fmt: skip


def way(time_s: np.ndarray) -> np.ndarray:
    """One object, 20 m/s due east at 120 m, 800 m north of the radar."""
    return np.stack([-400 + 20 * time_s, 800 + 0 * time_s, 120 + 0 * time_s], axis=-1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of 40 s: one object, one radar, one false plot a second, reports received 0.1 s late."""
    rng = np.random.default_rng(3)
    out = tmp_path_factory.mktemp("scenario")
    about = dict(scenario="small", start_s=START_S, duration_s=40, sensors=[SENSOR])
    (out / "sensors.json").write_text(json.dumps(about))
    (out / "judge.json").write_text(json.dumps(dict(scenario="small", seed=1, c_m=50.0, origin=[50.0, 8.0, 100.0])))
    t = np.arange(0.5, 40.0)
    at = way(t)
    far = np.linalg.norm(at, axis=1)
    true = [far, np.degrees(np.arctan2(at[:, 0], at[:, 1])), np.degrees(np.arcsin(at[:, 2] / far)), 20 * at[:, 0] / far]
    measured = [v + rng.normal(0, s, 40) for v, s in zip(true, (5.0, 0.3, 0.3, 0.5), strict=True)]
    false = [rng.uniform(*span, 40) for span in ((500, 3000), (0, 360), (1, 5), (-50, 50))]
    names = ("range_m", "azimuth_deg", "elevation_deg", "range_rate_mps")
    columns = {n: np.stack([m, f], 1).ravel() for n, m, f in zip(names, measured, false, strict=True)}
    columns["azimuth_deg"] %= 360.0
    nothing = np.full(80, np.nan)
    when = START_S + np.repeat(t, 2)
    plots = dict(time_s=when, received_s=when + 0.1, sensor=np.array(["r"] * 80), **columns)
    plots |= dict(lat=nothing, lon=nothing, height_m=nothing)
    pq.write_table(pa.table(plots), out / "plots.parquet")
    pq.write_table(pa.table(dict(source=np.tile([0, -1], 40).astype(np.int32))), out / "sources.parquet")
    looks = dict(sensor=np.array(["r"] * 40), time_s=START_S + t, received_s=START_S + t + 0.1)
    pq.write_table(pa.table(looks), out / "looks.parquet")
    second = np.arange(0.0, 41.0)
    lat, lon, height = FRAME.to_geodetic(way(second))
    truth = dict(time_s=START_S + second, object=np.zeros(41, dtype=np.int32), lat=lat, lon=lon, height_m=height)
    pq.write_table(pa.table(truth), out / "truth.parquet")
    return out


def test_a_cut_holds_what_was_received_by_then(folder: Path, tmp_path: Path) -> None:
    part = stonesoup_side.cut(folder, 20.0, tmp_path / "part")
    plots, sources = reference.read(part / "plots.parquet"), reference.read(part / "sources.parquet")
    assert len(plots["time_s"]) == len(sources["source"]) == 40
    assert plots["received_s"].max() <= START_S + 20
    assert reference.read(part / "truth.parquet")["time_s"].max() == START_S + 20
    assert len(reference.read(part / "looks.parquet")["time_s"]) == 20
    assert json.loads((part / "sensors.json").read_text())["duration_s"] == 20.0


def test_perfect_association_follows_the_object(folder: Path) -> None:
    rows = reference.track(folder, reference.DEFAULTS)
    second = rows["time_s"] - START_S
    assert second[0] == 1.0  # its first report is received at 0.6 s
    off = FRAME.to_enu(rows["lat"], rows["lon"], rows["height_m"]) - way(second)
    late = second > 10
    assert np.hypot(off[late, 0], off[late, 1]).mean() < 5.0
    assert rows["east_mps"][-1] == pytest.approx(20.0, abs=1.5)
    nees = (off[late, 0] ** 2 / rows["cov_ee"][late]).mean()
    assert 0.1 < nees < 4.0


def test_rows_wait_for_the_report_asked_for_and_end_when_told(folder: Path) -> None:
    seconds = reference.track(folder, reference.DEFAULTS, show_from=3, hold="0")["time_s"] - START_S
    assert (seconds.min(), seconds.max()) == (3.0, 39.0)


def test_a_row_does_not_know_what_comes_later(folder: Path, tmp_path: Path) -> None:
    part = stonesoup_side.cut(folder, 20.0, tmp_path / "part")
    whole, short = (reference.track(f, reference.DEFAULTS) for f in (folder, part))
    n = len(short["lat"])
    assert n == 20
    np.testing.assert_array_equal(whole["lat"][:n], short["lat"])


def test_settings_can_be_changed_and_models_added() -> None:
    settings = reference.with_settings(["steady.along=0.5", "turning.turn_deg=4"], None)
    assert settings["steady"]["along"] == 0.5
    assert settings["turning"]["turn_deg"] == 4.0
    assert reference.DEFAULTS["steady"]["along"] != 0.5
    models, leave, share, start = reference.model_bank(settings)
    assert models.shape == (4, 5)
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert start.sum() == pytest.approx(1.0)
    assert len(leave) == 4


def test_the_same_reports_reach_stone_soup_in_its_own_angles(folder: Path) -> None:
    told = stonesoup_side.Measurements(folder)
    scans = list(told.scans())
    assert len(scans) == 40
    assert sum(count for _, count, _ in scans) == 80
    at_s, _, (when, found) = scans[20]
    assert when.timestamp() == START_S + at_s
    places = [np.asarray(d.measurement_model.inverse_function(d), dtype=float).ravel()[[0, 2, 4]] for d in found]
    above_ellipsoid = way(np.array(at_s)) + np.array([0.0, 0.0, 100.0])  # its frame has height 0 there
    assert min(np.linalg.norm(place - above_ellipsoid) for place in places) < 30.0


@pytest.mark.parametrize("setup", sorted(SETUPS))
def test_stone_soup_finds_the_one_object(folder: Path, setup: str) -> None:
    told = stonesoup_side.Measurements(folder)
    feed, rows, spent_s = stonesoup_side.followed(told, SETUPS[setup], 60.0)
    assert feed.used == 80
    assert spent_s > 0
    last = told.table(rows)
    now = last["time_s"] == START_S + 38
    assert now.sum() >= 1
    lat, lon, height = (np.asarray(last[name])[now] for name in ("lat", "lon", "height_m"))
    off = FRAME.to_enu(lat, lon, height) - way(np.array([38.0]))
    assert np.linalg.norm(off, axis=1).min() < 20.0


def test_a_missing_shared_folder_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOWSKY_SHARED", str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit, match="LOWSKY_SHARED"):
        folders.shared_folder()


def test_a_failed_run_says_what_the_command_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="status 2"):
        folders.track(tmp_path / "nothing", tmp_path / "out.parquet")
