"""Scenes for tests of the core: sensors, flights on straight lines, what is reported of them, and running the core."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.core import Changes, CoreInput, CoreState, new_state, picture_hash, step
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.picture import Picture, concatenate_pictures
from lowsky.model.report import LookBatch, ReportBatch, no_looks
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate import make_scene
from lowsky.simulate.motion import STEP_S, Motion, in_frame, steps_of
from lowsky.simulate.sensors import Cast, observe
from lowsky.tracking.settings import Settings

GROUND = Origin(54.0, 9.0, 40.0)
START_NS = 1_760_000_000 * NS_PER_S
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the core is given, and for flown scenes the truth: position and velocity (ticks, n, 6) in the frame."""

    site: Site
    reports: ReportBatch
    looks: LookBatch
    ticks_ns: Times
    start_ns: int
    truth: NDArray[np.float64]
    source: NDArray[np.int32]  # the object that each report came from, -1 for a false one

    def __repr__(self) -> str:
        return f"Scene({len(self.reports)} reports)"


@dataclass(frozen=True, slots=True)
class Flight:
    """One object in level flight: place and velocity at the scene's start (east, north, height above ground)."""

    start_m: tuple[float, float, float]
    velocity_mps: tuple[float, float, float]
    identity: str = ""
    kind: Kind = Kind.MULTIROTOR
    until_s: float = np.inf
    since_s: float = 0.0


def sensor(name: str, kind: SensorKind, east_m: float = 0.0, north_m: float = 0.0, **described: Any) -> Sensor:
    """A sensor on a mast of 10 m at a point of the map."""
    up = 10.0 - (east_m**2 + north_m**2) / 12_742_000.0
    latitude, longitude, height = (float(v) for v in Frame(GROUND).to_geodetic([east_m, north_m, up]))
    return Sensor(name, kind, latitude, longitude, height, **described)


def radar(name: str = "radar", east_m: float = 0.0, north_m: float = 0.0, **described: Any) -> Sensor:
    """A 3-D radar of 8 km with few false plots."""
    return sensor(name, SensorKind.RADAR_3D, east_m, north_m, **{"false_plots_per_scan": 1.0, **described})


def camera(name: str, east_m: float, north_m: float) -> Sensor:
    """A camera of 1.5 km and 0.1 degrees that looks twice a second."""
    fine = float(np.radians(0.1))
    return sensor(
        name, SensorKind.CAMERA, east_m, north_m, period_s=0.5, max_range_m=1500.0, false_plots_per_scan=0.1,
        sigma_azimuth_rad=fine, sigma_elevation_rad=fine,
    )  # fmt: skip


def receiver(**described: Any) -> Sensor:
    """Hears what declares itself within 40 km."""
    usual = {"max_range_m": 40_000.0, "false_plots_per_scan": 0.0, "detection_probability": 0.95}
    return sensor("receiver", SensorKind.COOPERATIVE, **{**usual, **described})


def fly(sensors: tuple[Sensor, ...], flights: list[Flight], duration_s: float, seed: int) -> Scene:
    """What the sensors report of the flights, drawn by the simulator; ticks each second."""
    motion = in_frame(_motion(flights, duration_s))
    cast = Cast(motion, tuple(f.identity for f in flights), np.full(len(flights), -15.0))
    seen = observe(Frame(GROUND), sensors, cast, START_NS, np.random.default_rng(seed))
    seconds = np.arange(1, int(duration_s) + 1)
    rows = np.rint(seconds / STEP_S).astype(np.int64)
    truth = np.concatenate([motion.position[rows], motion.velocity[rows]], axis=-1)
    ticks = START_NS + seconds * NS_PER_S
    return Scene(Site(sensors, GROUND), seen.reports, seen.looks, ticks, START_NS, truth, seen.source)


def _motion(flights: list[Flight], duration_s: float) -> Motion:
    times = np.arange(steps_of(duration_s))[:, None] * STEP_S
    velocity = np.array([f.velocity_mps for f in flights], dtype=np.float64).reshape(1, -1, 3)
    position = np.array([f.start_m for f in flights], dtype=np.float64).reshape(1, -1, 3) + velocity * times[..., None]
    alive = (times >= [f.since_s for f in flights]) & (times < [f.until_s for f in flights])
    kind = np.array([f.kind for f in flights], dtype=np.uint8)
    return Motion(kind, position, np.broadcast_to(velocity, position.shape).copy(), alive)


@lru_cache(maxsize=4)
def small(seed: int = 1) -> Scene:
    """The simulator's small scene: fifteen objects, five sensors of every kind that is used, 40 s."""
    made = make_scene("small", seed)
    ticks = made.start_ns + np.arange(1, 41) * NS_PER_S
    seen = made.observation
    return Scene(made.site, seen.reports, seen.looks, ticks, made.start_ns, np.empty((40, 0, 6)), seen.source)


def received_by(scene: Scene, time_ns: int) -> Scene:
    """What of a scene was received by a time."""
    return replace(
        scene,
        reports=scene.reports.take(scene.reports.received_ns <= time_ns),
        looks=scene.looks.take(scene.looks.received_ns <= time_ns),
        ticks_ns=scene.ticks_ns[scene.ticks_ns <= time_ns],
    )


def without_looks(scene: Scene, index: int, from_s: float, to_s: float) -> Scene:
    """The scene with one sensor off, neither reporting nor looking, for a while."""
    start, end = (scene.start_ns + round(t * NS_PER_S) for t in (from_s, to_s))
    on = [(b.sensor != index) | (b.time_ns < start) | (b.time_ns >= end) for b in (scene.reports, scene.looks)]
    return replace(scene, reports=scene.reports.take(on[0]), looks=scene.looks.take(on[1]))


def no_more_looks(scene: Scene) -> Scene:
    """The scene without any look."""
    return replace(scene, looks=no_looks())


def cut(scene: Scene, cuts_ns: list[int]) -> list[CoreInput]:
    """The scene as inputs: each holds what was received up to a cut, the last the rest."""
    columns = (scene.reports.received_ns, scene.looks.received_ns, scene.ticks_ns)
    at = [[0, *np.searchsorted(c, cuts_ns, side="right").tolist(), len(c)] for c in columns]
    return [
        CoreInput(
            scene.reports.take(slice(at[0][i], at[0][i + 1])),
            scene.looks.take(slice(at[1][i], at[1][i + 1])),
            scene.ticks_ns[at[2][i] : at[2][i + 1]],
        )
        for i in range(len(cuts_ns) + 1)
    ]


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a scene."""

    picture: Picture
    counts: dict[str, int]
    state: CoreState
    changes: list[Changes]

    @property
    def hash(self) -> str:
        """Of the whole picture."""
        return picture_hash(self.picture)

    @property
    def numbers(self) -> list[int]:
        """Of all objects shown."""
        return sorted(set(self.picture.track.tolist()))


def run(scene: Scene, cuts_ns: list[int] | None = None, settings: Settings | None = None) -> Ran:
    """Step a new core through the scene, cut at the given times of receipt."""
    return go_on(new_state(scene.site, settings), cut(scene, cuts_ns or []))


def go_on(state: CoreState, inputs: list[CoreInput]) -> Ran:
    """Step a core through some inputs."""
    changes = []
    for given in inputs:
        state, change = step(state, given)
        changes.append(change)
    return Ran(concatenate_pictures([c.picture for c in changes]), changes[-1].counts, state, changes)


def tables_equal(a: dict[str, NDArray[Any]], b: dict[str, NDArray[Any]]) -> bool:
    """Are two saved states the same in every field? (Padding between fields is nobody's.)"""
    if a.keys() != b.keys():
        return False
    for name, table in a.items():
        fields = table.dtype.names
        pairs = [(table[f], b[name][f]) for f in fields] if fields else [(table, b[name])]
        if not all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in pairs):
            return False
    return True
