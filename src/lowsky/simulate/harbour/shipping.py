"""What sails off Norrhavn: the ferry, ships at anchor, traffic in the lanes, fishing and pilot boats.

All declare themselves by AIS but one fishing boat. Courses stay in the water and use the entrance between the moles.
"""

from __future__ import annotations

import numpy as np

from ..envelopes import VESSEL
from ..flight import envelope_traits
from ..identities import ship_number
from ..motion import Floats
from ..travel import Route, Travel
from . import chart
from .chart import Line

FERRY_IDENTITY = "200424242"
FERRY_MPS, HARBOUR_MPS = 8.5, 4.0
SEA_LEVEL_M = 0.0
LANE_MPS = (5.0, 8.5)
AT_ANCHOR = 5
FIRST_IN_LANES = 4
IN_LANES_AN_ACT = 4


def _at_sea(line: Line) -> list[tuple[float, float, float]]:
    return [(x, y, SEA_LEVEL_M) for x, y in line]


def ferry(rng: np.random.Generator) -> Travel:
    """The ferry, which goes out and comes back for ever, waiting at its berth and off the coast."""
    inner = [chart.BERTH, (0.0, -100.0), (-500.0, -40.0), chart.ENTRANCE]
    way = [*inner, *chart.FAIRWAY[1:3]]
    line = way + way[-2:0:-1]
    outside = range(len(inner), len(way) + 2)  # from the entrance to the entrance
    speeds = [FERRY_MPS if i in outside else HARBOUR_MPS for i in range(len(line))]
    traits = envelope_traits(VESSEL, 1, rng, [FERRY_IDENTITY])
    return Travel(traits, VESSEL, [Route(_at_sea(line), speeds, {0: 45.0, len(way) - 1: 60.0}, 0)], None, rng)


def at_anchor(rng: np.random.Generator) -> Travel:
    """Ships that lie in the anchorage."""
    angle = 2 * np.pi * (np.arange(AT_ANCHOR) + rng.uniform(-0.25, 0.25, AT_ANCHOR)) / AT_ANCHOR
    away = rng.uniform(350.0, chart.ANCHORAGE_RADIUS_M - 150.0, AT_ANCHOR)
    east, north = chart.ANCHORAGE[0] + away * np.sin(angle), chart.ANCHORAGE[1] + away * np.cos(angle)
    routes = [Route([(float(x), float(y), SEA_LEVEL_M)], 0.0) for x, y in zip(east, north, strict=True)]
    names = [ship_number(rng) for _ in routes]
    return Travel(envelope_traits(VESSEL, AT_ANCHOR, rng, names), VESSEL, routes, None, rng)


def in_lanes(rng: np.random.Generator, begin_s: Floats, from_the_end: bool) -> Travel:
    """Ships in the two lanes; those that are there from the start are anywhere in them."""
    routes = []
    for i in range(len(begin_s)):
        northbound = i % 2 == 0
        middle = chart.LANE_NORTH_EAST_M if northbound else chart.LANE_SOUTH_EAST_M
        south, north = chart.SHORE_ENDS_M
        start = south if from_the_end else float(rng.uniform(0.8 * south, 0.5 * north))
        ends = (start, north) if northbound else (-start, south)
        east = [middle + float(v) for v in rng.normal(0.0, 150.0, 3)]
        line = [(east[0], ends[0]), (east[1], (ends[0] + ends[1]) / 2), (east[2], ends[1])]
        routes.append(Route(_at_sea(line), float(rng.uniform(*LANE_MPS))))
    names = [ship_number(rng) for _ in routes]
    return Travel(envelope_traits(VESSEL, len(routes), rng, names), VESSEL, routes, None, rng, begin_s)


def small_craft(rng: np.random.Generator) -> Travel:
    """Two fishing boats that go round their ground, one of them silent, and the pilot boat between entrance and
    anchorage."""
    routes, (east, north) = [], chart.FISHING_GROUND
    for _ in range(2):
        angle = np.arange(5) * 2 * np.pi / 5 + rng.uniform(0, 2 * np.pi)
        size = float(rng.uniform(500.0, 1000.0))
        line = [(east + size * float(np.sin(a)), north + size * float(np.cos(a))) for a in angle]
        routes.append(Route(_at_sea(line), float(rng.uniform(1.5, 3.0)), {}, 0))
    out = [(-300.0, 320.0), (-700.0, 200.0), chart.ENTRANCE, (-1800.0, 200.0), (-3600.0, 2300.0)]
    routes.append(Route(_at_sea(out + out[-2:0:-1]), 6.0, {0: 240.0, 4: 120.0}, 0))
    names = [ship_number(rng), "", ship_number(rng)]
    return Travel(envelope_traits(VESSEL, 3, rng, names), VESSEL, routes, None, rng)
