"""Where what a node says of itself differs from what the site says of the sensor that it is: sentences for people.

A registration says what kind of thing a node is; a status report where it stands and what it sees at the moment. None
of it changes the configuration: a node may be wrong, and so may the configuration; somebody has to look. Heights are
not compared, since their datum and that of the configuration may differ by the geoid, nor a field of view that is told
as a list of places.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lowsky.model.geodesy import ecef_from_geodetic
from lowsky.model.sensor import Sensor, SensorKind

from .messages import Registration
from .positions import ANGLE_RAD, RANGE_M, TRUE, places_of
from .rows import PLACE, numbers, zone_of

FAR_M = 50.0  # between two places
RANGE_SHARE = 0.1  # of the larger of two ranges
ANGLE_DEG = 5.0  # between two widths or middles of a field of view
_RADARS = frozenset({SensorKind.RADAR_3D, SensorKind.RADAR_2D})
_KINDS = {
    Registration.NODE_TYPE_RADAR: _RADARS,
    Registration.NODE_TYPE_LIDAR: _RADARS,
    Registration.NODE_TYPE_CAMERA: frozenset({SensorKind.CAMERA}),
    Registration.NODE_TYPE_ACOUSTIC: frozenset({SensorKind.ACOUSTIC, SensorKind.POST}),
    Registration.NODE_TYPE_PASSIVE_RF: frozenset({SensorKind.BEARING, SensorKind.COOPERATIVE}),
    Registration.NODE_TYPE_FUSION_NODE: frozenset({SensorKind.COOPERATIVE}),
}


def of_registration(registration: Any, sensor: Sensor) -> list[str]:
    """What a registration says that does not go with the sensor's kind."""
    types = [definition.node_type for definition in registration.node_definition]
    known = [kind for kind in types if kind in _KINDS]
    if not known or any(sensor.kind in _KINDS[kind] for kind in known):
        return []
    word = Registration.NodeType.Name(known[0]).removeprefix("NODE_TYPE_").replace("_", " ").lower()
    return [f"registers as {word}, and is a {sensor.kind.word} in the configuration"]


def of_status(status: Any, sensor: Sensor, zone: str) -> list[str]:
    """What a status report says that does not go with the sensor's place and field of view.

    Args:
        zone: of UTM, as the registration names it, for places that name none.
    """
    found = _place(status.node_location, sensor, zone) if status.HasField("node_location") else []
    view = status.field_of_view
    if status.HasField("field_of_view") and view.WhichOneof("fov_oneof") == "range_bearing":
        found += _view(view.range_bearing, sensor)
    return found


def _place(said: Any, sensor: Sensor, zone_name: str) -> list[str]:
    zone, south = zone_of(said.coordinate_system, said.utm_zone, zone_name, sensor.latitude_deg < 0.0)
    values, system = np.array([numbers(said, PLACE)]), np.array([said.coordinate_system])
    place = places_of(values, np.full((1, 3), np.nan), system, np.array([zone]), np.array([south]), "auto")
    there = ecef_from_geodetic(place.latitude_deg[0], place.longitude_deg[0], sensor.height_m)
    here = ecef_from_geodetic(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    distance_m = float(np.linalg.norm(there - here))
    if math.isnan(distance_m):
        return ["says where it stands in coordinates that are no place"]
    return [f"says it stands {distance_m:.0f} m from its place in the configuration"] if distance_m > FAR_M else []


def _view(cone: Any, sensor: Sensor) -> list[str]:
    found = []
    range_m = cone.range * float(RANGE_M[cone.coordinate_system])
    if cone.HasField("range") and abs(range_m - sensor.max_range_m) > RANGE_SHARE * max(range_m, sensor.max_range_m):
        found.append(f"says it sees {range_m:.0f} m far, the configuration {sensor.max_range_m:.0f} m")
    width_deg = math.degrees(sensor.azimuth_width_rad)
    if cone.HasField("horizontal_extent") and abs(cone.horizontal_extent - width_deg) > ANGLE_DEG:
        found.append(f"says it sees {cone.horizontal_extent:.0f} degrees wide, the configuration {width_deg:.0f}")
    elif cone.HasField("azimuth") and cone.datum == TRUE and width_deg < 360.0:
        said_deg = math.degrees(cone.azimuth * float(ANGLE_RAD[cone.coordinate_system]))
        centre_deg = math.degrees(sensor.azimuth_centre_rad)
        if abs((said_deg - centre_deg + 180.0) % 360.0 - 180.0) > ANGLE_DEG:
            found.append(f"says it looks towards {said_deg % 360.0:.0f} degrees, the configuration {centre_deg:.0f}")
    return found
