"""What each sort of object can do and how it looks to a radar: speed, height, climb, turn, radar cross section.

The kinds of `lowsky.model.kinds` are coarser: three sizes of one-way drone are all fixed wing; airliners, light
aircraft and helicopters are all aircraft. What falls has no kind, it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.kinds import Kind

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One sort of object. Speeds are through the air for what flies by lift of its own, over ground for the rest."""

    name: str
    kind: Kind
    speed_mps: tuple[float, float]
    height_m: tuple[float, float]  # above the ground
    climb_mps: float  # greatest climb or sink
    turn_rps: float  # greatest turn rate, rad/s
    change_mps2: float  # greatest change of speed along the course
    rcs_dbsm: float  # mean radar cross section at X band
    rcs_spread_db: float = 4.0  # of the means of single objects
    sounds: bool = True  # a microphone hears it

    def draw_rcs_dbsm(self, n: int, rng: np.random.Generator) -> Floats:
        """Mean radar cross sections of n objects, dBsm."""
        return self.rcs_dbsm + rng.normal(0.0, self.rcs_spread_db, n)


def _degrees(rate: float) -> float:
    return float(np.radians(rate))


# small multirotors: up to about 20 m/s and 4 m/s^2; 120 m is the open category's ceiling, and some ignore it
MULTIROTOR = Envelope("multirotor", Kind.MULTIROTOR, (0.0, 20.0), (5.0, 150.0), 3.0, np.inf, 4.0, -20.0)
# one-way drones: a few kg; about 12 kg; over 100 kg. 4 deg/s at 45 m/s is a bank of 18 deg
SMALL_DRONE = Envelope("small drone", Kind.FIXED_WING, (20.0, 50.0), (30.0, 400.0), 3.0, _degrees(8.0), 2.0, -17.0)
MIDDLE_DRONE = Envelope("middle drone", Kind.FIXED_WING, (22.0, 35.0), (40.0, 600.0), 3.0, _degrees(5.0), 1.5, -13.0)
LARGE_DRONE = Envelope("large drone", Kind.FIXED_WING, (50.0, 115.0), (50.0, 1500.0), 6.0, _degrees(3.0), 1.5, -7.0)
# Alerstam et al., PLoS Biology 5(8), 2007: 138 species cruise at 8 to 23 m/s, gulls at 10 to 13; a flock's member may
# be 2 m/s slower or faster while it keeps its place
BIRD = Envelope("bird", Kind.BIRD, (5.0, 20.0), (5.0, 250.0), 3.0, np.inf, np.inf, -26.0, sounds=False)
# a balloon has no speed of its own: wind and gusts, and a free lift of at most 3 m/s
BALLOON = Envelope("balloon", Kind.BALLOON, (0.0, 3.5), (10.0, 3000.0), 3.5, np.inf, np.inf, -16.0, sounds=False)
# an airliner's approach: 3 deg of descent at 70 to 90 m/s is 4 to 5 m/s; departures climb at 10; standard turn 3 deg/s
AIRLINER = Envelope("airliner", Kind.AIRCRAFT, (55.0, 130.0), (0.0, 4000.0), 12.0, _degrees(3.0), 1.5, 14.0)
LIGHT_AIRCRAFT = Envelope("light aircraft", Kind.AIRCRAFT, (30.0, 70.0), (0.0, 3000.0), 5.0, _degrees(6.0), 1.0, 3.0)
HELICOPTER = Envelope("helicopter", Kind.AIRCRAFT, (0.0, 75.0), (0.0, 1500.0), 6.0, _degrees(10.0), 2.0, 6.0)
VESSEL = Envelope("vessel", Kind.VESSEL, (0.0, 15.0), (0.0, 5.0), 0.0, _degrees(2.0), 0.15, 27.0, 5.0, sounds=False)
# what a multirotor lets go: falls at its terminal speed and drifts
LOAD = Envelope("load", Kind.UNKNOWN, (0.0, 40.0), (0.0, 150.0), 40.0, np.inf, np.inf, -22.0, 2.0, sounds=False)
LEAFLETS = Envelope("leaflets", Kind.UNKNOWN, (0.0, 4.0), (0.0, 150.0), 4.0, np.inf, np.inf, -20.0, 2.0, sounds=False)
