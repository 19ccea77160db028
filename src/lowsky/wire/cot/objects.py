"""Objects of the picture to events.

The type says what kind of thing it may be, never whose side it is on: an object is unknown (`u`), or neutral (`n`)
where it declares an identity or is a bird; lowsky knows no enemies. MIL-STD-2525 has symbols of unmanned aircraft among
the military ones only; the letter M in them says nothing here. A kind of which we are not sure is "unknown air".

`ce` is the longer half axis of the horizontal error ellipse of one standard deviation, `le` the standard deviation of
the height: the base schema means one sigma of a normal distribution, and a circle with the longer axis claims least.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.notice import Level
from lowsky.model.picture import Status
from lowsky.model.timebase import NS_PER_S

from ..objects import STANDING_MPS, ellipse_of
from .event import Event
from .times import text_from_ns
from .tree import Element
from .voice import Point, Voice, own

TYPES: dict[Kind, str] = {
    Kind.UNKNOWN: "a-u-A",
    Kind.MULTIROTOR: "a-u-A-M-H-Q",
    Kind.FIXED_WING: "a-u-A-M-F-Q",
    Kind.BIRD: "a-n-A",
    Kind.BALLOON: "a-u-A-C-L",
    Kind.AIRCRAFT: "a-u-A-C",
    Kind.VESSEL: "a-u-S",
}
DECLARED: dict[Kind, str] = {Kind.AIRCRAFT: "a-n-A-C", Kind.VESSEL: "a-n-S-X"}
"""Types of kinds whose objects declare an identity."""
ALLOWED_TYPE = re.compile(r"a-[un]-[ASG](-\w+)*", re.ASCII)
LEAST_PROBABILITY = 0.5  # below it the kind is in the remarks only
SHORTEST_STALE = 2.0  # periods: one event may be lost
_PLAIN = "a-u-A"


def object_events(
    air: Air, voice: Voice, stale_s: float, period_s: float, types: Mapping[Kind, str] | None = None
) -> list[Event]:
    """An event for each object that is there, a deletion for each that has ended, in the order of the air.

    Args:
        air: n objects.
        voice: who tells.
        stale_s: how long after its last report an object is to be believed.
        period_s: how often it is told; it is never stale before the next but one time.
        types: of kinds, instead of `TYPES`.
    """
    major, minor, azimuth = ellipse_of(air.covariance)
    sigma_up = np.sqrt(np.maximum(air.covariance[:, 2, 2], 0.0))
    believed_ns = air.last_report_ns + round(stale_s * NS_PER_S)
    stale_ns = np.maximum(believed_ns, air.time_ns + round(SHORTEST_STALE * period_s * NS_PER_S))
    columns = (major, minor, azimuth, sigma_up, stale_ns)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [_event(air, i, voice, row, types or {}) for i, row in enumerate(rows)]


def type_of(kind: Kind, probability: float, identity: str, types: Mapping[Kind, str]) -> str:
    """The type of an object; a probability of NaN is not known and counts as sure."""
    if kind is Kind.UNKNOWN or probability < LEAST_PROBABILITY:
        return types.get(Kind.UNKNOWN, _PLAIN)
    if kind in types:
        return types[kind]
    return DECLARED.get(kind, TYPES[kind]) if identity else TYPES[kind]


def _event(air: Air, i: int, voice: Voice, row: tuple[float, ...], types: Mapping[Kind, str]) -> Event:
    number, kind, probability = int(air.number[i]), Kind(int(air.kind[i])), float(air.kind_probability[i])
    word = type_of(kind, probability, air.identity[i], types)
    uid = voice.uid_of("track", number)
    if air.status[i] == Status.ENDED:
        return voice.deletion(uid, word, air.time_ns)
    major, minor, azimuth, sigma_up, stale_ns = row
    point = Point(float(air.latitude_deg[i]), float(air.longitude_deg[i]), float(air.height_m[i]), major, sigma_up)
    ours = own(
        number=number,
        status=Status(int(air.status[i])).name.lower(),
        existence=f"{air.existence[i]:.3f}",
        kind=kind.word,
        kind_probability=None if math.isnan(probability) else f"{probability:.2f}",
        level=Level(int(air.level[i])).word,
        identity=air.identity[i] or None,
        group_n=str(air.group_n[i]) if air.group_n[i] > 1 else None,
        up_mps=f"{air.velocity_mps[i, 2]:.1f}",
        sigma_major_m=f"{major:.1f}",
        sigma_minor_m=f"{minor:.1f}",
        sigma_azimuth_deg=f"{azimuth:.0f}",
        last_report=text_from_ns(int(air.last_report_ns[i])),
        drill="true" if voice.drill else None,
    )
    detail = (_track(air, i), Element("precisionlocation", {"geopointsrc": "CALC", "altsrc": "CALC"}), ours)
    name = f"{number} {_words(kind)}"
    return voice.event(uid, word, air.time_ns, int(stale_ns), point, name, _remarks(air, i, kind, probability), detail)


def _track(air: Air, i: int) -> Element:
    east, north, _ = air.velocity_mps[i].tolist()
    speed = math.hypot(east, north)
    course = 0.0 if speed < STANDING_MPS else math.degrees(math.atan2(east, north)) % 360.0
    return Element("track", {"course": str(round(course, 1) % 360.0), "speed": str(round(speed, 2))})


def _remarks(air: Air, i: int, kind: Kind, probability: float) -> str:
    age_s = max((air.time_ns - int(air.last_report_ns[i])) / NS_PER_S, 0.0)
    said = [_words(kind) + ("" if math.isnan(probability) else f" {100.0 * probability:.0f} %")]
    if air.group_n[i] > 1:
        said.append(f"a group of {int(air.group_n[i])}")
    said.append(f"exists {100.0 * float(air.existence[i]):.0f} %")
    said.append(f"last report {age_s:.0f} s ago, {int(air.reports[i])} reports")
    if air.status[i] == Status.COASTING:
        said.append("not seen now: predicted")
    if abs(climb := float(air.velocity_mps[i, 2])) >= 1.0:
        said.append(f"{'climbs' if climb > 0 else 'descends'} {abs(climb):.0f} m/s")
    if air.identity[i]:
        said.append(f"declares itself {air.identity[i]}")
    if air.level[i]:
        said.append(f"{Level(int(air.level[i])).word} for a protected place")
    return "; ".join(said)


def _words(kind: Kind) -> str:
    return kind.word.replace("_", " ")
