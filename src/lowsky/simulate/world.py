"""The world of a scene, stepped: all flights on one clock, who of them is there, and the last seconds of the past.

A scene's script gives the flights of one act after the other, each with generators of its own, so that a scene may go
on for as long as somebody watches: at the beginning of an act its flights come in and those that are over are
forgotten. Memory is that of one or two acts and of `PAST_S` seconds. The world depends on its script and its seed
alone, never on when or how often it is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .flight import Flight, Traits, join_traits, take_traits, traits_of
from .motion import STEP_S, Bools, Floats, bend

PAST_S = 13.0  # what can be asked of the past; sound crosses 4.4 km in that time
PAST_STEPS = round(PAST_S / STEP_S)

Act = Callable[[int, np.random.Generator], list[Flight]]
"""The flights of an act from its number, counted from 0, and its generator; times of flights count from the scene's
start."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where all objects are at one time: position and velocity (n, 3) in the region's frame, and who is there (n,)."""

    position: Floats
    velocity: Floats
    alive: Bools


class Stage(Protocol):
    """What a sensor looks at."""

    @property
    def traits(self) -> Traits: ...
    @property
    def number(self) -> NDArray[np.int64]: ...
    def at(self, time_s: float) -> Moment: ...
    def path(self, rows: NDArray[np.int64]) -> tuple[Floats, Bools, int]: ...


class World:
    """A stage on which a script is played. `number` (n,) counts objects from 0 in the order in which they come in."""

    def __init__(self, act: Act, act_s: float, seed: int) -> None:
        self._act, self._act_s, self._seed = act, act_s, seed
        self._acts, self._numbered, self.step = 0, 0, -1
        self._flights: list[Flight] = []
        self.traits, self.number = traits_of(np.empty(0, dtype=np.uint8), np.empty(0)), np.empty(0, dtype=np.int64)
        self._past: deque[Moment] = deque(maxlen=PAST_STEPS)
        self.advance(0)

    def advance(self, step: int) -> None:
        """Go on to the step that begins at `step * STEP_S`; a step that is past changes nothing."""
        while self.step < step:
            self.step += 1
            time_s = self.step * STEP_S
            if time_s >= self._acts * self._act_s:
                self._next_act()
            for flight in self._flights:
                flight.advance(time_s)
            self._past.append(self._now())

    def _next_act(self) -> None:
        rng = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(1, self._acts)))
        come = self._act(self._acts, rng)
        self._acts += 1
        stay = np.concatenate([np.full(len(f), not f.finished) for f in self._flights] or [np.empty(0, dtype=np.bool_)])
        kept = [f for f in self._flights if not f.finished]
        new = sum(len(f) for f in come)
        self._flights = kept + come
        rows = np.flatnonzero(stay)
        self.traits = join_traits([take_traits(self.traits, rows), *(f.traits for f in come)])
        self.number = np.concatenate([self.number[rows], self._numbered + np.arange(new)])
        self._numbered += new
        ahead, _ = bend(np.concatenate([np.empty((0, 3)), *(f.position for f in come)]), np.zeros((new, 3)))
        self._past = deque((_with(m, rows, ahead) for m in self._past), maxlen=PAST_STEPS)

    def _now(self) -> Moment:
        none = np.empty((0, 3))
        position, velocity = bend(
            np.concatenate([none, *(f.position for f in self._flights)]),
            np.concatenate([none, *(f.velocity for f in self._flights)]),
        )
        alive = np.concatenate([np.empty(0, dtype=np.bool_), *(f.alive for f in self._flights)])
        return Moment(position, velocity, alive)

    def at(self, time_s: float) -> Moment:
        """All objects at a time of the last `PAST_S` seconds or within the step begun, linear within a step.

        Raises:
            ValueError: if the time is ahead or too long ago.
        """
        step = int(time_s / STEP_S + 1e-9)
        back = self.step - step
        if time_s < 0 or back < 0 or back >= len(self._past):
            raise ValueError(f"time {time_s:g} s is not within the last {PAST_S:g} s before {self.step * STEP_S:g} s")
        begun = self._past[-1 - back]
        return Moment(begun.position + begun.velocity * (time_s - step * STEP_S), begun.velocity, begun.alive)

    def path(self, rows: NDArray[np.int64]) -> tuple[Floats, Bools, int]:
        """Where some objects were at each step remembered, to the end of the step begun: positions (k + 1, n, 3) m,
        presence (k, n), and the number of the first step."""
        last = self._past[-1]
        positions = [m.position[rows] for m in self._past]
        positions.append(last.position[rows] + last.velocity[rows] * STEP_S)
        return np.stack(positions), np.stack([m.alive[rows] for m in self._past]), self.step - len(self._past) + 1


def _with(moment: Moment, rows: NDArray[np.int64], ahead: Floats) -> Moment:
    """A moment of the past with only some of its objects, and others that were not there yet."""
    new = len(ahead)
    return Moment(
        np.concatenate([moment.position[rows], ahead]),
        np.concatenate([moment.velocity[rows], np.zeros((new, 3))]),
        np.concatenate([moment.alive[rows], np.zeros(new, dtype=np.bool_)]),
    )
