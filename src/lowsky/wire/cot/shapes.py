"""Drawn areas to places, and places to drawn areas.

    u-d-f      points joined by lines (`link point="lat,lon[,hae]"`); three or more are an area
    u-d-r      a rectangle: its four corners, as above
    u-d-c-c    a circle or ellipse: `shape/ellipse` with half axes in metres, `angle` of the major one from north
    b-m-p-s-m, b-m-p-s-p-i, u-d-p    a point that was marked: a circle of a radius that is configured

An ellipse becomes a polygon. A place's margin, corridor width and heights stand in words, since shapes have none.
"""

from __future__ import annotations

import math

import numpy as np

from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef
from lowsky.model.place import Place, Shape

from .event import Event, NotEventError
from .tree import Element
from .xml import decimal, number_of

AREAS = ("u-d-f", "u-d-r")
CIRCLE = "u-d-c-c"
MARKS = ("b-m-p-s-m", "b-m-p-s-p-i", "u-d-p")
SHAPES = (*AREAS, CIRCLE, *MARKS)
MAX_POINTS = 500
MAX_NAME = 100  # characters
MAX_PLACE_UID = 128
LARGEST_M = 100_000.0  # a drawn radius
ELLIPSE_POINTS = 36
ROUND = 1.01  # half axes that differ by less are a circle's

Points = tuple[tuple[float, float], ...]


def place_from(event: Event, prefix: str, mark_radius_m: float) -> Place:
    """The place that a drawn shape is; its id is `prefix` and the shape's uid.

    Raises:
        NotEventError: if it is no area on the ground.
    """
    if len(event.uid) > MAX_PLACE_UID:
        raise NotEventError("uid", f"of a drawing has over {MAX_PLACE_UID} characters", event.uid)
    centre = ((event.latitude_deg, event.longitude_deg),)
    if event.type in AREAS:
        shape, points, radius_m = Shape.POLYGON, _corners(event), 0.0
    elif event.type == CIRCLE:
        shape, points, radius_m = _round(event)
    else:
        shape, points, radius_m = Shape.POINT, centre, mark_radius_m
    try:
        return Place(prefix + event.uid, (event.callsign or event.uid)[:MAX_NAME], shape, points, radius_m)
    except ValueError as error:
        raise NotEventError("drawing", "is no place", str(error)) from None


def _corners(event: Event) -> Points:
    said = [e.get("point") for e in event.detail if e.name == "link" and "point" in e.attributes]
    if len(said) > MAX_POINTS:
        raise NotEventError("link", f"point: more than {MAX_POINTS} of them")
    points = [_point(text) for text in said]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(set(points)) < 3:
        raise NotEventError("link", "points are too few for an area", len(points))
    return tuple(points)


def _point(text: str) -> tuple[float, float]:
    latitude, longitude = ([number_of(part) for part in text.split(",")[:2]] + [math.nan, math.nan])[:2]
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
        raise NotEventError("link", "point is not on the earth", text)
    return latitude, longitude


def _round(event: Event) -> tuple[Shape, Points, float]:
    shape = event.find("shape")
    ellipse = None if shape is None else shape.find("ellipse")
    if ellipse is None:
        raise NotEventError("ellipse", "is missing")
    major, minor = (number_of(ellipse.get(name)) for name in ("major", "minor"))
    for name, half_m in (("major", major), ("minor", minor)):
        if not 0.0 < half_m <= LARGEST_M:
            raise NotEventError(name, f"is not between 0 and {LARGEST_M:.0f}", ellipse.get(name))
    if max(major, minor) <= ROUND * min(major, minor):
        return Shape.POINT, ((event.latitude_deg, event.longitude_deg),), max(major, minor)
    angle = number_of(ellipse.get("angle", "0"))
    if math.isnan(angle):
        raise NotEventError("angle", "is no number", ellipse.get("angle"))
    return Shape.POLYGON, _ellipse(event, major, minor, math.radians(angle)), 0.0


def _ellipse(event: Event, major_m: float, minor_m: float, angle_rad: float) -> Points:
    turn = np.linspace(0.0, 2.0 * np.pi, ELLIPSE_POINTS, endpoint=False)
    along, across = major_m * np.cos(turn), minor_m * np.sin(turn)
    east = along * np.sin(angle_rad) + across * np.cos(angle_rad)
    north = along * np.cos(angle_rad) - across * np.sin(angle_rad)
    offset = np.stack([east, north, np.zeros_like(east)], axis=1)
    here = ecef_from_geodetic(event.latitude_deg, event.longitude_deg, 0.0)
    latitude, longitude, _ = geodetic_from_ecef(here + offset @ enu_axes(event.latitude_deg, event.longitude_deg))
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))


def drawing(place: Place, centre: tuple[float, float] | None = None) -> tuple[str, tuple[float, float], list[Element]]:
    """A place as a drawing: its type, where its point is, and the elements of its form.

    `centre` is where a vessel is now.

    Raises:
        ValueError: if the place is a vessel and `centre` is not given.
    """
    if place.shape is Shape.VESSEL and centre is None:
        raise ValueError(f"place {place.id!r}: where the vessel is, is not known")
    if place.shape in (Shape.POINT, Shape.VESSEL):
        size = decimal(place.radius_m)
        ellipse = Element("ellipse", {"major": size, "minor": size, "angle": "360"})
        return CIRCLE, centre or place.points_deg[0], [Element("shape", {}, "", (ellipse,))]
    corners = place.points_deg if place.shape is Shape.CORRIDOR else (*place.points_deg, place.points_deg[0])
    links = [Element("link", {"point": f"{decimal(lat)},{decimal(lon)}"}) for lat, lon in corners]
    return AREAS[0], _middle(place.points_deg), links


def _middle(points: Points) -> tuple[float, float]:
    """The mean of points, also across the date line."""
    latitude = math.fsum(p[0] for p in points) / len(points)
    first = points[0][1]
    east = math.fsum((p[1] - first + 180.0) % 360.0 - 180.0 for p in points) / len(points)
    return latitude, (first + east + 180.0) % 360.0 - 180.0
