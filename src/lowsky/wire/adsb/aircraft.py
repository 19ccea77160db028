"""One aircraft of an aircraft.json: what is read of it, and its position as a row.

Source: README-json.md of readsb; older names of dump1090 are known ("altitude", "speed", "vert_rate").
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from lowsky.model.timebase import NS_PER_S

from . import accuracy
from .fields import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS
from .rows import ADDRESS, NAN, Row

MAX_VALUE = 1e6  # no angle, speed or age is as much


class Aircraft(msgspec.Struct):
    """What is read of one aircraft; None: not told."""

    hex: str
    type: str = ""
    lat: float | None = None
    lon: float | None = None
    seen_pos: float | None = None
    alt_geom: float | None = None
    alt_baro: float | str | None = None
    altitude: float | str | None = None
    gs: float | None = None
    speed: float | None = None
    track: float | None = None
    baro_rate: float | None = None
    geom_rate: float | None = None
    vert_rate: float | None = None
    nac_p: int | None = None
    nac_v: int | None = None
    gva: int | None = None
    version: int | None = None
    mlat: list[str] = []
    tisb: list[str] = []
    now: float | None = None


_POSITION_M: list[float] = accuracy.position_sigma_m(np.arange(16), np.full(16, 18)).tolist()
_VELOCITY_MPS: list[float] = accuracy.velocity_sigma_mps(np.arange(8)).tolist()
_HEIGHT_M: dict[tuple[int, int], float] = {
    (gva, version): float(accuracy.height_sigma_m(np.array([gva]), np.array([version]))[0])
    for gva in range(accuracy.UNKNOWN, 4)
    for version in range(accuracy.UNKNOWN, 8)
}


def told_by(a: Aircraft) -> str:
    """Who tells a position, if not the aircraft itself."""
    if a.type == "adsc":
        return "adsc"
    if a.type == "mlat" or "lat" in a.mlat:
        return "MLAT"
    return "TIS-B" if a.type.startswith("tisb") or "lat" in a.tisb else ""


def fault_of(a: Aircraft) -> str:
    """What is wrong with an aircraft; a kind of a fixed stock."""
    if not ADDRESS.fullmatch(a.hex):
        return "address is none"
    if a.seen_pos is not None and a.seen_pos < 0.0:
        return "seen_pos is negative"
    for name, code, high in (
        ("nac_p", a.nac_p, 15),
        ("nac_v", a.nac_v, 7),
        ("gva", a.gva, 3),
        ("version", a.version, 7),
    ):
        if code is not None and not 0 <= code <= high:
            return f"{name} is none"
    if any(value is not None and not abs(value) < MAX_VALUE for value in (a.lat, a.lon, a.seen_pos, a.track, a.gs)):
        return "number beyond all limits"
    return ""


def row_of(a: Aircraft, now_ns: int, received_ns: int) -> Row:
    """The position of an aircraft that has one and no `fault_of`."""
    baro = a.alt_baro if a.alt_baro is not None else a.altitude
    ground = isinstance(baro, str)
    geometric = a.alt_geom is not None and not ground
    feet = NAN if ground else a.alt_geom if geometric else baro
    speed = _first(a.gs, a.speed) * KNOT_MPS
    track = math.radians(_first(a.track))
    sigma_m = NAN if a.nac_p is None else _POSITION_M[a.nac_p]
    unknown = accuracy.UNKNOWN
    sigma_height_m = _HEIGHT_M[unknown if a.gva is None else a.gva, unknown if a.version is None else a.version]
    moving = math.isfinite(speed) and math.isfinite(track)
    return Row(
        a.hex.upper(), now_ns - int(_first(a.seen_pos) * NS_PER_S), received_ns, _first(a.lat), _first(a.lon),
        _number(feet) * FOOT_M, geometric, speed * math.sin(track), speed * math.cos(track),
        _first(a.geom_rate, a.baro_rate, a.vert_rate) * FOOT_PER_MINUTE_MPS,
        accuracy.MLAT_SIGMA_M if told_by(a) == "MLAT" else sigma_m,
        sigma_height_m if geometric else accuracy.BARO_SIGMA_M, _VELOCITY_MPS[a.nac_v or 0] if moving else NAN,
    )  # fmt: skip


def _first(*values: float | None) -> float:
    """The first value that is told."""
    return next((value for value in values if value is not None), NAN)


def _number(value: float | str | None) -> float:
    return NAN if value is None or isinstance(value, str) else value
