"""How each kind of object flies: one function a kind, vectorised over its objects, stepped over time.

The flights are plain kinematics within the limits of `motion.ENVELOPES`; random changes are Ornstein-Uhlenbeck
processes (exact discretisation: Gillespie, Phys. Rev. E 54, 1996) or choices at exponential intervals. All positions
are in the scene's map (east, north, height above ground, metres); all randomness comes from the generator that is
given.

Not modelled: terminal dives, launch and landing, reactions of objects to one another or to being seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lowsky.model.angles import wrap_pi
from lowsky.model.kinds import Kind

from .motion import ENVELOPES, STEP_S, Floats, Motion, Recorder

RANK_M, FILE_M = 200.0, 180.0  # between the ranks and files of a wave, each drone some 20 m off its place
HOVER_SHARE = 0.3  # of a multirotor's choices: it stops and looks
MULTIROTOR_ACCELERATION_MPS2 = 4.0  # 22 deg of tilt
MULTIROTOR_CHOICE_S = 12.0  # mean time between changes of mind
ARRIVED_M = 60.0  # a one-way drone this close to its end is gone; a step of flight is under 6 m


@dataclass(frozen=True, slots=True)
class RaidPlan:
    """Where n one-way drones begin (n, 3), by which point they turn (n, 2), where they end (n, 2), how fast they
    cruise (n,), and of which wave they are (n,)."""

    start: Floats
    turn: Floats
    end: Floats
    speed_mps: Floats
    wave: np.ndarray[tuple[int], np.dtype[np.int64]]


def wander(value: Floats, sigma: float, correlation_s: float, rng: np.random.Generator) -> Floats:
    """One step of an Ornstein-Uhlenbeck process with the given stationary sigma and correlation time, any shape."""
    keep = np.exp(-STEP_S / correlation_s)
    return np.asarray(value * keep + sigma * np.sqrt(1 - keep**2) * rng.standard_normal(value.shape))


def plan_raid(rng: np.random.Generator, waves: int, per_wave: int, distance_m: tuple[float, float]) -> RaidPlan:
    """Waves from directions spread round the compass, each in ranks of five, staggered in distance so that they come
    one after another; each wave has its own speed, height and dog-leg."""
    wave = np.repeat(np.arange(waves), per_wave)
    n, place = len(wave), np.tile(np.arange(per_wave), waves)
    bearing = (np.arange(waves) + rng.uniform(-0.35, 0.35, waves)) * 2 * np.pi / waves + rng.uniform(0, 2 * np.pi)
    distance = rng.permutation(np.linspace(*distance_m, waves))
    along = distance[wave] + (place // 5) * RANK_M + rng.normal(0, 20.0, n)
    across = (place % 5 - 2) * FILE_M + rng.normal(0, 20.0, n)
    aside = rng.uniform(300.0, 1200.0, waves) * rng.choice([-1.0, 1.0], waves)
    start, turn = _polar(along, across, bearing[wave]), _polar(along * 0.55, across + aside[wave], bearing[wave])
    height = rng.uniform(90.0, 300.0, waves)[wave] + rng.normal(0, 12.0, n)
    low, high = ENVELOPES[Kind.FIXED_WING].height_m
    speed = rng.uniform(32.0, 50.0, waves)[wave] + rng.uniform(-1.0, 1.0, n)
    return RaidPlan(
        np.column_stack([start, np.clip(height, low, high)]), turn, rng.normal(0, 150.0, (n, 2)), speed, wave
    )


def _polar(along: Floats, across: Floats, bearing_rad: Floats) -> Floats:
    """Map points at a distance along a bearing and across it, to the right: (n, 2)."""
    sin, cos = np.sin(bearing_rad), np.cos(bearing_rad)
    return np.column_stack([along * sin + across * cos, along * cos - across * sin])


def fly_one_way(rng: np.random.Generator, steps: int, plan: RaidPlan) -> Motion:
    """One-way fixed-wing drones: cruise to the turning point, then to the end, and are gone there."""
    limits, n = ENVELOPES[Kind.FIXED_WING], len(plan.start)
    recorder = Recorder(Kind.FIXED_WING, plan.start, steps)
    course = np.arctan2(*(plan.turn - plan.start[:, :2]).T)
    gust, sink = np.zeros(n), np.zeros(n)
    turned, alive = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    for _ in range(steps):
        here = recorder.position[:, :2]
        turned |= np.hypot(*(plan.turn - here).T) < 400.0  # a wave turns as one: sooner than its ranks would collide
        to_go = np.where(turned[:, None], plan.end, plan.turn) - here
        alive = alive & ~(turned & (np.hypot(*to_go.T) < ARRIVED_M))
        off = wrap_pi(np.arctan2(*to_go.T) - course)
        course = course + np.clip(off, -limits.turn_rps * STEP_S, limits.turn_rps * STEP_S)
        gust, sink = wander(gust, 0.5, 8.0, rng), wander(sink, 0.4, 15.0, rng)
        speed = np.clip(plan.speed_mps + gust, *limits.speed_mps)
        recorder.advance(np.column_stack([speed * np.sin(course), speed * np.cos(course), sink]), alive)
    return recorder.motion()


def fly_multirotors(rng: np.random.Generator, steps: int, n: int, half_width_m: float) -> Motion:
    """Single multirotors: a new goal velocity now and then, often none (hover), reached with limited acceleration; what
    leaves the square of the scene turns back."""
    low, high = ENVELOPES[Kind.MULTIROTOR].height_m
    height = rng.uniform(max(low, 25.0), min(high, 120.0), n)
    recorder = Recorder(Kind.MULTIROTOR, np.column_stack([_square(rng, n, half_width_m), height]), steps)
    goal = _multirotor_goal(rng, n)
    velocity = goal.copy()
    for _ in range(steps):
        choose = rng.uniform(size=n) < STEP_S / MULTIROTOR_CHOICE_S
        goal = np.where(choose[:, None], _multirotor_goal(rng, n), goal)
        here = recorder.position[:, :2]
        out = np.abs(here) > half_width_m
        goal[:, :2] = np.where(out, -np.sign(here) * np.maximum(np.abs(goal[:, :2]), 6.0), goal[:, :2])
        change = goal - velocity
        size = np.linalg.norm(change, axis=1, keepdims=True)
        most = MULTIROTOR_ACCELERATION_MPS2 * STEP_S
        velocity = velocity + change * np.minimum(1.0, most / np.maximum(size, most))
        recorder.advance(velocity)
    return recorder.motion()


def _multirotor_goal(rng: np.random.Generator, n: int) -> Floats:
    # 15 m/s, and the turn-back rule may raise the other axis to 6: 16.2 m/s together, under the kind's 20 m/s
    speed = np.where(rng.uniform(size=n) < HOVER_SHARE, 0.0, rng.uniform(3.0, 15.0, n))
    course = rng.uniform(0, 2 * np.pi, n)
    climb = np.where(speed > 0, rng.uniform(-2.0, 2.0, n), 0.0)
    return np.column_stack([speed * np.sin(course), speed * np.cos(course), climb])


def fly_birds(rng: np.random.Generator, steps: int, n: int, half_width_m: float) -> Motion:
    """Birds alone and in flocks of up to six: a flock's course wanders, its members wander round their places in it."""
    flock = np.sort(rng.integers(0, max(1, round(n / 2.5)), n))
    flocks = int(flock.max()) + 1 if n else 0
    place = np.column_stack([rng.normal(0, 35.0, (n, 2)), rng.normal(0, 8.0, n)])
    middle = np.column_stack([_square(rng, flocks, half_width_m), rng.uniform(40.0, 160.0, flocks)])
    recorder = Recorder(Kind.BIRD, middle[flock] + place, steps)
    course, turn, climb = rng.uniform(0, 2 * np.pi, flocks), np.zeros(flocks), np.zeros(flocks)
    speed, stray = rng.uniform(8.0, 17.0, flocks), np.zeros((n, 3))
    for _ in range(steps):
        turn, climb = wander(turn, 0.15, 2.0, rng), wander(climb, 0.7, 4.0, rng)
        home = wrap_pi(np.arctan2(-middle[:, 0], -middle[:, 1]) - course)
        out = np.abs(middle[:, :2]).max(axis=1, initial=0.0) > half_width_m
        course = course + np.where(out, np.clip(home, -0.2, 0.2), turn) * STEP_S
        lead = np.column_stack([speed * np.sin(course), speed * np.cos(course), climb])
        middle = middle + lead * STEP_S
        stray = np.clip(wander(stray, 0.6, 3.0, rng), -1.6, 1.6)
        recorder.advance(lead[flock] + stray)
    return recorder.motion()


def fly_balloons(
    rng: np.random.Generator, steps: int, n: int, half_width_m: float, wind_mps: tuple[float, float]
) -> Motion:
    """Balloons with a load: the wind at their height (power law with exponent 1/7, Counihan 1975, over the wind at 10
    m), gusts, and a constant free lift."""
    height = rng.uniform(80.0, 500.0, n)
    recorder = Recorder(Kind.BALLOON, np.column_stack([_square(rng, n, half_width_m), height]), steps)
    lift, gust = rng.uniform(0.0, 2.0, n), np.zeros((n, 3))
    for _ in range(steps):
        gust = wander(gust, 0.4, 5.0, rng)
        share = (np.maximum(recorder.position[:, 2], 10.0) / 10.0) ** (1 / 7)
        recorder.advance(np.column_stack([np.outer(share, wind_mps), lift]) + gust)
    return recorder.motion()


def fly_approaches(rng: np.random.Generator, steps: int, n: int, half_width_m: float) -> Motion:
    """Airliners in their approach past the site: straight, descending at 3 degrees, 70 to 90 m/s."""
    course, speed = rng.uniform(0, 2 * np.pi, n), rng.uniform(70.0, 90.0, n)
    aside = rng.uniform(0.15, 0.5, n) * half_width_m * rng.choice([-1.0, 1.0], n)
    along = -rng.uniform(0.8, 1.1, n) * half_width_m
    descent = np.tan(np.radians(3.0)) * speed
    height = 250.0 + descent * (steps - 1) * STEP_S + rng.uniform(0.0, 300.0, n)
    recorder = Recorder(Kind.AIRCRAFT, np.column_stack([_polar(along, aside, course), height]), steps)
    bump = np.zeros((n, 3))
    for _ in range(steps):
        bump = wander(bump, 0.3, 10.0, rng)
        steady = np.column_stack([speed * np.sin(course), speed * np.cos(course), -descent])
        recorder.advance(steady + bump)
    return recorder.motion()


def _square(rng: np.random.Generator, n: int, half_width_m: float) -> Floats:
    return rng.uniform(-half_width_m, half_width_m, (n, 2))
