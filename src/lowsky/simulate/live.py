"""A scene that goes on while it is watched: reports and looks as they are received, second by second.

    scene = LiveScene("harbour", seed=1, start_ns=time.time_ns())
    while True:
        reports, looks = scene.advance(time.time_ns())      # everything received since the last call, each once

Time is the caller's. Nothing is computed ahead, so a scene of hours starts at once; memory is bounded by what is in the
air and on the way. The same name and seed give the same reports to the last bit, however often `advance` is called;
another start only shifts their times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.place import Place
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Sensor, Site
from lowsky.model.timebase import NS_PER_S

from .catalogue import SCENES
from .faults import NONE, Faults
from .motion import Floats
from .sensors import Crew, Observation, observe_until
from .world import World

START_NS = 1_769_907_600 * NS_PER_S  # 2026-02-01T01:00:00Z
PIECE_NS = NS_PER_S // 10


@dataclass(frozen=True, slots=True)
class Truth:
    """Where n objects really are at one time: number, kind, what they declare, degrees, metres above the ellipsoid, and
    velocity (n, 3) m/s in the site's east-north-up frame."""

    time_ns: int
    number: NDArray[np.int64]
    kind: NDArray[np.uint8]
    identity: NDArray[np.object_]
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    velocity_mps: Floats

    def __len__(self) -> int:
        return len(self.number)


class LiveScene:
    """A named scene that plays from `start_ns` on.

    Raises:
        ValueError: if there is no scene of that name or the seed is negative.
    """

    def __init__(self, name: str, seed: int = 1, start_ns: int = START_NS) -> None:
        if name not in SCENES:
            raise ValueError(f"scene {name!r} is not one of {', '.join(SCENES)}")
        if seed < 0:
            raise ValueError(f"seed {seed} is negative")
        scene = SCENES[name]
        self.name, self.seed, self.start_ns, self.duration_s = name, seed, start_ns, scene.duration_s
        self._frame = Frame(scene.ground)
        self.true_sensors: tuple[Sensor, ...] = scene.sensors(self._frame)
        self.faults: dict[str, Faults] = scene.faults
        described = tuple(scene.faults.get(s.id, NONE).described(s) for s in self.true_sensors)
        self.site = Site(described, scene.ground)
        self.places: tuple[Place, ...] = scene.places(self._frame)
        self.overlay: dict[str, Any] | None = None if scene.overlay is None else scene.overlay(self._frame)
        self._world = World(scene.script(scene.air), scene.act_s, seed)
        rngs = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, i))) for i in range(len(described))]
        self._crew = Crew(self._frame, self.true_sensors, rngs, scene.faults, scene.air)
        self._until_ns = start_ns - 1

    def advance(self, until_ns: int) -> tuple[ReportBatch, LookBatch]:
        """Reports and looks received after the last call and up to `until_ns`, each in order of receipt. A time that is
        past gives nothing."""
        seen = self.observe(until_ns)
        return seen.reports, seen.looks

    def step(self, until_ns: int) -> None:
        """Let the world and the sensors go on to a time; what is received by then waits for the next `advance`."""
        observe_until(self._crew, self._world, (until_ns - self.start_ns) / NS_PER_S)

    def observe(self, until_ns: int) -> Observation:
        """As `advance`, with the object that each report came from."""
        until_ns = max(until_ns, self._until_ns)
        self.step(until_ns)
        seen = self._crew.received(self.start_ns, self._until_ns, until_ns)
        self._until_ns = until_ns
        return seen

    def truth(self, time_ns: int) -> Truth:
        """Where everything really is at a time up to the last `advance` and at most some seconds before it. What only
        declares itself is not there.

        Raises:
            ValueError: if the time is ahead or too long ago.
        """
        world = self._world
        moment = world.at((time_ns - self.start_ns) / NS_PER_S)
        rows = np.flatnonzero(moment.alive & world.traits.body)
        latitude, longitude, height = self._frame.to_geodetic(moment.position[rows])
        return Truth(
            time_ns, world.number[rows], world.traits.kind[rows], world.traits.identity[rows], latitude, longitude,
            height, moment.velocity[rows],
        )  # fmt: skip


def stream(
    name: str, seed: int = 1, start_ns: int = START_NS, duration_s: float | None = None, piece_ns: int = PIECE_NS
) -> Iterator[tuple[ReportBatch, LookBatch]]:
    """A scene in pieces of simulated time, each with what was received in it (it may be nothing). It has no end unless
    a duration is given, and does not wait: pace is the caller's.

    Raises:
        ValueError: as `LiveScene`.
    """
    scene, until_ns = LiveScene(name, seed, start_ns), start_ns
    end_ns = None if duration_s is None else start_ns + round(duration_s * NS_PER_S)
    while end_ns is None or until_ns < end_ns:
        until_ns = until_ns + piece_ns if end_ns is None else min(until_ns + piece_ns, end_ns)
        yield scene.advance(until_ns)
