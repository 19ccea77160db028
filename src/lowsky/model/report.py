"""Reports and looks as structs of arrays: what every wire format is turned into and all the core ever sees.

One row of a `ReportBatch` is one report (the field's word is plot). Missing is NaN, never zero; the bit mask says
which quantities a row carries. One row of a `LookBatch` says that a sensor finished looking, also when it saw
nothing. Batches hold no behaviour but slicing, joining and a shape check; validation of values is the wire's.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


class Quantity(IntFlag):
    """Which quantities a report carries (bit mask `ReportBatch.quantities`)."""

    RANGE = 1  # slant range
    AZIMUTH = 2
    ELEVATION = 4
    RANGE_RATE = 8
    POSITION = 16  # declared latitude and longitude
    HEIGHT = 32  # declared height, already ellipsoidal
    VELOCITY = 64  # declared velocity, east-north(-up) at the object


@dataclass(frozen=True, slots=True)
class ReportBatch:
    """n reports. Angles are radians, azimuth clockwise from true north in the sensor's tangent plane, times int64 ns
    UTC, heights metres above the ellipsoid, range rate positive when receding. Sigmas of NaN mean the sensor's own."""

    sensor: NDArray[np.int32]  # index into Site.sensors
    time_ns: Longs  # validity
    received_ns: Longs  # receipt
    quantities: NDArray[np.uint16]  # Quantity bits
    range_m: Floats
    azimuth_rad: Floats
    elevation_rad: Floats
    range_rate_mps: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    east_mps: Floats
    north_mps: Floats
    up_mps: Floats
    sigma_range_m: Floats
    sigma_azimuth_rad: Floats
    sigma_elevation_rad: Floats
    sigma_range_rate_mps: Floats
    sigma_position_m: Floats  # horizontal, one axis
    sigma_height_m: Floats
    sigma_velocity_mps: Floats  # one axis
    rcs_dbsm: Floats
    snr_db: Floats
    confidence: Floats  # of a post, that it hears something, 0..1
    identity: NDArray[np.int32]  # index into `identities`, -1: none declared
    raw: Longs  # row or byte offset in the source (journal), -1: unknown
    identities: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sensor)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> ReportBatch:
        """The given rows, in the given order, with the same identity table."""
        return ReportBatch(**{name: getattr(self, name)[rows] for name in REPORT_COLUMNS}, identities=self.identities)


REPORT_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(ReportBatch) if f.name != "identities")
_COLUMN_DTYPES = {
    "sensor": np.int32,
    "time_ns": np.int64,
    "received_ns": np.int64,
    "quantities": np.uint16,
    "identity": np.int32,
    "raw": np.int64,
}


def report_batch(n: int, identities: tuple[str, ...] = (), **columns: NDArray[np.generic]) -> ReportBatch:
    """A batch of n reports from the columns that are known; the others are missing (NaN, -1).

    `quantities`, if not given, is derived from which values are finite.

    Raises:
        ValueError: if a column is unknown or has not n rows.
    """
    full: dict[str, NDArray[np.generic]] = {}
    unknown = set(columns) - set(REPORT_COLUMNS)
    if unknown:
        raise ValueError(f"unknown report column {sorted(unknown)[0]!r}")
    for name in REPORT_COLUMNS:
        dtype = _COLUMN_DTYPES.get(name, np.float64)
        if name in columns:
            value = np.ascontiguousarray(columns[name], dtype=dtype)
            if value.shape != (n,):
                raise ValueError(f"report column {name!r} has shape {value.shape}, not ({n},)")
        else:
            value = np.full(n, np.nan if dtype is np.float64 else 0 if name == "quantities" else -1, dtype=dtype)
        full[name] = value
    if "quantities" not in columns:
        full["quantities"] = _quantities(full)
    return ReportBatch(**full, identities=identities)  # type: ignore[arg-type]


def _quantities(columns: dict[str, NDArray[np.generic]]) -> NDArray[np.uint16]:
    bits = np.zeros(len(columns["sensor"]), dtype=np.uint16)
    for quantity, names in (
        (Quantity.RANGE, ("range_m",)),
        (Quantity.AZIMUTH, ("azimuth_rad",)),
        (Quantity.ELEVATION, ("elevation_rad",)),
        (Quantity.RANGE_RATE, ("range_rate_mps",)),
        (Quantity.POSITION, ("latitude_deg", "longitude_deg")),
        (Quantity.HEIGHT, ("height_m",)),
        (Quantity.VELOCITY, ("east_mps", "north_mps")),
    ):
        has = np.all([np.isfinite(columns[name].astype(np.float64)) for name in names], axis=0)
        bits |= np.where(has, np.uint16(quantity), np.uint16(0))
    return bits


def concatenate_reports(batches: list[ReportBatch]) -> ReportBatch:
    """All rows of the batches in order; they must share one identity table or have none.

    Raises:
        ValueError: if two batches have different identity tables.
    """
    tables = {b.identities for b in batches if b.identities}
    if len(tables) > 1:
        raise ValueError("report batches with different identity tables cannot be joined")
    if not batches:
        return report_batch(0)
    columns = {name: np.concatenate([getattr(b, name) for b in batches]) for name in REPORT_COLUMNS}
    return ReportBatch(**columns, identities=next(iter(tables), ()))


@dataclass(frozen=True, slots=True)
class LookBatch:
    """n looks: sensor index, time of validity (all reports of the look are at or before it), receipt, and whether
    the look was assumed from the sensor's period because the source does not tell."""

    sensor: NDArray[np.int32]
    time_ns: Longs
    received_ns: Longs
    assumed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.sensor)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> LookBatch:
        """The given rows, in the given order."""
        return LookBatch(self.sensor[rows], self.time_ns[rows], self.received_ns[rows], self.assumed[rows])


def look_batch(
    sensor: NDArray[np.generic],
    time_ns: NDArray[np.generic],
    received_ns: NDArray[np.generic],
    assumed: bool | NDArray[np.bool_] = False,
) -> LookBatch:
    """A batch of looks from its columns (each (n,)); `assumed` may be one value for all."""
    n = len(sensor)
    return LookBatch(
        np.ascontiguousarray(sensor, dtype=np.int32),
        np.ascontiguousarray(time_ns, dtype=np.int64),
        np.ascontiguousarray(received_ns, dtype=np.int64),
        np.ascontiguousarray(np.broadcast_to(assumed, (n,)), dtype=np.bool_),
    )


def no_looks() -> LookBatch:
    """An empty batch of looks."""
    none = np.empty(0, dtype=np.int64)
    return look_batch(none, none, none)
