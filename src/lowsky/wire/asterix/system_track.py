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

import numpy as np
from numpy.typing import NDArray

from lowsky.model.air import Air
from lowsky.model.geodesy import E2, SEMI_MAJOR_M
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status

from .templates import Bools, Column, Columns

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

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


def track_columns(
    air: Air, numbers: Codes, first: Bools, before: Air | None, source: Source, drill: bool
) -> dict[tuple[str, ...], Column]:
    """The items of the rows of an air, as `templates.write_columns` takes them.

    Args:
        numbers: (n,) to tell the objects by.
        first: (n,) whether a track is told for the first time.
        before: the air told last, for movements.
    """
    named = np.array([name != "" for name in air.identity], dtype=bool)
    address = np.array([ADDRESS.fullmatch(name) is not None for name in air.identity], dtype=bool)
    high = _height_known(air)
    return {
        ("010", "SAC"): Column(source.sac),
        ("010", "SIC"): Column(source.sic),
        ("015",): Column(source.service),
        ("040",): Column(numbers),
        ("070",): Column(time_of_day_s(air.time_ns)),
        **_kinematics(air, high),
        **_movements(air, before),
        **_ages(air, named, address),
        **_status(air, first, high, named, address, source, drill),
        **_accuracies(air, high),
        **_declared(air, address, source),
    }  # fmt: skip


def _kinematics(air: Air, high: Bools) -> Columns:
    longitude = (np.rint(air.longitude_deg / LATITUDE_LSB_DEG) + 2**25) % 2**26 - 2**25  # 180 degrees are told as -180
    east, north, up = air.velocity_mps.T
    return {
        ("105", "LAT"): Column(air.latitude_deg),
        ("105", "LON"): Column(longitude * LATITUDE_LSB_DEG),
        ("185", "VX"): Column(np.clip(east, -8192.0, 8191.75)),
        ("185", "VY"): Column(np.clip(north, -8192.0, 8191.75)),
        ("130",): Column(np.where(high, air.height_m / FOOT_M, 0.0), high),
        ("220",): Column(np.clip(up * FEET_A_MINUTE, -204_800.0, 204_793.75), high),
    }


def _height_known(air: Air) -> Bools:
    feet = air.height_m / FOOT_M
    known: Bools = (_sigma(air, 2) <= HEIGHT_KNOWN_M) & (feet >= HEIGHTS_FT[0]) & (feet <= HEIGHTS_FT[1])
    return known


def _movements(air: Air, before: Air | None) -> Columns:
    across, along = _changes(air, before)
    sure = np.hypot(_sigma(air, 3), _sigma(air, 4)) <= SURE_MPS
    turn, pace = (np.where(sure & np.isfinite(v), _sign_code(v, STEADY_MPS2), UNDETERMINED) for v in (across, along))
    climb, sigma = air.velocity_mps[:, 2], _sigma(air, 5)
    level = (np.abs(climb) <= STEADY_CLIMB_MPS) & (sigma <= 2.0 * STEADY_CLIMB_MPS)
    moves = np.abs(climb) > np.maximum(STEADY_CLIMB_MPS, 2.0 * sigma)
    vertical = np.where(level, 0, np.where(moves, np.where(climb > 0.0, 1, 2), UNDETERMINED))
    found = {"TRANS": turn, "LONG": pace, "VERT": vertical, "ADF": 0}
    return {("200", name): Column(codes) for name, codes in found.items()}


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


def _sign_code(value: Floats, least: float) -> Codes:
    """0: next to nothing, 1: more (right), 2: less (left)."""
    return np.where(np.abs(value) < least, 0, np.where(value > 0.0, 1, 2))


def _ages(air: Air, named: Bools, address: Bools) -> Columns:
    track, last = (_capped((air.time_ns - since) / 1e9, 63.75) for since in (air.first_report_ns, air.last_report_ns))
    return {("290", "TRK"): Column(track), ("290", "PSR"): Column(last, ~named), ("290", "ES"): Column(last, address)}


def _status(air: Air, first: Bools, high: Bools, named: Bools, address: Bools, source: Source, drill: bool) -> Columns:
    coasts = air.status != Status.CONFIRMED
    found: dict[str, Bools | Codes | int] = {
        "MON": int(source.one_sensor), "SPI": 0, "MRH": 1, "CNF": 0,
        "SRC": np.where(high, np.where(named, GNSS, source.height_from), 0),
        "SIM": int(drill), "TSE": air.status == Status.ENDED, "TSB": first,
        "FPC": 0, "AFF": 0, "STP": 0, "KOS": 0, "AMA": 0, "MD4": 0, "ME": 0, "MI": 0, "MD5": 0,
        "CST": coasts, "PSR": coasts | named, "SSR": 1, "MDS": 1, "ADS": coasts | ~address, "SUC": 0, "AAC": 0,
        "SDS": np.where(named, 3, 2), "EMS": 0, "PFT": air.existence < DOUBTFUL, "FPLT": 0,
    }  # fmt: skip
    on_water = air.kind == Kind.VESSEL
    surface = {"DUPT": 0, "DUPF": 0, "DUPM": 0, "SFC": 1, "IDD": 0, "IEC": 0, "MLAT": 1}
    return {
        **{("080", name): Column(codes) for name, codes in found.items()},
        **{("080", name): Column(code, on_water) for name, code in surface.items()},
    }


def _accuracies(air: Air, high: Bools) -> Columns:
    east, north, up, vx, vy, climb = (_sigma(air, i) for i in range(6))
    both = air.covariance[:, 0, 1]
    sine = np.sin(np.radians(air.latitude_deg))
    w = np.sqrt(1.0 - E2 * sine * sine)
    latitude = np.degrees(north / (SEMI_MAJOR_M * (1.0 - E2) / w**3))
    longitude = np.degrees(east / np.maximum(SEMI_MAJOR_M / w * np.cos(np.radians(air.latitude_deg)), 1.0))
    most = 65_535 * LATITUDE_LSB_DEG
    return {
        ("500", "APC", "X"): Column(_capped(east, 32_767.5)),
        ("500", "APC", "Y"): Column(_capped(north, 32_767.5)),
        ("500", "COV"): Column(np.clip(np.sign(both) * np.sqrt(np.abs(both)), -16_383.5, 16_383.5)),
        ("500", "APW", "LAT"): Column(_capped(latitude, most)),
        ("500", "APW", "LON"): Column(_capped(longitude, most)),
        ("500", "AGA"): Column(_capped(up / FOOT_M, 1593.75), high),
        ("500", "ATV", "X"): Column(_capped(vx, 63.75)),
        ("500", "ATV", "Y"): Column(_capped(vy, 63.75)),
        ("500", "ARC"): Column(_capped(climb * FEET_A_MINUTE, 1593.75), high),
    }


def _declared(air: Air, address: Bools, source: Source) -> Columns:
    called = np.array([CALLSIGN.fullmatch(name) is not None for name in air.identity], dtype=bool) & ~address
    emitters = np.array([EMITTERS.get(kind, 0) for kind in air.kind.tolist()], dtype=np.int64)
    numbers = [int(name, 16) if is_one else 0 for name, is_one in zip(air.identity, address.tolist(), strict=True)]
    return {
        ("380", "ADR"): Column(np.array(numbers, dtype=np.int64), address),
        ("380", "ID"): Column(np.array(air.identity, dtype=object), called),
        ("380", "EMC"): Column(emitters, (emitters > 0) & source.emitters),
    }


def _sigma(air: Air, axis: int) -> Floats:
    sigma: Floats = np.sqrt(np.maximum(air.covariance[:, axis, axis], 0.0))
    return sigma


def _capped(values: Floats, most: float) -> Floats:
    """Not negative, and at most what the field can say ("maximum value means maximum value or above")."""
    return np.clip(values, 0.0, most)
