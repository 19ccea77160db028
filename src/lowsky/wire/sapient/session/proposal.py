"""The `[[sensors]]` table that a node's registration suggests, for people to check and put into `site.toml`.

A registration says what kind of thing a node is and what it reports, a status report where it stands. What neither
says (how far it sees, how good it is) is left to the defaults and to who knows the sensor.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ..messages import Registration
from ..rows import seconds_of
from .nodes import Node

KINDS = {
    Registration.NODE_TYPE_RADAR: "radar_3d",
    Registration.NODE_TYPE_LIDAR: "radar_3d",
    Registration.NODE_TYPE_CAMERA: "camera",
    Registration.NODE_TYPE_ACOUSTIC: "acoustic",
    Registration.NODE_TYPE_PASSIVE_RF: "bearing",
}
"""What a node is, as the standard says, to the kind of sensor it most likely is."""
DEFAULT_KIND = "cooperative"  # reports places: a fusion node, a receiver of declared positions
MAX_ID = 40


def proposed_sensor(node: Node) -> str:
    """TOML of a sensor for a node that the site does not have, and of the alias that leads to it."""
    name = _id_of(node)
    lines = [
        "[[sensors]]",
        f'id = "{name}"',
        f'kind = "{_kind_of(node.registration)}"',
        *_place_of(node.location),
        *_period_of(node.registration),
    ]
    return "\n".join(
        [*lines, "", "# in the [[sources]] table that it comes over:", f'# sensors = {{"{node.node_id}" = "{name}"}}']
    )


def _id_of(node: Node) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", node.name.lower()).strip("-")[:MAX_ID]
    return plain or f"node-{node.node_id[:8]}"


def _kind_of(registration: Registration | None) -> str:
    types = [] if registration is None else [definition.node_type for definition in registration.node_definition]
    return next((KINDS[kind] for kind in types if kind in KINDS), DEFAULT_KIND)


def _place_of(location: Any) -> list[str]:
    """Where it stands, if it says so in degrees above the ellipsoid; else what is to be filled in."""
    if location is None or location.coordinate_system != 1 or not math.isfinite(location.x + location.y):
        return ["lat = 0.0  # it has not said where it stands in degrees", "lon = 0.0", "height_m = 0.0"]
    above = "ellipsoid" if location.datum == 1 else "geoid: add its undulation"
    height = f"height_m = {location.z:.1f}  # as it says, above the {above}"
    return [f"lat = {location.y:.6f}", f"lon = {location.x:.6f}", height]


def _period_of(registration: Registration | None) -> list[str]:
    """A node that looks in turns does not say how often; its status interval is the only promise there is."""
    if registration is None:
        return []
    interval_s = seconds_of(registration.status_definition.status_interval)
    return (
        [f"# it promises a status every {interval_s:g} s; period_s is how often it looks"] if interval_s > 0.0 else []
    )
