"""Objects as JSON for other systems: one record an object, declared once for GeoJSON and MQTT (docs/formats).

Degrees WGS-84, metres, seconds; times are ISO 8601 in UTC with milliseconds; null is what is not known. `height_m`
counts from the ellipsoid, `height_msl_m` from the EGM96 geoid. The position error is told as the ellipse of one
standard deviation: half axes and the azimuth of the longer one.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lowsky.model.air import Air
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.kinds import Kind
from lowsky.model.notice import Level
from lowsky.model.picture import Status

Floats = NDArray[np.float64]
STANDING_MPS = 0.05  # below this speed there is no course
STATUSES = tuple(status.name.lower() for status in Status)
KINDS = tuple(kind.word for kind in Kind)
LEVELS = tuple(level.word for level in Level)


class ObjectRecord(msgspec.Struct, frozen=True):
    """One object at one moment."""

    number: int  # never used for another object
    time: str  # for which all of this is true
    status: Literal["tentative", "confirmed", "coasting", "ended"]
    lat: float
    lon: float
    height_m: float
    height_msl_m: float
    east_mps: float
    north_mps: float
    up_mps: float
    speed_mps: float  # over ground
    course_deg: float | None  # clockwise from true north; null: it stands
    sigma_m: float
    sigma_minor_m: float
    sigma_azimuth_deg: float  # of the longer half axis, 0 to 180
    sigma_up_m: float
    sigma_speed_mps: float  # horizontal, one axis
    sigma_climb_mps: float
    existence: float
    kind: Literal["unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]
    kind_probability: float | None
    level: Literal["clear", "watch", "warning", "imminent"]
    identity: str  # as declared, "": none
    rcs_dbsm: float | None
    reports: int
    group_n: int  # objects that it stands for: more than 1 for a group that nothing tells apart
    first_report: str
    last_report: str
    drill: bool


def object_records(air: Air, drill: bool) -> list[ObjectRecord]:
    """The rows of an air, in their order."""
    east, north, up = air.velocity_mps.T
    speed = np.hypot(east, north)
    course = np.where(speed < STANDING_MPS, np.nan, np.degrees(np.arctan2(east, north)) % 360.0)
    major, minor, azimuth = ellipse_of(air.covariance)
    sigma = np.sqrt(np.maximum(np.diagonal(air.covariance, axis1=1, axis2=2), 0.0))
    above_sea = air.height_m - geoid_undulation_m(air.latitude_deg, air.longitude_deg)
    time = iso(np.full(len(air), air.time_ns))
    columns = (
        air.number.tolist(), time, [STATUSES[s] for s in air.status.tolist()],
        _to(air.latitude_deg, 7), _to(air.longitude_deg, 7), _to(air.height_m, 1), _to(above_sea, 1),
        _to(east, 2), _to(north, 2), _to(up, 2), _to(speed, 2), _known(course, 1),
        _to(major, 1), _to(minor, 1), _to(azimuth, 1), _to(sigma[:, 2], 1),
        _to(np.sqrt(0.5 * (sigma[:, 3] ** 2 + sigma[:, 4] ** 2)), 2), _to(sigma[:, 5], 2),
        _to(air.existence, 4), [KINDS[k] for k in air.kind.tolist()], _known(air.kind_probability, 3),
        [LEVELS[v] for v in air.level.tolist()], list(air.identity), _known(air.rcs_dbsm, 1), air.reports.tolist(),
        air.group_n.tolist(), iso(air.first_report_ns), iso(air.last_report_ns), [drill] * len(air),
    )  # fmt: skip
    return [ObjectRecord(*row) for row in zip(*columns, strict=True)]


def ellipse_of(covariance: Floats) -> tuple[Floats, Floats, Floats]:
    """Longer and shorter half axis m of one standard deviation, and azimuth of the longer in degrees 0 to 180, of the
    horizontal part of covariances (n, 6, 6) in east, north, up."""
    ee, en, nn = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    mean, half = 0.5 * (ee + nn), 0.5 * (ee - nn)
    apart = np.hypot(half, en)
    major, minor = (np.sqrt(np.maximum(mean + side * apart, 0.0)) for side in (1.0, -1.0))
    return major, minor, (90.0 - np.degrees(0.5 * np.arctan2(en, half))) % 180.0


def iso(time_ns: ArrayLike) -> list[str]:
    """Times (n,) in ns as text, truncated to milliseconds."""
    moments = np.asarray(time_ns, dtype=np.int64).astype("datetime64[ns]").astype("datetime64[ms]")
    return [f"{text}Z" for text in np.datetime_as_string(moments).tolist()]


def _to(values: Floats, digits: int) -> list[float]:
    rounded: list[float] = np.round(values, digits).tolist()
    return rounded


def _known(values: Floats, digits: int) -> list[float | None]:
    return [value if value == value else None for value in _to(values, digits)]
