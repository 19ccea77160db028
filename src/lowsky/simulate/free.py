"""Objects without a route: multirotors that look around, birds alone and in flocks, balloons, and what is let fall.

Random changes are Ornstein-Uhlenbeck processes or choices at exponential intervals. Birds and balloons move through the
scene's air; multirotors hold their velocity over ground against it, as their controllers do. Not modelled: reactions of
objects to one another or to being seen.
"""

from __future__ import annotations

import numpy as np

from lowsky.model.angles import wrap_pi

from .air import Air
from .envelopes import BALLOON, BIRD, MULTIROTOR
from .flight import Flight, Traits, wander, within
from .motion import STEP_S, Floats

HOVER_SHARE = 0.3  # of a multirotor's choices: it stops and looks
CHOICE_S = 12.0  # mean time between a multirotor's changes of mind
LANDING_S = 40.0  # before its end it comes down where it is
FORAGE_S = 45.0  # mean time for which a flock makes for the same point
GROUND_M = 6.0  # what is lower is among masts and roofs, and gone


def square(rng: np.random.Generator, n: int, half_width_m: float, middle_m: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """Points (n, 2) uniform in a square of the map."""
    return np.asarray(rng.uniform(-half_width_m, half_width_m, (n, 2)) + middle_m)


def accelerate(velocity: Floats, goal: Floats, most_mps: float) -> Floats:
    """Velocity (n, 3) changed towards the goal by at most `most_mps`."""
    change = goal - velocity
    size = np.linalg.norm(change, axis=1, keepdims=True)
    return np.asarray(velocity + change * np.minimum(1.0, most_mps / np.maximum(size, most_mps)))


class Roaming(Flight):
    """Single multirotors: a new goal velocity now and then, often none (hover), reached with limited acceleration; what
    leaves its square turns back, and what nears its end comes down."""

    def __init__(
        self, traits: Traits, rng: np.random.Generator, half_width_m: float, middle_m: tuple[float, float] = (0.0, 0.0),
        begin_s: Floats | float = 0.0, end_s: Floats | float = np.inf,
    ) -> None:  # fmt: skip
        n = len(traits)
        start = np.column_stack([square(rng, n, half_width_m, middle_m), rng.uniform(25.0, 120.0, n)])
        super().__init__(traits, start, begin_s, end_s)
        self._rng, self._half_width_m, self._middle = rng, half_width_m, np.array(middle_m)
        self._goal = _roaming_goal(rng, n)
        self._moving = self._goal.copy()

    def steer(self, time_s: float) -> Floats:
        """The velocity on its way to the goal."""
        rng, n = self._rng, len(self)
        choose = rng.uniform(size=n) < STEP_S / CHOICE_S
        self._goal = np.where(choose[:, None], _roaming_goal(rng, n), self._goal)
        here = self.position[:, :2] - self._middle
        out = np.abs(here) > self._half_width_m
        back = -np.sign(here) * np.maximum(np.abs(self._goal[:, :2]), 6.0)
        self._goal[:, :2] = np.where(out, back, self._goal[:, :2])
        landing = time_s > self.end_s - LANDING_S
        goal = np.where(landing[:, None], [0.0, 0.0, -MULTIROTOR.climb_mps], self._goal)
        self.over |= landing & (self.position[:, 2] < GROUND_M) & self.alive
        # what is not up yet keeps its first velocity
        moved = accelerate(self._moving, goal, MULTIROTOR.change_mps2 * STEP_S)
        self._moving = np.where(self.alive[:, None], moved, self._moving)
        return within(self._moving.copy(), self.position[:, 2], MULTIROTOR.climb_mps, MULTIROTOR.height_m)


def _roaming_goal(rng: np.random.Generator, n: int) -> Floats:
    # 15 m/s, and the turn-back rule may raise the other axis to 6: 16.2 m/s together, under the kind's 20 m/s
    speed = np.where(rng.uniform(size=n) < HOVER_SHARE, 0.0, rng.uniform(3.0, 15.0, n))
    course = rng.uniform(0, 2 * np.pi, n)
    climb = np.where(speed > 0, rng.uniform(-2.0, 2.0, n), 0.0)
    return np.column_stack([speed * np.sin(course), speed * np.cos(course), climb])


class Birds(Flight):
    """Birds in flocks (some of one): a flock makes for one point of its square after another on a wandering course, its
    members wander round their places in it, all of it in the wind. `begin_s` and `end_s` are those of the flocks."""

    def __init__(
        self, traits: Traits, flock: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator, air: Air,
        half_width_m: float, middle_m: tuple[float, float] = (0.0, 0.0), begin_s: Floats | float = 0.0,
        end_s: Floats | float = np.inf,
    ) -> None:  # fmt: skip
        n, flocks = len(traits), int(flock.max()) + 1 if len(flock) else 0
        place = np.column_stack([rng.normal(0, 35.0, (n, 2)), rng.normal(0, 8.0, n)])
        self._middle = np.column_stack([square(rng, flocks, half_width_m, middle_m), rng.uniform(40.0, 160.0, flocks)])
        spans = (np.broadcast_to(np.asarray(s, dtype=np.float64), (flocks,))[flock] for s in (begin_s, end_s))
        start = self._middle[flock] + place
        start[:, 2] = np.clip(start[:, 2], *BIRD.height_m)
        super().__init__(traits, start, *spans)
        self._flock, self._rng, self._air = flock, rng, air
        self._half_width_m, self._home = half_width_m, np.array(middle_m)
        self._goal = square(rng, flocks, half_width_m, middle_m)
        self._course, self._speed = rng.uniform(0, 2 * np.pi, flocks), rng.uniform(9.0, 16.0, flocks)
        self._turning, self._climb, self._stray = np.zeros(flocks), np.zeros(flocks), np.zeros((n, 3))

    def steer(self, time_s: float) -> Floats:
        """The flock's velocity, the member's own, and the wind."""
        rng, flock = self._rng, self._flock
        self._turning, self._climb = wander(self._turning, 0.15, 2.0, rng), wander(self._climb, 0.7, 4.0, rng)
        elsewhere = rng.uniform(size=len(self._goal)) < STEP_S / FORAGE_S
        drawn = self._home + rng.uniform(-1.0, 1.0, self._goal.shape) * self._half_width_m
        self._goal = np.where(elsewhere[:, None], drawn, self._goal)
        to = self._goal - self._middle[:, :2]
        off = wrap_pi(np.arctan2(to[:, 0], to[:, 1]) - self._course)
        self._course = self._course + (np.clip(0.3 * off, -0.12, 0.12) + self._turning) * STEP_S
        lead = self._speed[:, None] * np.column_stack([np.sin(self._course), np.cos(self._course)])
        lead = np.column_stack([lead, self._climb])
        wind = self._air.wind(self._middle, time_s) * [1.0, 1.0, 0.0]
        self._stray = np.clip(wander(self._stray, 0.6, 3.0, rng), -1.6, 1.6)
        here = np.flatnonzero(self.alive)
        up = np.zeros(len(lead), dtype=np.bool_)
        up[flock[here]] = True
        self._middle = self._middle + np.where(up[:, None], lead + wind, 0.0) * STEP_S
        velocity = (lead + wind)[flock] + self._stray
        return within(velocity, self.position[:, 2], BIRD.climb_mps, BIRD.height_m)


def flocks_of(rng: np.random.Generator, n: int, mean_size: float = 2.5) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The flock (n,) of each of n birds, in order, from 0 without a gap; flocks have `mean_size` birds on average."""
    drawn = np.sort(rng.integers(0, max(1, round(n / mean_size)), n))
    return np.asarray(np.unique(drawn, return_inverse=True)[1], dtype=np.int64)


class Balloons(Flight):
    """Balloons with a load: the wind where they are and a constant free lift, up to the height where they float."""

    def __init__(
        self, traits: Traits, start_m: Floats, rng: np.random.Generator, air: Air, begin_s: Floats | float = 0.0,
        end_s: Floats | float = np.inf, float_m: float = 1200.0,
    ) -> None:  # fmt: skip
        super().__init__(traits, start_m, begin_s, end_s)
        self._air, self._float_m = air, float_m
        self._lift = rng.uniform(0.2, 2.0, len(traits))

    def steer(self, time_s: float) -> Floats:
        """Wind and lift."""
        velocity = self._air.wind(self.position, time_s)
        velocity[:, 2] += np.where(self.position[:, 2] < self._float_m, self._lift, 0.0)
        return within(velocity, self.position[:, 2], BALLOON.climb_mps, BALLOON.height_m)
