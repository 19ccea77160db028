"""Raids of one-way drones: waves in ranks, each with its own size, speed, height, way and end.

A wave comes from one side in ranks of five, turns once or more, and goes for its end: points of the ground, or
something that moves. What is planned is only the way; how it is flown is `travel`'s. Not modelled: launch, terminal
dives, losses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .air import Air
from .envelopes import Envelope
from .flight import Flight, envelope_traits
from .travel import Route, Travel

RANK_M, FILE_M = 200.0, 180.0  # between the ranks and files of a wave, each drone some 20 m off its place
ABREAST = 5
SPEED_SPREAD_MPS = 1.0
WEAVE_RAD = 0.02


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of `n` drones of one size on the same way: begin, turning points and ends in m of the map. Ends are
    shared out in turn. `chase` is what moves, if the wave goes for that."""

    size: Envelope
    n: int
    begin_s: float
    begin_m: tuple[float, float]
    by_m: list[tuple[float, float]]
    ends_m: list[tuple[float, float]]
    speed_mps: float
    height_m: float
    end_height_m: float = 50.0
    end_spread_m: float = 60.0
    transmits: float = 0.0  # share that has a radio link
    chase: tuple[Flight, int] | None = field(default=None, compare=False)


def fly_wave(wave: Wave, air: Air, rng: np.random.Generator) -> Travel:
    """The drones of a wave."""
    n, place = wave.n, np.arange(wave.n)
    ahead = np.array(wave.by_m[0] if wave.by_m else wave.ends_m[0]) - wave.begin_m
    forward = ahead / np.hypot(*ahead)
    right = np.array([forward[1], -forward[0]])
    along = -(place // ABREAST) * RANK_M + rng.normal(0, 20.0, n)
    across = (place % ABREAST - (min(n, ABREAST) - 1) / 2) * FILE_M + rng.normal(0, 20.0, n)
    low, high = wave.size.height_m
    height = np.clip(wave.height_m + rng.normal(0, 12.0, n), low, high)
    slow, fast = wave.size.speed_mps
    speed = np.clip(wave.speed_mps + rng.uniform(-1, 1, n) * SPEED_SPREAD_MPS, slow, fast)
    stray = rng.normal(0, wave.end_spread_m, (n, 2))
    routes = []
    for i in range(n):
        start = np.array(wave.begin_m) + along[i] * forward + across[i] * right
        turns = [np.array(p) + across[i] * right for p in wave.by_m]
        end = np.array(wave.ends_m[i % len(wave.ends_m)]) + stray[i]
        points = [(*p, height[i]) for p in (start, *turns)] + [(*end, max(low, wave.end_height_m))]
        routes.append(Route([(float(x), float(y), float(z)) for x, y, z in points], float(speed[i])))
    chase = {} if wave.chase is None else dict.fromkeys(range(n), wave.chase)
    traits = envelope_traits(wave.size, n, rng, transmits=rng.uniform(size=n) < wave.transmits)
    return Travel(traits, wave.size, routes, air, rng, wave.begin_s, chase=chase, weave_rad=WEAVE_RAD)


def all_round(
    rng: np.random.Generator, waves: int, per_wave: int, distance_m: tuple[float, float], sizes: tuple[Envelope, ...]
) -> list[Wave]:
    """Waves from directions spread round the compass, staggered in distance so that they come one after another; each
    has its own size, speed, height and dog-leg, and ends near the middle of the map."""
    bearing = (np.arange(waves) + rng.uniform(-0.35, 0.35, waves)) * 2 * np.pi / waves + rng.uniform(0, 2 * np.pi)
    distance = rng.permutation(np.linspace(*distance_m, waves))
    aside = rng.uniform(300.0, 1200.0, waves) * rng.choice([-1.0, 1.0], waves)
    planned = []
    for i in range(waves):
        size = sizes[i % len(sizes)]
        slow, fast = size.speed_mps
        begin, turn = polar(distance[i], 0.0, bearing[i]), polar(0.55 * distance[i], aside[i], bearing[i])
        planned.append(
            Wave(
                size, per_wave, 0.0, begin, [turn], [(0.0, 0.0)], float(rng.uniform(slow + 1, min(fast, 65.0) - 1)),
                float(rng.uniform(90.0, 300.0)), end_spread_m=150.0,
            )
        )  # fmt: skip
    return planned


def polar(along_m: float, across_m: float, bearing_rad: float) -> tuple[float, float]:
    """The point of the map at a distance along a bearing and across it, to the right."""
    sin, cos = float(np.sin(bearing_rad)), float(np.cos(bearing_rad))
    return along_m * sin + across_m * cos, along_m * cos - across_m * sin
