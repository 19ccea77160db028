"""Hover and release: a multirotor flies to a point, hovers, lets something go and flies home; what it let go falls.

The falling thing is an object of its own. Its drag is quadratic, so that it falls at its terminal speed in still air
and drifts with the wind: dv/dt = g - g |v| v / vt^2 with v through the air (the usual law of bluff bodies). The step is
implicit in |v| and therefore stable for leaflets, whose time to settle is shorter than the step. Not modelled: flutter,
a bundle that opens on its way, bounce.
"""

from __future__ import annotations

import numpy as np

from .air import Air
from .envelopes import LEAFLETS, LOAD, MULTIROTOR, Envelope
from .flight import Flight, Traits, envelope_traits, join_traits
from .free import accelerate
from .motion import STEP_S, Floats

GRAVITY_MPS2 = 9.81
CRUISE_MPS = 14.0
APPROACH_S = 4.0  # the speed towards a point is its distance over this
NEAR_M = 8.0  # of the point: it is there
TERMINAL_MPS = {LEAFLETS.name: 1.6, LOAD.name: 24.0}


def fall(velocity: Floats, wind: Floats, terminal_mps: Floats | float) -> Floats:
    """Velocity (n, 3) m/s one step later of things that fall with velocity (n, 3) in a wind (n, 3)."""
    through_air = velocity - wind
    drag = GRAVITY_MPS2 * np.linalg.norm(through_air, axis=1, keepdims=True) / np.reshape(terminal_mps, (-1, 1)) ** 2
    pulled = through_air - np.array([0.0, 0.0, GRAVITY_MPS2 * STEP_S])
    return np.asarray(wind + pulled / (1.0 + drag * STEP_S))


class Release(Flight):
    """n multirotors and what each lets go, in this order: rows n to 2 n - 1 are the falling things. Each flies from
    home to its point (n, 3) of the map, hovers `hover_s`, releases, and lands at home."""

    def __init__(
        self, multirotors: Traits, load: Envelope, home_m: Floats, point_m: Floats, rng: np.random.Generator, air: Air,
        begin_s: Floats | float = 0.0, hover_s: float = 25.0,
    ) -> None:  # fmt: skip
        n = len(multirotors)
        begin = np.concatenate([np.broadcast_to(np.asarray(begin_s, dtype=np.float64), (n,)), np.full(n, np.inf)])
        super().__init__(
            join_traits([multirotors, envelope_traits(load, n, rng)]), np.concatenate([home_m, point_m]), begin
        )
        self._n, self._air, self._terminal = n, air, TERMINAL_MPS[load.name]
        self._home, self._point = np.array(home_m, dtype=np.float64), np.array(point_m, dtype=np.float64)
        self._hover_left_s, self._moving = np.full(n, hover_s), np.zeros((n, 3))
        self._falling = np.zeros((n, 3))

    def steer(self, time_s: float) -> Floats:
        """The multirotors' velocities, then those of what falls."""
        n, here = self._n, self.position[: self._n]
        self._let_go(time_s, here)
        released = self._hover_left_s <= 0
        to = np.where(released[:, None], self._home, self._point) - here
        distance = np.linalg.norm(to, axis=1)
        goal = to / np.maximum(distance, 1e-9)[:, None] * np.minimum(distance / APPROACH_S, CRUISE_MPS)[:, None]
        goal[:, 2] = np.clip(goal[:, 2], -MULTIROTOR.climb_mps, MULTIROTOR.climb_mps)
        moved = accelerate(self._moving, goal, MULTIROTOR.change_mps2 * STEP_S)
        self._moving = np.where(self.alive[:n, None], moved, self._moving)
        self.over[:n] |= released & (distance < NEAR_M)
        return np.concatenate([self._moving, self._fall(time_s)])

    def _let_go(self, time_s: float, here: Floats) -> None:
        """Count down who hovers over its point; what is let go begins to live where its multirotor is."""
        n = self._n
        there = self.alive[:n] & (np.linalg.norm(self._point - here, axis=1) < NEAR_M) & (self._hover_left_s > 0)
        self._hover_left_s = np.where(there, self._hover_left_s - STEP_S, self._hover_left_s)
        now = there & (self._hover_left_s <= 0)
        self.position[n:] = np.where(now[:, None], here, self.position[n:])
        self._falling = np.where(now[:, None], self._moving, self._falling)
        self.begin_s[n:] = np.where(now, time_s, self.begin_s[n:])
        self.alive[n:] |= now

    def _fall(self, time_s: float) -> Floats:
        """Falling until the ground, which is reached and not passed."""
        n = self._n
        height = self.position[n:, 2]
        down = self.alive[n:] & (height <= 0.0)
        self.over[n:] |= down
        falling = fall(self._falling, self._air.wind(self.position[n:], time_s), self._terminal)
        self._falling = np.where(self.alive[n:, None], falling, self._falling)
        velocity = self._falling.copy()
        velocity[:, 2] = np.maximum(velocity[:, 2], -height / STEP_S)
        return velocity
