"""What flies over Norrhavn and is no raid: airliners, light aircraft, helicopters, birds, multirotors, balloons.

Times are seconds after the scene's start; an act is an hour.
"""

from __future__ import annotations

import numpy as np

from ..air import Air
from ..envelopes import AIRLINER, BALLOON, BIRD, HELICOPTER, LEAFLETS, LIGHT_AIRCRAFT, LOAD, MULTIROTOR, Envelope
from ..flight import Flight, envelope_traits, traits_of
from ..free import Balloons, Birds, Roaming, flocks_of
from ..identities import aircraft_address, serial_number
from ..motion import Floats
from ..release import Release
from ..travel import Route, Travel
from . import chart
from .chart import Point

GLIDE = float(np.tan(np.radians(3.0)))
FINAL_M = 17_000.0  # from where an approach is straight
SHORT_OF_M = -900.0  # touchdown, along the runway from its middle
ARRIVALS_EVERY_S, DEPARTURES_EVERY_S = 420.0, 560.0
APPROACH_MPS, DEPARTURE_MPS = (70.0, 78.0), (80.0, 95.0)

Waypoint = tuple[float, float, float]


def _crew(envelope: Envelope, routes: list[Route], air: Air, rng: np.random.Generator, begin_s: Floats) -> Travel:
    names = [aircraft_address(rng) for _ in routes]
    return Travel(envelope_traits(envelope, len(routes), rng, names), envelope, routes, air, rng, begin_s)


def arrivals(rng: np.random.Generator, air: Air, begin_s: Floats) -> Travel:
    """Airliners that come in over the sea at 3 degrees and land; the first of a scene is half-way down."""
    routes = []
    for begin in begin_s:
        away = 0.55 * FINAL_M if begin == 0.0 else FINAL_M
        far: Waypoint = (*chart.from_runway(SHORT_OF_M - away), GLIDE * away)
        routes.append(Route([far, (*chart.from_runway(SHORT_OF_M), 0.0)], float(rng.uniform(*APPROACH_MPS))))
    return _crew(AIRLINER, routes, air, rng, begin_s)


def departures(rng: np.random.Generator, air: Air, begin_s: Floats) -> Travel:
    """Airliners that take off to the east and turn north over the land."""
    routes = []
    for _ in begin_s:
        line: list[Waypoint] = [
            (*chart.from_runway(300.0), 0.0), (*chart.from_runway(3000.0), 300.0), (11_500.0, -2500.0, 700.0),
            (10_500.0, 6000.0, 1500.0), (8000.0, 16_000.0, 2400.0),
        ]  # fmt: skip
        routes.append(Route(line, float(rng.uniform(*DEPARTURE_MPS))))
    return _crew(AIRLINER, routes, air, rng, begin_s)


def light_aircraft(rng: np.random.Generator, air: Air, begin_s: Floats) -> Travel:
    """Light aircraft along the coast, from the south or the north."""
    routes = []
    for _ in begin_s:
        east, height = float(rng.uniform(2200.0, 4500.0)), float(rng.uniform(250.0, 450.0))
        way = float(rng.choice([-1.0, 1.0]))
        line = [(east, -way * 12_000.0, height), (east - 600.0, 0.0, height), (east, way * 12_000.0, height)]
        routes.append(Route([(float(x), float(y), z) for x, y, z in line], float(rng.uniform(48.0, 60.0))))
    return _crew(LIGHT_AIRCRAFT, routes, air, rng, begin_s)


def helicopters(rng: np.random.Generator, air: Air, begin_s: Floats) -> Travel:
    """Helicopters from the airfield out to sea and back."""
    routes = []
    for _ in begin_s:
        apron, north = chart.from_runway(100.0, 250.0), float(rng.uniform(-3500.0, 2500.0))
        line = [
            (*apron, 0.0), (3500.0, -4800.0, 250.0), (-3000.0, north - 1500.0, 180.0), (-9500.0, north, 150.0),
            (-3500.0, north - 2500.0, 200.0), (4500.0, -5500.0, 220.0), (*apron, 0.0),
        ]  # fmt: skip
        routes.append(Route(line, float(rng.uniform(50.0, 60.0))))
    return _crew(HELICOPTER, routes, air, rng, begin_s)


def birds(
    rng: np.random.Generator, air: Air, n: int, middle: Point, half_width_m: float, begin_s: float, end_s: float,
    mean_size: float = 3.0,
) -> Birds:  # fmt: skip
    """Birds round a place; flocks settle one after another in the last fifth of the time."""
    flock = flocks_of(rng, n, mean_size)
    ends = end_s - rng.uniform(0.0, 0.2, int(flock.max()) + 1) * (end_s - begin_s)
    return Birds(envelope_traits(BIRD, n, rng), flock, rng, air, half_width_m, middle, begin_s, ends)


def visitors(
    rng: np.random.Generator, middle: Point, half_width_m: float, begin_s: Floats, end_s: Floats, declares: list[bool]
) -> Roaming:
    """Small multirotors that fly about a place for some minutes; some declare themselves by Remote ID."""
    names = [serial_number(rng) if d else "" for d in declares]
    traits = envelope_traits(MULTIROTOR, len(names), rng, names, np.ones(len(names), dtype=np.bool_))
    return Roaming(traits, rng, half_width_m, middle, begin_s, end_s)


def phantom(rng: np.random.Generator, middle: Point, begin_s: float, end_s: float) -> Roaming:
    """Somebody declares a multirotor by Remote ID where nothing is."""
    traits = traits_of(
        np.array([MULTIROTOR.kind], dtype=np.uint8), np.array([MULTIROTOR.rcs_dbsm]), [serial_number(rng)],
        body=np.zeros(1, dtype=np.bool_),
    )  # fmt: skip
    return Roaming(traits, rng, 500.0, middle, begin_s, end_s)


def liar(rng: np.random.Generator, middle: Point, begin_s: float, end_s: float, off_m: Waypoint) -> Roaming:
    """A multirotor that declares itself somewhere else."""
    one = np.ones(1, dtype=np.bool_)
    traits = traits_of(
        np.array([MULTIROTOR.kind], dtype=np.uint8), MULTIROTOR.draw_rcs_dbsm(1, rng), [serial_number(rng)],
        transmits=one, declared_off_m=np.array([off_m]),
    )  # fmt: skip
    return Roaming(traits, rng, 300.0, middle, begin_s, end_s)


def droppers(rng: np.random.Generator, air: Air, begin_s: Floats) -> list[Flight]:
    """Multirotors that hover and let something go: leaflets over the town, a load by the power plant, in turn."""
    out: list[Flight] = []
    for i, begin in enumerate(begin_s):
        over_town = i % 2 == 0
        east, north = chart.TOWN if over_town else (chart.PLANT[0] - 250.0, chart.PLANT[1] - 150.0)
        at = np.array([[east, north, 95.0]]) + rng.normal(0, [80.0, 80.0, 6.0])
        home = np.array([[3200.0, north + 900.0, 10.0]])
        traits = envelope_traits(MULTIROTOR, 1, rng, transmits=np.ones(1, dtype=np.bool_))
        out.append(Release(traits, LEAFLETS if over_town else LOAD, home, at, rng, air, float(begin), 25.0))
    return out


def balloons(rng: np.random.Generator, air: Air, begin_s: Floats, away_m: float = 3200.0) -> Balloons:
    """Balloons with a load that are let go upwind at sea, so that the wind takes them over the harbour."""
    n, middle = len(begin_s), 150.0  # height at which most of the way is flown
    wind = air.mean(np.array([middle]))[0]
    towards = wind[:2] / np.hypot(*wind[:2])
    aside = np.array([towards[1], -towards[0]])
    start = -towards * away_m + rng.uniform(-700.0, 700.0, (n, 1)) * aside
    height = rng.uniform(20.0, 60.0, n)
    traits = envelope_traits(BALLOON, n, rng)
    return Balloons(traits, np.column_stack([start, height]), rng, air, begin_s, begin_s + 2000.0, 700.0)
