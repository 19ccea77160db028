"""Travel by way points: one-way drones, airliners, light aircraft, helicopters, vessels.

Each object holds a course over ground towards its next point with a limited turn rate, begins its turn early enough to
roll out on the next leg (a fly-by turn: distance R tan(change / 2), ICAO Doc 8168), changes speed within its limit, and
climbs or sinks so that it reaches the point's height when it reaches the point. What flies by lift keeps its speed
through the air and corrects for the wind (the wind triangle), so its speed over ground is another with every course.

Not modelled: forces, bank, the sea; a vessel turns like anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lowsky.model.angles import wrap_pi

from .air import Air
from .envelopes import Envelope
from .flight import Flight, Traits, wander, within
from .motion import STEP_S, Bools, Floats

ARRIVED_M = 60.0  # a one-way drone this close to its end is gone; a step of flight is under 12 m
REACHED_M = 25.0  # of a point where no turn is due, and of a berth
LONGEST_LEAD_M = 3000.0
SLOWEST_MPS = 0.5  # of a vessel that comes to its berth
ON_THE_SPOT_RAD = 1.0  # a vessel further off its course than this creeps until it has turned
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Route:
    """Way points of one object: (k, 3) m of the map, the first is where it begins; speed m/s towards each (k,), or one
    for all; seconds to wait at each (k,). After the last point it goes on to point `again`, or is over."""

    points_m: list[tuple[float, float, float]]
    speed_mps: float | list[float]
    wait_s: dict[int, float] = field(default_factory=dict)
    again: int | None = None


class Travel(Flight):
    """n objects of one sort on their routes. `chase` gives, for those that end at something that moves, its flight and
    row: their last point is then where that is. `weave_rad` is the sigma of a slow wandering of the course."""

    def __init__(
        self, traits: Traits, envelope: Envelope, routes: list[Route], air: Air | None, rng: np.random.Generator,
        begin_s: Floats | float = 0.0, end_s: Floats | float = np.inf, *,
        chase: dict[int, tuple[Flight, int]] | None = None, weave_rad: float = 0.0,
    ) -> None:  # fmt: skip
        n, most = len(routes), max((len(r.points_m) for r in routes), default=1)
        self._points = np.zeros((n, most, 3))
        self._speeds, self._waits = np.zeros((n, most)), np.zeros((n, most))
        self._count = np.array([len(r.points_m) for r in routes], dtype=np.int64)
        self._again = np.array([NOBODY if r.again is None else r.again for r in routes], dtype=np.int64)
        for i, route in enumerate(routes):
            k = len(route.points_m)
            self._points[i, :k], self._speeds[i, :k] = route.points_m, route.speed_mps
            for at, seconds in route.wait_s.items():
                self._waits[i, at] = seconds
        super().__init__(traits, self._points[:, 0], begin_s, end_s)
        self._envelope, self._air, self._rng = envelope, air, rng
        self._chase, self._weave_rad = chase or {}, weave_rad
        self._leg = np.minimum(1, self._count - 1)
        self._left_s = self._waits[:, 0].copy()  # how long it still waits
        self._speed = np.where(self._left_s > 0, 0.0, self._speeds[np.arange(n), self._leg])
        self._course, self._weave, self._off = self._bearing(self._target()), np.zeros(n), np.zeros(n)

    def steer(self, time_s: float) -> Floats:
        """Towards the present point, or standing where it waits."""
        self._next_leg(self._target())
        target = self._target()
        waiting = self._left_s > 0
        rests = self.alive & (self._speed <= 0.0)
        self._left_s = np.where(rests, np.maximum(self._left_s - STEP_S, 0.0), self._left_s)
        to = target - self.position
        distance = np.hypot(to[:, 0], to[:, 1])
        self._turn(to, waiting)
        self._change_speed(distance, waiting)
        over_ground = self._over_ground(time_s)
        climb = to[:, 2] * over_ground / np.maximum(distance, np.maximum(2.0 * over_ground, 1e-6))
        velocity = np.column_stack(
            [over_ground * np.sin(self._course), over_ground * np.cos(self._course), np.where(waiting, 0.0, climb)]
        )
        limits = self._envelope
        return within(velocity, self.position[:, 2], limits.climb_mps, limits.height_m)

    def _target(self) -> Floats:
        target = self._points[np.arange(len(self)), self._leg]
        for row, (flight, other) in self._chase.items():
            if self._leg[row] == self._count[row] - 1:
                target[row, :2] = flight.position[other, :2]
        return target

    def _bearing(self, target: Floats) -> Floats:
        to = target - self.position
        return np.arctan2(to[:, 0], to[:, 1])

    def _stops(self) -> Bools:
        """Whether it comes to rest at its present point."""
        last = (self._leg == self._count - 1) & (self._again == NOBODY)
        return np.asarray((self._waits[np.arange(len(self)), self._leg] > 0) & ~last)

    def _next_leg(self, target: Floats) -> None:
        """Who reached its point goes on to the next; who reached its last is over."""
        row = np.arange(len(self))
        to = target - self.position
        distance = np.hypot(to[:, 0], to[:, 1])
        last = self._leg == self._count - 1
        following = np.where(last, np.maximum(self._again, 0), self._leg + 1)
        ends = last & (self._again == NOBODY)
        radius = self._speed / self._envelope.turn_rps
        onward = self._points[row, following] - target
        bend = np.abs(wrap_pi(np.arctan2(onward[:, 0], onward[:, 1]) - np.arctan2(to[:, 0], to[:, 1])))
        lead = np.clip(radius * np.tan(np.minimum(bend, 2.6) / 2), REACHED_M, LONGEST_LEAD_M)
        lead = np.where(self._stops(), REACHED_M, np.where(ends, ARRIVED_M, lead))
        receding = np.cos(np.arctan2(to[:, 0], to[:, 1]) - self._course) < 0
        there = (distance < lead) | (receding & (distance < 2 * radius))
        there &= self.alive & (self._left_s <= 0) & (self._count > 1)
        self.over |= there & ends
        on = there & ~ends
        self._left_s = np.where(on, self._waits[row, self._leg], self._left_s)
        self._leg = np.where(on, following, self._leg)

    def _turn(self, to: Floats, waiting: Bools) -> None:
        most = self._envelope.turn_rps * STEP_S
        self._weave = wander(self._weave, self._weave_rad, 20.0, self._rng) if self._weave_rad else self._weave
        self._off = wrap_pi(np.arctan2(to[:, 0], to[:, 1]) + self._weave - self._course)
        self._course = self._course + np.where(waiting | ~self.alive, 0.0, np.clip(self._off, -most, most))

    def _change_speed(self, distance: Floats, waiting: Bools) -> None:
        row, change = np.arange(len(self)), self._envelope.change_mps2
        goal = self._speeds[row, self._leg]
        braked = np.sqrt(2 * change * np.maximum(distance - REACHED_M / 2, 0.0)) + SLOWEST_MPS
        goal = np.where(self._stops(), np.minimum(goal, braked), goal)
        if self._air is None:  # what floats turns nearly on the spot
            goal = np.minimum(goal, np.maximum(goal * (1.0 - np.abs(self._off) / ON_THE_SPOT_RAD), SLOWEST_MPS))
        goal = np.where(waiting | (self._count == 1), 0.0, goal)
        step = np.clip(goal - self._speed, -change * STEP_S, change * STEP_S)
        self._speed = np.where(self.alive, self._speed + step, self._speed)

    def _over_ground(self, time_s: float) -> Floats:
        """Speed over ground on the present course (n,)."""
        if self._air is None:
            return self._speed
        wind = self._air.wind(self.position, time_s)
        along = wind[:, 0] * np.sin(self._course) + wind[:, 1] * np.cos(self._course)
        across = wind[:, 0] * np.cos(self._course) - wind[:, 1] * np.sin(self._course)
        return np.sqrt(np.maximum(self._speed**2 - across**2, 0.0)) + np.where(self._speed > 0, along, 0.0)
