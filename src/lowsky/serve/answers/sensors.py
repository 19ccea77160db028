"""Sensors and their horizons, and the sources that their reports come from."""

from __future__ import annotations

from typing import Literal

import msgspec

from .words import SensorState


class Promise(msgspec.Struct, frozen=True):
    """Detection probability as described and as measured."""

    promised: float | None
    live: float | None


class Consistency(msgspec.Struct, frozen=True):
    """Normalised innovation squared over its degrees of freedom; 1 is right."""

    live: float | None


class Learnt(msgspec.Struct, frozen=True):
    """What was learnt of a radar, as multiples of what is described; null: nothing yet, or not of this kind."""

    false_plots: float | None = None
    sigma_range: float | None = None
    sigma_azimuth: float | None = None
    sigma_elevation: float | None = None


class SensorErrors(msgspec.Struct, frozen=True):
    """What a sensor reports too much, and how far east and north of its true place it is described."""

    range_m: float
    range_scale: float
    azimuth_deg: float
    elevation_deg: float
    clock_s: float
    east_m: float
    north_m: float


class SensorRegistration(msgspec.Struct, frozen=True):
    """What is known of the lasting errors of a sensor."""

    state: Literal["unknown", "right", "corrected", "displaced", "set_aside"]
    errors: SensorErrors  # the newest estimate, taken off what the sensor reports if it is corrected or displaced
    sigma: SensorErrors


class RegistrationNote(msgspec.Struct, frozen=True):
    """One point of the history of a sensor's errors."""

    time_ms: float
    event: Literal["", "corrected", "stepped", "set_aside", "tried_again", "displaced", "right_again"]
    errors: SensorErrors
    sigma: SensorErrors


class RegistrationHistory(msgspec.Struct, frozen=True):
    """How the estimates of a sensor's errors went, oldest first."""

    notes: tuple[RegistrationNote, ...]


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
    learnt: Learnt = Learnt()
    registration: SensorRegistration | None = None  # null: nothing was tracked yet


class SenderInfo(msgspec.Struct, frozen=True):
    """One of several senders of a source that knows them apart. `received` is `used`, `ignored` and `rejected`."""

    id: str  # as the format names it
    name: str  # as it names itself
    sensor: str | None  # of the site that it is; null: none
    state: str
    received: int
    used: int
    ignored: dict[str, int]
    rejected: dict[str, int]
    message: str  # what it said last that people should know
    proposal: str  # TOML for site.toml, if it is no sensor of the site


class SourceInfo(msgspec.Struct, frozen=True):
    """One source: where it stands, and what came. `received` is `used` and all `ignored` and `rejected` together."""

    name: str
    kind: str
    via: str  # where it comes from
    state: Literal["starting", "running", "waiting", "ended", "failed"]
    message: str
    bytes: int
    received: int  # items of the format: messages, records, rows of lines
    used: int
    ignored: dict[str, int]  # understood, of no use to the picture: by what
    rejected: dict[str, int]  # could not be used: by reason
    reports: int
    looks: int
    faults: dict[str, int]  # of the line, not of what came over it
    restarts: int
    lag_s: float | None
    last_ms: float | None
    trouble: str  # the last sentence about what could not be used, or went wrong with the line
    senders: tuple[SenderInfo, ...] = ()
    noted: dict[str, int] = {}  # worth knowing: lost on the way, odd and yet used


class SourceList(msgspec.Struct, frozen=True):
    """All sources, and the sensors they named that the site does not know."""

    sources: tuple[SourceInfo, ...]
    unknown_sensors: dict[str, int]


class Horizon(msgspec.Struct, frozen=True):
    """The lowest elevation at which a sensor sees, by azimuth; between points it is interpolated, all round."""

    azimuth_deg: tuple[float, ...]
    elevation_deg: tuple[float, ...]
