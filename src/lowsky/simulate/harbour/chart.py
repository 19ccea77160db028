"""The chart of Norrhavn, a harbour that does not exist: where shore, quays, town, plant, airfield and lanes are.

The ground is a real, nearly straight piece of coast of the North Sea (Natural Earth's 10 m coast line has two points
for it, `SHORE_SLOPE` joins them), so that a coarse base map shows land and sea where they belong. Everything built on
it is invented. Coordinates are m east and north of the harbour's middle on the shore; the sea is in the west. Ground
and sea are one level: mean sea level there, which is the map's height 0.
"""

from __future__ import annotations

import numpy as np

from lowsky.model.heights import geoid_undulation_m
from lowsky.model.sensor import Origin

Point = tuple[float, float]
Line = list[Point]

LATITUDE_DEG, LONGITUDE_DEG = 56.42, 8.1276
GROUND = Origin(LATITUDE_DEG, LONGITUDE_DEG, float(geoid_undulation_m(LATITUDE_DEG, LONGITUDE_DEG)))

SHORE_SLOPE = -0.01726  # m east a metre north
SHORE_ENDS_M = (-13_000.0, 13_000.0)  # it is straight for longer


def shore_east_m(north_m: float) -> float:
    """Where the shore is."""
    return SHORE_SLOPE * north_m


# outer harbour between two breakwaters, and a dock dug into the land
NORTH_MOLE: Line = [(0.0, 620.0), (-420.0, 640.0), (-820.0, 430.0), (-1010.0, 160.0)]
SOUTH_MOLE: Line = [(10.0, -620.0), (-480.0, -600.0), (-800.0, -400.0), (-920.0, -130.0)]
MOLE_WIDTH_M = 26.0
DOCK: Line = [(-20.0, -250.0), (470.0, -250.0), (470.0, 50.0), (-20.0, 50.0)]
FISHING_DOCK: Line = [(-20.0, 250.0), (240.0, 250.0), (240.0, 400.0), (-20.0, 400.0)]
QUAYS: list[Line] = [
    [(20.0, -310.0), (530.0, -310.0), (530.0, -250.0), (20.0, -250.0)],
    [(470.0, -250.0), (530.0, -250.0), (530.0, 110.0), (470.0, 110.0)],
    [(20.0, 50.0), (470.0, 50.0), (470.0, 110.0), (20.0, 110.0)],
    [(20.0, 400.0), (290.0, 400.0), (290.0, 430.0), (20.0, 430.0)],
]
ENTRANCE: Point = (-965.0, 15.0)
BERTH: Point = (400.0, -100.0)

HARBOUR_AREA: Line = [
    (-1040.0, 190.0), (-840.0, 470.0), (-430.0, 690.0), (60.0, 680.0), (560.0, 450.0), (560.0, -330.0), (60.0, -680.0),
    (-490.0, -660.0), (-840.0, -440.0), (-960.0, -140.0),
]  # fmt: skip

FAIRWAY: Line = [ENTRANCE, (-3000.0, -200.0), (-6000.0, -900.0), (-9000.0, -1500.0)]
ANCHORAGE: Point = (-4800.0, 3000.0)
ANCHORAGE_RADIUS_M = 1100.0
LANE_NORTH_EAST_M, LANE_SOUTH_EAST_M = -8500.0, -10_500.0  # northbound and southbound traffic
FISHING_GROUND: Point = (-3200.0, -4600.0)

PLANT: Point = (1300.0, 4200.0)
POWER_LINE: Line = [(1420.0, 4200.0), (4200.0, 3700.0), (7000.0, 4300.0), (10_500.0, 4000.0)]
TOWN: Point = (1450.0, -150.0)
LIGHTHOUSE: Point = (80.0, -2350.0)

RUNWAY_MIDDLE: Point = (7400.0, -6600.0)
RUNWAY_LENGTH_M, RUNWAY_WIDTH_M = 2400.0, 45.0
RUNWAY_COURSE_RAD = float(np.radians(80.0))


def from_runway(along_m: float, aside_m: float = 0.0) -> Point:
    """A point along the runway's course from its middle, and to the right of it."""
    sin, cos = float(np.sin(RUNWAY_COURSE_RAD)), float(np.cos(RUNWAY_COURSE_RAD))
    east, north = RUNWAY_MIDDLE
    return east + along_m * sin + aside_m * cos, north + along_m * cos - aside_m * sin


def strip(line: Line, width_m: float) -> Line:
    """The outline of a line of some width, ends cut square."""
    at = np.array(line)
    along = np.gradient(at, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    aside = np.column_stack([along[:, 1], -along[:, 0]]) * width_m / 2
    return [(float(x), float(y)) for x, y in np.concatenate([at + aside, (at - aside)[::-1]])]


def town_blocks() -> list[Line]:
    """The houses of the town in blocks along a grid of streets that follows the shore."""
    blocks = []
    for column in range(9):
        for row in range(15):
            east, north = 640.0 + column * 165.0, -1350.0 + row * 165.0
            if (column * 7 + row * 5) % 11 == 0:  # a square or a park
                continue
            width, depth = 105.0 + 7.0 * ((column + 2 * row) % 4), 95.0 + 9.0 * ((2 * column + row) % 4)
            lean = SHORE_SLOPE * north
            corners = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]
            blocks.append([(east + lean + x, north + y) for x, y in corners])
    return blocks
