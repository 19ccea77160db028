"""Notices: what may reach a place, who knows, and what that rests on."""

from __future__ import annotations

import msgspec

from .words import KindWord, LevelWord


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


class EndGiven(msgspec.Struct, frozen=True):
    """Why a notice is ended by hand."""

    why: str
