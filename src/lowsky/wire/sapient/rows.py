"""Detection reports to rows of numbers: what `intake` turns into columns a few times a second.

A row keeps the numbers as they came, with what they are counted in; the conversion works on columns. Zones and units
that a node names once in its registration are kept per node, a bounded number of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..drafts import MAX_IDENTITY
from .messages import Registration
from .positions import UTM
from .utm import parse_zone

NAN = float("nan")
KPH_IN_MPS = 1.0 / 3.6
SPEED_SCALE = {1: 1.0, 2: KPH_IN_MPS}  # SpeedUnits to m/s
TIME_UNIT_S = (NAN, 1e-9, 1e-6, 1e-3, 1.0, 60.0, 3600.0, 86400.0)  # by TimeUnits
LOST_WORD = "lost"  # in `state`: "Whether a special case is in effect (e.g. object lost)"
MAX_ZONE = 8  # characters kept of one


class Row(NamedTuple):
    """One detection. Missing numbers are NaN."""

    node: str
    sensor: int  # in the site, -1: none of it
    time_ns: int
    received_ns: int
    message: int  # number of the message, for sentences
    is_place: bool  # else a direction
    values: tuple[float, float, float]  # x, y, z or elevation, azimuth, range
    errors: tuple[float, float, float]
    system: int
    datum: int
    zone: int  # of UTM, 0: none
    south: bool
    velocity: tuple[float, float, float]  # east, north, up m/s
    sigma_velocity_mps: float
    identity: str | None


@dataclass(slots=True)
class Told:
    """What a node's registration says of the numbers that it sends."""

    zone: str = ""  # of detections in UTM
    status_zone: str = ""
    horizontal: float = 1.0  # its speeds to m/s
    vertical: float = 1.0
    interval_s: float = NAN  # between two status reports
    differences: tuple[str, ...] = ()  # from the configuration, in words


def told_by(registration: Registration) -> Told:
    """The units and zones of a registration that keeps the rules; those of its first mode hold for all."""
    told = Told(interval_s=seconds_of(registration.status_definition.status_interval))
    told.status_zone = registration.status_definition.location_definition.zone[:MAX_ZONE]
    for mode in registration.mode_definition:
        for definition in mode.detection_definition:
            told.zone = told.zone or definition.location_type.zone[:MAX_ZONE]
            units = definition.velocity_type.enu_velocity_units
            horizontal = SPEED_SCALE.get(units.east_north_rate_units, 1.0)
            speeds = (horizontal, SPEED_SCALE.get(units.up_rate_units, horizontal))
            if speeds != (1.0, 1.0):
                told.horizontal, told.vertical = speeds
    return told


def seconds_of(duration: Any) -> float:
    """A duration of the standard in seconds, NaN: none is told."""
    unit = TIME_UNIT_S[duration.units] if 0 <= duration.units < len(TIME_UNIT_S) else NAN
    return float(duration.value) * unit if duration.HasField("value") else NAN


def is_lost(state: str) -> bool:
    """Whether a detection says that its object is no longer seen: then it is no measurement."""
    return LOST_WORD in state.lower()


def zone_of(system: int, text: str, default: str, south: bool) -> tuple[int, bool]:
    """Number of the zone of a place, 0 where it has none, and whether it counts in the south."""
    if system != UTM:
        return 0, False
    return parse_zone(text or default, south) or (0, False)


def numbers(message: Any, names: tuple[str, str, str]) -> tuple[float, float, float]:
    """Three optional numbers, NaN where they are missing."""
    has = message.HasField
    a, b, c = names
    return (
        getattr(message, a) if has(a) else NAN,
        getattr(message, b) if has(b) else NAN,
        getattr(message, c) if has(c) else NAN,
    )


PLACE, PLACE_ERROR = ("x", "y", "z"), ("x_error", "y_error", "z_error")
DIRECTION, DIRECTION_ERROR = ("elevation", "azimuth", "range"), ("elevation_error", "azimuth_error", "range_error")
RATES, RATE_ERRORS = (
    ("east_rate", "north_rate", "up_rate"),
    ("east_rate_error", "north_rate_error", "up_rate_error"),
)
NO_NUMBERS = (NAN, NAN, NAN)


def row_of(
    report: Any, node: str, sensor: int, time_ns: int, received_ns: int, message: int, told: Told, south: bool
) -> Row:
    """The row of a detection report that keeps the rules."""
    is_place = report.WhichOneof("location_oneof") == "location"
    if is_place:
        where = report.location
        values, errors = numbers(where, PLACE), numbers(where, PLACE_ERROR)
        zone, below = zone_of(where.coordinate_system, where.utm_zone, told.zone, south)
    else:
        where = report.range_bearing
        values, errors = numbers(where, DIRECTION), numbers(where, DIRECTION_ERROR)
        zone, below = 0, False
    velocity, sigma = _velocity(report.enu_velocity, told) if report.HasField("enu_velocity") else (NO_NUMBERS, NAN)
    identity = report.id[: MAX_IDENTITY + 1].strip() or None  # one that is longer is refused with its row
    return Row(
        node, sensor, time_ns, received_ns, message, is_place, values, errors,
        where.coordinate_system, where.datum, zone, below, velocity, sigma, identity,
    )  # fmt: skip


def _velocity(rates: Any, told: Told) -> tuple[tuple[float, float, float], float]:
    """East, north, up in m/s, and one sigma for each axis: the mean of the horizontal ones."""
    east, north, up = numbers(rates, RATES)
    error_east, error_north, _ = numbers(rates, RATE_ERRORS)
    errors = [error for error in (error_east, error_north) if error > 0.0]
    sigma = told.horizontal * math.hypot(*errors) / math.sqrt(len(errors)) if errors else NAN
    return (east * told.horizontal, north * told.horizontal, up * told.vertical), sigma
