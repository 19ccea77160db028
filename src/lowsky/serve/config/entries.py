"""The tables of `site.toml`, declared once: names, types and defaults. What they mean stands in docs/serve.md."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lowsky.model.knobs import FALSE_TRACKS_PER_HOUR
from lowsky.wire.places import PlaceEntry

from ..accounts.settings import AccountSettings
from ..guard.settings import GuardSettings


class Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A misspelt field is an error, not a default."""


class OriginEntry(Strict, frozen=True):
    """Origin of the region's frame."""

    lat: float
    lon: float
    height_m: float = 0.0


class SiteEntry(Strict, frozen=True):
    """[site]"""

    id: str
    name: str = ""
    origin: OriginEntry | None = None  # without it the middle of the sensors
    language: Literal["en", "ko"] = "en"
    units: Literal["metric", "nautical"] = "metric"
    drill: bool = False
    qnh_hpa: float | None = None  # sea-level pressure of the area, for heights by pressure
    zoom: float = 10.5  # of the map when it opens


class TableSource(Strict, frozen=True):
    """[[sources]] kind = "table": a scenario folder, or a table described by a TOML, played as if it happened now."""

    name: str
    path: str
    speed: float = 1.0
    repeat: bool = False


class SimulationSource(Strict, frozen=True):
    """[[sources]] kind = "simulation": a scene of our own, live."""

    name: str
    scene: str = "harbour"
    seed: int = 1
    speed: float = 1.0


class ServerEntry(Strict, frozen=True):
    """[server]"""

    host: str = "127.0.0.1"
    port: int = 8420
    tls_certificate: str | None = None
    tls_key: str | None = None
    log: Literal["console", "json"] = "console"


class JournalEntry(Strict, frozen=True):
    """[journal]"""

    folder: str = "journal"
    keep_days: float = 30.0
    keep_gb: float = 50.0
    on: bool = True


class MapEntry(Strict, frozen=True):
    """[map]"""

    overlay: str | None = None  # a GeoJSON file


class PeopleEntry(Strict, frozen=True):
    """[people]"""

    keep_minutes: float = 60.0  # places of operators, after they were received; 0: not at all


class TrackingEntry(Strict, frozen=True):
    """[tracking]"""

    false_tracks_per_hour: float = FALSE_TRACKS_PER_HOUR  # on the whole site


class SiteEntries(Strict, frozen=True):
    """The whole file. Sensors, receivers and outputs are read by the rooms that they belong to."""

    site: SiteEntry
    sensors: list[dict[str, Any]] = []
    places: list[PlaceEntry] = []
    rules: dict[str, float | list[str]] = {}
    sources: list[dict[str, Any]] = []
    server: ServerEntry = ServerEntry()
    accounts: AccountSettings = AccountSettings()
    guard: GuardSettings = GuardSettings()
    journal: JournalEntry = JournalEntry()
    receivers: list[dict[str, Any]] = []
    outputs: list[dict[str, Any]] = []
    alerts: dict[str, Any] = {}
    map: MapEntry = MapEntry()
    people: PeopleEntry = PeopleEntry()
    tracking: TrackingEntry = TrackingEntry()
