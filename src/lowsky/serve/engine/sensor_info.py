"""Sensors as people read them: the description, and how each does now."""

from __future__ import annotations

import math

import numpy as np

from lowsky.core import Registration, Scores
from lowsky.model.sensor import Sensor

from ..answers.sensors import Consistency, Learnt, Promise, SensorInfo
from .registration import sensor_registration
from .sensors import SensorWatch

FULL_TURN = 2 * math.pi - 1e-9


ASIDE = "set aside: no other sensor agrees with what it reports"


def sensor_infos(
    watch: SensorWatch, scores: Scores | None, registration: Registration | None, now_ns: int
) -> tuple[SensorInfo, ...]:
    """All sensors but those that are retired. `scores` and `registration` are the core's (None: it has none yet)."""
    rates = watch.reports_per_s()
    rows = [(i, sensor) for i, sensor in enumerate(watch.sensors) if not sensor.retired]
    return tuple(_info(watch, i, sensor, scores, registration, float(rates[i]), now_ns) for i, sensor in rows)


def _info(
    watch: SensorWatch,
    i: int,
    sensor: Sensor,
    scores: Scores | None,
    registration: Registration | None,
    rate: float,
    now_ns: int,
) -> SensorInfo:
    state, message = watch.state(i, now_ns)
    registered = sensor_registration(registration, i)
    if registered is not None and registered.state == "set_aside" and state == "well":
        state, message = "faulty", ASIDE
    start, end = _azimuths(sensor)
    return SensorInfo(
        id=sensor.id,
        kind=sensor.kind.word,
        lat=sensor.latitude_deg,
        lon=sensor.longitude_deg,
        height_m=sensor.height_m,
        min_range_m=sensor.min_range_m,
        max_range_m=sensor.max_range_m,
        azimuth_from_deg=start,
        azimuth_to_deg=end,
        state=state,
        last_look_ms=_ms(int(watch.last_look_ns[i])),
        last_report_ms=_ms(int(watch.last_report_ns[i])),
        reports_per_s=round(rate, 2),
        lag_s=_rounded(watch.lag_s[i]),
        faults=int(watch.faults[i]),
        detection=Promise(_score(scores, "detection_promised", i), _score(scores, "detection_found", i)),
        nis=Consistency(_score(scores, "nis", i)),
        sees=tuple(kind.word for kind in sensor.sees),
        message=message,
        learnt=_learnt(scores, i),
        registration=registered,
    )


def _azimuths(sensor: Sensor) -> tuple[float | None, float | None]:
    """First and last azimuth of the field of view, clockwise; None: all round."""
    if sensor.azimuth_width_rad >= FULL_TURN:
        return None, None
    half = 0.5 * sensor.azimuth_width_rad
    start, end = (math.degrees(sensor.azimuth_centre_rad + side) % 360.0 for side in (-half, half))
    return start, end


def _score(scores: Scores | None, name: str, i: int) -> float | None:
    """A sensor that the core has not heard of yet, having just been described, has no score."""
    known = scores is not None and i < len(getattr(scores, name))
    return _rounded(getattr(scores, name)[i]) if known else None


def _learnt(scores: Scores | None, i: int) -> Learnt:
    """What was learnt of a sensor; nothing of one that the core has not heard of yet."""
    if scores is None or i >= len(scores.false_plots):
        return Learnt()
    return Learnt(_rounded(scores.false_plots[i]), *(_rounded(sigma) for sigma in scores.sigma[i]))


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _ms(time_ns: int) -> float | None:
    return time_ns / 1e6 if time_ns else None
