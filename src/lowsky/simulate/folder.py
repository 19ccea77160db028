"""Writes a recording as a scenario folder: what `lowsky track` reads, and the truth that `lowsky score` judges by.

    sensors.json     where each sensor stands, how often it looks, how good it is (degrees in this file)
    plots.parquet    what the sensors report, in order of receipt
    looks.parquet    each look that a sensor finished, also those that saw nothing
    truth.parquet    where every object really was, each whole second
    sources.parquet  which object each row of plots.parquet came from, -1 for a false one

Frames and units: WGS-84 degrees, metres above the ellipsoid, azimuth in degrees clockwise from true north and
elevation in the tangent plane at the sensor, seconds since 1970; the truth's velocity is in the east-north-up of the
scene's site. What a sensor does not measure is NaN. A sensor with a limited view says so in azimuth_from_deg and
azimuth_to_deg (clockwise), elevation_from_deg and elevation_to_deg.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Sensor
from lowsky.model.timebase import s_from_ns

from .motion import STEP_S
from .night import Recording

Columns = dict[str, NDArray[np.generic]]

PLAIN_FIELDS = (
    "period_s", "min_range_m", "max_range_m", "detection_probability", "false_plots_per_scan", "sigma_range_m",
    "sigma_range_rate_mps", "sigma_position_m", "sigma_height_m", "resolution_range_m", "resolution_range_rate_mps",
)  # fmt: skip
ANGLE_FIELDS = ("sigma_azimuth", "sigma_elevation", "resolution_azimuth")


def write_folder(folder: Path, recording: Recording) -> None:
    """Write the five files of a recording into a folder, which is made if it is not there. Files that are there are
    replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {
        "scenario": recording.scene,
        "duration_s": recording.duration_s,
        "start_s": float(s_from_ns(recording.start_ns)),
        "sensors": [describe_sensor(s) for s in recording.site.sensors],
    }
    (folder / "sensors.json").write_text(json.dumps(head, indent=1) + "\n")
    seen = recording.observation
    ids = np.array([s.id for s in recording.site.sensors], dtype=object)
    for name, table in (
        ("plots", plot_columns(seen.reports, ids)),
        ("looks", look_columns(seen.looks, ids)),
        ("truth", truth_columns(recording)),
        ("sources", {"source": seen.source}),
    ):
        pq.write_table(pa.table(table), folder / f"{name}.parquet", compression="zstd")


def describe_sensor(sensor: Sensor) -> dict[str, object]:
    """A sensor as it stands in sensors.json: angles in degrees, kinds as words."""
    angles = {f"{name}_deg": math.degrees(getattr(sensor, f"{name}_rad")) for name in ANGLE_FIELDS}
    return {
        "id": sensor.id,
        "kind": sensor.kind.word,
        "lat": sensor.latitude_deg,
        "lon": sensor.longitude_deg,
        "height_m": sensor.height_m,
        **{name: getattr(sensor, name) for name in PLAIN_FIELDS},
        **angles,
        **_field_of_view(sensor),
        "false_height_m": list(sensor.false_height_m),
        "false_range_rate_mps": list(sensor.false_range_rate_mps),
        "sees": [kind.word for kind in sensor.sees],
    }


def _field_of_view(sensor: Sensor) -> dict[str, float]:
    """Clockwise from one azimuth to the other, left out where the sensor sees all round; least and greatest
    elevation."""
    view = {
        "elevation_from_deg": math.degrees(sensor.elevation_min_rad),
        "elevation_to_deg": math.degrees(sensor.elevation_max_rad),
    }
    if sensor.azimuth_width_rad < 2 * math.pi:
        half = sensor.azimuth_width_rad / 2
        view["azimuth_from_deg"] = math.degrees(sensor.azimuth_centre_rad - half) % 360.0
        view["azimuth_to_deg"] = math.degrees(sensor.azimuth_centre_rad + half) % 360.0
    return view


def plot_columns(reports: ReportBatch, sensor_ids: NDArray[np.object_]) -> Columns:
    """The columns of plots.parquet, (n,) each, in the order of the batch."""
    names = np.array([*reports.identities, ""], dtype=object)  # index -1 is the empty name
    return {
        "time_s": s_from_ns(reports.time_ns),
        "sensor": sensor_ids[reports.sensor],
        "range_m": reports.range_m,
        "azimuth_deg": np.degrees(reports.azimuth_rad),
        "elevation_deg": np.degrees(reports.elevation_rad),
        "range_rate_mps": reports.range_rate_mps,
        "rcs_dbsm": reports.rcs_dbsm,
        "identity": names[reports.identity],
        "lat": reports.latitude_deg,
        "lon": reports.longitude_deg,
        "height_m": reports.height_m,
        "received_s": s_from_ns(reports.received_ns),
    }


def look_columns(looks: LookBatch, sensor_ids: NDArray[np.object_]) -> Columns:
    """The columns of looks.parquet, (n,) each."""
    return {
        "sensor": sensor_ids[looks.sensor],
        "time_s": s_from_ns(looks.time_ns),
        "received_s": s_from_ns(looks.received_ns),
    }


def truth_columns(recording: Recording) -> Columns:
    """The columns of truth.parquet: each object that is there, each whole second, ordered by time, then object."""
    motion, every = recording.cast.motion, round(1.0 / STEP_S)
    second, who = np.nonzero(motion.alive[::every])
    latitude, longitude, height = Frame(recording.site.origin).to_geodetic(motion.position[::every][second, who])
    velocity = motion.velocity[::every][second, who]
    return {
        "time_s": float(s_from_ns(recording.start_ns)) + second.astype(np.float64),
        "object": who.astype(np.int32),
        "kind": np.array([Kind(k).word for k in motion.kind], dtype=object)[who],
        "lat": latitude,
        "lon": longitude,
        "height_m": height,
        "east_mps": velocity[:, 0],
        "north_mps": velocity[:, 1],
        "up_mps": velocity[:, 2],
    }
