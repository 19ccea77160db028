"""Where an object is heading, as drawn on the map: its present course carried on, with its growing spread; and how far
it is from a place.

The course is that of the picture: velocity held, in the plane that touches the ellipsoid at the object, which is right
to a few metres over the minutes that are drawn. What an object may do beyond that is in the notice's times and
probability, which come from the core.
"""

from __future__ import annotations

import math

from lowsky.model.geodesy import E2, SEMI_MAJOR_M
from lowsky.model.place import Place, Shape

from ..feed.columns import Table

STEP_S = 15.0
LONGEST_S = 240.0
ACCELERATION_MPS2 = 0.35  # how the spread grows: what objects on a course do besides, one standard deviation
Point = tuple[float, float]


def metres_a_degree(latitude_deg: float) -> Point:
    """Metres a degree of latitude and of longitude at a latitude, on the ellipsoid."""
    sine = math.sin(math.radians(latitude_deg))
    w = math.sqrt(1.0 - E2 * sine * sine)
    north = SEMI_MAJOR_M * (1.0 - E2) / w**3
    east = SEMI_MAJOR_M / w * math.cos(math.radians(latitude_deg))
    return math.radians(north), max(math.radians(east), 1e-6)


def path_to(
    table: Table, row: int, now_ms: float, until_ms: float | None
) -> tuple[tuple[float, float, float, float], ...]:
    """Points (lon, lat, ms, sigma m) from now to `until_ms`, `STEP_S` apart, the last at the end itself."""
    if until_ms is None:
        return ()
    span_s = min(max((until_ms - now_ms) / 1000.0, 0.0), LONGEST_S)
    value = {n: float(table[n][row]) for n in ("lat", "lon", "east_mps", "north_mps", "cov_ee_m2", "cov_nn_m2")}
    north_m, east_m = metres_a_degree(value["lat"])
    start_m2 = 0.5 * (value["cov_ee_m2"] + value["cov_nn_m2"])
    times = [i * STEP_S for i in range(int(span_s / STEP_S) + 1)]
    if span_s - times[-1] > 1.0:
        times.append(span_s)
    return tuple(
        (
            (value["lon"] + value["east_mps"] * t / east_m + 180.0) % 360.0 - 180.0,
            value["lat"] + value["north_mps"] * t / north_m,
            now_ms + 1000.0 * t,
            math.sqrt(start_m2 + (0.5 * ACCELERATION_MPS2 * t * t) ** 2),
        )
        for t in times
    )


def distance_m(table: Table, row: int, place: Place) -> float | None:
    """Horizontal distance of an object from the edge of a place, m; 0 inside; None for a vessel's place."""
    if not place.points_deg:
        return None
    lat, lon = float(table["lat"][row]), float(table["lon"][row])
    north_m, east_m = metres_a_degree(lat)
    corners = [
        (((p_lon - lon + 180.0) % 360.0 - 180.0) * east_m, (p_lat - lat) * north_m) for p_lat, p_lon in place.points_deg
    ]
    if place.shape is Shape.POINT:
        return max(math.hypot(*corners[0]) - place.radius_m, 0.0)
    ends = corners[1:] + (corners[:1] if place.shape is Shape.POLYGON else [])
    if place.shape is Shape.POLYGON and _inside(corners):
        return 0.0
    nearest = min(_to_segment_m(a, b) for a, b in zip(corners, ends, strict=False))
    return max(nearest - place.radius_m, 0.0)


def _to_segment_m(a: Point, b: Point) -> float:
    """Distance of the origin from a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0.0 else min(max(-(a[0] * dx + a[1] * dy) / length2, 0.0), 1.0)
    return math.hypot(a[0] + share * dx, a[1] + share * dy)


def _inside(corners: list[Point]) -> bool:
    """Whether the origin is inside a ring, by counting the edges east of it."""
    inside = False
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (ay > 0.0) != (by > 0.0) and ax - ay * (bx - ax) / (by - ay) > 0.0:
            inside = not inside
    return inside
