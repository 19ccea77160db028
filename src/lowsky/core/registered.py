"""What the core knows of the lasting errors of its sensors, for people: estimates, what is in force, their history."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..kernels import errors
from ..kernels.layout import World
from ..kernels.registration import is_displaced

ERROR_NAMES = "range_m range_scale azimuth_rad elevation_rad clock_s east_m north_m".split()
"""Names of the columns of estimates: what a sensor reports too much, and how far east and north of its true place it is
described."""
EVENTS = {
    errors.FOUND: "corrected",
    errors.STEPPED: "stepped",
    errors.ASIDE: "set_aside",
    errors.AGAIN: "tried_again",
    errors.DISPLACED: "displaced",
    errors.RELEASED: "right_again",
}
"""Words for the events of a history; other notes are there for the course of the estimates."""


@dataclass(frozen=True, slots=True)
class Course:
    """The history of one sensor's estimates, oldest first; the oldest are forgotten."""

    time_ns: NDArray[np.int64]
    event: tuple[str, ...]  # of EVENTS, "" none
    estimate: NDArray[np.float64]  # (n, 7)
    sigma: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Registration:
    """The lasting errors of all sensors (S,) in columns of ERROR_NAMES."""

    estimate: NDArray[np.float64]  # (S, 7)
    sigma: NDArray[np.float64]
    known: NDArray[np.bool_]  # was there anything to estimate from?
    in_force: NDArray[np.bool_]  # is it taken off what the sensor reports?
    displaced: NDArray[np.bool_]
    aside: NDArray[np.bool_]
    courses: tuple[Course, ...]
    renewals: int  # how often it was renewed


def in_words(errors: NDArray[np.float64]) -> dict[str, float]:
    """Errors (7,) by name, as people say them: angles in degrees, and named so."""
    told: dict[str, float] = {}
    for name, value in zip(ERROR_NAMES, errors.tolist(), strict=True):
        angle = name.endswith("_rad")
        told[name.removesuffix("_rad") + "_deg" if angle else name] = math.degrees(value) if angle else value
    return told


def registration_of(world: World, last: Registration | None = None) -> Registration:
    """The registration as it stands; `last` itself if nothing was renewed since."""
    renewals = int(world.tally["renewals"])
    if last is not None and last.renewals == renewals and len(last.known) == len(world.sensors):
        return last
    table = world.corrections
    moved = table["in_force"] != 0
    for row in np.flatnonzero(moved).tolist():
        moved[row] = bool(is_displaced(table[row], world.sensors[row]))
    return Registration(
        table["estimate"].copy(),
        table["sigma"].copy(),
        table["known"] != 0,
        table["in_force"] != 0,
        moved,
        table["aside"] != 0,
        _courses(world),
        renewals,
    )


def _courses(world: World) -> tuple[Course, ...]:
    """The histories of all sensors."""
    count, following = (world.corrections[name].astype(np.int64) for name in ("notes", "next_note"))
    ends = np.cumsum(count)
    sensor = np.repeat(np.arange(len(count)), count)
    place = (following[sensor] - ends[sensor] + np.arange(len(sensor))) % world.course.shape[1]
    notes = world.course[sensor, place]
    times_ns, events = notes["time_ns"].copy(), [EVENTS.get(event, "") for event in notes["event"].tolist()]
    estimate, sigma = notes["estimate"].astype(np.float64), notes["sigma"].astype(np.float64)
    parts = [slice(end - n, end) for n, end in zip(count.tolist(), ends.tolist(), strict=True)]
    return tuple(Course(times_ns[k], tuple(events[k]), estimate[k], sigma[k]) for k in parts)
