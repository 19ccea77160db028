"""What sensors report of the motion of objects: drawn from the description that the tracker is given.

Each look of a sensor detects what is in its view with its detection probability (independent from look to look),
measures it through the measurement functions of the sensor model with Gaussian errors of the described sigmas, and
adds a Poisson number of false plots, uniform over the area and the heights of `false_height_m` and over
`false_range_rate_mps`. The radar cross section of an object fluctuates from look to look (Swerling case 1: exponential
power, Skolnik, Radar Handbook, 3rd ed., sec. 7.7) round a mean of its kind.

Not modelled: biases and wrong clocks, terrain and the radar horizon, fading of the detection probability with range,
plots of two objects that merge into one, scanning during a look (all plots of a look are of one moment).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.angles import wrap_2pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.report import LookBatch, ReportBatch, concatenate_reports, look_batch, report_batch
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.model.timebase import ns_from_s
from lowsky.sensing.measure import in_view, measure

from .motion import Bools, Floats, Motion

Columns = dict[str, NDArray[np.generic]]

RCS_DBSM: dict[Kind, float] = {  # means at X band, of the size class; single objects differ by RCS_SPREAD_DB
    Kind.MULTIROTOR: -20.0,
    Kind.FIXED_WING: -11.0,
    Kind.BIRD: -26.0,
    Kind.BALLOON: -16.0,
    Kind.AIRCRAFT: 10.0,
    Kind.VESSEL: 25.0,
}
RCS_SPREAD_DB = 4.0
CLUTTER_RCS_DBSM = (-24.0, 6.0)  # mean and sigma of what a false plot claims
LINK_DELAY_S = 0.02  # least time from measurement to receipt; processing adds a gamma of mean 0.04 s
LONGEST_PROCESSING_S = 0.3
LOOK_DELAY_S = 0.35  # a look is told after the last of its plots: more than the two above together


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in a scene: the motion in the region's frame, what each object declares ("" for nothing) and its mean
    radar cross section in dBsm (n,)."""

    motion: Motion
    identity: tuple[str, ...]
    rcs_dbsm: Floats


@dataclass(frozen=True, slots=True)
class Observation:
    """What was reported, in order of receipt, and from which object each report came (-1: a false plot)."""

    reports: ReportBatch
    looks: LookBatch
    source: NDArray[np.int32]


def mean_rcs_dbsm(kind: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Mean radar cross section of objects of the given kinds (n,), dBsm."""
    return np.array([RCS_DBSM[Kind(k)] for k in kind]) + rng.normal(0, RCS_SPREAD_DB, len(kind))


def false_plots(sensor: Sensor, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """Range, azimuth, elevation and range rate of one look's false plots: their number is Poisson, they are uniform
    over the area within reach, over heights above the sensor, over range rate and over the azimuths of the view."""
    k = rng.poisson(sensor.false_plots_per_scan)
    height = rng.uniform(*sensor.false_height_m, k)
    # ground range so that the slant range is within reach, and area, not range, is uniform
    nearest = np.maximum(sensor.min_range_m**2 - height**2, 0.0)
    ground = np.sqrt(rng.uniform(nearest, np.maximum(sensor.max_range_m**2 - height**2, nearest)))
    half = sensor.azimuth_width_rad / 2
    azimuth = wrap_2pi(sensor.azimuth_centre_rad + rng.uniform(-half, half, k))
    range_rate = rng.uniform(*sensor.false_range_rate_mps, k)
    return np.hypot(ground, height), azimuth, np.arctan2(height, ground), range_rate


def observe(
    frame: Frame, sensors: tuple[Sensor, ...], cast: Cast, start_ns: int, seeds: np.random.Generator
) -> Observation:
    """Everything the sensors report of the cast over its motion. Each sensor draws from a generator of its own, so one
    more sensor leaves the others' reports as they were."""
    identities = tuple(sorted({name for name in cast.identity if name}))
    looks: list[LookBatch] = []
    parts: list[tuple[ReportBatch, NDArray[np.int64]]] = []
    for index, (sensor, rng) in enumerate(zip(sensors, seeds.spawn(len(sensors)), strict=True)):
        times = _look_times(sensor, cast.motion.duration_s, rng)
        for time_s in times:
            columns, source = _look(frame, sensor, cast, identities, float(time_s), rng)
            time_ns = start_ns + int(ns_from_s(time_s))
            parts.append((_batch(columns, len(source), index, time_ns, identities, rng), source))
        told = times + LOOK_DELAY_S + rng.uniform(0.0, 0.05, len(times))
        looks.append(look_batch(np.full(len(times), index), start_ns + ns_from_s(times), start_ns + ns_from_s(told)))
    return _in_order(concatenate_reports([p[0] for p in parts]), looks, np.concatenate([p[1] for p in parts]))


def _look_times(sensor: Sensor, duration_s: float, rng: np.random.Generator) -> Floats:
    """Times of a sensor's looks after the start; the phase is a whole millisecond, as clocks print them."""
    phase = np.round(rng.uniform(0.0, min(sensor.period_s, 1.0)), 3)
    return np.asarray(np.arange(phase, duration_s, sensor.period_s))


def _look(
    frame: Frame, sensor: Sensor, cast: Cast, identities: tuple[str, ...], time_s: float, rng: np.random.Generator
) -> tuple[Columns, NDArray[np.int64]]:
    """One look: what its reports carry, and which object each came from."""
    position, velocity, alive = cast.motion.at(time_s)
    seen = measure(frame, sensor, position, velocity)
    hit = alive & _can_see(sensor, cast) & in_view(sensor, *seen[:3])
    found = np.flatnonzero(hit & (rng.uniform(size=len(hit)) < sensor.detection_probability))
    if sensor.kind is SensorKind.COOPERATIVE:
        columns = _declared(frame, sensor, position[found], rng)
        columns["identity"] = np.array([identities.index(cast.identity[j]) for j in found], dtype=np.int32)
        return columns, found
    false = false_plots(sensor, rng)
    exact = tuple(np.concatenate([value[found], other]) for value, other in zip(seen, false, strict=True))
    columns = _measured(sensor, exact, rng)
    if "range_m" in columns:
        columns["rcs_dbsm"] = _echo(cast.rcs_dbsm[found], len(false[0]), rng)
    return columns, np.concatenate([found, np.full(len(false[0]), -1)])


def _batch(
    columns: Columns, n: int, index: int, time_ns: int, identities: tuple[str, ...], rng: np.random.Generator
) -> ReportBatch:
    """The reports of one look with their times of receipt."""
    delay_s = LINK_DELAY_S + rng.gamma(2.0, 0.02, n).clip(0.0, LONGEST_PROCESSING_S)
    time = np.full(n, time_ns)
    return report_batch(
        n, identities, sensor=np.full(n, index), time_ns=time, received_ns=time + ns_from_s(delay_s), **columns
    )


def _can_see(sensor: Sensor, cast: Cast) -> Bools:
    """Which objects (n,) the sensor can see at all: its kinds, and for cooperative ones those that declare
    themselves."""
    able = np.isin(cast.motion.kind, np.array([int(k) for k in sensor.sees], dtype=np.uint8))
    if sensor.kind is SensorKind.COOPERATIVE:
        able &= np.array([name != "" for name in cast.identity], dtype=np.bool_)
    return able


def _measured(sensor: Sensor, exact: tuple[Floats, ...], rng: np.random.Generator) -> Columns:
    """The columns that the kind of sensor measures, with its errors. A range stays positive, an elevation on the
    sphere."""
    range_m, azimuth, elevation, range_rate = exact
    n = len(range_m)
    columns: Columns = {"azimuth_rad": wrap_2pi(azimuth + rng.normal(0, sensor.sigma_azimuth_rad, n))}
    if sensor.kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D):
        columns["range_m"] = np.maximum(range_m + rng.normal(0, sensor.sigma_range_m, n), 0.1)
        columns["range_rate_mps"] = range_rate + rng.normal(0, sensor.sigma_range_rate_mps, n)
    if sensor.kind in (SensorKind.RADAR_3D, SensorKind.CAMERA):
        noisy = elevation + rng.normal(0, sensor.sigma_elevation_rad, n)
        columns["elevation_rad"] = np.clip(noisy, -np.pi / 2, np.pi / 2)
    return columns


def _declared(frame: Frame, sensor: Sensor, position: Floats, rng: np.random.Generator) -> Columns:
    """Declared positions, each off by the sensor's horizontal and vertical sigma."""
    off = rng.normal(0, 1.0, position.shape) * [sensor.sigma_position_m, sensor.sigma_position_m, sensor.sigma_height_m]
    latitude, longitude, height = frame.to_geodetic(position + off)
    return {"latitude_deg": latitude, "longitude_deg": longitude, "height_m": height}


def _echo(mean_dbsm: Floats, false: int, rng: np.random.Generator) -> Floats:
    """Radar cross sections of one look in dBsm: real ones (Swerling 1 round their means), then false ones."""
    power = np.maximum(rng.exponential(1.0, len(mean_dbsm)), 1e-3)
    return np.concatenate([mean_dbsm + 10 * np.log10(power), rng.normal(*CLUTTER_RCS_DBSM, false)])


def _in_order(reports: ReportBatch, looks: list[LookBatch], source: NDArray[np.int64]) -> Observation:
    """Reports and looks sorted by receipt, which is drawn alike for real and false: the order tells nothing of the
    source."""
    order = np.argsort(reports.received_ns, kind="stable")
    joined = look_batch(
        np.concatenate([k.sensor for k in looks]),
        np.concatenate([k.time_ns for k in looks]),
        np.concatenate([k.received_ns for k in looks]),
    )
    by_receipt = np.argsort(joined.received_ns, kind="stable")
    return Observation(reports.take(order), joined.take(by_receipt), source[order].astype(np.int32))
