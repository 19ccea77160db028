"""The picture as GeoJSON (RFC 7946): objects, their uncertainty, protected places, directions heard.

One FeatureCollection. Its foreign members (section 6.1) `time` and `drill` say when it was true and whether all is
exercise. Every feature has a property `what`: object, uncertainty, place or bearing. Heights are the third coordinate,
above the ellipsoid (section 4). Rings go counterclockwise (3.1.6). What crosses the date line is not cut (3.1.9): its
longitudes run on beyond 180 degrees, which map libraries draw in one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from lowsky.model.air import Air
from lowsky.model.bearing import Bearing
from lowsky.model.geodesy import E2, SEMI_MAJOR_M, Frame
from lowsky.model.picture import Status
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import Origin, Sensor

from .objects import ellipse_of, iso, object_records

MEDIA = "application/geo+json"
INSIDE = 0.95  # probability with which an object is inside the ellipse that is drawn
SIGMAS = math.sqrt(-2.0 * math.log(1.0 - INSIDE))  # half axes of that ellipse in standard deviations, two dimensions
CORNERS = 24  # of an ellipse or circle: within a hundredth of its radius
BEARING_POINTS = 5  # of a line: a direction is straight in the sensor's plane, not on the map
Feature = dict[str, Any]


def collection(features: Iterable[Feature], time_ns: int, drill: bool) -> bytes:
    """The document. `time_ns` is that of the picture, 0: there is none yet."""
    time = iso([time_ns])[0] if time_ns else None
    return msgspec.json.encode({"type": "FeatureCollection", "time": time, "drill": drill, "features": list(features)})


def object_features(air: Air, drill: bool) -> list[Feature]:
    """A point an object, `id` its number; objects that have ended are left out."""
    there = air.take(air.status != Status.ENDED)
    features = []
    for record in object_records(there, drill):
        properties: dict[str, Any] = {"what": "object", **msgspec.structs.asdict(record)}
        point = [properties.pop("lon"), properties.pop("lat"), properties["height_m"]]
        features.append(_feature("Point", point, properties, record.number))
    return features


def uncertainty_features(air: Air) -> list[Feature]:
    """For each object the ellipse that it is inside with probability `INSIDE`."""
    there = air.take(air.status != Status.ENDED)
    major, minor, azimuth = ellipse_of(there.covariance)
    turn = np.linspace(0.0, 2.0 * np.pi, CORNERS + 1)
    along, across = SIGMAS * major[:, None] * np.cos(turn), SIGMAS * minor[:, None] * np.sin(turn)
    sine, cosine = np.sin(np.radians(azimuth))[:, None], np.cos(np.radians(azimuth))[:, None]
    # the shorter axis to the left of the longer one, so that the ring goes counterclockwise
    rings = _near(there, along * sine - across * cosine, along * cosine + across * sine)
    return [
        _feature("Polygon", [ring], {"what": "uncertainty", "number": number, "probability": INSIDE})
        for number, ring in zip(there.number.tolist(), rings, strict=True)
    ]


def place_features(places: Sequence[tuple[Place, tuple[float, float] | None]]) -> list[Feature]:
    """Each place with where its vessel is (latitude, longitude), None: it has none, or it is not seen."""
    return [_place(place, vessel) for place, vessel in places]


def bearing_features(bearings: Iterable[Bearing], sensors: Sequence[Sensor]) -> list[Feature]:
    """A line a direction, from its sensor as far as that reaches."""
    return [_bearing(bearing, sensors[bearing.sensor]) for bearing in bearings]


def _place(place: Place, vessel: tuple[float, float] | None) -> Feature:
    properties = {
        "what": "place", "id": place.id, "name": place.name or place.id, "shape": place.shape.word,
        "radius_m": place.radius_m, "bottom_m": place.bottom_m, "top_m": place.top_m, "identity": place.identity,
    }  # fmt: skip
    if place.shape is Shape.CORRIDOR:
        return _feature("LineString", _turned(place.points_deg), properties, place.id)
    if place.shape is Shape.POLYGON:
        return _feature("Polygon", [_ring(place.points_deg)], properties, place.id)
    middle = place.points_deg[0] if place.points_deg else vessel
    if middle is None:  # an unlocated feature (3.2)
        return {"type": "Feature", "id": place.id, "geometry": None, "properties": properties}
    frame, turn = Frame(Origin(*middle, 0.0)), np.linspace(0.0, 2.0 * np.pi, CORNERS + 1)
    circle = np.stack([place.radius_m * np.cos(turn), place.radius_m * np.sin(turn), np.zeros_like(turn)], axis=1)
    return _feature("Polygon", [_line(frame, circle, middle[1])], properties, place.id)


def _bearing(bearing: Bearing, sensor: Sensor) -> Feature:
    frame = Frame(Origin(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m))
    far = np.linspace(0.0, sensor.max_range_m, BEARING_POINTS)
    enu = np.stack([far * math.sin(bearing.azimuth_rad), far * math.cos(bearing.azimuth_rad), np.zeros_like(far)], 1)
    properties = {
        "what": "bearing", "sensor": sensor.id, "time": iso([bearing.time_ns])[0],
        "azimuth_deg": round(math.degrees(bearing.azimuth_rad) % 360.0, 2),
        "sigma_deg": round(math.degrees(bearing.sigma_azimuth_rad), 2),
    }  # fmt: skip
    return _feature("LineString", _line(frame, enu, sensor.longitude_deg), properties)


def _feature(kind: str, coordinates: Any, properties: dict[str, Any], name: int | str | None = None) -> Feature:
    head = {"type": "Feature"} if name is None else {"type": "Feature", "id": name}
    return {**head, "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _line(frame: Frame, enu_m: Any, near_deg: float) -> list[list[float]]:
    """Points of a frame as longitude and latitude, longitudes on the same side of the date line as `near_deg`."""
    latitude, longitude, _ = frame.to_geodetic(enu_m)
    longitude = near_deg + (longitude - near_deg + 180.0) % 360.0 - 180.0
    points: list[list[float]] = np.round(np.stack([longitude, latitude], axis=1), 7).tolist()
    return points


def _near(air: Air, east_m: Any, north_m: Any) -> list[list[list[float]]]:
    """Points (n, k) beside each object as longitude and latitude, by the ellipsoid's radii there."""
    sine = np.sin(np.radians(air.latitude_deg))
    w = np.sqrt(1.0 - E2 * sine * sine)
    meridian_m = SEMI_MAJOR_M * (1.0 - E2) / w**3 + air.height_m
    parallel_m = np.maximum((SEMI_MAJOR_M / w + air.height_m) * np.cos(np.radians(air.latitude_deg)), 1.0)
    latitude = air.latitude_deg[:, None] + np.degrees(north_m / meridian_m[:, None])
    longitude = air.longitude_deg[:, None] + np.degrees(east_m / parallel_m[:, None])
    points: list[list[list[float]]] = np.round(np.stack([longitude, latitude], axis=2), 7).tolist()
    return points


def _turned(points_deg: Sequence[tuple[float, float]]) -> list[list[float]]:
    first = points_deg[0][1]
    return [[round(first + (lon - first + 180.0) % 360.0 - 180.0, 7), round(lat, 7)] for lat, lon in points_deg]


def _ring(points_deg: Sequence[tuple[float, float]]) -> list[list[float]]:
    """A closed ring, counterclockwise."""
    ring = _turned(points_deg)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    ring = ring if area >= 0.0 else ring[::-1]
    return [*ring, ring[0]]
