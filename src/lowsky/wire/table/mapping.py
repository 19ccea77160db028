"""The TOML that tells how somebody's table is to be read: column names, units, height datum and sensor.

Keys and units are declared here once; `docs/tables.md` shows them, and a test compares the two. Unknown keys are
errors, because a misspelt `sigma_range` that is silently ignored is worse than none.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.heights import Datum

from .sensors import SensorEntry, SensorsFile, SensorTable, read_sensors, sensor_table

LENGTH = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "nm": 1852.0}
SPEED = {"mps": 1.0, "kmh": 1.0 / 3.6, "kn": 1852.0 / 3600.0, "fpm": 0.3048 / 60.0}
ANGLE = {"deg": 1.0, "rad": 57.29577951308232}
TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "iso": 1.0}
LEVEL = {"db": 1.0}

# key under [columns]: column of the reports it becomes, units it may have (the first is the default)
COLUMNS: dict[str, tuple[str, dict[str, float]]] = {
    "time": ("time_s", TIME),
    "received": ("received_s", TIME),
    "range": ("range_m", LENGTH),
    "azimuth": ("azimuth_deg", ANGLE),
    "elevation": ("elevation_deg", ANGLE),
    "range_rate": ("range_rate_mps", SPEED),
    "latitude": ("lat", ANGLE),
    "longitude": ("lon", ANGLE),
    "height": ("height_m", LENGTH),
    "east": ("east_mps", SPEED),
    "north": ("north_mps", SPEED),
    "up": ("up_mps", SPEED),
    "speed": ("east_mps", SPEED),
    "course": ("east_mps", ANGLE),
    "sigma_range": ("sigma_range_m", LENGTH),
    "sigma_azimuth": ("sigma_azimuth_deg", ANGLE),
    "sigma_elevation": ("sigma_elevation_deg", ANGLE),
    "sigma_range_rate": ("sigma_range_rate_mps", SPEED),
    "sigma_position": ("sigma_position_m", LENGTH),
    "sigma_height": ("sigma_height_m", LENGTH),
    "sigma_velocity": ("sigma_velocity_mps", SPEED),
    "rcs": ("rcs_dbsm", LEVEL),
    "snr": ("snr_db", LEVEL),
}
TEXT_COLUMNS = ("sensor", "identity")


class Column(msgspec.Struct, forbid_unknown_fields=True):
    """A column of the table: its name, its unit, and numbers that stand for "not known"."""

    name: str
    unit: str | None = None
    missing: list[float] = []


class Height(msgspec.Struct, forbid_unknown_fields=True):
    """What heights count from; `constant_m` gives every report the same height (a vessel's antenna)."""

    datum: Datum = Datum.ELLIPSOID
    qnh_hpa: float | None = None
    takeoff_height_m: float | None = None
    constant_m: float | None = None


class Mapping(msgspec.Struct, forbid_unknown_fields=True):
    """The whole TOML; paths are relative to it."""

    file: str
    columns: dict[str, Column | str]
    sensor: str | None = None
    sensors_file: str | None = None
    sensors: list[SensorEntry] | None = None
    looks_file: str | None = None
    start_s: float | None = None
    duration_s: float | None = None
    delimiter: str = ","
    height: Height = msgspec.field(default_factory=Height)

    def column(self, key: str) -> Column | None:
        """The column under a key, None if the table has none."""
        found = self.columns.get(key)
        return Column(found) if isinstance(found, str) else found


def read_mapping(path: Path) -> tuple[Mapping, SensorTable]:
    """A checked mapping and its sensors.

    Raises:
        InputError: if the TOML cannot be read, names an unknown key or unit, or lacks something; one sentence.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Mapping)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise InputError(f"{path} does not describe a table: {error}") from None
    _check(mapping, path)
    return mapping, _sensors(mapping, path)


def _check(mapping: Mapping, path: Path) -> None:
    for key in mapping.columns:
        column = mapping.column(key)
        if key in TEXT_COLUMNS:
            continue
        if key not in COLUMNS:
            raise InputError(f"{path}, columns: {key!r} is not one of {', '.join([*COLUMNS, *TEXT_COLUMNS])}")
        units = COLUMNS[key][1]
        if column is not None and column.unit is not None and column.unit not in units:
            raise InputError(f"{path}, columns.{key}.unit: {column.unit!r} is not one of {', '.join(units)}")
    if "time" not in mapping.columns:
        raise InputError(f"{path}, columns: time is missing")
    if (mapping.sensor is None) == ("sensor" not in mapping.columns):
        raise InputError(f'{path}: either sensor = "id" or a column for sensor is needed, and not both')
    if ("speed" in mapping.columns) != ("course" in mapping.columns):
        raise InputError(f"{path}, columns: speed and course belong together, one is missing")
    if "speed" in mapping.columns and "east" in mapping.columns:
        raise InputError(f"{path}, columns: velocity is given twice, as speed and course and as east and north")
    if len(mapping.delimiter) != 1 or not mapping.delimiter.isascii() or mapping.delimiter in '\r\n"':
        raise InputError(f"{path}, delimiter: {mapping.delimiter!r} is not one character")
    _check_height(mapping, path)


def _check_height(mapping: Mapping, path: Path) -> None:
    height = mapping.height
    if height.datum is Datum.TAKEOFF and height.takeoff_height_m is None:
        raise InputError(f"{path}, height: datum takeoff needs takeoff_height_m")
    if height.qnh_hpa is not None and not 850.0 <= height.qnh_hpa <= 1100.0:
        raise InputError(f"{path}, height.qnh_hpa: {height.qnh_hpa:.10g} is not between 850 and 1100")
    if height.constant_m is not None and "height" in mapping.columns:
        raise InputError(f"{path}: height.constant_m and a column for height exclude each other")


def _sensors(mapping: Mapping, path: Path) -> SensorTable:
    if (mapping.sensors is None) == (mapping.sensors_file is None):
        raise InputError(f"{path}: either [[sensors]] or sensors_file is needed, and not both")
    if mapping.sensors_file is not None:
        table = read_sensors(path.parent / mapping.sensors_file)
    else:
        table = sensor_table(
            SensorsFile(mapping.sensors or [], start_s=mapping.start_s, duration_s=mapping.duration_s), str(path)
        )
    if mapping.sensor is not None and mapping.sensor not in [s.id for s in table.sensors]:
        raise InputError(f"{path}, sensor: {mapping.sensor!r} is not described")
    return table
