"""The scenes `night` and `small`: a raid from all sides over flat ground, for tests and for pictures.

The place is made up: flat ground 40 m above the ellipsoid on a northern coast.
"""

from __future__ import annotations

import numpy as np

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind

from .air import Air
from .envelopes import AIRLINER, BALLOON, BIRD, LARGE_DRONE, MIDDLE_DRONE, MULTIROTOR, SMALL_DRONE
from .flight import Flight, envelope_traits
from .free import Balloons, Birds, Roaming, flocks_of, square
from .identities import aircraft_address, serial_number
from .raid import all_round, fly_wave, polar
from .scene import Scene, stand
from .travel import Route, Travel
from .world import Act

GROUND = Origin(56.0, 11.0, 40.0)
AIR = Air(speed_mps=6.5, towards_rad=1.18)
SIZES = (SMALL_DRONE, LARGE_DRONE, MIDDLE_DRONE)
GLIDE = float(np.tan(np.radians(3.0)))


def roaming(rng: np.random.Generator, n: int, half_width_m: float) -> Roaming:
    """Multirotors, all with a radio link; every second one declares itself."""
    names = [serial_number(rng) if i % 2 else "" for i in range(n)]
    traits = envelope_traits(MULTIROTOR, n, rng, names, np.ones(n, dtype=np.bool_))
    return Roaming(traits, rng, half_width_m)


def approach(rng: np.random.Generator, air: Air, half_width_m: float) -> Travel:
    """An airliner in its approach past the site: straight, descending at 3 degrees."""
    course, speed = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(70.0, 90.0))
    aside = float(rng.uniform(0.15, 0.5) * rng.choice([-1.0, 1.0]) * half_width_m)
    along, beyond = -float(rng.uniform(0.8, 1.1)) * half_width_m, 2.5 * half_width_m
    low = 250.0 + float(rng.uniform(0.0, 300.0))
    high = low + GLIDE * (beyond - along)
    points = [(*polar(along, aside, course), high), (*polar(beyond, aside, course), low)]
    traits = envelope_traits(AIRLINER, 1, rng, [aircraft_address(rng)])
    return Travel(traits, AIRLINER, [Route(points, speed)], air, rng)


def _night(air: Air) -> Act:
    def act(number: int, rng: np.random.Generator) -> list[Flight]:
        waves = all_round(rng, 8, 25, (5000.0, 12500.0), SIZES)
        height = rng.uniform(80.0, 500.0, 1)
        return [
            *(fly_wave(w, air, rng.spawn(1)[0]) for w in waves),
            Birds(envelope_traits(BIRD, 40, rng), flocks_of(rng, 40), rng.spawn(1)[0], air, 5000.0),
            roaming(rng.spawn(1)[0], 4, 2500.0),
            Balloons(
                envelope_traits(BALLOON, 1, rng),
                np.column_stack([square(rng, 1, 3000.0), height]),
                rng.spawn(1)[0],
                air,
            ),
            approach(rng.spawn(1)[0], air, 8000.0),
        ]

    return act


def _small(air: Air) -> Act:
    def act(number: int, rng: np.random.Generator) -> list[Flight]:
        waves = all_round(rng, 2, 4, (3000.0, 3800.0), SIZES)
        return [
            *(fly_wave(w, air, rng.spawn(1)[0]) for w in waves),
            Birds(envelope_traits(BIRD, 4, rng), flocks_of(rng, 4), rng.spawn(1)[0], air, 2000.0),
            roaming(rng.spawn(1)[0], 2, 1200.0),
            approach(rng.spawn(1)[0], air, 4000.0),
        ]

    return act


def _watch_night(frame: Frame) -> tuple[Sensor, ...]:
    corners = ((2100.0, 1900.0), (2300.0, -1800.0), (-2000.0, -2200.0), (-2200.0, 2000.0))
    return (
        *(
            stand(frame, f"radar-{where}", SensorKind.RADAR_3D, at, 12.0, max_range_m=9000.0, false_plots_per_scan=30.0)
            for where, at in zip(("ne", "se", "sw", "nw"), corners, strict=True)
        ),
        *(camera(frame, name, at) for name, at in (("camera-n", (80.0, 320.0)), ("camera-s", (-60.0, -300.0)))),
        receiver(frame),
    )


def _watch_small(frame: Frame) -> tuple[Sensor, ...]:
    return (
        stand(
            frame, "radar", SensorKind.RADAR_3D, (250.0, -150.0), 12.0, max_range_m=5000.0, false_plots_per_scan=10.0
        ),
        stand(
            frame, "flat", SensorKind.RADAR_2D, (-900.0, 600.0), 8.0, max_range_m=5000.0, false_plots_per_scan=10.0,
            detection_probability=0.8, sigma_range_m=15.0, sigma_azimuth_rad=float(np.radians(0.7)),
        ),
        camera(frame, "camera-n", (80.0, 320.0)),
        camera(frame, "camera-s", (-60.0, -300.0)),
        receiver(frame),
    )  # fmt: skip


def camera(frame: Frame, name: str, at: tuple[float, float], **described: object) -> Sensor:
    """A camera of 1.5 km and 0.1 degrees that looks twice a second."""
    fine = float(np.radians(0.1))
    usual: dict[str, object] = dict(
        period_s=0.5, max_range_m=1500.0, detection_probability=0.7, false_plots_per_scan=0.2, sigma_azimuth_rad=fine,
        sigma_elevation_rad=fine,
    )  # fmt: skip
    return stand(frame, name, SensorKind.CAMERA, at, 15.0, **{**usual, **described})


def receiver(frame: Frame) -> Sensor:
    """Hears what declares itself; broadcasts carry tens of kilometres."""
    return stand(
        frame, "receiver", SensorKind.COOPERATIVE, (0.0, 0.0), 25.0, max_range_m=40000.0, detection_probability=0.95,
        false_plots_per_scan=0.0, sees=(Kind.AIRCRAFT, Kind.MULTIROTOR),
    )  # fmt: skip


NIGHT = Scene(
    "raid of 200 one-way drones in eight waves, birds, multirotors, balloon, airliner; seven sensors, 180 s",
    180.0, GROUND, AIR, _night, _watch_night,
)  # fmt: skip
SMALL = Scene("fifteen objects, five sensors of every kind, 40 s", 40.0, GROUND, AIR, _small, _watch_small)
