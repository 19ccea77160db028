"""Lasting errors of sensors as people read them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lowsky.core import Course, Registration
from lowsky.serve.engine.registration import registration_history, sensor_registration


def told(known: bool = True, in_force: bool = False, displaced: bool = False, aside: bool = False) -> Registration:
    estimate = np.array([[40.0, 0.001, math.radians(1.2), math.radians(-0.5), 0.35, 70.0, -45.0]])
    course = Course(np.array([2_000_000_000]), ("corrected",), estimate, 0.1 * np.abs(estimate))
    is_known, is_used, is_moved, is_aside = (np.array([flag]) for flag in (known, in_force, displaced, aside))
    return Registration(estimate, 0.1 * np.abs(estimate), is_known, is_used, is_moved, is_aside, (course,), 1)


STATES = [
    ({"known": False}, "unknown"),
    ({}, "right"),
    ({"in_force": True}, "corrected"),
    ({"in_force": True, "displaced": True}, "displaced"),
    ({"aside": True}, "set_aside"),
]


@pytest.mark.parametrize(("flags", "state"), STATES)
def test_every_state_has_its_word(flags: dict[str, bool], state: str) -> None:
    found = sensor_registration(told(**flags), 0)
    assert found is not None
    assert found.state == state


def test_angles_are_told_in_degrees() -> None:
    found = sensor_registration(told(), 0)
    assert found is not None
    assert (found.errors.azimuth_deg, found.errors.elevation_deg) == (1.2, -0.5)
    assert (found.errors.range_m, found.errors.clock_s, found.errors.east_m) == (40.0, 0.35, 70.0)
    assert found.sigma.azimuth_deg == 0.12


def test_a_sensor_that_the_core_has_not_heard_of_says_nothing() -> None:
    assert sensor_registration(None, 0) is None
    assert sensor_registration(told(), 1) is None
    assert registration_history(None, 0).notes == ()
    assert registration_history(told(), 1).notes == ()


def test_a_history_is_told_in_milliseconds_and_words() -> None:
    note = registration_history(told(), 0).notes[0]
    assert (note.time_ms, note.event, note.errors.north_m) == (2000.0, "corrected", -45.0)
