"""One event, and what no event may be.

Event 2.0 (base schema): `uid` names the thing, `type` says what it is, `time` when the event was made, `start` and
`stale` the span in which it is to be believed, `how` where the position comes from. The point is WGS-84: latitude and
longitude in degrees, `hae` metres above the ellipsoid. `ce` and `le` are metres: where they mean an error, the schema
has them at one sigma of a normal distribution about zero, horizontally and in height; round a point that means an area
they are its size. 9999999 is unknown (clients also write 999999), here NaN.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ..problems import shown
from .times import NS_PER_MS
from .tree import Element

UNKNOWN = 9_999_999.0
UNKNOWN_FROM = 999_999.0  # nothing is measured so badly, or so high above the ground
LEAST_ERROR_M = 0.01
MAX_UID = 1024  # characters
MAX_TYPE = 128
MAX_DETAILS = 5_000  # elements directly in the detail
HEIGHT_LIMITS_M = (-12_000.0, 900_000.0)

_TYPE = re.compile(r"\w+(-[\w.]+)*(;[^;]*)?", re.ASCII)


class NotEventError(Exception):
    """What came is no event that can be used: the field, a reason from a fixed stock, and the value as shown."""

    def __init__(self, field: str, reason: str, value: Any = None) -> None:
        words = f"{field} {reason}" if value is None else f"{field}: {shown(value)} {reason}"
        super().__init__(words)
        self.kind = f"{field} {reason}"
        self.words = words


@dataclass(frozen=True, slots=True)
class Event:
    """One event. NaN: not known; "" : not said."""

    uid: str
    type: str
    time_ns: int
    start_ns: int
    stale_ns: int
    how: str
    latitude_deg: float
    longitude_deg: float
    hae_m: float  # above the ellipsoid
    ce_m: float
    le_m: float
    detail: tuple[Element, ...] = ()
    access: str = ""
    qos: str = ""
    opex: str = ""

    def find(self, name: str) -> Element | None:
        """The first element of a name in the detail."""
        return next((element for element in self.detail if element.name == name), None)

    def said(self, name: str, attribute: str) -> str:
        """An attribute of an element of the detail, "" if there is none."""
        element = self.find(name)
        return "" if element is None else element.get(attribute)

    @property
    def callsign(self) -> str:
        """What people call it."""
        return self.said("contact", "callsign").strip()

    @property
    def has_place(self) -> bool:
        """Whether the point is somewhere: 0, 0 with an unknown or no error is what clients without a fix send."""
        return bool(self.latitude_deg or self.longitude_deg or self.ce_m > 0.0)  # NaN is not


def check(event: Event) -> None:
    """Refuse what no event may be.

    Raises:
        NotEventError: naming field and value.
    """
    _check_words(event)
    for name, value, limit in (("lat", event.latitude_deg, 90.0), ("lon", event.longitude_deg, 180.0)):
        if not math.isfinite(value):
            raise NotEventError(name, "is no number", value)
        if abs(value) > limit:
            raise NotEventError(name, f"is not between -{limit:.0f} and {limit:.0f}", value)
    low, high = HEIGHT_LIMITS_M
    if not math.isnan(event.hae_m) and not low <= event.hae_m <= high:
        raise NotEventError("hae", f"is not between {low:.0f} and {high:.0f}", event.hae_m)
    for name, time_ns in (("time", event.time_ns), ("start", event.start_ns), ("stale", event.stale_ns)):
        if time_ns < NS_PER_MS:  # what protobuf cannot tell from missing
            raise NotEventError(name, "is no time")
    if event.stale_ns < event.time_ns:
        raise NotEventError("stale", "is before time")


def _check_words(event: Event) -> None:
    for name, word, most in (("uid", event.uid, MAX_UID), ("type", event.type, MAX_TYPE)):
        if not word.strip():
            raise NotEventError(name, "is missing")
        if len(word) > most:
            raise NotEventError(name, f"has over {most} characters", word)
    if not _TYPE.fullmatch(event.type):
        raise NotEventError("type", "is no type", event.type)
    if len(event.detail) > MAX_DETAILS:
        raise NotEventError("detail", f"has over {MAX_DETAILS} elements")


def known_height(metres: float) -> float:
    """A height as it is kept: NaN for what stands for unknown."""
    return math.nan if not math.isfinite(metres) or metres >= UNKNOWN_FROM else metres


def known_error(metres: float) -> float:
    """An error as it is kept: NaN for what stands for unknown, 0 among it, which many write who know none."""
    return metres if LEAST_ERROR_M <= metres < UNKNOWN_FROM else math.nan


def said(metres: float) -> float:
    """A height or an error as it is sent."""
    return metres if math.isfinite(metres) else UNKNOWN
