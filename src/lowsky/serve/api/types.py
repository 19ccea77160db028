"""Types of the REST answers, requests and text messages of the feed: declared once, for JSON and for OpenAPI.

Times are milliseconds since 1970 UTC (float), angles degrees, the rest as the names say. None is unknown.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from lowsky.model.kinds import Kind
from lowsky.model.notice import Level

LevelWord = Literal["clear", "watch", "warning", "imminent"]
KindWord = Literal["unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]
SensorState = Literal["well", "late", "silent", "faulty", "unknown"]
LEVELS: tuple[LevelWord, ...] = ("clear", "watch", "warning", "imminent")
KINDS: tuple[KindWord, ...] = ("unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel")
assert tuple(level.word for level in Level) == LEVELS
assert tuple(kind.word for kind in Kind) == KINDS


class View(msgspec.Struct, frozen=True):
    """Where a map opens."""

    lat: float
    lon: float
    zoom: float


class Span(msgspec.Struct, frozen=True):
    """A stretch of time."""

    from_ms: float
    to_ms: float


class SiteAnswer(msgspec.Struct, frozen=True):
    """What a page needs before anything else."""

    id: str
    name: str
    origin: dict[str, float]
    view: View
    version: str
    drill: bool
    language: str
    languages: tuple[str, ...]
    units: str
    recording: Span | None
    overlay: str | None  # address of the site's own map layer, GeoJSON
    columns: tuple[tuple[str, str], ...]  # of binary pictures, as in the feed's hello


class Acknowledged(msgspec.Struct, frozen=True):
    """Who has seen a notice, and when."""

    by: str
    at_ms: float


class Delivered(msgspec.Struct, frozen=True):
    """Which receiver has a notice, and since when."""

    to: str
    at_ms: float


class Why(msgspec.Struct, frozen=True):
    """What a notice rests on."""

    distance_m: float | None
    speed_mps: float | None
    height_m: float | None
    kind: KindWord
    rule: str


class Notice(msgspec.Struct, frozen=True):
    """An object may reach a place."""

    notice: int
    call: int
    track: int
    place: str
    place_name: str
    level: LevelWord
    probability: float
    arrival_ms: float | None
    early_ms: float | None
    late_ms: float | None
    raised_ms: float
    ended_ms: float | None
    acknowledged: Acknowledged | None
    delivered: tuple[Delivered, ...]
    why: Why
    path: tuple[tuple[float, float, float, float], ...]  # lon, lat, ms, sigma in m: a point each 30 s at most


class Promise(msgspec.Struct, frozen=True):
    """Detection probability as described and as measured."""

    promised: float | None
    live: float | None


class Consistency(msgspec.Struct, frozen=True):
    """Normalised innovation squared over its degrees of freedom; 1 is right."""

    live: float | None


class SensorInfo(msgspec.Struct, frozen=True):
    """One sensor, described and as it does now."""

    id: str
    kind: str
    lat: float
    lon: float
    height_m: float
    min_range_m: float
    max_range_m: float
    azimuth_from_deg: float | None
    azimuth_to_deg: float | None
    state: SensorState
    last_look_ms: float | None
    last_report_ms: float | None
    reports_per_s: float
    lag_s: float | None
    faults: int
    detection: Promise
    nis: Consistency
    sees: tuple[str, ...]
    message: str = ""  # what the sensor last said about itself, or why it is not well


class PlaceInfo(msgspec.Struct, frozen=True):
    """One protected place; where a vessel is now (None: not seen)."""

    id: str
    name: str
    shape: str
    points: tuple[tuple[float, float], ...]
    radius_m: float
    bottom_m: float
    top_m: float
    identity: str
    lat: float | None
    lon: float | None


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


class SourceInfo(msgspec.Struct, frozen=True):
    """One source of reports: where it stands, and what came."""

    name: str
    kind: str
    state: Literal["starting", "running", "waiting", "ended", "failed"]
    message: str
    bytes: int
    reports: int
    looks: int
    faults: dict[str, int]
    restarts: int
    lag_s: float | None
    last_ms: float | None


class SourceList(msgspec.Struct, frozen=True):
    """All sources, and the sensors they named that the site does not know."""

    sources: tuple[SourceInfo, ...]
    unknown_sensors: dict[str, int]


class KindGiven(msgspec.Struct, frozen=True):
    """What the officer says an object is; empty takes it back."""

    kind: Literal["", "unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]


class EndGiven(msgspec.Struct, frozen=True):
    """Why a notice is ended by hand."""

    why: str


class DrillGiven(msgspec.Struct, frozen=True):
    """Whether all from now on is exercise."""

    on: bool


class Done(msgspec.Struct, frozen=True):
    """An action was journalled; `effective` tells whether its effect was seen within the wait of this request."""

    effective: bool


class Horizon(msgspec.Struct, frozen=True):
    """The lowest elevation at which a sensor sees, by azimuth; between points it is interpolated, all round."""

    azimuth_deg: tuple[float, ...]
    elevation_deg: tuple[float, ...]


class RecordingInfo(msgspec.Struct, frozen=True):
    """What of the past is there."""

    from_ms: float
    to_ms: float
    gaps: tuple[tuple[float, float], ...]


class DensityNotice(msgspec.Struct, frozen=True):
    """A notice on the timeline."""

    time_ms: float
    level: LevelWord
    place: str


class Density(msgspec.Struct, frozen=True):
    """Objects per bin of the timeline, and when notices were raised."""

    from_ms: float
    to_ms: float
    objects: tuple[float, ...]
    notices: tuple[DensityNotice, ...]


class PastState(msgspec.Struct, frozen=True):
    """Notices and identities at a moment of the past; indices in the binary picture of that moment lead here."""

    time_ms: float
    missing: bool  # nothing was recorded then: there was no picture
    notices: tuple[Notice, ...]
    identities: tuple[str, ...]
    places: tuple[PlaceInfo, ...]


class Health(msgspec.Struct, frozen=True):
    """Whether the server does what it is for."""

    status: Literal["well", "degraded", "starting"]
    reasons: tuple[str, ...]
    uptime_s: float
    version: str


class Problem(msgspec.Struct, frozen=True):
    """An error: one sentence."""

    error: str
