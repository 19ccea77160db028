"""The knob of false tracks and the learning of the background, on skies of the simulator: two plots.

    python -m bench.background knob      # false tracks shown over those asked for, on unlike skies without objects
    python -m bench.background heal      # what is learnt of radars that are not as described, second by second
    --hours 0.5 --seed 1

Each sky of `knob` is tracked once for each setting. `heal` flies sixty objects on straight lines among false plots 3.3
times, detection 0.82 times and azimuth errors 1.67 times as large as the tracker is told.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.plots import Limit, Plot, Series, keep
from lowsky.cli.feed import pieces
from lowsky.core import CoreInput, CoreState, new_state, step
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate.motion import STEP_S, Motion, in_frame, steps_of
from lowsky.simulate.sensors import Cast, Observation, observe
from lowsky.tracking.settings import Settings

GROUND = Origin(54.0, 9.0, 40.0)
START_NS = 1_760_000_000 * NS_PER_S
ASKED = (2.0, 10.0, 50.0, 250.0)
HALF_M, OBJECTS, HEAL_S = 4000.0, 60, 240.0
FLAT = dict(kind=SensorKind.RADAR_2D, sigma_range_m=15.0, sigma_azimuth_rad=float(np.radians(0.7)))
SKIES: dict[str, list[dict[str, Any]]] = {
    "two radars, 60 false plots a look": [dict(false_plots_per_scan=60.0)] * 2,
    "two radars that see less than half, 150": [
        dict(false_plots_per_scan=150.0, detection_probability=0.45, max_range_m=5000.0)
    ]
    * 2,
    "two radars without height, 40": [dict(false_plots_per_scan=40.0, detection_probability=0.8, **FLAT)] * 2,
    "four radars, 30": [dict(false_plots_per_scan=30.0, max_range_m=9000.0)] * 4,
    "two slow and coarse radars, 80": [
        dict(false_plots_per_scan=80.0, period_s=2.5, sigma_range_m=20.0, sigma_azimuth_rad=float(np.radians(1.0)))
    ]
    * 2,
}


def stand(index: int, of: int, described: dict[str, Any]) -> Sensor:
    """A radar on a ring of 800 m."""
    angle = 2.0 * np.pi * index / of
    place = Frame(GROUND).to_geodetic([800.0 * np.sin(angle), 800.0 * np.cos(angle), 10.0])
    latitude, longitude, height = (float(v) for v in place)
    given = {"kind": SensorKind.RADAR_3D, **described}
    return Sensor(f"radar-{index}", latitude_deg=latitude, longitude_deg=longitude, height_m=height, **given)


def flights(count: int, duration_s: float, rng: np.random.Generator) -> Motion:
    """Straight level flights that begin anywhere."""
    times = np.arange(steps_of(duration_s))[:, None, None] * STEP_S
    place = np.column_stack([rng.uniform(-HALF_M, HALF_M, (count, 2)), rng.uniform(60.0, 300.0, count)])
    course, speed = rng.uniform(0.0, 2.0 * np.pi, count), rng.uniform(5.0, 25.0, count)
    velocity = np.column_stack([speed * np.sin(course), speed * np.cos(course), np.zeros(count)])[None]
    position = place[None] + velocity * times
    alive = np.ones(position.shape[:2], dtype=bool)
    return in_frame(
        Motion(np.full(count, Kind.MULTIROTOR, np.uint8), position, np.tile(velocity, (len(times), 1, 1)), alive)
    )


def sky(sensors: tuple[Sensor, ...], count: int, duration_s: float, seed: int) -> Observation:
    """What the sensors report of so many objects, and of nothing."""
    rng = np.random.default_rng(seed)
    cast = Cast(flights(count, duration_s, rng), ("",) * count, np.full(count, -15.0))
    return observe(Frame(GROUND), sensors, cast, START_NS, rng)


def followed(
    sensors: tuple[Sensor, ...], seen: Observation, duration_s: float, settings: Settings
) -> Iterator[tuple[CoreState, NDArray[np.int64]]]:
    """The core's state and the numbers shown, piece by piece."""
    state = new_state(Site(sensors, GROUND), settings)
    ticks = START_NS + np.arange(1, int(duration_s) + 1) * NS_PER_S
    for piece in pieces(seen.reports, seen.looks, ticks):
        state, changes = step(state, piece)
        yield state, changes.picture.track


def knob(hours: float, seed: int) -> Plot:
    """False tracks an hour that were shown, over those asked for."""
    series = []
    for name, described in SKIES.items():
        sensors = tuple(stand(i, len(described), d) for i, d in enumerate(described))
        seen = sky(sensors, 0, hours * 3600.0, seed)
        found = []
        for asked in ASKED:
            parts = [
                numbers for _, numbers in followed(sensors, seen, hours * 3600.0, Settings(false_tracks_per_hour=asked))
            ]
            found.append(len(np.unique(np.concatenate(parts))) / hours)
            print(f"{name}: asked {asked:g}, shown {found[-1]:g} an hour", flush=True)
        some = [k for k, shown in enumerate(found) if shown > 0]  # none has no place on a logarithmic axis
        series.append(Series(name, [ASKED[k] for k in some], [found[k] for k in some]))
    asked_for = [float(a) for a in ASKED]
    even = Series("as many as asked for, give or take a factor of two", asked_for, asked_for, "lines")
    even = replace(even, low=[a / 2 for a in asked_for], high=[2 * a for a in asked_for])
    title = "False tracks shown where there is nothing"
    return Plot(title, "asked for, an hour", "shown, an hour", [even, *series], log_x=True, log_y=True)


def heal(seed: int) -> Plot:
    """What is learnt of three radars that are not as described, over time."""
    true = [dict(false_plots_per_scan=50.0, detection_probability=0.8, **kind) for kind in ({}, FLAT, FLAT)]
    sensors = tuple(stand(i, 3, d) for i, d in enumerate(true))
    told = tuple(
        replace(s, false_plots_per_scan=15.0, detection_probability=0.97, sigma_azimuth_rad=0.6 * s.sigma_azimuth_rad)
        for s in sensors
    )
    seen = sky(sensors, OBJECTS, HEAL_S, seed)
    state = new_state(Site(told, GROUND))
    seconds = np.arange(5, int(HEAL_S) + 1, 5)
    rows = []
    for second, piece in zip(seconds, _every(seen, seconds), strict=True):
        state, _ = step(state, piece)
        score = state.world.scores
        rows.append([score["false_scale"], score["seen_scale"], np.sqrt(score["variance_scale"][:, 1])])
        print(f"{second} s: {np.round(rows[-1], 2).tolist()}", flush=True)
    table, at = np.array(rows), seconds.astype(float).tolist()
    names = ("false plots", "detection probability", "error of azimuth")
    series = [Series(f"{n}, mean of three radars", at, table[:, k].mean(axis=1).tolist()) for k, n in enumerate(names)]
    limits = [Limit("true", 50.0 / 15.0), Limit("true", 0.8 / 0.97), Limit("true", 1.0 / 0.6)]
    title = "Three radars that are not as described"
    return Plot(title, "seconds", "learnt, over described", series, limits)


def _every(seen: Observation, seconds: NDArray[np.int64]) -> Iterator[CoreInput]:
    """The input from one of these seconds to the next."""
    first = START_NS
    for second in seconds:
        last = START_NS + int(second) * NS_PER_S
        reports, looks = (b.received_ns for b in (seen.reports, seen.looks))
        yield CoreInput(
            seen.reports.take((reports > first) & (reports <= last)),
            seen.looks.take((looks > first) & (looks <= last)),
            np.array([last]),
        )
        first = last


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("knob", "heal"))
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.what == "knob":
        keep("false-tracks", knob(args.hours, args.seed))
    else:
        keep("background", heal(args.seed))


if __name__ == "__main__":
    main()
