"""Writes a scene as a scenario folder: what `lowsky track` reads, and the truth that `lowsky score` judges by.

    sensors.json         where each sensor is said to stand, how often it looks, how good it is (degrees in this file)
    plots.parquet        what the sensors report, in order of receipt
    looks.parquet        each look that a sensor finished, also those that saw nothing
    truth.parquet        where every object really was, each whole second
    sources.parquet      which object each row of plots.parquet came from, -1 for a false one
    places.json          the protected places, if the scene has any
    truth_sensors.json   the sensors as they truly are, and what is wrong with each

Frames and units: WGS-84 degrees, metres above the ellipsoid, azimuth in degrees clockwise from true north and
elevation in the tangent plane at the sensor, seconds since 1970; the truth's velocity is in the east-north-up of the
scene's site. What a sensor does not measure is NaN. A sensor with a limited view says so in azimuth_from_deg and
azimuth_to_deg (clockwise), elevation_from_deg and elevation_to_deg.

Tables are written as the scene goes on, in row groups of a fixed number of rows, so that an hour needs no more memory
than a minute and the bytes do not depend on how the scene was cut.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lowsky.model.kinds import Kind
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.timebase import NS_PER_S, s_from_ns

from .describe import describe_place, describe_sensor
from .faults import NONE
from .live import LiveScene, Truth
from .recording import Recording, checked_duration
from .sensors import Observation

Columns = dict[str, NDArray[np.generic]]

GROUP_ROWS = 1 << 16
KIND_WORDS = np.array([k.word for k in Kind], dtype=object)


class TableFile:
    """A Parquet file that grows by columns and is cut into row groups of `GROUP_ROWS`."""

    def __init__(self, path: Path) -> None:
        self._path, self._held, self.rows = path, list[Any](), 0
        self._writer: Any = None

    def add(self, columns: Columns) -> None:
        """Append rows; all calls have the same columns."""
        # an empty column of words would have no type
        self._held.append(
            pa.table({k: pa.array(v, pa.string()) if v.dtype == object else v for k, v in columns.items()})
        )
        self.rows += self._held[-1].num_rows
        if sum(t.num_rows for t in self._held) >= GROUP_ROWS:
            self._write(all_of_it=False)

    def _write(self, all_of_it: bool) -> None:
        table = pa.concat_tables(self._held)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        whole = table.num_rows if all_of_it else table.num_rows // GROUP_ROWS * GROUP_ROWS
        for start in range(0, max(whole, 1), GROUP_ROWS):
            self._writer.write_table(table.slice(start, min(GROUP_ROWS, whole - start)), row_group_size=GROUP_ROWS)
        self._held = [table.slice(whole).combine_chunks()]

    def close(self) -> None:
        """Write what is held and finish the file."""
        if self._held:
            self._write(all_of_it=True)
        if self._writer is not None:
            self._writer.close()


class FolderWriter:
    """The tables of a folder, open. Use it in a `with` statement."""

    def __init__(self, folder: Path, sensor_ids: list[str]) -> None:
        self._ids = np.array(sensor_ids, dtype=object)
        self._tables = {name: TableFile(folder / f"{name}.parquet") for name in ("plots", "looks", "truth", "sources")}
        self.false = 0
        self.objects: set[int] = set()

    @property
    def reports(self) -> int:
        """How many reports were written."""
        return self._tables["plots"].rows

    def add(self, seen: Observation) -> None:
        """Append reports, looks and sources."""
        self._tables["plots"].add(plot_columns(seen.reports, self._ids))
        self._tables["looks"].add(look_columns(seen.looks, self._ids))
        self._tables["sources"].add({"source": seen.source})
        self.false += int((seen.source < 0).sum())

    def add_truth(self, truth: Truth) -> None:
        """Append the truth of one time."""
        self._tables["truth"].add(truth_columns(truth))
        self.objects.update(truth.number.tolist())

    def __enter__(self) -> FolderWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self._tables.values():
            table.close()


def write_folder(folder: Path, recording: Recording) -> None:
    """Write a recording into a folder, which is made if it is not there. Files that are there are replaced."""
    scene = LiveScene(recording.scene, recording.seed, recording.start_ns)
    _write_descriptions(folder, scene, recording.duration_s)
    with FolderWriter(folder, [s.id for s in scene.site.sensors]) as writer:
        writer.add(recording.observation)
        for truth in recording.truth:
            writer.add_truth(truth)


def record_scene(folder: Path, scene: LiveScene, duration_s: float | None = None) -> FolderWriter:
    """Play a scene that has not begun for its usual time or another, and write its folder as it goes on.

    Raises:
        ValueError: if the duration is not positive.
    """
    duration_s = checked_duration(scene, duration_s)
    end_ns = scene.start_ns + round(duration_s * NS_PER_S)
    _write_descriptions(folder, scene, duration_s)
    with FolderWriter(folder, [s.id for s in scene.site.sensors]) as writer:
        for time_ns in range(scene.start_ns, end_ns + 1, NS_PER_S):
            writer.add(scene.observe(time_ns))
            writer.add_truth(scene.truth(time_ns))
        writer.add(scene.observe(end_ns))
    return writer


def _write_descriptions(folder: Path, scene: LiveScene, duration_s: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    head = {"scenario": scene.name, "duration_s": duration_s, "start_s": float(s_from_ns(scene.start_ns))}
    said = [describe_sensor(s) for s in scene.site.sensors]
    true = [describe_sensor(s) | {"faults": scene.faults.get(s.id, NONE).listed()} for s in scene.true_sensors]
    _write_json(folder / "sensors.json", {**head, "sensors": said})
    _write_json(folder / "truth_sensors.json", {**head, "sensors": true})
    if scene.places:
        _write_json(folder / "places.json", {"places": [describe_place(p) for p in scene.places]})


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


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
        "east_mps": reports.east_mps,
        "north_mps": reports.north_mps,
        "up_mps": reports.up_mps,
        "received_s": s_from_ns(reports.received_ns),
    }


def look_columns(looks: LookBatch, sensor_ids: NDArray[np.object_]) -> Columns:
    """The columns of looks.parquet, (n,) each."""
    return {
        "sensor": sensor_ids[looks.sensor],
        "time_s": s_from_ns(looks.time_ns),
        "received_s": s_from_ns(looks.received_ns),
    }


def truth_columns(truth: Truth) -> Columns:
    """The columns of truth.parquet for one time: each object that is there, ordered by number."""
    return {
        "time_s": np.full(len(truth), float(s_from_ns(truth.time_ns))),
        "object": truth.number.astype(np.int32),
        "kind": KIND_WORDS[truth.kind],
        "lat": truth.latitude_deg,
        "lon": truth.longitude_deg,
        "height_m": truth.height_m,
        "east_mps": truth.velocity_mps[:, 0],
        "north_mps": truth.velocity_mps[:, 1],
        "up_mps": truth.velocity_mps[:, 2],
    }
