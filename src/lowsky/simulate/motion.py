"""Motion of many objects on a common clock, and what each kind of object can do at all.

Objects move in the scene's map: east and north metres from the site, height metres above the site's ground. Every
flight function of `objects` integrates the same way, position[i + 1] = position[i] + velocity[i] * STEP_S, so that
position and velocity of the truth agree to the last bit. `in_frame` then bends the map onto the earth: level flight
keeps its height above the ellipsoid, not above a tangent plane (8 m lower at 10 km, h = r^2 / 2R, Torge, Geodesy, 4th
ed., sec. 6.1). The map is flat otherwise: it is meant for scenes of some tens of kilometres.

Not modelled: terrain, aerodynamics (speed and turn are limited, not flown by forces), collisions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.kinds import Kind

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEP_S = 0.1  # a multirotor at 4 m/s^2 strays 2 cm from a straight line in one step: far below any sensor here
EARTH_RADIUS_M = 6_371_000.0  # mean radius (IUGG); its 0.6 % spread is 5 cm of height at 10 km


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a kind of object can do: speed and height band, greatest climb or sink, greatest turn rate."""

    speed_mps: tuple[float, float]
    height_m: tuple[float, float]  # above the ground
    climb_mps: float
    turn_rps: float  # rad/s


ENVELOPES: dict[Kind, Envelope] = {
    # small multirotors: up to about 20 m/s and 4 m/s^2; 120 m is the open category's ceiling, and some ignore it
    Kind.MULTIROTOR: Envelope((0.0, 20.0), (5.0, 150.0), 3.0, np.inf),
    # propeller-driven one-way drones of the middle and large class; 4 deg/s at 45 m/s is a bank of 18 deg
    Kind.FIXED_WING: Envelope((24.0, 56.0), (60.0, 400.0), 3.0, float(np.radians(4.0))),
    # Alerstam et al., PLoS Biology 5(8), 2007: 138 species cruise at 8 to 23 m/s, gulls at 10 to 13; a flock's member
    # may be 2 m/s slower or faster while it keeps its place
    Kind.BIRD: Envelope((5.0, 20.0), (5.0, 250.0), 3.0, np.inf),
    # a balloon has no speed of its own: wind and gusts, and a free lift of at most 3 m/s
    Kind.BALLOON: Envelope((0.0, 25.0), (10.0, 3000.0), 3.5, np.inf),
    # an airliner in its approach: 3 deg of descent at 70 to 90 m/s is 4 to 5 m/s; standard turn 3 deg/s
    Kind.AIRCRAFT: Envelope((60.0, 95.0), (150.0, 3000.0), 6.0, float(np.radians(3.0))),
    Kind.VESSEL: Envelope((0.0, 15.0), (0.0, 0.0), 0.0, float(np.radians(2.0))),
}


@dataclass(frozen=True, slots=True)
class Motion:
    """n objects at steps 0, STEP_S, 2 STEP_S ...: position m and velocity m/s, each (steps, n, 3), and whether the
    object is there (steps, n). East, north and height of the map, or east, north, up of a frame after `in_frame`."""

    kind: NDArray[np.uint8]  # (n,) Kind
    position: Floats
    velocity: Floats
    alive: Bools

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def duration_s(self) -> float:
        """Seconds from the first step to the last."""
        return (len(self.alive) - 1) * STEP_S

    def at(self, time_s: float) -> tuple[Floats, Floats, Bools]:
        """Position (n, 3), velocity (n, 3) and presence (n,) at a time in seconds after the start.

        Position is interpolated linearly between steps, velocity is that of the step begun.

        Raises:
            ValueError: if the time is outside the motion.
        """
        if not 0.0 <= time_s <= self.duration_s + 1e-9:
            raise ValueError(f"time {time_s} s is outside the motion of 0 to {self.duration_s:g} s")
        step = min(int(time_s / STEP_S + 1e-9), len(self.alive) - 1)
        velocity = self.velocity[step]
        return self.position[step] + velocity * (time_s - step * STEP_S), velocity, self.alive[step]


def steps_of(duration_s: float) -> int:
    """Number of steps that cover a duration, the first at 0.

    Raises:
        ValueError: if the duration is not positive.
    """
    if not duration_s > 0:
        raise ValueError(f"duration {duration_s} s is not positive")
    return round(duration_s / STEP_S) + 1


class Recorder:
    """Collects a flight step by step into a `Motion`, and advances positions the one way all flights do."""

    def __init__(self, kind: Kind, start: Floats, steps: int) -> None:
        n = len(start)
        self._kind = np.full(n, kind, dtype=np.uint8)
        self._position, self._velocity = np.empty((steps, n, 3)), np.empty((steps, n, 3))
        self._alive = np.ones((steps, n), dtype=np.bool_)
        self._floor, self._ceiling = ENVELOPES[kind].height_m
        self._climb = ENVELOPES[kind].climb_mps
        self.position = start.copy()
        self.step = 0

    def advance(self, velocity: Floats, alive: Bools | None = None) -> None:
        """Record this step with its velocity (n, 3), limited in climb and height band, and move to the next."""
        velocity = velocity.copy()
        height = self.position[:, 2]
        rate = np.clip(velocity[:, 2], -self._climb, self._climb)
        velocity[:, 2] = np.clip(rate, (self._floor - height) / STEP_S, (self._ceiling - height) / STEP_S)
        if alive is not None:
            velocity[~alive] = 0.0  # what is gone stays where it ended
            self._alive[self.step] = alive
        self._position[self.step], self._velocity[self.step] = self.position, velocity
        self.position = self.position + velocity * STEP_S
        self.step += 1

    def motion(self) -> Motion:
        """What was recorded."""
        return Motion(self._kind, self._position, self._velocity, self._alive)


def join_motions(parts: list[Motion]) -> Motion:
    """All objects of the parts, in order; the parts share one clock. At least one part is needed."""
    return Motion(
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.position for p in parts], axis=1),
        np.concatenate([p.velocity for p in parts], axis=1),
        np.concatenate([p.alive for p in parts], axis=1),
    )


def in_frame(motion: Motion) -> Motion:
    """Motion in the east-north-up frame whose origin is the site on the ground, from motion in the site's map."""
    position, velocity = motion.position.copy(), motion.velocity.copy()
    flat = position[..., :2]
    position[..., 2] -= (flat**2).sum(axis=-1) / (2 * EARTH_RADIUS_M)
    velocity[..., 2] -= (flat * velocity[..., :2]).sum(axis=-1) / EARTH_RADIUS_M
    return Motion(motion.kind, position, velocity, motion.alive)
