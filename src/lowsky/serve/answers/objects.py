"""Objects: how each does now, the reports it rests on, where it has been and what it probably is."""

from __future__ import annotations

from typing import Literal

import msgspec

from .notices import Notice
from .words import KindWord, LevelWord


class ObjectInfo(msgspec.Struct, frozen=True):
    """One object now."""

    number: int
    lat: float
    lon: float
    height_m: float
    east_mps: float
    north_mps: float
    up_mps: float
    sigma_m: float  # of the position, the longer half axis of the ellipse
    sigma_up_m: float
    existence: float
    status: str
    kind: KindWord
    kind_probability: float | None
    level: LevelWord
    identity: str
    reports: int
    group_n: int  # objects that it stands for
    rcs_dbsm: float | None
    first_report_ms: float
    last_report_ms: float


class ObjectList(msgspec.Struct, frozen=True):
    """All objects at a moment."""

    picture_ms: float
    objects: tuple[ObjectInfo, ...]


class ReportInfo(msgspec.Struct, frozen=True):
    """One report; what it did not carry is None."""

    time_ms: float
    received_ms: float
    sensor: str
    association: float | None  # probability that it is the object's, None: not asked for an object
    range_m: float | None
    azimuth_deg: float | None
    elevation_deg: float | None
    range_rate_mps: float | None
    lat: float | None
    lon: float | None
    height_m: float | None
    rcs_dbsm: float | None
    identity: str
    raw: int  # running number of the report since the recording began


class History(msgspec.Struct, frozen=True):
    """An object's last minutes, one entry a second at most."""

    time_ms: tuple[float, ...]
    lat: tuple[float, ...]
    lon: tuple[float, ...]
    height_m: tuple[float, ...]
    speed_mps: tuple[float, ...]


class KindChance(msgspec.Struct, frozen=True):
    """How likely a kind is, and what speaks for it."""

    kind: KindWord
    probability: float
    why: str


class ObjectDetails(msgspec.Struct, frozen=True):
    """All that is known of one object."""

    object: ObjectInfo
    identities: tuple[str, ...]
    sensors: dict[str, int]  # reports by sensor
    reports: tuple[ReportInfo, ...]  # the last ones, newest first
    history: History
    notices: tuple[Notice, ...]
    kinds: tuple[KindChance, ...]
    kind_set_by: str  # "" : nobody has set it by hand


class Trail(msgspec.Struct, frozen=True):
    """The way of one object."""

    number: int
    time_ms: tuple[float, ...]
    lat: tuple[float, ...]
    lon: tuple[float, ...]
    height_m: tuple[float, ...]


class KindGiven(msgspec.Struct, frozen=True):
    """What the officer says an object is; empty takes it back."""

    kind: Literal["", "unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]
