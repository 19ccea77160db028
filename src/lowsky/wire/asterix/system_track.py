"""System tracks out: category 062 (EUROCONTROL-SPEC-0149-9 Part 9, editions 1.17 to 1.21) from the air.

Each object is one track, told every period until it has ended, which is told once (TSE). Items: 010 015 040 070 080
105 130 185 200 220 290 380 500. Decisions that may surprise:

- I062/130 counts from the WGS-84 ellipsoid, as the item is defined and as heights do here; many receivers show it as if
  it were above sea level. It is left out, and I062/080 SRC is 0, where the height is not known (`HEIGHT_KNOWN_M`).
- I062/245 is not sent: the specification says that it shall not be used. A declared identity goes into I062/380: a
  24-bit address as ADR, up to eight letters and digits as ID. A longer one (Remote ID, AIS) has no place in the format.
- I062/290 has PSR for objects that declare nothing, ES for those that declare a 24-bit address, and else TRK alone.
- I062/200 is by what changed since the picture before; 3, undetermined, where that is less sure than it must be.
- There is no measured or barometric height (135, 136), Mode 3/A code (060) nor flight plan (390): lowsky has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lowsky.model.air import Air
from lowsky.model.geodesy import E2, SEMI_MAJOR_M
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Items = dict[str, Any]

FOOT_M = 0.3048
FEET_A_MINUTE = 60.0 / FOOT_M  # of one m/s
DAY_NS = 86_400 * 1_000_000_000
LATITUDE_LSB_DEG = 180.0 / 2**25
HEIGHT_KNOWN_M = 300.0  # standard deviation of a height that is still told
HEIGHTS_FT = (-1500.0, 150_000.0)  # range of I062/130
DOUBTFUL = 0.5  # existence below which the potential false track indication is set
STEADY_MPS2, STEADY_CLIMB_MPS = 0.5, 0.5  # below, a movement is none
SURE_MPS = 2.0  # standard deviation of a velocity from which movements are read
LEAST_SPEED_MPS = 3.0  # a course of something slower turns by itself
UNDETERMINED = 3
GNSS, RADAR_3D, TRIANGULATION = 1, 2, 3  # I062/080 SRC
UNMANNED, LIGHTER_THAN_AIR = 13, 12  # I062/380 EMC
EMITTERS = {int(Kind.MULTIROTOR): UNMANNED, int(Kind.FIXED_WING): UNMANNED, int(Kind.BALLOON): LIGHTER_THAN_AIR}
ADDRESS = re.compile(r"[0-9A-Fa-f]{6}")
CALLSIGN = re.compile(r"[A-Z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells."""

    sac: int
    sic: int
    service: int = 1
    one_sensor: bool = False  # all tracks are those of one sensor
    height_from: int = RADAR_3D  # of what declares nothing
    emitters: bool = False  # tell what an object probably is as emitter category


def time_of_day_s(time_ns: int) -> float:
    """Seconds since midnight UTC, cut to the 1/128 s of the format."""
    return (time_ns % DAY_NS * 128 // 1_000_000_000) / 128.0


def track_items(
    air: Air, numbers: list[int], first: Bools, before: Air | None, source: Source, drill: bool
) -> list[Items]:
    """The items of each row of an air.

    Args:
        numbers: to tell the objects by.
        first: (n,) whether a track is told for the first time.
        before: the air told last, for movements.
    """
    columns = (
        _positions(air), _velocities(air), _heights(air), _climbs(air), _movements(air, before), _ages(air),
        _statuses(air, first, source, drill), _accuracies(air), _declared(air, source),
    )  # fmt: skip
    common = {
        "010": {"SAC": source.sac, "SIC": source.sic}, "015": source.service, "070": time_of_day_s(air.time_ns),
    }  # fmt: skip
    items = []
    for number, *parts in zip(numbers, *columns, strict=True):
        record: Items = dict(common)
        record["040"] = number
        for part in parts:
            record.update(part)
        items.append(record)
    return items


def _positions(air: Air) -> list[Items]:
    longitude = (np.rint(air.longitude_deg / LATITUDE_LSB_DEG) + 2**25) % 2**26 - 2**25  # 180 degrees are told as -180
    rows = zip(air.latitude_deg.tolist(), (longitude * LATITUDE_LSB_DEG).tolist(), strict=True)
    return [{"105": {"LAT": latitude, "LON": east}} for latitude, east in rows]


def _velocities(air: Air) -> list[Items]:
    vx, vy = np.clip(air.velocity_mps[:, :2].T, -8192.0, 8191.75)
    return [{"185": {"VX": x, "VY": y}} for x, y in zip(vx.tolist(), vy.tolist(), strict=True)]


def _height_known(air: Air) -> Bools:
    feet = air.height_m / FOOT_M
    known: Bools = (_sigma(air, 2) <= HEIGHT_KNOWN_M) & (feet >= HEIGHTS_FT[0]) & (feet <= HEIGHTS_FT[1])
    return known


def _heights(air: Air) -> list[Items]:
    rows = zip(_height_known(air).tolist(), (air.height_m / FOOT_M).tolist(), strict=True)
    return [{"130": feet} if known else {} for known, feet in rows]


def _climbs(air: Air) -> list[Items]:
    climb = np.clip(air.velocity_mps[:, 2] * FEET_A_MINUTE, -204_800.0, 204_793.75)
    return [
        {"220": value} if known else {}
        for known, value in zip(_height_known(air).tolist(), climb.tolist(), strict=True)
    ]


def _movements(air: Air, before: Air | None) -> list[Items]:
    across, along = _changes(air, before)
    sure = np.hypot(_sigma(air, 3), _sigma(air, 4)) <= SURE_MPS
    turn, pace = (np.where(sure & np.isfinite(v), _sign_code(v, STEADY_MPS2), UNDETERMINED) for v in (across, along))
    climb, sigma = air.velocity_mps[:, 2], _sigma(air, 5)
    level = (np.abs(climb) <= STEADY_CLIMB_MPS) & (sigma <= 2.0 * STEADY_CLIMB_MPS)
    moves = np.abs(climb) > np.maximum(STEADY_CLIMB_MPS, 2.0 * sigma)
    vertical = np.where(level, 0, np.where(moves, np.where(climb > 0.0, 1, 2), UNDETERMINED))
    rows = zip(turn.tolist(), pace.tolist(), vertical.tolist(), strict=True)
    return [{"200": {"TRANS": a, "LONG": b, "VERT": c, "ADF": 0}} for a, b, c in rows]


def _changes(air: Air, before: Air | None) -> tuple[Floats, Floats]:
    """Accelerations (n,) to the right of the course and along it, m/s2, since the air before; NaN: not known."""
    nothing = np.full(len(air), np.nan)
    if before is None or not len(before) or before.time_ns >= air.time_ns:
        return nothing, nothing
    at = np.minimum(np.searchsorted(before.number, air.number), len(before) - 1)
    speed = np.hypot(air.velocity_mps[:, 0], air.velocity_mps[:, 1])
    known = (before.number[at] == air.number) & (speed >= LEAST_SPEED_MPS)
    change = (air.velocity_mps - before.velocity_mps[at])[:, :2] / ((air.time_ns - before.time_ns) / 1e9)
    east, north = air.velocity_mps[:, 0] / np.maximum(speed, 1e-9), air.velocity_mps[:, 1] / np.maximum(speed, 1e-9)
    across, along = change[:, 0] * north - change[:, 1] * east, change[:, 0] * east + change[:, 1] * north
    return np.where(known, across, np.nan), np.where(known, along, np.nan)


def _sign_code(value: Floats, least: float) -> NDArray[np.int64]:
    """0: next to nothing, 1: more (right), 2: less (left)."""
    return np.where(np.abs(value) < least, 0, np.where(value > 0.0, 1, 2))


def _ages(air: Air) -> list[Items]:
    track, last = ((air.time_ns - since) / 1e9 for since in (air.first_report_ns, air.last_report_ns))
    rows = zip(_capped(track, 63.75), _capped(last, 63.75), air.identity, strict=True)
    return [{"290": {"TRK": age, **_last_age(name, update)}} for age, update, name in rows]


def _last_age(identity: str, age_s: float) -> Items:
    if not identity:
        return {"PSR": age_s}
    return {"ES": age_s} if ADDRESS.fullmatch(identity) else {}


def _statuses(air: Air, first: Bools, source: Source, drill: bool) -> list[Items]:
    rows = zip(
        air.status.tolist(), first.tolist(), _height_known(air).tolist(), air.identity, air.kind.tolist(),
        (air.existence < DOUBTFUL).tolist(), strict=True,
    )  # fmt: skip
    return [{"080": _status(source, drill, *row)} for row in rows]


def _status(
    source: Source, drill: bool, status: int, first: bool, high: bool, identity: str, kind: int, doubtful: bool
) -> Items:
    coasts, address = int(status != Status.CONFIRMED), ADDRESS.fullmatch(identity) is not None
    found: Items = {
        "MON": int(source.one_sensor), "SPI": 0, "MRH": 1, "CNF": 0,
        "SRC": 0 if not high else GNSS if identity else source.height_from,
        "SIM": int(drill), "TSE": int(status == Status.ENDED), "TSB": int(first),
        "FPC": 0, "AFF": 0, "STP": 0, "KOS": 0, "AMA": 0, "MD4": 0, "ME": 0, "MI": 0, "MD5": 0,
        "CST": coasts, "PSR": int(coasts or bool(identity)), "SSR": 1, "MDS": 1, "ADS": int(coasts or not address),
        "SUC": 0, "AAC": 0,
        "SDS": 3 if identity else 2, "EMS": 0, "PFT": int(doubtful), "FPLT": 0,
    }  # fmt: skip
    if kind == Kind.VESSEL:
        found |= {"DUPT": 0, "DUPF": 0, "DUPM": 0, "SFC": 1, "IDD": 0, "IEC": 0, "MLAT": 1}
    return found


def _accuracies(air: Air) -> list[Items]:
    east, north, up, vx, vy, climb = (_sigma(air, i) for i in range(6))
    both = air.covariance[:, 0, 1]
    together = np.clip(np.sign(both) * np.sqrt(np.abs(both)), -16_383.5, 16_383.5)
    sine = np.sin(np.radians(air.latitude_deg))
    w = np.sqrt(1.0 - E2 * sine * sine)
    latitude = np.degrees(north / (SEMI_MAJOR_M * (1.0 - E2) / w**3))
    longitude = np.degrees(east / np.maximum(SEMI_MAJOR_M / w * np.cos(np.radians(air.latitude_deg)), 1.0))
    most = 65_535 * LATITUDE_LSB_DEG
    columns = (
        _capped(east, 32_767.5), _capped(north, 32_767.5), together.tolist(), _capped(latitude, most),
        _capped(longitude, most), _capped(up / FOOT_M, 1593.75), _capped(vx, 63.75), _capped(vy, 63.75),
        _capped(climb * FEET_A_MINUTE, 1593.75), _height_known(air).tolist(),
    )  # fmt: skip
    return [{"500": _accuracy(*row)} for row in zip(*columns, strict=True)]


def _accuracy(
    x: float, y: float, cov: float, lat: float, lon: float, up: float, vx: float, vy: float, climb: float, high: bool
) -> Items:
    horizontal: Items = {
        "APC": {"X": x, "Y": y}, "COV": cov, "APW": {"LAT": lat, "LON": lon}, "ATV": {"X": vx, "Y": vy},
    }  # fmt: skip
    return horizontal | {"AGA": up, "ARC": climb} if high else horizontal


def _declared(air: Air, source: Source) -> list[Items]:
    return [_aircraft(name, kind, source) for name, kind in zip(air.identity, air.kind.tolist(), strict=True)]


def _aircraft(identity: str, kind: int, source: Source) -> Items:
    found: Items = {}
    if ADDRESS.fullmatch(identity):
        found["ADR"] = int(identity, 16)
    elif CALLSIGN.fullmatch(identity):
        found["ID"] = identity
    if source.emitters and kind in EMITTERS:
        found["EMC"] = EMITTERS[kind]
    return {"380": found} if found else {}


def _sigma(air: Air, axis: int) -> Floats:
    sigma: Floats = np.sqrt(np.maximum(air.covariance[:, axis, axis], 0.0))
    return sigma


def _capped(values: ArrayLike, most: float) -> list[float]:
    """Not negative, and at most what the field can say ("maximum value means maximum value or above")."""
    capped: list[float] = np.clip(values, 0.0, most).tolist()
    return capped
