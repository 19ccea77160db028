"""`sensors.json`: where each sensor stands, how often it looks, how good it says it is.

Degrees in the file become radians here. Unknown fields are ignored, missing optional ones take the defaults of
`lowsky.model.sensor.Sensor`; a sensor without a place, an unknown kind or a value that no sensor can have is an
`InputError`, because everything after it would be wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.kinds import kind_from_word
from lowsky.model.sensor import ALL_KINDS, Sensor, SensorKind
from lowsky.model.timebase import ns_from_s

from .horizons import HorizonEntry, horizon_of

MAX_SENSORS = 100_000
MIN_PERIOD_S = 0.001


class SensorEntry(msgspec.Struct):
    """One sensor as written in the file; angles in degrees, lengths in metres, NaN not allowed."""

    id: str | int
    kind: str
    lat: float
    lon: float
    height_m: float
    period_s: float | None = None
    min_range_m: float | None = None
    max_range_m: float | None = None
    detection_probability: float | None = None
    false_plots_per_scan: float | None = None
    sigma_range_m: float | None = None
    sigma_azimuth_deg: float | None = None
    sigma_elevation_deg: float | None = None
    sigma_range_rate_mps: float | None = None
    sigma_position_m: float | None = None
    sigma_height_m: float | None = None
    sigma_velocity_mps: float | None = None
    false_height_m: tuple[float, float] | None = None
    false_range_rate_mps: tuple[float, float] | None = None
    azimuth_from_deg: float | None = None
    azimuth_to_deg: float | None = None
    elevation_from_deg: float | None = None
    elevation_to_deg: float | None = None
    resolution_range_m: float | None = None
    resolution_azimuth_deg: float | None = None
    resolution_range_rate_mps: float | None = None
    sees: list[str] | None = None
    temperature_c: float | None = None
    horizon: HorizonEntry | None = None
    horizon_file: str | None = None


class SensorsFile(msgspec.Struct):
    """The whole file."""

    sensors: list[SensorEntry]
    scenario: str | None = None
    start_s: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class SensorTable:
    """Sensors in the file's order, and from when to when the picture is asked for (None: not said)."""

    sensors: tuple[Sensor, ...]
    start_ns: int | None = None
    duration_ns: int | None = None


# lowest and highest legal value; sigmas of 0 would make a filter divide by nothing
_BOUNDS: dict[str, tuple[float, float]] = {
    "lat": (-90.0, 90.0),
    "lon": (-180.0, 360.0),
    "height_m": (-1e4, 1e6),
    "period_s": (MIN_PERIOD_S, 86_400.0),
    "min_range_m": (0.0, 1e7),
    "max_range_m": (1.0, 1e7),
    "detection_probability": (1e-6, 1.0),
    "false_plots_per_scan": (0.0, 1e7),
    "sigma_range_m": (1e-6, 1e6),
    "sigma_azimuth_deg": (1e-9, 180.0),
    "sigma_elevation_deg": (1e-9, 180.0),
    "sigma_range_rate_mps": (1e-6, 1e4),
    "sigma_position_m": (1e-6, 1e6),
    "sigma_height_m": (1e-6, 1e6),
    "sigma_velocity_mps": (1e-6, 1e4),
    "azimuth_from_deg": (-360.0, 360.0),
    "azimuth_to_deg": (-360.0, 360.0),
    "elevation_from_deg": (-90.0, 90.0),
    "elevation_to_deg": (-90.0, 90.0),
    "resolution_range_m": (0.0, 1e6),
    "resolution_azimuth_deg": (0.0, 360.0),
    "resolution_range_rate_mps": (0.0, 1e4),
    "temperature_c": (-90.0, 60.0),
}
_SAME_NAME = tuple(n for n in _BOUNDS if n in Sensor.__slots__ and n != "height_m")
_DEGREES = ("sigma_azimuth_deg", "sigma_elevation_deg", "resolution_azimuth_deg")


def read_sensors(path: Path) -> SensorTable:
    """The sensors of a `sensors.json`.

    Raises:
        InputError: if the file is missing, not JSON, or a sensor is not usable; names file, sensor, field and value.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        file = msgspec.json.decode(data, type=SensorsFile)
    except msgspec.MsgspecError as error:
        raise InputError(f"{path} is not a sensor description: {error}") from None
    except (UnicodeDecodeError, RecursionError):
        raise InputError(f"{path} is not a sensor description: it is not JSON") from None
    return sensor_table(file, str(path))


def sensor_table(file: SensorsFile, source: str) -> SensorTable:
    """Checked sensors of a decoded file; `source` names it in errors.

    Raises:
        InputError: as `read_sensors`.
    """
    if not file.sensors:
        raise InputError(f"{source} describes no sensor")
    if len(file.sensors) > MAX_SENSORS:
        raise InputError(f"{source} describes {len(file.sensors)} sensors, more than {MAX_SENSORS}")
    sensors = tuple(_sensor(entry, source) for entry in file.sensors)
    seen: set[str] = set()
    for sensor in sensors:
        if sensor.id in seen:
            raise InputError(f"{source} describes sensor {sensor.id!r} twice")
        seen.add(sensor.id)
    start = _seconds(file.start_s, "start_s", source)
    duration = _seconds(file.duration_s, "duration_s", source)
    if duration is not None and duration <= 0:
        raise InputError(f"{source}, duration_s: {file.duration_s:.10g} is not above 0")
    return SensorTable(sensors, start, duration)


def _seconds(value: float | None, name: str, source: str) -> int | None:
    if value is None:
        return None
    try:
        return int(ns_from_s(value))
    except ValueError:
        raise InputError(f"{source}, {name}: {value:.10g} is no time between the years 1678 and 2262") from None


def _sensor(entry: SensorEntry, source: str) -> Sensor:
    here = f"{source}, sensor {str(entry.id)!r}"
    for name, (low, high) in _BOUNDS.items():
        value = getattr(entry, name)
        if value is not None and not low <= value <= high:
            raise InputError(f"{here}, {name}: {value:.10g} is not between {low:.10g} and {high:.10g}")
    try:
        kind = SensorKind[entry.kind.strip().upper()]
    except KeyError:
        words = ", ".join(k.word for k in SensorKind)
        raise InputError(f"{here}, kind: {entry.kind!r} is not one of {words}") from None
    try:
        sees = ALL_KINDS if entry.sees is None else tuple(kind_from_word(w) for w in entry.sees)
    except ValueError as error:
        raise InputError(f"{here}, sees: {error}") from None
    given: dict[str, Any] = {name: getattr(entry, name) for name in _SAME_NAME if getattr(entry, name) is not None}
    for name in _DEGREES:
        if (value := getattr(entry, name)) is not None:
            given[name.removesuffix("_deg") + "_rad"] = math.radians(value)
    given |= _spans(entry, here) | _field_of_view(entry, here)
    given["horizon"] = horizon_of(entry.horizon, entry.horizon_file, Path(source).parent, here)
    longitude = (entry.lon + 180.0) % 360.0 - 180.0
    sensor = Sensor(str(entry.id).strip(), kind, entry.lat, longitude, entry.height_m, sees=sees, **given)
    if sensor.min_range_m >= sensor.max_range_m:
        raise InputError(f"{here}, min_range_m: {sensor.min_range_m:.10g} is not below max_range_m")
    return sensor


def _spans(entry: SensorEntry, here: str) -> dict[str, tuple[float, float]]:
    """Heights and range rates over which false plots lie, each from low to high."""
    spans = {}
    for name in ("false_height_m", "false_range_rate_mps"):
        span = getattr(entry, name)
        if span is None:
            continue
        if not -1e6 < span[0] <= span[1] < 1e6:
            raise InputError(f"{here}, {name}: {list(span)} is no span from low to high")
        spans[name] = span
    return spans


def _field_of_view(entry: SensorEntry, here: str) -> dict[str, float]:
    """Centre and width of the azimuths (clockwise from `azimuth_from_deg` to `azimuth_to_deg`), elevation limits."""
    view: dict[str, float] = {}
    start, end = entry.azimuth_from_deg, entry.azimuth_to_deg
    if (start is None) != (end is None):
        raise InputError(f"{here}: azimuth_from_deg and azimuth_to_deg belong together, one is missing")
    if start is not None and end is not None:
        width = (end - start) % 360.0 or 360.0
        view["azimuth_centre_rad"] = math.radians((start + width / 2.0) % 360.0)
        view["azimuth_width_rad"] = math.radians(width)
    low, high = entry.elevation_from_deg, entry.elevation_to_deg
    if low is not None:
        view["elevation_min_rad"] = math.radians(low)
    if high is not None:
        view["elevation_max_rad"] = math.radians(high)
    if low is not None and high is not None and low >= high:
        raise InputError(f"{here}, elevation_from_deg: {low:.10g} is not below elevation_to_deg")
    return view
