"""One sensor at work: when it looks, what it detects, what it reports of it and when that is received.

Each look detects what is in view with the sensor's detection probability (independent from look to look), measures it
through the measurement functions of the sensor model with Gaussian errors of the described sigmas, and adds a Poisson
number of false plots. The radar cross section of an object fluctuates from look to look (Swerling case 1: exponential
power, Skolnik, Radar Handbook, 3rd ed., sec. 7.7) round its mean. A microphone measures where the sound left: the place
at which the object was at the time t - |p(t') - microphone| / c = t' (solved by iteration, which contracts by the Mach
number). What is wrong with the sensor is in its `Faults`.

Objects too near each other for a radar that states its resolution give one plot: `simulate.resolution`.

Not modelled: terrain and the radar horizon, fading of the detection probability with range, scanning during a look (all
plots of a look are of one moment).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.angles import wrap_2pi
from lowsky.model.geodesy import Frame, rotate_vectors
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.sensing.measure import in_view, measure

from .air import Air
from .faults import NONE, Faults
from .flight import Traits
from .motion import STEP_S, Bools, Floats
from .resolution import merged
from .world import Moment, Stage

CLUTTER_RCS_DBSM = (-24.0, 6.0)  # mean and sigma of what a false plot claims
LINK_DELAY_S = 0.02  # least time from measurement to receipt; processing adds a gamma of mean 0.04 s
LONGEST_PROCESSING_S = 0.3
LOOK_DELAY_S = 0.35  # a look is told after the last of its plots: more than the two above together
LOOK_JITTER_S = 0.05
SURE_OF_IT, NOT_SO_SURE = (0.5, 0.95), (0.3, 0.8)  # confidence of a post that hears something, and that errs
SOUND_ROUNDS = 16  # at 115 m/s each round leaves a third of the error: nanoseconds in the end
FALSE = -1
HEARING = (SensorKind.ACOUSTIC, SensorKind.POST)

VALUES = (
    "range_m", "azimuth_rad", "elevation_rad", "range_rate_mps", "latitude_deg", "longitude_deg", "height_m",
    "east_mps", "north_mps", "up_mps", "rcs_dbsm", "confidence",
)  # fmt: skip
"""The columns of `Seen.values`: those of a report batch that a simulated sensor may fill."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The n reports of one look: values (n, len(VALUES)), what each declares, the object it came from (`FALSE`: none),
    and when it was received, seconds after the start; the time of validity that the sensor puts on all of them, and
    when the look was told."""

    values: Floats
    identity: NDArray[np.object_]
    source: NDArray[np.int64]
    received_s: Floats
    stamp_s: float
    told_s: float

    def __len__(self) -> int:
        return len(self.source)


class Watch:
    """One sensor, drawn as it truly is. `next_s` is when it looks next."""

    def __init__(
        self, frame: Frame, sensor: Sensor, rng: np.random.Generator, faults: Faults = NONE, air: Air | None = None
    ) -> None:
        self.sensor, self.faults = sensor, faults
        self._frame, self._rng, self._sound_mps = frame, rng, (air or Air()).sound_mps
        self._at = frame.to_enu(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
        self._sees = np.array([int(k) for k in sensor.sees], dtype=np.uint8)
        # a whole millisecond, as clocks print them
        self._phase_s = float(np.round(rng.uniform(0.0, min(sensor.period_s, 1.0)), 3))
        self._looks = 0

    @property
    def next_s(self) -> float:
        """Seconds after the start."""
        return self._phase_s + self._looks * self.sensor.period_s

    def look(self, stage: Stage) -> Seen | None:
        """The look at `next_s`, after which the next one is due; None while the sensor is out."""
        time_s = self.next_s
        self._looks += 1
        if self.faults.out(time_s):
            return None
        moment, able = stage.at(time_s), self._able(stage.traits)
        if self.sensor.kind in HEARING:
            moment = heard(stage, moment, self._at, time_s, self._sound_mps, np.flatnonzero(able))
        exact = measure(self._frame, self.sensor, moment.position, moment.velocity)
        hit = moment.alive & able & in_view(self.sensor, *exact[:3])
        found = np.flatnonzero(hit & (self._rng.uniform(size=len(hit)) < self.sensor.detection_probability))
        if self.sensor.kind is SensorKind.POST:
            found = found[:1]  # whatever it hears, it says so once
        if self.sensor.kind is SensorKind.COOPERATIVE:
            values, extra = self._declared(stage.traits, moment, found), 0
            identity = stage.traits.identity[found]
        else:
            exact, found = merged(self.sensor, exact, found, self._rng)
            values, extra = self._measured(stage.traits, exact, found)
            identity = np.full(len(values), "", dtype=object)
        body = stage.traits.body[found]
        source = np.concatenate([np.where(body, stage.number[found], FALSE), np.full(extra, FALSE)])
        return self._sent(values, identity, source, time_s)

    def _able(self, traits: Traits) -> Bools:
        """Which objects (n,) the sensor can notice at all."""
        able = np.isin(traits.kind, self._sees)
        if self.sensor.kind is SensorKind.COOPERATIVE:
            return np.asarray(able & (traits.identity != ""), dtype=np.bool_)
        if self.sensor.kind is SensorKind.BEARING:
            able &= traits.transmits
        if self.sensor.kind in HEARING:
            able &= traits.sounds
        return np.asarray(able & traits.body)

    def _measured(self, traits: Traits, exact: tuple[Floats, ...], found: NDArray[np.int64]) -> tuple[Floats, int]:
        """What the kind of sensor measures, with its errors: values of the reports, and how many of them are false. A
        range stays positive, an elevation on the sphere."""
        sensor, rng, wrong = self.sensor, self._rng, self.faults
        false = false_plots(sensor, rng)
        range_m, azimuth, elevation, rate = (np.concatenate([e[found], f]) for e, f in zip(exact, false, strict=True))
        n, extra = len(range_m), len(false[0])
        values = np.full((n, len(VALUES)), np.nan)
        if sensor.kind is SensorKind.POST:
            extra = min(extra, 1 - len(found))
            values[: len(found), 11] = rng.uniform(*SURE_OF_IT, len(found))
            values[len(found) :, 11] = rng.uniform(*NOT_SO_SURE, n - len(found))
            return values[: len(found) + extra], extra
        values[:, 1] = wrap_2pi(azimuth + rng.normal(wrong.azimuth_bias_rad, sensor.sigma_azimuth_rad, n))
        if sensor.kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D):
            values[:, 0] = np.maximum(range_m + rng.normal(wrong.range_bias_m, sensor.sigma_range_m, n), 0.1)
            values[:, 3] = rate + rng.normal(0, sensor.sigma_range_rate_mps, n)
            values[:, 10] = _echo(traits.rcs_dbsm[found], extra, rng)
        if sensor.kind in (SensorKind.RADAR_3D, SensorKind.CAMERA):
            noisy = elevation + rng.normal(wrong.elevation_bias_rad, sensor.sigma_elevation_rad, n)
            values[:, 2] = np.clip(noisy, -np.pi / 2, np.pi / 2)
        return values, extra

    def _declared(self, traits: Traits, moment: Moment, found: NDArray[np.int64]) -> Floats:
        """Declared positions and velocities, each off by the sensor's sigma and by what the object lies. A vessel tells
        no height, but a receiver of AIS knows the sea's."""
        sensor, n = self.sensor, len(found)
        sigma = np.array([sensor.sigma_position_m, sensor.sigma_position_m, sensor.sigma_height_m])
        noise = self._rng.normal(0, 1.0, (2, n, 3))
        place = moment.position[found] + traits.declared_off_m[found] + noise[0] * sigma
        values = np.full((n, len(VALUES)), np.nan)
        values[:, 4:7] = np.stack(self._frame.to_geodetic(place), axis=-1)
        local = rotate_vectors(self._frame.rotation_at(values[:, 4], values[:, 5]), moment.velocity[found])
        values[:, 7:10] = local + noise[1] * sensor.sigma_velocity_mps
        return values

    def _sent(self, values: Floats, identity: NDArray[np.object_], source: NDArray[np.int64], time_s: float) -> Seen:
        """The reports with their times of receipt, drawn alike for real and false."""
        rng, wrong, n = self._rng, self.faults, len(source)
        delay = LINK_DELAY_S + rng.gamma(2.0, 0.02, n).clip(0.0, LONGEST_PROCESSING_S)
        told_s = time_s + LOOK_DELAY_S + rng.uniform(0.0, LOOK_JITTER_S)
        if wrong.delay_s:
            delay = delay + np.minimum(rng.gamma(2.0, wrong.delay_s / 2, n), LONGEST_PROCESSING_S + 5 * wrong.delay_s)
        received = wrong.let_go_s(time_s + delay)
        told_s = max(float(wrong.let_go_s(np.array([told_s]))[0]), float(received.max(initial=0.0)) + 0.001)
        return Seen(values, identity, source, received, time_s + wrong.clock_offset_s, told_s)


def heard(
    stage: Stage, moment: Moment, at_m: Floats, time_s: float, sound_mps: float, rows: NDArray[np.int64]
) -> Moment:
    """The moment as it sounds at a place (3,) of the frame: where the given objects were when what is heard now left
    them. Who was not there then, or is too far to be remembered, is not heard."""
    path, present, first = stage.path(rows)
    steps, who = len(present), np.arange(len(rows))
    place, left = moment.position[rows], np.zeros(len(rows))
    for _ in range(SOUND_ROUNDS):
        left = (time_s - np.linalg.norm(place - at_m, axis=1) / sound_mps) / STEP_S - first
        step = np.clip(np.floor(left), 0, steps - 1).astype(np.int64)
        part = np.clip(left - step, 0.0, 1.0)[:, None]
        place = path[step, who] * (1 - part) + path[step + 1, who] * part
    position, alive = moment.position.copy(), np.zeros_like(moment.alive)
    position[rows] = place
    alive[rows] = present[step, who] & (left >= 0) if len(rows) else False
    return Moment(position, moment.velocity, alive)


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


def _echo(mean_dbsm: Floats, false: int, rng: np.random.Generator) -> Floats:
    """Radar cross sections of one look in dBsm: real ones (Swerling 1 round their means), then false ones."""
    power = np.maximum(rng.exponential(1.0, len(mean_dbsm)), 1e-3)
    return np.concatenate([mean_dbsm + 10 * np.log10(power), rng.normal(*CLUTTER_RCS_DBSM, false)])
