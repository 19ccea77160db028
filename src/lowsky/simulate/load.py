"""The scenes `busy1000` and `steady500`: many objects for as long as somebody watches, for tests of load and endurance.

The place is made up as in `night`. Drones, aircraft and vessels go round by way points for ever; in `steady500` a fifth
of the objects stay ten minutes and others come for them, so that numbers are given and histories end all the time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lowsky.model.geodesy import Frame
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import ALL_KINDS, Sensor, SensorKind

from .air import Air
from .envelopes import AIRLINER, BIRD, LARGE_DRONE, MIDDLE_DRONE, MULTIROTOR, SMALL_DRONE, VESSEL, Envelope
from .flight import Flight, envelope_traits
from .free import Birds, Roaming, flocks_of, square
from .identities import aircraft_address, serial_number, ship_number
from .motion import Floats
from .night import AIR, GROUND
from .scene import Scene, geodetic, stand
from .travel import Route, Travel
from .world import Act

HALF_WIDTH_M = 12_000.0
POINTS = 7
STAY_S, COME_EVERY_S = 600.0, 120.0
RADARS = ((0.0, 0.0), (6500.0, 6500.0), (6500.0, -6500.0), (-6500.0, -6500.0), (-6500.0, 6500.0))
CRUISE_MPS = {SMALL_DRONE: (30.0, 45.0), MIDDLE_DRONE: (24.0, 33.0), LARGE_DRONE: (52.0, 70.0)}
HEIGHT_M = {AIRLINER: (700.0, 2500.0), VESSEL: (0.0, 0.0)}

Names = Callable[[np.random.Generator], str]


def circuit(
    rng: np.random.Generator, air: Air | None, envelope: Envelope, n: int, speed_mps: tuple[float, float],
    name: Names | None = None,
) -> Travel:  # fmt: skip
    """n objects that go round by random points for ever."""
    low, high = HEIGHT_M.get(envelope, (80.0, 350.0))
    routes = []
    for _ in range(n):
        at = np.column_stack([square(rng, POINTS, HALF_WIDTH_M), np.full(POINTS, rng.uniform(low, high))])
        routes.append(Route([(float(x), float(y), float(z)) for x, y, z in at], float(rng.uniform(*speed_mps)), {}, 0))
    names = None if name is None else [name(rng) for _ in range(n)]
    return Travel(envelope_traits(envelope, n, rng, names), envelope, routes, air, rng)


def crowd(rng: np.random.Generator, n: int, begin_s: Floats | float = 0.0, end_s: Floats | float = np.inf) -> Roaming:
    """Multirotors all over the place; every second one declares itself."""
    names = [serial_number(rng) if i % 2 else "" for i in range(n)]
    traits = envelope_traits(MULTIROTOR, n, rng, names, np.ones(n, dtype=np.bool_))
    return Roaming(traits, rng, HALF_WIDTH_M, (0.0, 0.0), begin_s, end_s)


def _staying(rng: np.random.Generator, air: Air, n: int) -> list[Flight]:
    """n objects that are always there: 45 % one-way drones, 30 % birds, 5 % aircraft, the rest multirotors and
    vessels."""
    gen = iter(rng.spawn(8))
    drones = [circuit(next(gen), air, size, round(0.15 * n), CRUISE_MPS[size]) for size in CRUISE_MPS]
    flying, birds, vessels = round(0.05 * n), round(0.3 * n), round(0.05 * n)
    rest = n - sum(len(d) for d in drones) - flying - birds - vessels
    one = next(gen)
    return [
        *drones,
        circuit(next(gen), air, AIRLINER, flying, (70.0, 95.0), aircraft_address),
        Birds(envelope_traits(BIRD, birds, one), flocks_of(one, birds), one, air, HALF_WIDTH_M),
        circuit(next(gen), None, VESSEL, vessels, (4.0, 9.0), ship_number),
        crowd(next(gen), rest),
    ]


def _busy(air: Air) -> Act:
    return lambda number, rng: _staying(rng, air, 1000)


def _steady(air: Air) -> Act:
    coming = round(100 * COME_EVERY_S / STAY_S)

    def act(number: int, rng: np.random.Generator) -> list[Flight]:
        start_s = number * COME_EVERY_S
        if number:
            return [crowd(rng, coming, start_s, start_s + STAY_S)]
        ends = np.asarray(COME_EVERY_S * (1.0 + np.arange(100) // coming), dtype=np.float64)
        return [*_staying(rng.spawn(1)[0], air, 400), crowd(rng.spawn(1)[0], 100, 0.0, ends)]

    return act


def _radars(frame: Frame, which: tuple[tuple[float, float], ...]) -> tuple[Sensor, ...]:
    radars = tuple(
        stand(
            frame, f"radar-{i + 1}", SensorKind.RADAR_3D, at, 20.0, max_range_m=10_000.0, false_plots_per_scan=10.0,
            sees=ALL_KINDS,
        )
        for i, at in enumerate(which)
    )  # fmt: skip
    hears = stand(
        frame, "receiver", SensorKind.COOPERATIVE, (0.0, 0.0), 40.0, max_range_m=40_000.0, detection_probability=0.95,
        false_plots_per_scan=0.0, period_s=2.0, sees=ALL_KINDS,
    )  # fmt: skip
    return (*radars, hears)


def _places(frame: Frame) -> tuple[Place, ...]:
    corners = ((4000.0, 3000.0), (-3500.0, 4500.0), (-4500.0, -3000.0), (3000.0, -4000.0))
    return tuple(
        Place(f"place-{i + 1}", f"Place {i + 1}", Shape.POINT, (geodetic(frame, at)[:2],), 400.0)
        for i, at in enumerate(corners)
    )


BUSY1000 = Scene(
    "1,000 objects that stay, about 2,000 reports a second from six sensors, endless (60 s)",
    60.0, GROUND, AIR, _busy, lambda frame: _radars(frame, RADARS), places=_places,
)  # fmt: skip
STEADY500 = Scene(
    "500 objects, a fifth of them coming and going, four sensors, endless (3,600 s)",
    3600.0, GROUND, AIR, _steady, lambda frame: _radars(frame, RADARS[:3]), COME_EVERY_S, places=_places,
)  # fmt: skip
