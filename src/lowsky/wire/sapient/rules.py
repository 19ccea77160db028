"""What the standard demands beyond the options of its .proto files, as tables by message and field.

Three sources: the comments of the .proto files (confidences are 0 to 1, a battery 0 to 100, `dependent_nodes` are
nodes, `follow_object_id` is an object's id); what the publisher's test harness refuses although no option says so (a
task definition without its number of concurrent tasks, an error without a sentence, another version of the standard);
and what cannot be true (a latitude of 100 degrees, an error below zero, two modes of one name).

Places in UTM have no limits here: messages that the publisher's harness holds valid give degrees as metres. Whether a
position is one, the conversion to reports decides. A value of an optional enumeration that is "unspecified" says
nothing, as the .proto has it, and is taken for absent; in a mandatory one it is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

ICD_VERSION = "BSI Flex 335 v2.0"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which reading of the standard messages are held to; the default is the strictest there is."""

    icd_versions: tuple[str, ...] = (ICD_VERSION,)  # blanks may be underscores
    mandatory_by_text: bool = True  # `MANDATORY` below
    values: bool = True  # identifiers by text, ranges, consistency

    def knows_version(self, text: str) -> bool:
        """Whether a node that implements this version of the standard can be understood."""
        return text.replace("_", " ") in self.icd_versions


HARNESS = Rules()
"""As the publisher's test harness reads it, and with ranges: for what others send, and for all that we send."""
OPTIONS_ONLY = Rules((ICD_VERSION, "BSI Flex 335 v1.0"), mandatory_by_text=False, values=False)
"""As the standard's middleware reads it: the options of the .proto files alone. For peers that nobody can change."""

MANDATORY = frozenset({"Registration.TaskDefinition.concurrent_tasks", "Error.error_message"})

IDS = {"Registration.dependent_nodes": "uuid", "FollowObject.follow_object_id": "ulid"}

_SHARE, _LENGTH, _FULL_CIRCLE = (0.0, 1.0), (0.0, math.inf), (0.0, 360.0)

RANGES: dict[str, tuple[float, float]] = {
    "Alert.confidence": _SHARE,
    "Alert.ranking": _SHARE,
    "DetectionReport.detection_confidence": _SHARE,
    "DetectionReport.Behaviour.confidence": _SHARE,
    "DetectionReport.DetectionReportClassification.confidence": _SHARE,
    "DetectionReport.SubClass.confidence": _SHARE,
    "DetectionReport.SubClass.level": _LENGTH,
    "DetectionReport.Signal.centre_frequency": _LENGTH,
    "DetectionReport.Signal.start_frequency": _LENGTH,
    "DetectionReport.Signal.stop_frequency": _LENGTH,
    "DetectionReport.Signal.pulse_duration": _LENGTH,
    "ENUVelocity.east_rate_error": _LENGTH,
    "ENUVelocity.north_rate_error": _LENGTH,
    "ENUVelocity.up_rate_error": _LENGTH,
    "Location.x_error": _LENGTH,
    "Location.y_error": _LENGTH,
    "Location.z_error": _LENGTH,
    "RangeBearing.range": _LENGTH,
    "RangeBearing.azimuth_error": _LENGTH,
    "RangeBearing.elevation_error": _LENGTH,
    "RangeBearing.range_error": _LENGTH,
    "RangeBearingCone.range": _LENGTH,
    "RangeBearingCone.horizontal_extent": _FULL_CIRCLE,
    "RangeBearingCone.vertical_extent": _FULL_CIRCLE,
    "RangeBearingCone.horizontal_extent_error": _LENGTH,
    "RangeBearingCone.vertical_extent_error": _LENGTH,
    "RangeBearingCone.azimuth_error": _LENGTH,
    "RangeBearingCone.elevation_error": _LENGTH,
    "RangeBearingCone.range_error": _LENGTH,
    "Registration.Duration.value": _LENGTH,
    "Registration.SubClass.level": _LENGTH,
    "Registration.SubClassFilterDefinition.level": _LENGTH,
    "Registration.TaskDefinition.concurrent_tasks": _LENGTH,
    "StatusReport.Power.level": (0.0, 100.0),
}
"""Least and greatest value by message and field."""

DEGREES = {"Location": (1,), "RangeBearing": (1, 3)}  # coordinate systems that count in degrees
RADIANS = {"Location": (2,), "RangeBearing": (2, 4)}
ANGLE_SLACK = 1.0 + 1e-9  # a right angle in single precision is a little more than one

Found = Iterator[tuple[str, str]]
"""Field, and a clause that says what is wrong with it."""


def _angles(message: Any, system: str, limits_deg: dict[str, tuple[float, float]]) -> Found:
    unit = message.coordinate_system
    scale = 1.0 if unit in DEGREES[system] else math.pi / 180.0 if unit in RADIANS[system] else 0.0
    for name, (low, high) in limits_deg.items() if scale else ():
        value = getattr(message, name)
        if not low * scale * ANGLE_SLACK <= value <= high * scale * ANGLE_SLACK:
            words = "degrees" if scale == 1.0 else "radians"
            yield name, f"is {value:.10g}, not between {low * scale:.10g} and {high * scale:.10g} {words}"


def _location(message: Any) -> Found:
    return _angles(message, "Location", {"x": (-180.0, 360.0), "y": (-90.0, 90.0)})


def _bearing(message: Any) -> Found:
    return _angles(message, "RangeBearing", {"azimuth": (-360.0, 360.0), "elevation": (-90.0, 90.0)})


def _location_type(message: Any) -> Found:
    units, datum = message.WhichOneof("coordinates_oneof"), message.WhichOneof("datum_oneof")
    if units and datum and units.removesuffix("_units") != datum.removesuffix("_datum"):
        yield datum, f"does not go with {units}"


def _repeated(names: list[str], field: str) -> Found:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield field.format(i), f"is {name[:60]!r}, as another one before it"
        seen.add(name)


def _registration(message: Any) -> Found:
    yield from _repeated([mode.mode_name for mode in message.mode_definition], "mode_definition[{}].mode_name")
    yield from _repeated(list(message.dependent_nodes), "dependent_nodes[{}]")


def _task(message: Any) -> Found:
    if message.HasField("task_start_time") and message.HasField("task_end_time"):
        start, end = message.task_start_time, message.task_end_time
        if (end.seconds, end.nanos) < (start.seconds, start.nanos):
            yield "task_end_time", "is before task_start_time"


def _signal(message: Any) -> Found:
    if message.HasField("start_frequency") and message.start_frequency > message.centre_frequency:
        yield "start_frequency", f"is {message.start_frequency:.7g}, above centre_frequency"
    if message.HasField("stop_frequency") and message.stop_frequency < message.centre_frequency:
        yield "stop_frequency", f"is {message.stop_frequency:.7g}, below centre_frequency"


def _whole(message: Any) -> Found:
    if message.WhichOneof("content") == "registration":
        for i, node in enumerate(message.registration.dependent_nodes):
            if node == message.node_id:
                yield f"registration.dependent_nodes[{i}]", "is the node itself"


CONSISTENCY: dict[str, Callable[[Any], Found]] = {
    "SapientMessage": _whole,
    "Location": _location,
    "RangeBearing": _bearing,
    "RangeBearingCone": _bearing,
    "Registration": _registration,
    "Registration.LocationType": _location_type,
    "Task": _task,
    "DetectionReport.Signal": _signal,
}
"""What fields of one message must be to each other."""
