"""Reports of the vocabulary into the measurement form of the kernels.

Angles and ranges stay as they are; declared positions are turned exactly into the region frame. Sigmas of NaN
become the sensor's own. A declared position without height gets the height prior with its spread, never zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import layout
from ..model.angles import wrap_pi
from ..model.geodesy import Frame
from ..model.report import LookBatch, Quantity, ReportBatch
from ..model.sensor import SensorKind
from .memory import table
from .settings import Settings

POLAR = (
    (Quantity.RANGE, "range_m"),
    (Quantity.AZIMUTH, "azimuth_rad"),
    (Quantity.ELEVATION, "elevation_rad"),
    (Quantity.RANGE_RATE, "range_rate_mps"),
)
PLACE_PARTS, VELOCITY_PARTS = 7, 56  # bits of a declared position and velocity


def look_records(looks: LookBatch) -> Any:
    """The looks as `layout.LOOK` records."""
    out = table(layout.LOOK, len(looks))
    out["sensor"], out["time_ns"] = looks.sensor, looks.time_ns
    return out


def report_records(reports: ReportBatch, sensors: Any, frame: Frame, settings: Settings) -> Any:
    """The reports as `layout.REPORT` records: for polar sensors range, azimuth, elevation, range rate; for cooperative
    ones region position and velocity. `parts` is the bit mask of what is there; 0 means that nothing usable is."""
    out = table(layout.REPORT, len(reports))
    for name in ("time_ns", "received_ns", "raw", "sensor", "identity"):
        out[name] = getattr(reports, name)
    kind = sensors["kind"][reports.sensor]
    _fill_polar(out, reports, sensors)
    rows = np.flatnonzero(kind == SensorKind.COOPERATIVE)
    if len(rows):
        declared = np.zeros(len(rows), dtype=layout.REPORT)
        _fill_declared(declared, reports.take(rows), sensors, frame, settings)
        for name in ("values", "variance", "parts"):
            out[name][rows] = declared[name]
    _require(out["parts"], kind)
    return out


def _fill_polar(out: Any, reports: ReportBatch, sensors: Any) -> None:
    own = sensors["sigma"][reports.sensor]
    for c, (quantity, name) in enumerate(POLAR):
        value, sigma = getattr(reports, name), getattr(reports, f"sigma_{name}")
        has = (reports.quantities & np.uint16(quantity)) != 0
        out["values"][:, c] = np.where(has, wrap_pi(value) if quantity is Quantity.AZIMUTH else value, 0.0)
        out["variance"][:, c] = np.where(np.isfinite(sigma), sigma, own[:, c]) ** 2
        out["parts"] |= np.where(has, np.int32(1 << c), np.int32(0))


def _has(reports: ReportBatch, quantity: Quantity) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (reports.quantities & np.uint16(quantity)) != 0
    return found


def _fill_declared(out: Any, reports: ReportBatch, sensors: Any, frame: Frame, settings: Settings) -> None:
    """Fill values, variance and parts of cooperative reports."""
    sigma = sensors["sigma_declared"][reports.sensor]
    placed, high = _has(reports, Quantity.POSITION), _has(reports, Quantity.HEIGHT)
    place = frame.to_enu(
        np.where(placed, reports.latitude_deg, frame.origin.latitude_deg),
        np.where(placed, reports.longitude_deg, frame.origin.longitude_deg),
        np.where(high, reports.height_m, settings.height_mean_m),
    )
    flat = np.where(np.isfinite(reports.sigma_position_m), reports.sigma_position_m, sigma[:, 0])
    up = np.where(np.isfinite(reports.sigma_height_m), reports.sigma_height_m, sigma[:, 1])
    out["values"][:, :3] = place
    out["variance"][:, :2] = flat[:, None] ** 2
    out["variance"][:, 2] = np.where(high, up, settings.height_sigma_m) ** 2
    _fill_velocity(out, reports, sigma[:, 2], frame.local_rotation(place), settings)
    moving = placed & _has(reports, Quantity.VELOCITY)
    out["parts"] = np.where(placed, PLACE_PARTS, 0) | np.where(moving, VELOCITY_PARTS, 0)


def _fill_velocity(
    out: Any, reports: ReportBatch, own: NDArray[np.float64], rotation: NDArray[np.float64], settings: Settings
) -> None:
    """Declared velocity, turned from the object's own axes (rotation (n, 3, 3)) into the region frame."""
    climbs = np.isfinite(reports.up_mps)
    local = np.nan_to_num(np.stack([reports.east_mps, reports.north_mps, reports.up_mps], axis=-1))
    speed = np.where(np.isfinite(reports.sigma_velocity_mps), reports.sigma_velocity_mps, own)
    out["values"][:, 3:] = np.einsum("nij,ni->nj", rotation, local)
    out["variance"][:, 3:5] = speed[:, None] ** 2
    out["variance"][:, 5] = np.where(climbs, speed, settings.speed_up_mps) ** 2


def _require(parts: NDArray[np.int32], kind: NDArray[np.int8]) -> None:
    """Set parts to 0 where what a sensor of that kind cannot do without is missing."""
    radar = (kind == SensorKind.RADAR_3D) | (kind == SensorKind.RADAR_2D)
    camera = kind == SensorKind.CAMERA
    parts[radar & ((parts & 3) != 3)] = 0
    parts[camera & ((parts & 6) != 6)] = 0
    parts[camera] &= 6
