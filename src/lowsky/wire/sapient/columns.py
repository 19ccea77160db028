"""Rows of detections to a draft of reports, on columns: every sensor gets what its kind measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.sensor import Sensor, SensorKind

from ..drafts import Draft
from ..problems import RowCheck
from .options import SapientOptions
from .positions import (
    GRID,
    MAGNETIC,
    NORTH_WORDS,
    PLATFORM,
    TRUE,
    WGS84_G,
    Directions,
    ErrorUnit,
    Places,
    directions_of,
    placed_from,
    places_of,
    seen_from,
)
from .rows import Row
from .utm import natural_zone, utm_from_geodetic

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LARGEST = 1e9  # of any number that tells a place, in any unit; what is larger is none and would overflow
LEAST_SIGMA = 1e-6  # metres or radians
_FLAT = frozenset({SensorKind.RADAR_2D, SensorKind.BEARING, SensorKind.ACOUSTIC})  # measure no elevation
_RANGING = frozenset({SensorKind.RADAR_3D, SensorKind.RADAR_2D})
_PLACE_COLUMNS = ("latitude_deg", "longitude_deg", "height_m", "sigma_position_m", "sigma_height_m")
_VELOCITY_COLUMNS = ("east_mps", "north_mps", "up_mps", "sigma_velocity_mps")
_SEEN_COLUMNS = (
    "range_m",
    "azimuth_rad",
    "elevation_rad",
    "sigma_range_m",
    "sigma_azimuth_rad",
    "sigma_elevation_rad",
)


class _Instants:
    """The times of rows in words, made only of those that are asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __getitem__(self, row: int) -> str:
        return str(np.datetime64(self._rows[row].time_ns, "ns"))


def norths_of(sensors: Sequence[Sensor], options: SapientOptions) -> Floats:
    """Direction of each datum's north at each sensor, rad clockwise from true north: (sensors + 1, 5); NaN: not known.

    The last row is that of no sensor. Grid north is that of the zone of UTM in which the sensor stands.
    """
    norths = np.full((len(sensors) + 1, 5), np.nan)
    norths[:-1, TRUE] = 0.0
    for datum, degrees in ((MAGNETIC, options.magnetic_variation_deg), (PLATFORM, options.platform_heading_deg)):
        if degrees is not None:
            norths[:-1, datum] = np.radians(degrees)
    norths[:-1, GRID] = [_grid_north_rad(sensor.latitude_deg, sensor.longitude_deg) for sensor in sensors]
    return norths


@lru_cache(maxsize=1_000)
def _grid_north_rad(latitude_deg: float, longitude_deg: float) -> float:
    zone, south = natural_zone(longitude_deg), latitude_deg < 0.0
    return float(utm_from_geodetic(latitude_deg, longitude_deg, zone, south)[2])


def draft_of(rows: Sequence[Row], sensors: Sequence[Sensor], norths: Floats, unit: ErrorUnit, check: RowCheck) -> Draft:
    """The draft of at least one detection; what is no place or has a north that is not known goes to `check`."""
    n = len(rows)
    index = np.array([row.sensor for row in rows], dtype=np.int64)
    columns = {name: np.full(n, np.nan) for name in (*_SEEN_COLUMNS, *_PLACE_COLUMNS, *_VELOCITY_COLUMNS)}
    _fill(rows, sensors, norths, unit, index, columns, check)
    time_ns = np.array([row.time_ns for row in rows], dtype=np.int64)
    return Draft(
        sensor=[row.node for row in rows],
        index=index,
        said=_Instants(rows),
        time_ns=time_ns,
        received_ns=np.array([row.received_ns for row in rows], dtype=np.int64),
        columns=columns,
        identity=[row.identity for row in rows],
    )


def _fill(
    rows: Sequence[Row],
    sensors: Sequence[Sensor],
    norths: Floats,
    unit: ErrorUnit,
    index: NDArray[np.int64],
    columns: dict[str, Floats],
    check: RowCheck,
) -> None:
    is_place = np.array([row.is_place for row in rows], dtype=np.bool_)
    values, errors = np.array([row.values for row in rows]), np.array([row.errors for row in rows])
    system, datum = (np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in ("system", "datum"))
    zone, south = np.array([row.zone for row in rows], dtype=np.int64), np.array([row.south for row in rows])
    velocity = np.array([(*row.velocity, row.sigma_velocity_mps) for row in rows])
    beyond = (np.abs(values) > LARGEST).any(axis=1) | (np.abs(errors) > LARGEST).any(axis=1)
    said = ["location" if place else "range_bearing" for place in is_place]
    check.reject(beyond, "number", said, f"has a number beyond {LARGEST:.0e}")
    values[beyond] = errors[beyond] = np.nan
    for name, column in zip(_VELOCITY_COLUMNS, velocity.T, strict=True):
        columns[name][:] = _told(name, column)
    for i in np.unique(index[index >= 0]).tolist():
        for chosen, convert in ((is_place, _from_places), (~is_place, _from_directions)):
            at = np.flatnonzero((index == i) & chosen)
            if len(at):
                part = (values[at], errors[at], system[at], datum[at], zone[at], south[at])
                convert(sensors[i], part, norths[i], unit, at, columns, check)


def _from_places(
    sensor: Sensor, part: tuple[Any, ...], _: Floats, unit: ErrorUnit, at: NDArray[np.int64],
    columns: dict[str, Floats], check: RowCheck,
) -> None:  # fmt: skip
    values, errors, system, datum, zone, south = part
    places = places_of(values, errors, system, zone, south, unit)
    nowhere = np.isnan(places.latitude_deg)
    _reject(check, at, nowhere & (zone == 0), "location.utm_zone", zone, "is no zone, with coordinates in UTM")
    _reject(
        check, at, nowhere, "location.x, y", [f"{x:.10g} {y:.10g}" for x, y, _ in values], "is no place in its zone"
    )
    height, widened = _heights(places, datum == WGS84_G)
    if sensor.kind is SensorKind.COOPERATIVE:
        _put(columns, at, _PLACE_COLUMNS, (places.latitude_deg, places.longitude_deg, height, places.sigma_m, widened))
    else:
        places.sigma_height_m = widened
        _put_seen(columns, at, sensor, seen_from(sensor, places, height))


def _from_directions(
    sensor: Sensor, part: tuple[Any, ...], norths: Floats, _: ErrorUnit, at: NDArray[np.int64],
    columns: dict[str, Floats], check: RowCheck,
) -> None:  # fmt: skip
    values, errors, system, datum, _zone, _south = part
    turn = norths[datum]
    _reject(check, at, np.isnan(turn), "range_bearing.datum", [NORTH_WORDS.get(int(d), "") for d in datum],
            "is a north whose direction the source is not told")  # fmt: skip
    seen = directions_of(values, errors, system, turn)
    if sensor.kind is SensorKind.COOPERATIVE:
        places = placed_from(sensor, seen)
        rest = (places.height_m, places.sigma_m, places.sigma_height_m)
        _put(columns, at, _PLACE_COLUMNS, (places.latitude_deg, places.longitude_deg, *rest))
    else:
        _put_seen(columns, at, sensor, seen)


def _heights(places: Places, above_geoid: Bools) -> tuple[Floats, Floats]:
    """Heights above the ellipsoid, and their sigmas widened by that of the geoid."""
    height, sigma = places.height_m.copy(), np.where(places.sigma_height_m > 0.0, places.sigma_height_m, np.nan)
    if above_geoid.any():
        rows = above_geoid
        height[rows], added = ellipsoidal_height(
            height[rows], places.latitude_deg[rows], places.longitude_deg[rows], Datum.MSL
        )
        sigma[rows] = np.hypot(sigma[rows], added)
    return height, sigma


def _told(name: str, column: Floats) -> Floats:
    """The column; errors that nothing measures so finely are none, and the sensor's own hold."""
    return np.where(column < LEAST_SIGMA, np.nan, column) if name.startswith("sigma") else column


def _put_seen(columns: dict[str, Floats], at: NDArray[np.int64], sensor: Sensor, seen: Directions) -> None:
    """What the sensor's kind measures of it, and nothing else; a post measures nothing, it only heard."""
    if sensor.kind is SensorKind.POST:
        return
    for name in _SEEN_COLUMNS:
        if ("range" in name and sensor.kind not in _RANGING) or ("elevation" in name and sensor.kind in _FLAT):
            continue
        columns[name][at] = _told(name, getattr(seen, name))


def _put(columns: dict[str, Floats], at: NDArray[np.int64], names: tuple[str, ...], values: tuple[Floats, ...]) -> None:
    for name, column in zip(names, values, strict=True):
        columns[name][at] = _told(name, column)


def _reject(check: RowCheck, at: NDArray[np.int64], bad: Bools, name: str, said: Any, reason: str) -> None:
    """Reject those of the rows `at` that are bad."""
    mask = np.zeros(len(check.good), dtype=np.bool_)
    mask[at[bad]] = True
    check.reject(mask, name, dict(zip(at.tolist(), said, strict=True)), reason)
