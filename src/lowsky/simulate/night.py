"""The named scenes: who flies, which sensors watch, for how long.

    recording = make_scene("night", seed=1)

A scene is made of its name and a seed alone: the same two give the same reports to the last bit (same package
versions). The place is made up: flat ground 40 m above the ellipsoid on a northern coast. Scenes: see `SCENES` and
docs/simulate.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S

from .motion import EARTH_RADIUS_M, Motion, in_frame, join_motions, steps_of
from .objects import fly_approaches, fly_balloons, fly_birds, fly_multirotors, fly_one_way, plan_raid
from .sensors import Cast, Observation, mean_rcs_dbsm, observe

SITE_GROUND = Origin(56.0, 11.0, 40.0)
START_NS = 1_769_907_600 * NS_PER_S  # 2026-02-01T01:00:00Z
WIND_MPS = (6.0, 2.5)  # towards east and north, at 10 m


@dataclass(frozen=True, slots=True)
class Scene:
    """What a scene is made of."""

    summary: str
    duration_s: float
    fly: Callable[[np.random.Generator, int], list[Motion]]  # from the generator and the number of steps
    watch: Callable[[Frame], tuple[Sensor, ...]]


@dataclass(frozen=True, slots=True)
class Recording:
    """A scene that was played: the sensors, what they reported, and the truth behind it in the site's frame."""

    scene: str
    seed: int
    duration_s: float
    start_ns: int
    site: Site
    cast: Cast
    observation: Observation


def make_scene(name: str, seed: int) -> Recording:
    """Play a named scene.

    Raises:
        ValueError: if there is no scene of that name or the seed is negative.
    """
    if name not in SCENES:
        raise ValueError(f"scene {name!r} is not one of {', '.join(SCENES)}")
    if seed < 0:
        raise ValueError(f"seed {seed} is negative")
    scene, frame = SCENES[name], Frame(SITE_GROUND)
    who, what, report = np.random.default_rng(seed).spawn(3)
    motion = in_frame(join_motions(scene.fly(who, steps_of(scene.duration_s))))
    cast = Cast(motion, _identities(motion, what), mean_rcs_dbsm(motion.kind, what))
    sensors = scene.watch(frame)
    observation = observe(frame, sensors, cast, START_NS, report)
    return Recording(name, seed, scene.duration_s, START_NS, Site(sensors, SITE_GROUND), cast, observation)


def _identities(motion: Motion, rng: np.random.Generator) -> tuple[str, ...]:
    """Aircraft declare a 24-bit address; every second multirotor broadcasts a serial number, nobody else declares
    anything."""
    number, names = 0, []
    for kind in motion.kind:
        number += int(kind == Kind.MULTIROTOR)
        if kind == Kind.AIRCRAFT:
            names.append(f"{int(rng.integers(0x450000, 0x460000)):06X}")
        elif kind == Kind.MULTIROTOR and number % 2 == 0:
            names.append(f"1596F{int(rng.integers(10**9)):09d}")
        else:
            names.append("")
    return tuple(names)


def _fly_night(rng: np.random.Generator, steps: int) -> list[Motion]:
    return [
        fly_one_way(rng, steps, plan_raid(rng, waves=8, per_wave=25, distance_m=(5000.0, 12500.0))),
        fly_birds(rng, steps, 40, 5000.0),
        fly_multirotors(rng, steps, 4, 2500.0),
        fly_balloons(rng, steps, 1, 3000.0, WIND_MPS),
        fly_approaches(rng, steps, 1, 8000.0),
    ]


def _watch_night(frame: Frame) -> tuple[Sensor, ...]:
    corners = ((2100.0, 1900.0), (2300.0, -1800.0), (-2000.0, -2200.0), (-2200.0, 2000.0))
    return (
        *(
            _radar(frame, f"radar-{where}", at, max_range_m=9000.0, false_plots_per_scan=30.0)
            for where, at in zip(("ne", "se", "sw", "nw"), corners, strict=True)
        ),
        *(_camera(frame, name, at) for name, at in (("camera-n", (80.0, 320.0)), ("camera-s", (-60.0, -300.0)))),
        _receiver(frame),
    )


def _fly_small(rng: np.random.Generator, steps: int) -> list[Motion]:
    return [
        fly_one_way(rng, steps, plan_raid(rng, waves=2, per_wave=4, distance_m=(3000.0, 3800.0))),
        fly_birds(rng, steps, 4, 2000.0),
        fly_multirotors(rng, steps, 2, 1200.0),
        fly_approaches(rng, steps, 1, 4000.0),
    ]


def _watch_small(frame: Frame) -> tuple[Sensor, ...]:
    return (
        _radar(frame, "radar", (250.0, -150.0), max_range_m=5000.0, false_plots_per_scan=10.0),
        _stand(
            frame, "flat", SensorKind.RADAR_2D, (-900.0, 600.0), 8.0, max_range_m=5000.0, false_plots_per_scan=10.0,
            detection_probability=0.8, sigma_range_m=15.0, sigma_azimuth_rad=float(np.radians(0.7)),
        ),
        _camera(frame, "camera-n", (80.0, 320.0)),
        _camera(frame, "camera-s", (-60.0, -300.0)),
        _receiver(frame),
    )  # fmt: skip


def _radar(frame: Frame, name: str, at: tuple[float, float], **described: object) -> Sensor:
    return _stand(frame, name, SensorKind.RADAR_3D, at, 12.0, **described)


def _camera(frame: Frame, name: str, at: tuple[float, float]) -> Sensor:
    fine = float(np.radians(0.1))
    return _stand(
        frame, name, SensorKind.CAMERA, at, 15.0, period_s=0.5, max_range_m=1500.0, detection_probability=0.7,
        false_plots_per_scan=0.2, sigma_azimuth_rad=fine, sigma_elevation_rad=fine,
    )  # fmt: skip


def _receiver(frame: Frame) -> Sensor:
    """Hears what declares itself; broadcasts carry tens of kilometres."""
    return _stand(
        frame, "receiver", SensorKind.COOPERATIVE, (0.0, 0.0), 25.0, max_range_m=40000.0, detection_probability=0.95,
        false_plots_per_scan=0.0, sees=(Kind.AIRCRAFT, Kind.MULTIROTOR),
    )  # fmt: skip


FLYING = (Kind.MULTIROTOR, Kind.FIXED_WING, Kind.BIRD, Kind.BALLOON, Kind.AIRCRAFT)


def _stand(
    frame: Frame, name: str, kind: SensorKind, at: tuple[float, float], mast_m: float, **described: object
) -> Sensor:
    """A sensor on a mast at a point of the map, east and north m of the site."""
    ground = -(at[0] ** 2 + at[1] ** 2) / (2 * EARTH_RADIUS_M)
    latitude, longitude, height = (float(v) for v in frame.to_geodetic([at[0], at[1], ground + mast_m]))
    return Sensor(name, kind, latitude, longitude, height, **{"sees": FLYING, **described})  # type: ignore[arg-type]


SCENES: dict[str, Scene] = {
    "night": Scene(
        "raid of 200 one-way drones in eight waves, birds, multirotors, balloon, airliner; seven sensors, 180 s",
        180.0, _fly_night, _watch_night,
    ),
    "small": Scene("fifteen objects, five sensors of every kind, 40 s", 40.0, _fly_small, _watch_small),
}  # fmt: skip
