"""The site with its protected places, and how the server itself does."""

from __future__ import annotations

from typing import Literal

import msgspec


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


class DrillGiven(msgspec.Struct, frozen=True):
    """Whether all from now on is exercise."""

    on: bool


class Health(msgspec.Struct, frozen=True):
    """Whether the server does what it is for."""

    status: Literal["well", "degraded", "starting"]
    reasons: tuple[str, ...]
    uptime_s: float
    version: str
