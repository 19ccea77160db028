"""Reports of the vocabulary into the measurement form of the kernels.

Angles and ranges stay as they are; declared positions are turned exactly into the region frame. Sigmas that are not
positive numbers become the sensor's own. A declared position without height gets the height prior with its spread,
never zero. Values that nothing in the lower sky can have count as missing, whatever the bit mask says: one NaN in a
track would stay for ever.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import layout
from ..kernels.readings import fill_part
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
PLAUSIBLE: dict[str, tuple[float, float]] = {  # least and greatest value that is taken for a measurement
    "range_m": (1e-3, 1e6),  # at 0 there is no direction
    "azimuth_rad": (-100.0, 100.0),
    "elevation_rad": (-1.5707963267948968, 1.5707963267948968),  # a hair above a quarter turn: rounding
    "range_rate_mps": (-1e4, 1e4),
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-540.0, 540.0),
    "height_m": (-1e4, 1e6),
    "east_mps": (-1e4, 1e4),
    "north_mps": (-1e4, 1e4),
    "up_mps": (-1e4, 1e4),
}
SURELY = 20.0  # ratio of likelihoods of the most confident post
BLOCK = 2048  # reports that are filled in together: column after column, in records that stay in the cache
LARGEST_SIGMA = 1e6  # in any unit; a report less sure than that says nothing


def look_records(looks: LookBatch) -> Any:
    """The looks as `layout.REPORT` records of which only sensor and time count."""
    out = table(layout.REPORT, len(looks))
    out["sensor"], out["time_ns"] = looks.sensor, looks.time_ns
    return out


def report_records(reports: ReportBatch, sensors: Any, frame: Frame, settings: Settings) -> Any:
    """The reports as `layout.REPORT` records: for polar sensors range, azimuth, elevation, range rate; for cooperative
    ones region position and velocity. `parts` is the bit mask of what is there; 0 means that nothing usable is."""
    out = table(layout.REPORT, len(reports))
    for first in range(0, len(reports), BLOCK):
        rows = slice(first, first + BLOCK)
        _fill(out[rows], reports.take(rows), sensors, frame, settings)
    return out


def _fill(out: Any, reports: ReportBatch, sensors: Any, frame: Frame, settings: Settings) -> None:
    for name in ("time_ns", "received_ns", "raw", "sensor", "identity", "rcs_dbsm"):
        out[name] = getattr(reports, name)
    kind = sensors["kind"][reports.sensor]
    _fill_polar(out, reports, sensors)
    rows = np.flatnonzero(kind == SensorKind.COOPERATIVE)
    if len(rows):
        declared = np.zeros(len(rows), dtype=layout.REPORT)
        _fill_declared(declared, reports.take(rows), sensors, frame, settings)
        for name in ("values", "variance", "parts"):
            out[name][rows] = declared[name]
    _fill_posts(out, reports, sensors, np.flatnonzero(kind == SensorKind.POST))
    _require(out["parts"], kind)


def _fill_polar(out: Any, reports: ReportBatch, sensors: Any) -> None:
    for c, (quantity, name) in enumerate(POLAR):
        carries = (reports.quantities & np.uint16(quantity)) != 0
        value, sigma = (np.require(getattr(reports, n), np.float64, ["C", "W"]) for n in (name, f"sigma_{name}"))
        own = np.ascontiguousarray(sensors["sigma"][:, c])
        bounds = np.array([*PLAUSIBLE[name], LARGEST_SIGMA])
        fill_part(out, c, carries, value, sigma, own, bounds, quantity is Quantity.AZIMUTH)


def _has(reports: ReportBatch, quantity: Quantity, *names: str) -> NDArray[np.bool_]:
    """Which reports carry a quantity with values that make sense."""
    found: NDArray[np.bool_] = (reports.quantities & np.uint16(quantity)) != 0
    for name in names:
        value = getattr(reports, name)
        found = found & (value >= PLAUSIBLE[name][0]) & (value <= PLAUSIBLE[name][1])  # NaN is neither
    return found


def _sigma(reported: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """The reported sigma where it is a positive number, else the sensor's own."""
    if np.isnan(reported).all():  # as most sources have it
        return own
    return np.where((reported > 0.0) & (reported <= LARGEST_SIGMA), reported, own)


def _fill_posts(out: Any, reports: ReportBatch, sensors: Any, rows: NDArray[np.int64]) -> None:
    """Fill values, variance, parts of reports of posts: the post's place, as wide as its reach, and what its confidence
    is worth as a ratio of likelihoods, within `SURELY`."""
    out["odds"] = 1.0
    who = reports.sensor[rows]
    out["values"][rows, :2] = sensors["place_m"][who, :2]
    out["variance"][rows] = (0.25 * sensors["reach_m"][who, 1] ** 2)[:, None]
    out["parts"][rows] = 3
    said = reports.confidence[rows]
    ratio = said / np.maximum(1.0 - said, 1e-9)
    out["odds"][rows] = np.where(said >= 0.0, np.clip(ratio, 1.0 / SURELY, SURELY), 1.0)


def _fill_declared(out: Any, reports: ReportBatch, sensors: Any, frame: Frame, settings: Settings) -> None:
    """Fill values, variance and parts of cooperative reports."""
    sigma = sensors["sigma_declared"][reports.sensor]
    placed = _has(reports, Quantity.POSITION, "latitude_deg", "longitude_deg")
    high = _has(reports, Quantity.HEIGHT, "height_m")
    place = frame.to_enu(
        np.where(placed, reports.latitude_deg, frame.origin.latitude_deg),
        np.where(placed, reports.longitude_deg, frame.origin.longitude_deg),
        np.where(high, reports.height_m, settings.height_mean_m),
    )
    out["values"][:, :3] = place
    out["variance"][:, :2] = _sigma(reports.sigma_position_m, sigma[:, 0])[:, None] ** 2
    out["variance"][:, 2] = np.where(high, _sigma(reports.sigma_height_m, sigma[:, 1]), settings.height_sigma_m) ** 2
    _fill_velocity(out, reports, sigma[:, 2], frame.local_rotation(place), settings)
    moving = placed & _has(reports, Quantity.VELOCITY, "east_mps", "north_mps")
    out["parts"] = np.where(placed, PLACE_PARTS, 0) | np.where(moving, VELOCITY_PARTS, 0)


def _fill_velocity(
    out: Any, reports: ReportBatch, own: NDArray[np.float64], rotation: NDArray[np.float64], settings: Settings
) -> None:
    """Declared velocity, turned from the object's own axes (rotation (n, 3, 3)) into the region frame."""
    climbs = _has(reports, Quantity.VELOCITY, "up_mps")
    up_mps = np.where(climbs, reports.up_mps, 0.0)
    local = [np.nan_to_num(v)[:, None] for v in (reports.east_mps, reports.north_mps, up_mps)]
    speed = _sigma(reports.sigma_velocity_mps, own)
    # written out: a product of arrays may round a row otherwise when it stands among other rows
    out["values"][:, 3:] = sum(local[c] * rotation[:, c] for c in range(3))
    out["variance"][:, 3:5] = speed[:, None] ** 2
    out["variance"][:, 5] = np.where(climbs, speed, settings.speed_up_mps) ** 2


def _require(parts: NDArray[np.int32], kind: NDArray[np.int8]) -> None:
    """Set parts to 0 where what a sensor of that kind cannot do without is missing."""
    radar = (kind == SensorKind.RADAR_3D) | (kind == SensorKind.RADAR_2D)
    camera = kind == SensorKind.CAMERA
    parts[radar & ((parts & 3) != 3)] = 0
    parts[camera & ((parts & 6) != 6)] = 0
    parts[camera] &= 6
    line = (kind == SensorKind.BEARING) | (kind == SensorKind.ACOUSTIC)
    parts[line & ((parts & 2) == 0)] = 0
    parts[line] &= 2
