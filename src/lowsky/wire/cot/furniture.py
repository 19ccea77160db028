"""What stands still: sensors as points, with the sector that they see, and protected places as drawings."""

from __future__ import annotations

import math

from lowsky.model.place import Place, Shape
from lowsky.model.sensor import Sensor, SensorKind

from .event import Event
from .shapes import drawing
from .tree import Element
from .voice import Point, Voice, own

RADARS = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
RADAR, OTHER = "a-f-G-E-S-R", "a-f-G-E-S"
OUTLINE, FILL = "-16711681", "536936447"  # cyan, the same almost transparent: signed ARGB
ALL_ROUND_RAD = 2.0 * math.pi - 1e-6


def sensor_event(sensor: Sensor, state: str, message: str, voice: Voice, now_ns: int, stale_ns: int) -> Event:
    """A sensor; `state` and `message` say how it does."""
    kind = RADAR if sensor.kind in RADARS else OTHER
    words = sensor.kind.word.replace("_", " ")
    remarks = f"{words}, {state}{': ' + message if message else ''}; reach {sensor.max_range_m / 1000.0:.1f} km"
    detail = [own(sensor=sensor.id, kind=sensor.kind.word, state=state, max_range_m=f"{sensor.max_range_m:.0f}")]
    if sensor.azimuth_width_rad < ALL_ROUND_RAD:
        detail.insert(0, _sector(sensor))
    point = Point(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    uid = voice.uid_of("sensor", sensor.id)
    return voice.event(uid, kind, now_ns, stale_ns, point, sensor.id, remarks, detail, "m-c")


def _sector(sensor: Sensor) -> Element:
    """The field of view: `azimuth` of its middle and `fov`, its width, degrees; `range` metres."""
    low, high = sensor.elevation_min_rad, sensor.elevation_max_rad
    values = {
        "azimuth": f"{math.degrees(sensor.azimuth_centre_rad) % 360.0:.1f}",
        "fov": f"{math.degrees(sensor.azimuth_width_rad):.1f}",
        "vfov": f"{math.degrees(high - low):.1f}",
        "elevation": f"{math.degrees(0.5 * (low + high)):.1f}",
        "range": f"{sensor.max_range_m:.0f}",
        "northReference": "0",
    }
    return Element("sensor", values)


def place_event(
    place: Place, voice: Voice, now_ns: int, stale_ns: int, centre: tuple[float, float] | None = None
) -> Event:
    """A protected place; `centre` is where a vessel is now.

    Raises:
        ValueError: if the place is a vessel and `centre` is not given.
    """
    kind, at, form = drawing(place, centre)
    style = {"strokeColor": OUTLINE, "strokeWeight": "3.0", "fillColor": FILL, "labels_on": "true"}
    if place.shape is Shape.CORRIDOR:
        del style["fillColor"]
    ours = own(
        place=place.id, shape=place.shape.word, radius_m=f"{place.radius_m:.0f}", identity=place.identity or None
    )
    detail = [*form, *(Element(name, {"value": value}) for name, value in style.items()), ours]
    remarks = f"protected place, {place.bottom_m:.0f} to {place.top_m:.0f} m above the ellipsoid{_margin(place)}"
    # round what is a circle, ce is its size and no error
    ce_m = place.radius_m if place.shape in (Shape.POINT, Shape.VESSEL) else math.nan
    uid = voice.uid_of("place", place.id)
    return voice.event(uid, kind, now_ns, stale_ns, Point(*at, ce_m=ce_m), place.name, remarks, detail, "h-e")


def _margin(place: Place) -> str:
    if place.shape is Shape.CORRIDOR:
        return f"; all within {place.radius_m:.0f} m of the line"
    return f"; and {place.radius_m:.0f} m round it" if place.shape is Shape.POLYGON and place.radius_m else ""
