"""A folder with truth and a file of tracks to the comparison that a score is made of.

Reads `truth`; and, where they are there, `sensors.json` (start, duration, places of sensors), `plots` with `sources`
(when each object could first be placed) and `judge.json` (`c_m`: cut-off in m; `origin`: latitude, longitude, height
of the frame in which distances are measured). Without the latter the frame is that of the site.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lowsky.evaluate.compare import Comparison, Placed, Settings, compare
from lowsky.evaluate.matching import Floats
from lowsky.evaluate.placed import first_placed
from lowsky.evaluate.truth import VELOCITY
from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin, site_of
from lowsky.model.timebase import NS_PER_S, s_from_ns
from lowsky.wire.table.columns import TableFile, is_text
from lowsky.wire.table.files import read_table
from lowsky.wire.table.scenario import find_table
from lowsky.wire.table.sensors import SensorTable, read_sensors
from lowsky.wire.table.tracks import read_tracks

TRUTH_PLACES = ("time_s", "lat", "lon", "height_m")
PLOT_NUMBERS = ("received_s", "range_m", "elevation_deg", "lat", "height_m")


class JudgeFile(msgspec.Struct):
    """What a folder may say of how it wants to be judged; other fields are ignored."""

    c_m: float | None = None
    origin: tuple[float, float, float] | None = None


def compare_folder(
    folder: Path, tracks: Path, from_s: float = 10.0, cutoff_m: float | None = None
) -> tuple[Comparison, Floats | None]:
    """The comparison of a tracks file with the truth of a folder, and the sensors' places (k, 3) in its frame.

    Raises:
        InputError: if there is no truth, or a file cannot be used; one sentence.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder" if folder.exists() else f"{folder} does not exist")
    truth_path = find_table(folder, "truth")
    if truth_path is None:
        raise InputError(f"{folder} has neither truth.parquet nor truth.csv: there is nothing to score against")
    truth = truth_columns(truth_path)
    sensors = read_sensors(folder / "sensors.json") if (folder / "sensors.json").exists() else None
    judge = _judge_file(folder / "judge.json")
    origin = Origin(*judge.origin) if judge.origin is not None else _origin(truth, sensors)
    placed, flat = _placed(folder)
    settings = Settings(cutoff_m or judge.c_m or Settings().cutoff_m, from_s, flat=flat)
    start_s, duration_s = _span(sensors)
    comparison = compare(truth, read_tracks(tracks), origin, settings, start_s, duration_s, placed)
    return comparison, None if sensors is None else _places(sensors, origin)


def truth_columns(path: Path) -> dict[str, NDArray[Any]]:
    """The columns of a truth table: objects as integers or text, kinds as text, places and velocities as float64.

    Raises:
        InputError: if the file cannot be read, lacks a column or holds a value there that is no finite number.
    """
    file = read_table(path)
    file.require("object", *TRUTH_PLACES)
    columns: dict[str, NDArray[Any]] = {"object": _objects(file)}
    for name in TRUTH_PLACES:
        columns[name], _ = file.numbers(name)
        bad = np.flatnonzero(~np.isfinite(columns[name]))
        if len(bad):
            raise InputError(f"{path}, row {bad[0]}, {name}: {file.cells(name)[int(bad[0])]!r} is no finite number")
    for name in VELOCITY:
        if file.has(name):
            columns[name], _ = file.numbers(name)
    if file.has("kind"):
        columns["kind"] = _words(file, "kind")
    return columns


def _objects(file: TableFile) -> NDArray[Any]:
    if not is_text(file.table.column("object").type):
        numbers, _ = file.numbers("object")
        if np.isfinite(numbers).all():
            return numbers.astype(np.int64)
    return _words(file, "object")


def _words(file: TableFile, name: str) -> NDArray[np.str_]:
    encoded = file.texts(name)
    words = np.array(encoded.dictionary.to_pylist() or [""], dtype=np.str_)
    each: NDArray[np.str_] = words[encoded.indices.to_numpy(zero_copy_only=False)]
    return each


def _judge_file(path: Path) -> JudgeFile:
    if not path.exists():
        return JudgeFile()
    try:
        found = msgspec.json.decode(path.read_bytes(), type=JudgeFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    if found.c_m is not None and not found.c_m > 0:
        raise InputError(f"{path}, c_m: {found.c_m:g} is not above 0")
    return found


def _origin(truth: dict[str, NDArray[Any]], sensors: SensorTable | None) -> Origin:
    """The site's, else the truth's first place, from which no distance to anything in the recording is far."""
    if sensors is not None:
        return site_of(sensors.sensors).origin
    known = all(len(truth.get(name, ())) for name in ("lat", "lon"))
    return Origin(float(truth["lat"][0]), float(truth["lon"][0]), 0.0) if known else Origin(0.0, 0.0, 0.0)


def _span(sensors: SensorTable | None) -> tuple[float | None, float | None]:
    if sensors is None or sensors.start_ns is None:
        return None, None
    duration_s = None if sensors.duration_ns is None else sensors.duration_ns / NS_PER_S
    return float(s_from_ns(sensors.start_ns)), duration_s


def _places(sensors: SensorTable, origin: Origin) -> Floats:
    places = np.array([(s.latitude_deg, s.longitude_deg, s.height_m) for s in sensors.sensors])
    return Frame(origin).to_enu(*places.T)


def _placed(folder: Path) -> tuple[Placed | None, bool]:
    """When objects could first be placed, None if that is not known; and whether nothing measured a height."""
    plots_path, sources_path = find_table(folder, "plots"), find_table(folder, "sources")
    if plots_path is None:
        return None, False
    plots = read_table(plots_path, PLOT_NUMBERS, ("sensor",))
    values = {name: plots.numbers(name)[0] for name in PLOT_NUMBERS if plots.has(name)}
    nothing = np.full(len(plots), np.nan)
    flat = not any(np.isfinite(values.get(name, nothing)).any() for name in ("elevation_deg", "height_m"))
    if sources_path is None:
        return None, flat and len(plots) > 0
    plots.require("received_s", "sensor")
    sources = read_table(sources_path)
    sources.require("source")
    source = np.nan_to_num(sources.numbers("source")[0], nan=-1.0).astype(np.int64)
    direct = np.isfinite(values.get("range_m", nothing)) | np.isfinite(values.get("lat", nothing))
    sensor = plots.texts("sensor").indices.to_numpy(zero_copy_only=False)
    return Placed(*first_placed(source, values["received_s"], sensor, direct)), flat and len(plots) > 0
