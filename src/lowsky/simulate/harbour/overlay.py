"""The chart of Norrhavn as GeoJSON (RFC 7946), for a map to draw over its coarse base map.

Every feature has `class` and perhaps `name`. They are in the order in which they are to be drawn. Classes of polygons:
water (docks dug into the land), breakwater, quay, building, plant, runway; of lines: road, power_line, fairway, lane,
anchorage. Shore, land and sea are the base map's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lowsky.model.geodesy import Frame

from ..scene import geodetic
from . import chart
from .chart import Line, Point

Feature = tuple[str, str, str, Line]  # class, name, geometry, points of the map


def make_overlay(frame: Frame) -> dict[str, Any]:
    """The feature collection, degrees rounded to about a centimetre."""
    features = []
    for name, title, shape, points in _features():
        degrees = [_degrees(frame, p) for p in points]
        rings: Any = [_ring(degrees)] if shape == "Polygon" else degrees
        features.append(
            {
                "type": "Feature",
                "properties": {"class": name} | ({"name": title} if title else {}),
                "geometry": {"type": shape, "coordinates": rings},
            }
        )
    return {"type": "FeatureCollection", "name": "Norrhavn", "features": features}


def _degrees(frame: Frame, point: Point) -> list[float]:
    latitude, longitude, _ = geodetic(frame, point)
    return [round(longitude, 7), round(latitude, 7)]


def _ring(degrees: list[list[float]]) -> list[list[float]]:
    """Closed, and counterclockwise as RFC 7946 wants outer rings."""
    at = np.array(degrees)
    doubled = np.sum(at[:, 0] * np.roll(at[:, 1], -1) - np.roll(at[:, 0], -1) * at[:, 1])
    turned = degrees if doubled > 0 else degrees[::-1]
    return [*turned, turned[0]]


def _features() -> list[Feature]:
    ends, anchorage = chart.SHORE_ENDS_M, _circle(chart.ANCHORAGE, chart.ANCHORAGE_RADIUS_M)
    out: list[Feature] = [
        ("anchorage", "Anchorage", "LineString", [*anchorage, anchorage[0]]),
        ("fairway", "Fairway", "LineString", chart.FAIRWAY),
    ]
    for name, east in (("Northbound lane", chart.LANE_NORTH_EAST_M), ("Southbound lane", chart.LANE_SOUTH_EAST_M)):
        out.append(("lane", name, "LineString", [(east, ends[0]), (east, ends[1])]))
    out += [("road", "", "LineString", line) for line in _roads()]
    out += [("building", "", "Polygon", block) for block in chart.town_blocks()]
    out += [("water", name, "Polygon", ring) for name, ring in (("Dock", chart.DOCK), ("", chart.FISHING_DOCK))]
    out += [("quay", "", "Polygon", ring) for ring in chart.QUAYS]
    for name, line in (("North mole", chart.NORTH_MOLE), ("South mole", chart.SOUTH_MOLE)):
        out.append(("breakwater", name, "Polygon", chart.strip(line, chart.MOLE_WIDTH_M)))
    return out + _works()


def _works() -> list[Feature]:
    """Power plant, power line, lighthouse, airfield."""
    east, north = chart.PLANT
    halls = ((-180.0, -90.0, 160.0, 90.0), (20.0, -60.0, 90.0, 150.0), (-120.0, 60.0, 90.0, 70.0))
    half, wide = chart.RUNWAY_LENGTH_M / 2, chart.RUNWAY_WIDTH_M / 2
    runway = [chart.from_runway(a, s) for a, s in ((-half, -wide), (half, -wide), (half, wide), (-half, wide))]
    apron = [chart.from_runway(a, s) for a, s in ((-300.0, 150.0), (400.0, 150.0), (400.0, 330.0), (-300.0, 330.0))]
    return [
        ("plant", "Power plant", "Polygon", _box(east - 300.0, north - 220.0, 600.0, 440.0)),
        *(("building", "", "Polygon", _box(east + x, north + y, w, d)) for x, y, w, d in halls),
        ("power_line", "Power line", "LineString", chart.POWER_LINE),
        ("building", "Lighthouse", "Polygon", _circle(chart.LIGHTHOUSE, 15.0, 12)),
        ("runway", "Airfield", "Polygon", runway),
        ("quay", "", "Polygon", apron),
    ]


def _roads() -> list[Line]:
    """The coast road, the road to the airfield, and the streets of the town."""
    coast = [(chart.shore_east_m(n) + 560.0, n) for n in np.arange(-12_000.0, 12_001.0, 1000.0).tolist()]
    field = [(2100.0, -300.0), (4500.0, -2500.0), chart.from_runway(50.0, 330.0)]
    plant = [(600.0, 3000.0), (1300.0, 3900.0)]
    east = [(2100.0, -300.0), (6000.0, 300.0), (11_000.0, 200.0)]
    streets: list[Line] = [[(620.0, n), (2110.0, n)] for n in (-875.0, -215.0, 445.0)]
    return [coast, field, plant, east, *streets]


def _box(east: float, north: float, width: float, depth: float) -> Line:
    return [(east, north), (east + width, north), (east + width, north + depth), (east, north + depth)]


def _circle(middle: Point, radius_m: float, corners: int = 48) -> Line:
    turn = np.arange(corners) * 2 * np.pi / corners
    return [(middle[0] + radius_m * float(np.sin(a)), middle[1] + radius_m * float(np.cos(a))) for a in turn]
