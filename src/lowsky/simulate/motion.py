"""Time steps, recorded motion, and how the flat map of a scene is bent onto the earth.

Objects move in the scene's map: east and north metres from the site, height metres above the site's ground. `bend`
turns the map into the region's frame: level flight keeps its height above the ellipsoid, not above a tangent plane (8 m
lower at 10 km, h = r^2 / 2R, Torge, Geodesy, 4th ed., sec. 6.1). The map is flat otherwise: it is meant for scenes of
some tens of kilometres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEP_S = 0.1  # a multirotor at 4 m/s^2 strays 2 cm from a straight line in one step: far below any sensor here
EARTH_RADIUS_M = 6_371_000.0  # mean radius (IUGG); its 0.6 % spread is 5 cm of height at 10 km


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


def bend(position: Floats, velocity: Floats) -> tuple[Floats, Floats]:
    """Position and velocity (..., 3) in the east-north-up frame whose origin is the site on the ground, from those in
    the site's map."""
    position, velocity = position.copy(), velocity.copy()
    east, north = position[..., 0], position[..., 1]
    position[..., 2] -= (east**2 + north**2) / (2 * EARTH_RADIUS_M)
    velocity[..., 2] -= (east * velocity[..., 0] + north * velocity[..., 1]) / EARTH_RADIUS_M
    return position, velocity


def in_frame(motion: Motion) -> Motion:
    """Motion in the east-north-up frame whose origin is the site on the ground, from motion in the site's map."""
    return Motion(motion.kind, *bend(motion.position, motion.velocity), motion.alive)
