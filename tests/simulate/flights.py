"""Flights of every sort for tests: how to make each, and what to record of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lowsky.simulate.air import Air
from lowsky.simulate.envelopes import (
    AIRLINER,
    BALLOON,
    BIRD,
    HELICOPTER,
    LARGE_DRONE,
    LIGHT_AIRCRAFT,
    MIDDLE_DRONE,
    MULTIROTOR,
    SMALL_DRONE,
    VESSEL,
    Envelope,
)
from lowsky.simulate.flight import Flight, envelope_traits
from lowsky.simulate.free import Balloons, Birds, Roaming, flocks_of
from lowsky.simulate.motion import STEP_S, Motion
from lowsky.simulate.raid import all_round, fly_wave
from lowsky.simulate.travel import Route, Travel

AIR = Air(speed_mps=6.0, towards_rad=1.0, seed=3)
CALM = Air(speed_mps=0.0, gust_mps=0.0)

Make = Callable[[np.random.Generator], Flight]


def wave(size: Envelope, rng: np.random.Generator, air: Air = AIR) -> Flight:
    """Twenty drones of one size on a dog-leg of some kilometres."""
    return fly_wave(all_round(rng, 1, 20, (4000.0, 4000.0), (size,))[0], air, rng)


def crossing(envelope: Envelope, rng: np.random.Generator, speed_mps: float, height_m: float = 600.0) -> Travel:
    """Ten objects on a zigzag that climbs and sinks."""
    routes = []
    for _ in range(10):
        x, y = (float(v) for v in rng.uniform(-4000, 4000, 2))
        points = [(x, y), (x + 3000, y + 500), (x + 2500, y + 4000), (x - 3000, y + 4500)]
        routes.append(Route([(*p, height_m * (1.0 + 0.1 * (i % 2))) for i, p in enumerate(points)], speed_mps))
    return Travel(envelope_traits(envelope, 10, rng), envelope, routes, AIR, rng)


def sailing(rng: np.random.Generator) -> Travel:
    """Vessels that go round by three points, waiting at one."""
    routes = [
        Route([(0.0, i * 400.0, 0.0), (2500.0, i * 400.0, 0.0), (2500.0, 3000.0, 0.0)], 8.0, {1: 30.0}, 0)
        for i in range(5)
    ]
    return Travel(envelope_traits(VESSEL, 5, rng), VESSEL, routes, None, rng)


FLIGHTS: dict[Envelope, Make] = {
    SMALL_DRONE: lambda rng: wave(SMALL_DRONE, rng),
    MIDDLE_DRONE: lambda rng: wave(MIDDLE_DRONE, rng),
    LARGE_DRONE: lambda rng: wave(LARGE_DRONE, rng),
    MULTIROTOR: lambda rng: Roaming(envelope_traits(MULTIROTOR, 30, rng), rng, 400.0),
    BIRD: lambda rng: Birds(envelope_traits(BIRD, 40, rng), flocks_of(rng, 40), rng, AIR, 500.0),
    BALLOON: lambda rng: Balloons(
        envelope_traits(BALLOON, 20, rng), np.column_stack([np.zeros((20, 2)), np.linspace(50, 600, 20)]), rng, AIR
    ),
    AIRLINER: lambda rng: crossing(AIRLINER, rng, 80.0),
    LIGHT_AIRCRAFT: lambda rng: crossing(LIGHT_AIRCRAFT, rng, 50.0),
    HELICOPTER: lambda rng: crossing(HELICOPTER, rng, 55.0),
    VESSEL: sailing,
}
THROUGH_AIR = (SMALL_DRONE, MIDDLE_DRONE, LARGE_DRONE, AIRLINER, LIGHT_AIRCRAFT, HELICOPTER)
"""What has its speed through the air."""


def record(flight: Flight, steps: int) -> Motion:
    """The flight's motion over some steps from time 0."""
    n = len(flight)
    position, velocity = np.empty((steps, n, 3)), np.empty((steps, n, 3))
    alive = np.empty((steps, n), dtype=np.bool_)
    for i in range(steps):
        flight.advance(i * STEP_S)
        position[i], velocity[i], alive[i] = flight.position, flight.velocity, flight.alive
    return Motion(flight.traits.kind, position, velocity, alive)
