"""What is drawn: a scenario folder and a track table, cut to one moment and put on a plane.

Coordinates of the plane are east and north in metres in the frame at the middle of the sensors; at 20 km from it the
plane differs from the ground by centimetres in place and metres in height, which no picture shows. Ages are seconds
before the moment that is drawn. Only what had been received by that moment is drawn, truth excepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.report import Quantity, ReportBatch
from lowsky.model.sensor import Sensor, Site
from lowsky.model.timebase import NS_PER_S, s_from_ns
from lowsky.wire.table import read_scenario, read_tracks
from lowsky.wire.table.scenario import find_table

from ..scoring import truth_columns

Floats = NDArray[np.float64]
PLOT_TRAIL_S = 4.0  # raw plots older than a few looks say nothing about now
ELLIPSE_95 = float(np.sqrt(-2.0 * np.log(0.05)))  # radius of the 95 % ellipse of a 2-D Gaussian, in sigmas
ROW_S = 0.5  # a track's row this close to the moment is its present one; rows are a second apart


@dataclass(frozen=True, slots=True)
class Trails:
    """Points of many lines: which line (n,), place (n, 2) m, age (n,) s >= 0; ordered by line, then oldest first."""

    line: NDArray[np.int64]
    place: Floats
    age_s: Floats


@dataclass(frozen=True, slots=True)
class Present:
    """The objects shown at the moment, n rows."""

    track: NDArray[np.int64]
    place: Floats  # (n, 2) m
    height_m: Floats  # above the ellipsoid
    velocity: Floats  # (n, 2) m/s, NaN where the table has none
    covariance: Floats  # (n, 2, 2) m^2, NaN where the table has none
    coasting: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.track)


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the picture shows."""

    name: str
    time_s: float  # the moment, since 1970
    elapsed_s: float  # since the start of the scenario
    trail_s: float
    sensors: tuple[Sensor, ...]
    sensor_place: Floats  # (m, 2)
    trails: Trails
    present: Present
    plots: Floats  # (k, 2), ranges and directions only
    truth: Trails | None  # None: the folder has no truth
    truth_now: Floats  # (j, 2)


def load_view(folder: Path, tracks: Path, at_s: float | None = None, trail_s: float = 60.0) -> View:
    """Read a scenario folder and its tracks and cut them to one moment.

    Args:
        folder: `sensors.json`, plots, and perhaps `truth.parquet`.
        tracks: a track table of it.
        at_s: seconds after the scenario's start; None: the last second that the tracks have.
        trail_s: how far back trails reach.

    Raises:
        InputError: if a file cannot be read, or the moment or the trail is no time of the scenario.
    """
    scenario, rows = read_scenario(folder), read_tracks(tracks)
    frame, start_s = Frame(scenario.site.origin), float(s_from_ns(scenario.start_ns))
    moment = start_s + at_s if at_s is not None else _last(rows["time_s"], scenario.end_ns, start_s)
    if not 0 <= moment - start_s < 1e7 or (scenario.end_ns and moment * 1e9 > scenario.end_ns + NS_PER_S):
        raise InputError(f"--at: {moment - start_s:g} s after the start is not within the scenario of {folder}")
    if not trail_s >= 0:
        raise InputError(f"--trail: {trail_s:g} s is no length of time")
    truth, truth_now = _truth(folder, frame, moment, trail_s)
    here = frame.to_enu(rows["lat"], rows["lon"], rows["height_m"])[:, :2]
    return View(
        name=folder.resolve().name,
        time_s=moment,
        elapsed_s=moment - start_s,
        trail_s=trail_s,
        sensors=scenario.site.sensors,
        sensor_place=_sensor_places(frame, scenario.site),
        trails=_trails(rows["track"], rows["time_s"], here, moment, trail_s),
        present=_present(rows, here, moment),
        plots=_plots(frame, scenario.site, scenario.reports, moment),
        truth=truth,
        truth_now=truth_now,
    )


def _last(times_s: Floats, end_ns: int | None, start_s: float) -> float:
    if len(times_s):
        return float(times_s.max())
    return start_s if end_ns is None else float(s_from_ns(end_ns))


def _trails(line: NDArray[np.int64], time_s: Floats, place: Floats, moment: float, trail_s: float) -> Trails:
    """The points within the trail's time, of lines that are still there at the moment."""
    recent = (time_s <= moment + 1e-6) & (time_s >= moment - trail_s - 1e-6)
    alive = np.unique(line[recent & (time_s > moment - ROW_S)])
    keep = np.flatnonzero(recent & np.isin(line, alive))
    keep = keep[np.lexsort((time_s[keep], line[keep]))]
    return Trails(line[keep], place[keep], np.maximum(moment - time_s[keep], 0.0))


def _present(rows: dict[str, NDArray[Any]], place: Floats, moment: float) -> Present:
    now = np.flatnonzero(np.abs(rows["time_s"] - moment) <= ROW_S)
    # of two rows of one track near the moment the nearer one counts
    now = now[np.lexsort((np.abs(rows["time_s"][now] - moment), rows["track"][now]))]
    now = now[np.diff(rows["track"][now], prepend=-1) != 0] if len(now) else now
    missing = np.full(len(rows["time_s"]), np.nan)
    east, north = rows.get("east_mps", missing)[now], rows.get("north_mps", missing)[now]
    ee, nn, en = (rows.get(name, missing)[now] for name in ("cov_ee", "cov_nn", "cov_en"))
    status = rows.get("status")
    return Present(
        track=rows["track"][now],
        place=place[now],
        height_m=rows["height_m"][now],
        velocity=np.stack([east, north], axis=-1),
        covariance=np.stack([np.stack([ee, en], axis=-1), np.stack([en, nn], axis=-1)], axis=-2),
        coasting=np.zeros(len(now), dtype=np.bool_) if status is None else status[now] == "coasting",
    )


def _sensor_places(frame: Frame, site: Site) -> Floats:
    places = [(s.latitude_deg, s.longitude_deg, s.height_m) for s in site.sensors]
    return np.asarray(frame.to_enu(*np.array(places).T)[:, :2])


def _plots(frame: Frame, site: Site, reports: ReportBatch, moment: float) -> Floats:
    """Places of the reports that tell a place, received within the last seconds."""
    moment_ns = round(moment * 1e9)
    recent = (reports.received_ns <= moment_ns) & (reports.received_ns > moment_ns - round(PLOT_TRAIL_S * 1e9))
    polar = Quantity.RANGE | Quantity.AZIMUTH
    seen = reports.take(recent & ((reports.quantities & polar) == polar))
    flat_m = seen.range_m * np.cos(np.nan_to_num(seen.elevation_rad))
    at = _sensor_places(frame, site)[seen.sensor]
    return at + np.stack([flat_m * np.sin(seen.azimuth_rad), flat_m * np.cos(seen.azimuth_rad)], axis=-1)


def _truth(folder: Path, frame: Frame, moment: float, trail_s: float) -> tuple[Trails | None, Floats]:
    path = find_table(folder, "truth")
    if path is None:
        return None, np.empty((0, 2))
    columns = truth_columns(path)
    line = np.unique(columns["object"], return_inverse=True)[1].astype(np.int64).reshape(-1)
    time_s, here = columns["time_s"], frame.to_enu(columns["lat"], columns["lon"], columns["height_m"])[:, :2]
    trails = _trails(line, time_s, here, moment, trail_s)
    return trails, trails.place[trails.age_s <= ROW_S]
