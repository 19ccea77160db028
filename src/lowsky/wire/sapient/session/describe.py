"""How lowsky registers (BSI Flex 335 v2.0, Registration) and how it says that it does (StatusReport).

It is a fusion node: what it tells are fused objects with geodetic positions above the WGS-84 ellipsoid and velocities
east-north-up at the object. It can be asked to say how it is, to tell less often or only what is more certain; it takes
no region and no other command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..messages import Registration, StatusReport
from ..rules import ICD_VERSION
from ..taxonomy import CLASSES
from .tasks import MODE, REQUESTS, SETTINGS

LONGEST_TEXT = 200  # characters of a status value


@dataclass(frozen=True, slots=True)
class Self:
    """Who registers."""

    node_id: str
    name: str
    version: str
    interval_s: float  # between two status reports


@dataclass(frozen=True, slots=True)
class Condition:
    """How the server does."""

    well: bool
    latitude_deg: float  # of the site
    longitude_deg: float
    height_m: float  # above the ellipsoid
    troubles: tuple[str, ...] = ()  # what is not well, in words
    drill: bool = False


def registration_of(self: Self) -> Registration:
    """The registration of lowsky as a fusion node."""
    message = Registration(icd_version=ICD_VERSION, name=self.name, short_name=self.name[:20])
    message.node_definition.add(node_type=Registration.NODE_TYPE_FUSION_NODE, node_sub_type=["Air picture"])
    message.capabilities.add(category="Fusion Node", type="Fused low-altitude air picture")
    status = message.status_definition
    _duration(status.status_interval, self.interval_s)
    _geodetic(status.location_definition)
    status.status_report.add(category=Registration.STATUS_REPORT_CATEGORY_STATUS, type="Exercise", on_change=True)
    _mode(message.mode_definition.add())
    message.config_data.add(manufacturer="lowsky", model="lowsky", software_version=self.version)
    return message


def _mode(mode: Any) -> None:
    mode.mode_name = MODE
    mode.mode_type = Registration.MODE_TYPE_PERMANENT
    mode.mode_description = "All objects of the air picture, once a tick"
    mode.tracking_type = Registration.TRACKING_TYPE_TRACK
    _duration(mode.settle_time, 0.0)
    _duration(mode.maximum_latency, 1.0)
    detection = mode.detection_definition.add()
    _geodetic(detection.location_type)
    known = detection.detection_class_definition.add()
    known.confidence_definition = Registration.CONFIDENCE_DEFINITION_SINGLE_CLASS
    for name, parts in CLASSES:
        of_class = known.class_definition.add(type=name, units="Probability")
        for part in parts:
            of_class.sub_class.add(type=part, units="Probability", level=1)
    _tasks(mode.task)


def _tasks(task: Any) -> None:
    """What can be asked for. The standard demands a region; which one, does not matter to any of these commands."""
    task.concurrent_tasks = len(SETTINGS) + 1
    task.region_definition.region_type.append(Registration.REGION_TYPE_AREA_OF_INTEREST)
    _geodetic(task.region_definition.region_area.add())
    commands = [("REQUEST", ", ".join(sorted(REQUESTS))), ("MODE_CHANGE", MODE)]
    commands += [(kind, "LOW, MEDIUM, HIGH") for _, _, kind in SETTINGS.values()]
    for kind, units in commands:
        command = task.command.add(units=units, type=Registration.CommandType.Value(f"COMMAND_TYPE_{kind}"))
        _duration(command.completion_time, 1.0)


def _duration(duration: Any, seconds: float) -> None:
    duration.units, duration.value = Registration.TIME_UNITS_SECONDS, seconds


def _geodetic(location_type: Any) -> None:
    location_type.location_units = 1  # LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    location_type.location_datum = 1  # LOCATION_DATUM_WGS84_E


def status_of(condition: Condition, active_task: str = "") -> StatusReport:
    """The status of lowsky, without id and whether it is news."""
    message = StatusReport(system=StatusReport.SYSTEM_OK if condition.well else StatusReport.SYSTEM_WARNING, mode=MODE)
    if active_task:
        message.active_task_id = active_task
    place = message.node_location
    place.x, place.y, place.z = condition.longitude_deg, condition.latitude_deg, condition.height_m
    place.coordinate_system = place.datum = 1
    if condition.drill:
        _say(message, "OTHER", "INFORMATION_STATUS", "Exercise: all that is told is drill")
    for trouble in condition.troubles:
        _say(message, "OTHER", "WARNING_STATUS", trouble)
    return message


def _say(message: StatusReport, kind: str, level: str, text: str) -> None:
    message.status.add(
        status_type=StatusReport.StatusType.Value(f"STATUS_TYPE_{kind}"),
        status_level=StatusReport.StatusLevel.Value(f"STATUS_LEVEL_{level}"),
        status_value=text[:LONGEST_TEXT],
    )
