"""The scene `harbour`: a night at Norrhavn, for as long as somebody watches.

An act is an hour. Vessels, aircraft and birds come and go; small multirotors fly now and then, one hovers and lets
something go, a balloon drifts in with its load, somebody declares a multirotor that is not there. From minute 2 a raid
of one-way drones comes in waves for the harbour, the power plant, the power line and the ferry; then it is calm, and
later in the hour single waves come again. Every hour is another draw of the same seed.
"""

from __future__ import annotations

import numpy as np

from ..air import Air
from ..flight import Flight
from ..scene import Scene
from ..world import Act
from . import chart, flying, shipping, waves
from .overlay import make_overlay
from .posts import FAULTS, make_places, make_sensors

ACT_S = 3600.0
DEMO_S = 600.0
AIR = Air(speed_mps=6.0, towards_rad=1.25, temperature_c=9.0, seed=11)
GULLS, FOLLOWERS, GEESE = 14, 6, 10
# where birds are: off the harbour in the evening, when people watch for other things, and at its moles in the morning
BEACH, MEADOWS, MOLE = (-200.0, -4300.0), (5200.0, -1500.0), (-500.0, 0.0)
FIELD, TOWN = (3800.0, -2600.0), (900.0, 400.0)  # where multirotors are flown


class Night:
    """The script. The ferry and the ships at anchor stay from act to act."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._ferry: Flight | None = None

    def __call__(self, number: int, rng: np.random.Generator) -> list[Flight]:
        """The flights of an act."""
        start_s, first = number * ACT_S, number == 0
        sea, sky, drones, raid = rng.spawn(4)
        ships: list[Flight] = []
        if self._ferry is None:
            self._ferry = shipping.ferry(sea)
            ships += [self._ferry, shipping.at_anchor(sea.spawn(1)[0]), shipping.small_craft(sea.spawn(1)[0])]
            ships.append(shipping.in_lanes(sea.spawn(1)[0], np.zeros(shipping.FIRST_IN_LANES), from_the_end=False))
        times = start_s + np.sort(sea.uniform(0.0, ACT_S, shipping.IN_LANES_AN_ACT))
        ships.append(shipping.in_lanes(sea.spawn(1)[0], times, from_the_end=True))
        ferry = (self._ferry, 0)
        return [
            *ships,
            *self._sky(sky, start_s, first),
            *self._drones(drones, start_s),
            *waves.first_raid(raid.spawn(1)[0], self._air, start_s, ferry),
            *waves.later_raids(raid.spawn(1)[0], self._air, start_s, ferry),
        ]

    def _sky(self, rng: np.random.Generator, start_s: float, first: bool) -> list[Flight]:
        air, gen = self._air, iter(rng.spawn(12))
        lands = start_s + np.arange(0.0 if first else 60.0, ACT_S - 60.0, flying.ARRIVALS_EVERY_S)
        leaves = start_s + np.arange(200.0, ACT_S - 60.0, flying.DEPARTURES_EVERY_S)
        return [
            flying.arrivals(next(gen), air, lands),
            flying.departures(next(gen), air, leaves),
            flying.light_aircraft(next(gen), air, start_s + rng.uniform([150.0, 1900.0], [260.0, 2900.0])),
            flying.helicopters(next(gen), air, start_s + rng.uniform([330.0], [500.0])),
            flying.birds(next(gen), air, GULLS, BEACH, 1200.0, start_s, start_s + 1100.0),
            flying.birds(next(gen), air, FOLLOWERS, chart.FISHING_GROUND, 900.0, start_s, start_s + 1500.0),
            flying.birds(next(gen), air, GEESE, MEADOWS, 1500.0, start_s + 20.0, start_s + 900.0, 5.0),
            flying.birds(next(gen), air, GULLS // 2, MOLE, 1200.0, start_s + 2700.0, start_s + ACT_S - 1.0),
            flying.balloons(next(gen), air, start_s + np.array([5.0, 1300.0])),
        ]

    def _drones(self, rng: np.random.Generator, start_s: float) -> list[Flight]:
        air, gen = self._air, iter(rng.spawn(12))
        at_field = start_s + rng.uniform([0.0, 900.0], [1.0, 1200.0])
        at_town = start_s + rng.uniform([1000.0, 1800.0, 2700.0], [1200.0, 2100.0, 3000.0])
        long = rng.uniform(280.0, 600.0, 5)
        dropped = start_s + np.array([300.0, 1150.0]) + rng.uniform(0.0, 60.0, 2)
        return [
            flying.visitors(next(gen), FIELD, 500.0, at_field, at_field + long[:2], [True, False]),
            flying.visitors(next(gen), TOWN, 900.0, at_town, at_town + long[2:], [True, False, True]),
            flying.phantom(next(gen), (-250.0, 50.0), start_s + 180.0, start_s + 480.0),
            flying.liar(next(gen), (900.0, 3200.0), start_s + 240.0, start_s + 620.0, (-1400.0, 700.0, 0.0)),
            *flying.droppers(next(gen), air, dropped),
        ]


def _script(air: Air) -> Act:
    return Night(air)


HARBOUR = Scene(
    "a night at a harbour: ships, aircraft, birds, drones, a raid in waves; ten sensors, endless (10 minutes)",
    DEMO_S, chart.GROUND, AIR, _script, make_sensors, ACT_S, FAULTS, make_places, make_overlay,
)  # fmt: skip
