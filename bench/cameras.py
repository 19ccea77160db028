"""A real drone before real cameras: a recording turned into a scenario folder, and tracks scored against its truth.

The recording (Li et al., "Reconstruction of 3D flight trajectories from ad-hoc camera networks", IROS 2020) has pixel
detections of one drone by up to six unsynchronised consumer cameras and centimetre truth; poses and clocks were fitted
on the first half of each flight, so that figures are taken on the second. Its own frame has no place on the earth and
is put somewhere. A frame without a detection becomes a look that saw nothing. What an owner would know goes into the
description of each camera: its error and its share of detected frames on the first half.

The recording is read where it lies and never copied into the project; folders made from it stay under build/.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

Array = NDArray[np.float64]
PLACE = Frame(Origin(47.4, 8.5, 450.0))  # anywhere: the recording's frame is local
EPOCH_S = 1_600_000_000.0  # any: its clock counts from the start of the truth
MAX_RANGE_M = 300.0
FALSE_PER_FRAME = 0.01  # the detections were made by hand; a detector's would not be free of false ones
CORRELATED_S = 0.1  # errors of neighbouring frames are alike so long: a second holds fewer than its frames
WITHIN_S = 0.15  # a camera sees the drone at an instant if it did so this shortly before and after
SAME_FRAME_S = 0.002  # a look and a bearing this near in time are of one frame
OTHER_RATE_FPS = 59.94006  # clock that the frame numbers of one recording were mapped to


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera: place and axes in the truth frame, clock, error of its bearings on the first half."""

    id: int
    centre_m: Array
    to_camera: Array  # (3, 3): right, down, forward as rows
    focal: tuple[float, float]
    middle: tuple[float, float]
    distortion: tuple[float, ...]
    size: tuple[int, int]
    clock: dict[str, float]
    sigma_deg: float  # one axis
    fps: float


@dataclass(frozen=True, slots=True)
class Recording:
    """One flight: cameras, truth (n, 4: t, east, north, up), bearings (m, 5: t, camera, frame, azimuth and elevation
    in degrees), looks (k, 2: t, camera), and the time that parts the fitted half from the other."""

    name: str
    cameras: tuple[Camera, ...]
    truth: Array
    bearings: Array
    looks: Array
    split_s: float


def read_recording(folder: Path) -> Recording:
    """One dataset folder with its `derived` files, calibrations beside it."""
    poses = json.loads((folder / "derived" / "poses.json").read_text())
    with gzip.open(folder / "derived" / "bearings.csv.gz", "rt") as file:
        bearings = np.array([[float(v) for v in row] for row in list(csv.reader(file))[1:]])
    bearings = bearings[np.argsort(bearings[:, 0], kind="stable")]
    truth = np.genfromtxt(folder / "derived" / "truth.csv", delimiter=",", skip_header=1)
    cameras = tuple(camera_of(folder.parent, pose, bearings) for pose in poses["cameras"])
    split_s = float(poses["t_split_s"])
    looks = np.concatenate([frames(folder, camera, split_s) for camera in cameras])
    looks = looks[np.argsort(looks[:, 0], kind="stable")]
    inside = (looks[:, 0] >= bearings[0, 0] - 1.0) & (looks[:, 0] <= bearings[-1, 0] + 1.0)
    return Recording(folder.name, cameras, truth, bearings, looks[inside], split_s)


def camera_of(root: Path, pose: dict[str, Any], bearings: Array) -> Camera:
    """A camera of `poses.json` with its calibration; the error of two axes together is shared between them."""
    calibration = json.loads((root / pose["calibration"]).read_text())
    k, scale = calibration["K-matrix"], pose["focal_scale"]
    own = np.unique(bearings[bearings[:, 1] == pose["id"], 0])
    clock = {name: value for name, value in pose["time"].items() if name != "formula"}
    return Camera(
        id=int(pose["id"]),
        centre_m=np.array(pose["centre_m"]),
        to_camera=np.array(pose["R_world_to_camera"]),
        focal=(k[0][0] * scale, k[1][1] * scale),
        middle=(k[0][2], k[1][2]),
        distortion=tuple(calibration["distCoeff"]),
        size=(int(calibration["resolution"][0]), int(calibration["resolution"][1])),
        clock=clock,
        sigma_deg=float(pose["angular_error_fit_half"]["rms_deg"]) / math.sqrt(2.0),
        fps=float(1.0 / np.median(np.diff(own))),
    )


def frames(folder: Path, camera: Camera, split_s: float) -> Array:
    """Time and camera (n, 2) of every video frame, also of those in which the drone was not found."""
    lines = (folder / "detections" / f"cam{camera.id}.txt").read_text().splitlines()
    rows = [line.split() for line in lines]
    found = np.array([[float(v) for v in row[:3]] for row in rows if row and row[0][0].isdigit()])
    seen = found[:, 1:].any(axis=1)
    y_px = np.where(seen, found[:, 2], camera.size[1] / 2)
    return np.column_stack([frame_time(camera, found[:, 0], y_px, split_s), np.full(len(found), camera.id)])


def frame_time(camera: Camera, frame: Array, y_px: Array, split_s: float) -> Array:
    """Truth time of frame numbers: offset, slow drift, and the row at which a rolling shutter read the drone."""
    c = camera.clock
    if "alpha" in c:
        t0 = (frame - c["beta"]) / c["alpha"] / OTHER_RATE_FPS + c["offset_s"]
    else:
        t0 = frame / c["fps"] + c["offset_s"]
    when: Array = t0 + c["dt_s"] + c["rate"] * (t0 - split_s) + c["readout_s"] * (y_px / camera.size[1])
    return when


def direction(azimuth_deg: Array, elevation_deg: Array) -> Array:
    """Unit vectors (..., 3) east, north, up."""
    az, el = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.stack([np.sin(az) * np.cos(el), np.cos(az) * np.cos(el), np.sin(el)], axis=-1)


def in_picture(camera: Camera, points_m: Array) -> NDArray[np.bool_]:
    """Which points (n, 3) of the truth frame fall into the picture, lens distortion (k1 k2 p1 p2 k3) included."""
    right, down, forward = camera.to_camera @ (points_m - camera.centre_m).T
    x, y = right / np.maximum(forward, 1e-6), down / np.maximum(forward, 1e-6)
    k1, k2, p1, p2, k3 = (*camera.distortion, 0.0)[:5]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    u = camera.focal[0] * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)) + camera.middle[0]
    v = camera.focal[1] * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y) + camera.middle[1]
    # beyond that radius the polynomial folds back into the picture
    near = (forward > 0) & (radial > 0.3) & (r2 < 4.0)
    inside: NDArray[np.bool_] = near & (u >= 0) & (u < camera.size[0]) & (v >= 0) & (v < camera.size[1])
    return inside


def field_of_view(camera: Camera) -> dict[str, float]:
    """The smallest span of azimuths and elevations that holds the picture, on a grid of one degree."""
    az, el = (a.ravel() for a in np.meshgrid(np.arange(0.0, 360.0), np.arange(-10.0, 90.0)))
    inside = in_picture(camera, camera.centre_m + 50.0 * direction(az, el))
    taken = np.unique(az[inside])
    gaps = np.diff(np.append(taken, taken[0] + 360.0))
    first = int(np.argmax(gaps)) + 1
    low, high = float(taken[first % len(taken)]), float(taken[first - 1])
    span = {"elevation_from_deg": float(el[inside].min()) - 1.0, "elevation_to_deg": float(el[inside].max()) + 1.0}
    if gaps.max() < 3.0:  # the zenith is in the picture
        return span
    return {**span, "azimuth_from_deg": low - 1.0, "azimuth_to_deg": high + 1.0}


def detected_share(recording: Recording, camera: Camera) -> float:
    """Share of the frames of the first half, with the drone in the picture, in which it was found."""
    looks = recording.looks[(recording.looks[:, 1] == camera.id) & (recording.looks[:, 0] < recording.split_s), 0]
    own = recording.bearings[recording.bearings[:, 1] == camera.id, 0]
    there = np.column_stack([np.interp(looks, recording.truth[:, 0], recording.truth[:, i]) for i in (1, 2, 3)])
    inside = looks[in_picture(camera, there)]
    nearest = np.clip(np.searchsorted(own, inside), 1, len(own) - 1)
    found = np.minimum(np.abs(own[nearest] - inside), np.abs(own[nearest - 1] - inside)) < SAME_FRAME_S
    return float(np.clip(found.sum() / max(len(inside), 1), 0.05, 0.99))


def sensor_entry(recording: Recording, camera: Camera) -> dict[str, Any]:
    """The camera as `sensors.json` describes it."""
    lat, lon, height = (float(v) for v in PLACE.to_geodetic(camera.centre_m))
    sigma_deg = camera.sigma_deg * math.sqrt(max(1.0, 2.0 * CORRELATED_S * camera.fps))
    return dict(
        id=f"cam{camera.id}", kind="camera", lat=lat, lon=lon, height_m=height, period_s=1.0 / camera.fps,
        max_range_m=MAX_RANGE_M, detection_probability=detected_share(recording, camera),
        false_plots_per_scan=FALSE_PER_FRAME, sigma_azimuth_deg=sigma_deg, sigma_elevation_deg=sigma_deg,
        **field_of_view(camera),
    )  # fmt: skip


def write_folder(recording: Recording, folder: Path) -> Path:
    """The recording as a scenario folder; its seconds count from a whole second before the first bearing, so that ticks
    of 0.2 s fall on the truth's instants."""
    folder.mkdir(parents=True, exist_ok=True)
    first_s, last_s = recording.bearings[0, 0], recording.bearings[-1, 0]
    start_s = EPOCH_S + math.floor(first_s) - 1.0
    duration_s = math.ceil(last_s) + EPOCH_S - start_s
    sensors = [sensor_entry(recording, camera) for camera in recording.cameras]
    about = dict(scenario=recording.name, start_s=start_s, duration_s=duration_s, sensors=sensors)
    (folder / "sensors.json").write_text(json.dumps(about, indent=1))
    b = recording.bearings
    ids = np.array([f"cam{int(camera)}" for camera in b[:, 1]])
    when = EPOCH_S + b[:, 0]
    nothing = np.full(len(b), np.nan)
    plots = dict(time_s=when, received_s=when, sensor=ids, azimuth_deg=b[:, 3] % 360.0, elevation_deg=b[:, 4])
    for name in ("range_m", "range_rate_mps", "rcs_dbsm", "lat", "lon", "height_m"):
        plots[name] = nothing
    pq.write_table(pa.table(plots), folder / "plots.parquet")
    when = EPOCH_S + recording.looks[:, 0]
    ids = np.array([f"cam{int(camera)}" for camera in recording.looks[:, 1]])
    pq.write_table(pa.table(dict(sensor=ids, time_s=when, received_s=when)), folder / "looks.parquet")
    return folder
