"""Recordings of cameras: projection, frame clocks, folders and scores, on a small flight made here."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import camera_score, cameras
from bench.cameras import EPOCH_S, PLACE, Camera, Recording

RATE_FPS, FIRST_FRAME_S, SPLIT_S = 25.0, 10.0, 15.0
STANDS = {0: (-40.0, 0.0, 1.0), 1: (40.0, 0.0, 2.0), 2: (0.0, -50.0, 1.5)}


def looking_at(place: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Rows right, down, forward of a level camera."""
    forward = (target - place) / np.linalg.norm(target - place)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])


def way(time_s: np.ndarray) -> np.ndarray:
    """The drone: a circle of 10 m at 30 m height."""
    angle = 0.4 * np.asarray(time_s)
    return np.stack([10 * np.cos(angle), 10 * np.sin(angle), 30 + 0 * angle], axis=-1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording on disk: three cameras of ten seconds, the third blind for a second."""
    root = tmp_path_factory.mktemp("cameras")
    folder = root / "dataset9"
    for name in ("derived", "detections"):
        (folder / name).mkdir(parents=True)
    (root / "calibration").mkdir()
    lens = {"K-matrix": [[1500, 0, 960], [0, 1500, 540], [0, 0, 1]], "distCoeff": [0, 0, 0, 0, 0]}
    (root / "calibration" / "lens.json").write_text(json.dumps({**lens, "resolution": [1920, 1080]}))
    truth_s = np.arange(0, 110) / 5
    rows = [",".join(f"{v:.6f}" for v in (t, *p)) for t, p in zip(truth_s, way(truth_s), strict=True)]
    (folder / "derived" / "truth.csv").write_text("t_s,east_m,north_m,up_m\n" + "\n".join(rows) + "\n")
    poses, lines = [], []
    for camera, place in STANDS.items():
        clock = dict(fps=RATE_FPS, offset_s=FIRST_FRAME_S + 0.01 * camera, dt_s=0.0, rate=0.0, readout_s=0.0)
        axes = looking_at(np.array(place), np.array([0.0, 0.0, 30.0]))
        error = {"rms_deg": 0.05}
        poses.append(dict(id=camera, calibration="calibration/lens.json", centre_m=place, focal_scale=1.0,
                          R_world_to_camera=axes.tolist(), time=clock, angular_error_fit_half=error))  # fmt: skip
        found = ["frame x y"]
        for frame in range(1, 251):
            t = FIRST_FRAME_S + 0.01 * camera + frame / RATE_FPS
            blind = camera == 2 and 17 <= t < 18
            found.append(f"{frame} 0.0 0.0" if blind else f"{frame} 960.0 540.0")
            if not blind:
                off = way(np.array(t)) - np.array(place)
                az = math.degrees(math.atan2(off[0], off[1])) % 360
                el = math.degrees(math.atan2(off[2], math.hypot(off[0], off[1])))
                lines.append(f"{t:.4f},{camera},{frame},{az:.6f},{el:.6f}")
        (folder / "detections" / f"cam{camera}.txt").write_text("\n".join(found) + "\n")
    (folder / "derived" / "poses.json").write_text(json.dumps(dict(t_split_s=SPLIT_S, cameras=poses)))
    with gzip.open(folder / "derived" / "bearings.csv.gz", "wt") as file:
        file.write("t_s,camera,frame,azimuth_deg,elevation_deg\n" + "\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def recording(dataset: Path) -> Recording:
    """The same, read."""
    return cameras.read_recording(dataset)


def test_every_frame_is_a_look_and_every_bearing_one_of_them(recording: Recording) -> None:
    assert len(recording.looks) == 750
    assert len(recording.bearings) == 725
    assert (np.diff(recording.bearings[:, 0]) >= 0).all()
    for camera in recording.cameras:
        looks = recording.looks[recording.looks[:, 1] == camera.id, 0]
        own = recording.bearings[recording.bearings[:, 1] == camera.id, 0]
        assert np.abs(looks[:, None] - own).min(axis=0).max() < 1e-4


def test_a_rolling_shutter_reads_lower_rows_later() -> None:
    clock = dict(fps=30.0, offset_s=100.0, dt_s=0.5, rate=0.001, readout_s=0.02)
    camera = Camera(0, np.zeros(3), np.eye(3), (1, 1), (0, 0), (0,) * 5, (1920, 1000), clock, 0.1, 30.0)
    top, bottom = cameras.frame_time(camera, np.array([60.0, 60.0]), np.array([0.0, 1000.0]), 92.0)
    assert top == pytest.approx(102.0 + 0.5 + 0.001 * 10.0)
    assert bottom - top == pytest.approx(0.02)


def test_frame_times_of_recordings_are_those_of_the_bearings_made_from_them(shared: Path) -> None:
    real = cameras.read_recording(shared / "data" / "cameras" / "dataset2")
    for camera in real.cameras:
        looks = real.looks[real.looks[:, 1] == camera.id, 0]
        own = real.bearings[real.bearings[:, 1] == camera.id, 0]
        after = np.clip(np.searchsorted(looks, own), 1, len(looks) - 1)
        assert np.minimum(abs(looks[after] - own), abs(looks[after - 1] - own)).max() < 1e-4


def test_a_picture_holds_what_lies_before_the_camera(recording: Recording) -> None:
    camera = recording.cameras[0]
    middle = np.array([[0.0, 0.0, 30.0]])
    behind = 2 * camera.centre_m - middle
    edge = camera.centre_m + 50.0 * (camera.to_camera[2] + 0.63 * camera.to_camera[0])
    beyond = camera.centre_m + 50.0 * (camera.to_camera[2] + 0.65 * camera.to_camera[0])
    inside = cameras.in_picture(camera, np.concatenate([middle, behind, edge[None], beyond[None]]))
    assert inside.tolist() == [True, False, True, False]


def test_the_field_of_view_holds_the_whole_flight_and_not_what_is_behind(recording: Recording) -> None:
    camera = recording.cameras[1]  # looks west
    view = cameras.field_of_view(camera)
    off = recording.truth[:, 1:] - camera.centre_m
    az = np.degrees(np.arctan2(off[:, 0], off[:, 1])) % 360
    assert (az > view["azimuth_from_deg"]).all()
    assert (az < view["azimuth_to_deg"]).all()
    assert 50 < view["azimuth_to_deg"] - view["azimuth_from_deg"] < 120
    assert view["elevation_from_deg"] < 25 < 50 < view["elevation_to_deg"]


def test_the_share_of_detected_frames_is_of_the_first_half(recording: Recording) -> None:
    assert cameras.detected_share(recording, recording.cameras[2]) == 0.99  # blind in the second half only


def test_a_folder_can_be_read_as_any_scenario(recording: Recording, tmp_path: Path) -> None:
    from lowsky.wire.table import read_scenario

    folder = cameras.write_folder(recording, tmp_path / "flight")
    scenario = read_scenario(folder)
    assert (len(scenario.reports), len(scenario.looks), scenario.problems.rejected) == (725, 750, 0)
    assert scenario.start_ns == round((EPOCH_S + 9) * 1e9)
    sensor = scenario.site.sensors[2]
    place = PLACE.to_enu(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    np.testing.assert_allclose(place, STANDS[2], atol=1e-6)
    expected_deg = 0.05 / math.sqrt(2) * math.sqrt(2 * cameras.CORRELATED_S * RATE_FPS)
    assert math.degrees(sensor.sigma_azimuth_rad) == pytest.approx(expected_deg)
    assert pq.read_table(folder / "plots.parquet")["azimuth_deg"].to_numpy().min() >= 0


@given(st.lists(st.floats(-80, 80), min_size=3, max_size=3))
def test_lines_through_one_point_cross_there(at: list[float]) -> None:
    point = np.array([at[0], at[1], abs(at[2]) + 10.0])
    centres = np.array([*STANDS.values()])
    lines = (point - centres) / np.linalg.norm(point - centres, axis=1, keepdims=True)
    found = camera_score.crossing_point(centres, lines, np.full(3, 1e-3))
    np.testing.assert_allclose(found, point, atol=1e-5)


def test_a_line_that_disagrees_counts_less() -> None:
    point = np.array([5.0, 20.0, 30.0])
    centres = np.array([*STANDS.values(), (30.0, 60.0, 1.0)])
    aim = np.array([point, point, point, np.array([11.0, 20.0, 30.0])])
    lines = (aim - centres) / np.linalg.norm(aim - centres, axis=1, keepdims=True)
    robust = camera_score.crossing_point(centres, lines, np.full(4, 1e-3))
    assert np.linalg.norm(robust - point) < 0.05


def test_both_figures_beside_are_small_on_exact_bearings(recording: Recording) -> None:
    lines, plain = camera_score.crossing_lines(recording), camera_score.plain_filter(recording)
    assert lines.instants == plain.instants == len(camera_score.instants(recording)) == 26
    assert lines.rmse_m < 0.02  # a chord of the circle
    assert plain.rmse_m < 0.1


def test_crossing_lines_are_those_published(shared: Path) -> None:
    real = cameras.read_recording(shared / "data" / "cameras" / "dataset2")
    found = camera_score.crossing_lines(real)
    assert (found.instants, round(found.rmse_m, 3), round(found.median_m, 2)) == (372, 0.117, 0.05)


def rows_of(recording: Recording, off_m: float, number: np.ndarray, take: np.ndarray) -> dict[str, np.ndarray]:
    """Tracks rows at the truth's instants, beside it by off_m towards east, with a sigma of off_m on each axis."""
    t = recording.truth[:, 0]
    lat, lon, height = PLACE.to_geodetic(recording.truth[:, 1:] + [off_m, 0.0, 0.0])
    n = len(t)
    columns = dict(time_s=EPOCH_S + t, track=number, lat=lat, lon=lon, height_m=height)
    for name in ("ee", "nn", "uu", "en", "eu", "nu"):
        columns[f"cov_{name}"] = np.full(n, off_m**2 if name[0] == name[1] else 0.0)
    return {name: values[take] for name, values in columns.items()}


def test_a_track_beside_the_truth_scores_its_distance(recording: Recording) -> None:
    n = len(recording.truth)
    score = camera_score.tracked(recording, rows_of(recording, 0.3, np.full(n, 7), np.ones(n, bool)))
    assert (score.instants, score.missed, score.tracks) == (26, 0, 1)
    assert score.rmse_m == pytest.approx(0.3, abs=1e-6)
    assert score.nees == pytest.approx(1.0, abs=1e-4)
    assert score.longest_gap_s == pytest.approx(0.2)


def test_gaps_and_second_objects_are_counted(recording: Recording) -> None:
    t = recording.truth[:, 0]
    number = np.where(t < 17.9, 1, 2)
    score = camera_score.tracked(recording, rows_of(recording, 0.3, number, (t < 16.5) | (t > 17.5)))
    assert score.tracks == 2
    assert score.missed > 0
    assert score.longest_gap_s >= 1.0


def test_no_track_at_all_is_said_so(recording: Recording) -> None:
    empty = rows_of(recording, 0.3, np.zeros(len(recording.truth)), np.zeros(len(recording.truth), bool))
    score = camera_score.tracked(recording, empty)
    assert (score.instants, score.missed, score.tracks) == (26, 26, 0)
    assert math.isnan(score.rmse_m)
