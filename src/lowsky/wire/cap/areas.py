"""Protected places to areas: circles and closed polygons, heights in feet above mean sea level.

A margin round a polygon, and a corridor, become one stadium (all within the radius of a segment) a side; the area is
the union of what it names. Polygons are drawn in the plane that touches the earth at the segment, right to a metre
for sides of some kilometres; longitudes are kept within 180 degrees, and a polygon across the date line is not cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lowsky.model.geodesy import E2, SEMI_MAJOR_M
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.place import Place, Shape

from .alert import Area

Point = tuple[float, float]  # latitude, longitude, degrees

FEET_PER_M = 1.0 / 0.3048
CAP_POINTS = 9  # of each half circle at the ends of a stadium, drawn round the true one
EVERYWHERE_M = (-1000.0, 10_000.0)  # the height band of a place of which none was said
STEEPEST = math.cos(math.radians(89.9))  # nearer the pole a degree of longitude is taken as one there


def area_of(place: Place, vessel: Point | None = None) -> Area:
    """The area of a place; a vessel is where it is now, and has no outline while nobody knows where."""
    name = place.name.strip() or place.id
    altitude, ceiling = _heights(place, vessel)
    radius_m = place.radius_m
    if place.shape in (Shape.POINT, Shape.VESSEL):
        centres = place.points_deg if vessel is None else (vessel,)
        return Area(name, circle=tuple(_circle(c, radius_m) for c in centres), altitude=altitude, ceiling=ceiling)
    points = place.points_deg
    corridor = place.shape is Shape.CORRIDOR
    polygons = [] if corridor else [_closed(list(points))]
    if radius_m > 0.0:
        ends = zip(points, points[1:] if corridor else (*points[1:], points[0]), strict=not corridor)
        polygons += [_closed(list(_stadium(a, b, radius_m))) for a, b in ends]
    return Area(name, polygon=tuple(polygons), altitude=altitude, ceiling=ceiling)


def _circle(centre: Point, radius_m: float) -> str:
    return f"{_pair(centre)} {math.ceil(radius_m) / 1000.0:.3f}"


def _closed(points: list[Point]) -> str:
    return " ".join(_pair(p) for p in [*points, points[0]])


def _pair(point: Point) -> str:
    latitude, longitude = max(-90.0, min(90.0, point[0])), (point[1] + 180.0) % 360.0 - 180.0
    return f"{latitude:.6f},{longitude:.6f}"


def _stadium(a: Point, b: Point, radius_m: float) -> Iterator[Point]:
    """Points round all that is within a radius of the segment from a to b, clockwise; nothing within it is left out."""
    north_m, east_m = _metres_per_degree((a[0] + b[0]) / 2.0)
    turn = (b[1] - a[1] + 180.0) % 360.0 - 180.0
    course = math.atan2(turn * east_m, (b[0] - a[0]) * north_m)
    step = math.pi / (CAP_POINTS - 1)
    outside_m = radius_m / math.cos(step / 2.0)  # the chords between points touch the circle from outside
    for centre, begin in ((b, course - math.pi / 2.0), (a, course + math.pi / 2.0)):
        for k in range(CAP_POINTS):
            angle = begin + k * step
            yield (
                centre[0] + outside_m * math.cos(angle) / north_m,
                centre[1] + outside_m * math.sin(angle) / east_m,
            )


def _metres_per_degree(latitude_deg: float) -> tuple[float, float]:
    """Metres in a degree northwards and eastwards (WGS-84, at height 0)."""
    latitude = math.radians(latitude_deg)
    flat = 1.0 - E2 * math.sin(latitude) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - E2) / flat**1.5
    across_m = SEMI_MAJOR_M / math.sqrt(flat) * max(math.cos(latitude), STEEPEST)
    return math.radians(meridian_m), math.radians(across_m)


def _heights(place: Place, vessel: Point | None) -> tuple[str, str]:
    """Altitude and ceiling, rounded outwards to whole feet; empty for a place without a height band."""
    if (place.bottom_m, place.top_m) == EVERYWHERE_M:
        return "", ""
    points = place.points_deg or ((vessel,) if vessel is not None else ())
    sea_m = [float(geoid_undulation_m(*p)) for p in points] or [0.0]
    bottom_ft, top_ft = (place.bottom_m - max(sea_m)) * FEET_PER_M, (place.top_m - min(sea_m)) * FEET_PER_M
    return f"{math.floor(bottom_ft)}", f"{math.ceil(top_ft)}"
