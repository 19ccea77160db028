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
SHARPEST_RAD = 2.6  # a sharper bend is begun as early as this one
LARGEST_LEAD = float(np.tan(SHARPEST_RAD / 2)) + 0.1  # turn radii before its point an object may begin its turn
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
        self._leg, self._moves = np.minimum(1, self._count - 1), self._count > 1
        self._left_s = self._waits[:, 0].copy()  # how long it still waits
        self._look_up()
        self._speed = np.where(self._left_s > 0, 0.0, self._goal_mps)
        self._course, self._weave, self._off = self._bearing()[1], np.zeros(n), np.zeros(n)

    def steer(self, time_s: float) -> Floats:
        """Towards the present point, or standing where it waits."""
        distance, bearing = self._bearing()
        if self._next_leg(distance, bearing):
            distance, bearing = self._bearing()
        waiting = self._left_s > 0
        if waiting.any():
            rests = self.alive & (self._speed <= 0.0)
            self._left_s = np.where(rests, np.maximum(self._left_s - STEP_S, 0.0), self._left_s)
        self._turn(bearing, waiting)
        self._change_speed(distance, waiting)
        over_ground = self._over_ground(time_s)
        climb = (self._target[:, 2] - self.position[:, 2]) * over_ground
        climb /= np.maximum(distance, np.maximum(2.0 * over_ground, 1e-6))
        velocity = np.stack(
            [over_ground * np.sin(self._course), over_ground * np.cos(self._course), np.where(waiting, 0.0, climb)],
            axis=1,
        )
        limits = self._envelope
        return within(velocity, self.position[:, 2], limits.climb_mps, limits.height_m)

    def _look_up(self) -> None:
        """What belongs to the present legs; they change rarely."""
        row, last = np.arange(len(self)), self._leg == self._count - 1
        self._following = np.where(last, np.maximum(self._again, 0), self._leg + 1)
        self._target, self._onward = self._points[row, self._leg].copy(), self._points[row, self._following]
        self._goal_mps = np.where(self._moves, self._speeds[row, self._leg], 0.0)
        self._ends = last & (self._again == NOBODY)
        self._stops = (self._waits[row, self._leg] > 0) & ~self._ends
        self._chasing = [(r, *of) for r, of in self._chase.items() if self._ends[r]]

    def _bearing(self) -> tuple[Floats, Floats]:
        """Distance and bearing of the present points."""
        for row, flight, other in self._chasing:
            self._target[row, :2] = flight.position[other, :2]
        east, north = self._target[:, 0] - self.position[:, 0], self._target[:, 1] - self.position[:, 1]
        return np.hypot(east, north), np.arctan2(east, north)

    def _next_leg(self, distance: Floats, bearing: Floats) -> bool:
        """Who reached its point goes on to the next, who reached its last is over; whether there was any."""
        radius = self._speed / self._envelope.turn_rps
        may = self.alive & self._moves & (self._left_s <= 0) & (distance < np.maximum(LARGEST_LEAD * radius, ARRIVED_M))
        if not may.any():
            return False
        onward = self._onward - self._target
        bend = np.abs(wrap_pi(np.arctan2(onward[:, 0], onward[:, 1]) - bearing))
        lead = np.clip(radius * np.tan(np.minimum(bend, SHARPEST_RAD) / 2), REACHED_M, LONGEST_LEAD_M)
        lead = np.where(self._stops, REACHED_M, np.where(self._ends, ARRIVED_M, lead))
        receding = np.cos(bearing - self._course) < 0
        there = may & ((distance < lead) | (receding & (distance < 2 * radius)))
        self.over |= there & self._ends
        on = there & ~self._ends
        if on.any():
            self._left_s = np.where(on, self._waits[np.arange(len(self)), self._leg], self._left_s)
            self._leg = np.where(on, self._following, self._leg)
            self._look_up()
        return bool(on.any())

    def _turn(self, bearing: Floats, waiting: Bools) -> None:
        most = self._envelope.turn_rps * STEP_S
        if self._weave_rad:
            self._weave = wander(self._weave, self._weave_rad, 20.0, self._rng)
        self._off = wrap_pi(bearing + self._weave - self._course)
        turned = np.minimum(np.maximum(self._off, -most), most)
        self._course = self._course + np.where(waiting | ~self.alive, 0.0, turned)

    def _change_speed(self, distance: Floats, waiting: Bools) -> None:
        change, goal = self._envelope.change_mps2, np.where(waiting, 0.0, self._goal_mps)
        if self._stops.any():
            braked = np.sqrt(2 * change * np.maximum(distance - REACHED_M / 2, 0.0)) + SLOWEST_MPS
            goal = np.where(self._stops, np.minimum(goal, braked), goal)
        if self._air is None:  # what floats turns nearly on the spot
            goal = np.minimum(goal, np.maximum(goal * (1.0 - np.abs(self._off) / ON_THE_SPOT_RAD), SLOWEST_MPS))
        step = np.minimum(np.maximum(goal - self._speed, -change * STEP_S), change * STEP_S)
        self._speed = np.where(self.alive, self._speed + step, self._speed)

    def _over_ground(self, time_s: float) -> Floats:
        """Speed over ground on the present course (n,)."""
        if self._air is None:
            return self._speed
        wind = self._air.wind(self.position, time_s)
        along = wind[:, 0] * np.sin(self._course) + wind[:, 1] * np.cos(self._course)
        across = wind[:, 0] * np.cos(self._course) - wind[:, 1] * np.sin(self._course)
        return np.sqrt(np.maximum(self._speed**2 - across**2, 0.0)) + np.where(self._speed > 0, along, 0.0)
