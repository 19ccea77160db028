"""Scores of tracks of the camera recordings, and the two figures they are set beside: crossing lines, a plain filter.

Instants that count are those of the truth in the second half at which at least two cameras see the drone. Crossing
lines are a robust weighted least-squares point for each instant alone, between detections before and after it, so it
is not causal; the plain filter is a causal extended Kalman filter with nearly constant velocity, told that there is
one drone and nothing false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import imm
from bench.cameras import EPOCH_S, PLACE, WITHIN_S, Camera, Recording, direction

Array = NDArray[np.float64]
ROUNDS = 8  # of reweighting; the point moves less than a millimetre after five
PLAIN_DENSITY = 3.0  # m^2/s^3
PLAIN_DECAY_PER_S = 0.2  # without it the range runs away while one camera alone sees the drone


@dataclass(frozen=True, slots=True)
class Score:
    """Position errors (m) over the instants that count, and the life of the track."""

    instants: int
    missed: int  # instants without the track
    rmse_m: float
    median_m: float
    p95_m: float
    max_m: float
    nees: float  # three quantities: 3 is consistent
    tracks: int  # numbers shown in the second half; one is right
    longest_gap_s: float  # between rows of the track, in the second half

    @classmethod
    def of(cls, errors_m: Array, missed: int, nees: Array, tracks: int, longest_gap_s: float) -> Score:
        """From the errors at the instants that were held."""
        if not len(errors_m):
            nan = float("nan")
            return cls(missed, missed, nan, nan, nan, nan, nan, tracks, longest_gap_s)
        rmse_m, p95_m = float(np.sqrt((errors_m**2).mean())), float(np.percentile(errors_m, 95))
        median_m, max_m = float(np.median(errors_m)), float(errors_m.max())
        mean = float(nees.mean()) if len(nees) else float("nan")
        return cls(len(errors_m) + missed, missed, rmse_m, median_m, p95_m, max_m, mean, tracks, longest_gap_s)


def instants(recording: Recording) -> NDArray[np.int64]:
    """Rows of the truth in the second half at which two cameras or more see the drone."""
    count = np.zeros(len(recording.truth), dtype=np.int64)
    for camera in recording.cameras:
        count += np.isfinite(between(recording, camera)[:, 0])
    return np.flatnonzero((count >= 2) & (recording.truth[:, 0] >= recording.split_s))


def between(recording: Recording, camera: Camera) -> Array:
    """Direction (n, 3) in which a camera saw the drone at each row of the truth, NaN where it did not."""
    own = recording.bearings[recording.bearings[:, 1] == camera.id]
    when, lines = own[:, 0], direction(own[:, 3], own[:, 4])
    at = recording.truth[:, 0]
    after = np.searchsorted(when, at)
    ok = (after > 0) & (after < len(when))
    after = np.clip(after, 1, len(when) - 1)
    ok &= (at - when[after - 1] <= WITHIN_S) & (when[after] - at <= WITHIN_S)
    share = (at - when[after - 1]) / np.maximum(when[after] - when[after - 1], 1e-9)
    line: Array = lines[after - 1] * (1 - share)[:, None] + lines[after] * share[:, None]
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    line[~ok] = np.nan
    return line


def crossing_point(centres: Array, lines: Array, sigma_rad: Array) -> Array:
    """The point (3,) nearest to lines (m, 3) through centres (m, 3): least squares weighted by distance and error, a
    line that misses it by more than two sigmas counting less (Cauchy's weight)."""
    weight = np.ones(len(lines))
    across = np.eye(3) - lines[:, :, None] * lines[:, None, :]
    point = np.zeros(3)
    for _ in range(ROUNDS):
        left = (weight[:, None, None] * across).sum(axis=0)
        point = np.linalg.solve(left, (weight[:, None, None] * across @ centres[:, :, None]).sum(axis=0)[:, 0])
        off = point - centres
        far = np.linalg.norm(off, axis=1)
        miss_rad = np.linalg.norm((across @ off[:, :, None])[:, :, 0], axis=1) / far
        weight = 1.0 / (sigma_rad * far) ** 2 / (1.0 + (miss_rad / (2.0 * sigma_rad)) ** 2)
    return point


def crossing_lines(recording: Recording) -> Score:
    """Score of the crossing point of each instant alone."""
    rows = instants(recording)
    lines = np.stack([between(recording, camera)[rows] for camera in recording.cameras], axis=1)
    centres = np.array([camera.centre_m for camera in recording.cameras])
    sigma = np.radians([camera.sigma_deg * np.sqrt(2.0) for camera in recording.cameras])
    errors = []
    for row, line in zip(rows, lines, strict=True):
        ok = np.isfinite(line[:, 0])
        point = crossing_point(centres[ok], line[ok], sigma[ok])
        errors.append(np.linalg.norm(point - recording.truth[row, 1:]))
    return Score.of(np.array(errors), 0, np.empty(0), 1, 0.0)


def plain_filter(recording: Recording) -> Score:
    """Score of a plain constant-velocity filter over the whole flight, begun at the first crossing of two lines."""
    b = recording.bearings
    order = {camera.id: i for i, camera in enumerate(recording.cameras)}
    who = np.array([order[int(camera)] for camera in b[:, 1]])
    z, sigma = np.full((len(b), imm.MEASURED), np.nan), np.ones((len(b), imm.MEASURED))
    z[:, imm.AZIMUTH], z[:, imm.ELEVATION] = np.radians(b[:, 3]), np.radians(b[:, 4])
    per_camera = np.radians([camera.sigma_deg for camera in recording.cameras])
    sigma[:, imm.AZIMUTH] = per_camera[who] / np.cos(np.radians(b[:, 4]))
    sigma[:, imm.ELEVATION] = per_camera[who]
    begin = next(i for i in range(1, len(b)) if who[i] != who[i - 1] and b[i, 0] - b[i - 1, 0] < WITHIN_S)
    centres = np.array([camera.centre_m for camera in recording.cameras])
    two = [begin - 1, begin]
    point = crossing_point(centres[who[two]], direction(b[two, 3], b[two, 4]), per_camera[who[two]])
    follow: Any = imm.follow
    x, p, _ = follow(
        *(np.ascontiguousarray(a[begin:]) for a in (b[:, 0], b[:, 0], z, sigma, centres[who])),
        np.broadcast_to(np.eye(3), (len(b) - begin, 3, 3)).copy(),
        np.concatenate([point, np.zeros(3)]), np.diag([4.0] * 3 + [25.0] * 3), recording.truth[:, 0].copy(),
        np.array([[PLAIN_DENSITY, PLAIN_DENSITY, PLAIN_DENSITY, PLAIN_DECAY_PER_S, 0.0]]),
        np.zeros(1), np.zeros((1, 1)), np.ones(1),
    )  # fmt: skip
    rows = instants(recording)
    off = x[rows, :3] - recording.truth[rows, 1:]
    return Score.of(np.linalg.norm(off, axis=1), 0, normalised(off, p[rows, :3, :3]), 1, 0.0)


def normalised(off_m: Array, covariance: Array) -> Array:
    """Squared errors (n,) in units of the covariance (n, 3, 3)."""
    solved = np.linalg.solve(covariance, off_m[:, :, None])[:, :, 0]
    found: Array = (off_m * solved).sum(axis=1)
    return found


def tracked(recording: Recording, tracks: dict[str, NDArray[Any]]) -> Score:
    """Score of a tracks table. The drone's track is the one with most rows in the second half; every other is a second
    object that is not there."""
    tick = np.round((tracks["time_s"].astype(float) - EPOCH_S) * 5).astype(np.int64)  # row of the truth
    end = round(float(recording.bearings[-1, 0]) * 5)
    half = (tick >= np.ceil(recording.split_s * 5)) & (tick <= end)
    numbers, count = np.unique(tracks["track"][half], return_counts=True)
    rows = instants(recording)
    if not len(numbers):
        return Score.of(np.empty(0), len(rows), np.empty(0), 0, (end / 5) - recording.split_s)
    own = np.flatnonzero(half & (tracks["track"] == numbers[np.argmax(count)]))
    gap_s = float(np.diff(np.concatenate([[np.ceil(recording.split_s * 5)], tick[own], [end]])).max() / 5)
    _, at, of_track = np.intersect1d(rows, tick[own], return_indices=True)
    use = own[of_track]
    place = PLACE.to_enu(*(tracks[name][use].astype(float) for name in ("lat", "lon", "height_m")))
    off = place - recording.truth[rows[at], 1:]
    e, n, u = (f"cov_{a}" for a in ("ee", "nn", "uu"))
    nees = np.empty(0)
    if u in tracks:
        c = {name: tracks[name][use].astype(float) for name in (e, n, u, "cov_en", "cov_eu", "cov_nu")}
        matrix = np.array(
            [
                [c["cov_ee"], c["cov_en"], c["cov_eu"]],
                [c["cov_en"], c["cov_nn"], c["cov_nu"]],
                [c["cov_eu"], c["cov_nu"], c["cov_uu"]],
            ]
        )
        nees = normalised(off, np.moveaxis(matrix, -1, 0))
    return Score.of(np.linalg.norm(off, axis=1), len(rows) - len(use), nees, len(numbers), gap_s)
