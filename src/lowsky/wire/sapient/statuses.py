"""What a status report says of a node: its state and words, whether it looks, and whether it stands where we think."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowsky.model.geodesy import ecef_from_geodetic
from lowsky.model.sensor import Sensor

from .messages import StatusReport
from .positions import places_of
from .rows import PLACE, PLACE_ERROR, Told, numbers, zone_of

MAX_TEXT = 200  # characters of a status
FAR_M = 50.0  # a node that says it stands farther from its place in the configuration is told
_STATES = {
    StatusReport.SYSTEM_OK: "well",
    StatusReport.SYSTEM_WARNING: "faulty",
    StatusReport.SYSTEM_ERROR: "faulty",
    StatusReport.SYSTEM_GOODBYE: "off",
}
_BLIND = frozenset({StatusReport.STATUS_TYPE_NOT_DETECTING})
_TROUBLES = frozenset({StatusReport.STATUS_LEVEL_WARNING_STATUS, StatusReport.STATUS_LEVEL_ERROR_STATUS})


def spoken(status: Any) -> tuple[str, str]:
    """State (a word of `decoded.STATES`) and text of a status report.

    A node whose system is well but that reports an error, or that it does not detect, is faulty: it does not see.
    """
    state = _STATES.get(status.system, "faulty")
    wrong = any(
        one.status_level == StatusReport.STATUS_LEVEL_ERROR_STATUS or one.status_type in _BLIND for one in status.status
    )
    words = (
        [_word(StatusReport.System.Name(status.system), "SYSTEM_")] if status.system != StatusReport.SYSTEM_OK else []
    )
    words += [f"mode {status.mode}"] if status.mode else []
    for one in status.status:
        if one.status_level in _TROUBLES or one.status_type in _BLIND:
            kind = _word(StatusReport.StatusType.Name(one.status_type), "STATUS_TYPE_")
            words.append(f"{kind}: {one.status_value}" if one.status_value else kind)
    if status.HasField("power") and status.power.status == StatusReport.POWERSTATUS_FAULT:
        words.append("power fault")
    return "faulty" if wrong and state == "well" else state, "; ".join(words)[:MAX_TEXT]


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).replace("_", " ").lower()


def is_looking(status: Any) -> bool:
    """Whether a status report says that the node sees what is in its field of view."""
    blind = any(one.status_type in _BLIND for one in status.status)
    works = status.system in (StatusReport.SYSTEM_OK, StatusReport.SYSTEM_WARNING)
    return works and not blind and bool(status.HasField("field_of_view"))


def stands_elsewhere(status: Any, sensor: Sensor, told: Told) -> str:
    """A sentence if the node says that it stands far from its place in the configuration, "" if not.

    Heights are not compared: their datum and that of the configuration may differ by the geoid.
    """
    if not status.HasField("node_location"):
        return ""
    said = status.node_location
    zone, south = zone_of(said.coordinate_system, said.utm_zone, told.status_zone, sensor.latitude_deg < 0.0)
    place = places_of(
        np.array([numbers(said, PLACE)]),
        np.array([numbers(said, PLACE_ERROR)]),
        np.array([said.coordinate_system]),
        np.array([zone]),
        np.array([south]),
        "auto",
    )
    there = ecef_from_geodetic(place.latitude_deg[0], place.longitude_deg[0], sensor.height_m)
    here = ecef_from_geodetic(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    distance_m = float(np.linalg.norm(there - here))
    if np.isnan(distance_m):
        return "says where it stands in coordinates that are no place"
    return f"says it stands {distance_m:.0f} m from its place in the configuration" if distance_m > FAR_M else ""
