"""The lasting errors of sensors as people read them."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from lowsky.core import Registration, in_words

from ..answers.sensors import RegistrationHistory, RegistrationNote, SensorErrors, SensorRegistration

EventWord = Literal["", "corrected", "stepped", "set_aside", "tried_again", "displaced", "right_again"]
StateWord = Literal["unknown", "right", "corrected", "displaced", "set_aside"]
DIGITS = {"range_m": 2, "range_scale": 5, "azimuth_deg": 3, "elevation_deg": 3, "clock_s": 3, "east_m": 2, "north_m": 2}


def sensor_registration(registration: Registration | None, sensor: int) -> SensorRegistration | None:
    """What is known of a sensor; None if the core has not heard of it yet."""
    if registration is None or sensor >= len(registration.known):
        return None
    return SensorRegistration(
        _state(registration, sensor), _errors(registration.estimate[sensor]), _errors(registration.sigma[sensor])
    )


def registration_history(registration: Registration | None, sensor: int) -> RegistrationHistory:
    """The history of a sensor, empty if there is none."""
    if registration is None or sensor >= len(registration.courses):
        return RegistrationHistory(())
    course = registration.courses[sensor]
    rows = zip(course.time_ns.tolist(), course.event, course.estimate, course.sigma, strict=True)
    return RegistrationHistory(
        tuple(
            RegistrationNote(time_ns / 1e6, cast(EventWord, event), _errors(estimate), _errors(sigma))
            for time_ns, event, estimate, sigma in rows
        )
    )


def _state(registration: Registration, sensor: int) -> StateWord:
    if registration.aside[sensor]:
        return "set_aside"
    if not registration.known[sensor]:
        return "unknown"
    if not registration.in_force[sensor]:
        return "right"
    return "displaced" if registration.displaced[sensor] else "corrected"


def _errors(values: NDArray[np.float64]) -> SensorErrors:
    return SensorErrors(**{word: round(value, DIGITS[word]) for word, value in in_words(values).items()})
