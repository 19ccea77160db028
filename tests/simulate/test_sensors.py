"""What is drawn has the statistics that the sensors' description states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.report import Quantity
from lowsky.model.sensor import Origin, Sensor, SensorKind
from lowsky.model.timebase import NS_PER_S
from lowsky.sensing.measure import measure
from lowsky.simulate.envelopes import AIRLINER, BIRD
from lowsky.simulate.motion import Motion, steps_of
from lowsky.simulate.sensors import Cast, Observation, observe
from lowsky.simulate.watch import false_plots

FRAME = Frame(Origin(56.0, 11.0, 40.0))
START_NS = 1_700_000_000 * NS_PER_S
LIKELY = 1e-4  # tests draw with fixed seeds; a wrong description gives p-values far below this


def standing(places: list[tuple[float, float, float]], kind: Kind = Kind.FIXED_WING, seconds: float = 60.0) -> Cast:
    """Objects that stand still at points of the frame."""
    steps, n = steps_of(seconds), len(places)
    motion = Motion(
        np.full(n, kind, dtype=np.uint8),
        np.tile(np.array(places), (steps, 1, 1)),
        np.zeros((steps, n, 3)),
        np.ones((steps, n), dtype=np.bool_),
    )
    return Cast(motion, ("",) * n, np.full(n, -10.0))


def sensor(kind: SensorKind, **described: object) -> Sensor:
    latitude, longitude, height = (float(v) for v in FRAME.to_geodetic([1000.0, -500.0, 20.0]))
    return Sensor("s", kind, latitude, longitude, height, **described)  # type: ignore[arg-type]


def watch(who: Sensor, cast: Cast, seed: int = 1) -> Observation:
    return observe(FRAME, (who,), cast, START_NS, np.random.default_rng(seed))


def crowd(n: int) -> list[tuple[float, float, float]]:
    rng = np.random.default_rng(99)
    return [tuple(p) for p in rng.uniform([-3000, -3000, 50], [3000, 3000, 400], (n, 3))]


def test_detection_rate_is_the_described_one() -> None:
    who = sensor(SensorKind.RADAR_3D, detection_probability=0.7, false_plots_per_scan=0.0, max_range_m=20000.0)
    seen = watch(who, standing(crowd(50)))
    chances = 50 * len(seen.looks)
    assert stats.binomtest(len(seen.reports), chances, 0.7).pvalue > LIKELY
    per_object = np.bincount(seen.source, minlength=50)
    assert stats.chisquare(per_object, np.full(50, per_object.mean())).pvalue > LIKELY


@pytest.mark.parametrize("kind", [SensorKind.RADAR_3D, SensorKind.RADAR_2D, SensorKind.CAMERA], ids=lambda k: k.word)
def test_errors_have_the_described_sigmas_and_are_gaussian(kind: SensorKind) -> None:
    who = sensor(kind, detection_probability=1.0, false_plots_per_scan=0.0, max_range_m=20000.0, sigma_range_m=12.0)
    cast = standing(crowd(40))
    seen = watch(who, cast)
    exact = measure(FRAME, who, cast.motion.position[0], cast.motion.velocity[0])
    errors: list[tuple[NDArray[np.float64], float]] = [
        (wrap_pi(seen.reports.azimuth_rad - exact[1][seen.source]), who.sigma_azimuth_rad)
    ]
    if kind is not SensorKind.CAMERA:
        errors.append((seen.reports.range_m - exact[0][seen.source], 12.0))
        errors.append((seen.reports.range_rate_mps - exact[3][seen.source], who.sigma_range_rate_mps))
    if kind is not SensorKind.RADAR_2D:
        errors.append((seen.reports.elevation_rad - exact[2][seen.source], who.sigma_elevation_rad))
    for error, sigma in errors:
        assert stats.kstest(error / sigma, "norm").pvalue > LIKELY
        n = len(error)
        assert LIKELY < stats.chi2.cdf((error / sigma) @ (error / sigma), n) < 1 - LIKELY


@pytest.mark.parametrize(
    ("kind", "carries"),
    [
        (SensorKind.RADAR_3D, Quantity.RANGE | Quantity.AZIMUTH | Quantity.ELEVATION | Quantity.RANGE_RATE),
        (SensorKind.RADAR_2D, Quantity.RANGE | Quantity.AZIMUTH | Quantity.RANGE_RATE),
        (SensorKind.CAMERA, Quantity.AZIMUTH | Quantity.ELEVATION),
    ],
)
def test_each_kind_reports_only_what_it_measures(kind: SensorKind, carries: Quantity) -> None:
    seen = watch(sensor(kind), standing(crowd(5)))
    assert (seen.reports.quantities == carries).all()
    assert np.isfinite(seen.reports.rcs_dbsm).all() == (kind is not SensorKind.CAMERA)


def test_false_plots_are_poisson_and_uniform_over_what_the_description_says() -> None:
    who = sensor(
        SensorKind.RADAR_3D, false_plots_per_scan=40.0, min_range_m=300.0, max_range_m=6000.0,
        false_height_m=(10.0, 400.0), false_range_rate_mps=(-30.0, 50.0),
    )  # fmt: skip
    rng = np.random.default_rng(4)
    looks = [false_plots(who, rng) for _ in range(300)]
    count = np.array([len(look[0]) for look in looks])
    assert LIKELY < stats.chi2.cdf(((count - 40.0) ** 2 / 40.0).sum(), 300) < 1 - LIKELY  # variance equals the mean
    range_m, azimuth, elevation, rate = (np.concatenate([look[i] for look in looks]) for i in range(4))
    ground, height = range_m * np.cos(elevation), range_m * np.sin(elevation)
    assert (range_m >= 300.0 - 1e-6).all()
    assert (range_m <= 6000.0 + 1e-6).all()
    assert stats.kstest(azimuth, stats.uniform(0, 2 * np.pi).cdf).pvalue > LIKELY
    assert stats.kstest(height, stats.uniform(10, 390).cdf).pvalue > LIKELY
    assert stats.kstest(rate, stats.uniform(-30, 80).cdf).pvalue > LIKELY
    assert stats.kstest(ground**2, stats.uniform(0, 6000.0**2).cdf).statistic < 0.015  # the blind ring is 0.3 % of it
    assert abs(stats.spearmanr(azimuth, ground).statistic) < 0.05


def test_false_plots_stay_in_the_field_of_view() -> None:
    who = sensor(SensorKind.CAMERA, false_plots_per_scan=20.0, azimuth_centre_rad=0.1, azimuth_width_rad=0.8)
    _, azimuth, _, _ = false_plots(who, np.random.default_rng(1))
    assert np.abs(wrap_pi(azimuth - 0.1)).max() <= 0.4


def test_nothing_is_seen_outside_reach_field_of_view_kind_or_life() -> None:
    who = sensor(SensorKind.RADAR_3D, detection_probability=1.0, false_plots_per_scan=0.0, max_range_m=3000.0)
    near, far = (1000.0, 500.0, 100.0), (1000.0, 2600.0, 100.0)
    assert set(watch(who, standing([near, far])).source) == {0}
    assert set(watch(replace(who, min_range_m=1200.0), standing([near, (1000.0, 2000.0, 100.0)])).source) == {1}
    assert len(watch(replace(who, sees=(Kind.BIRD,)), standing([near])).source) == 0
    cast = standing([near], seconds=20.0)
    cast.motion.alive[100:] = False
    assert watch(who, cast).reports.time_ns.max() < START_NS + 10 * NS_PER_S


def test_cooperative_receivers_hear_only_those_who_declare_themselves() -> None:
    who = sensor(
        SensorKind.COOPERATIVE, detection_probability=1.0, max_range_m=20000.0, sigma_position_m=6.0, sigma_height_m=9.0
    )
    cast = replace(standing([(0.0, 0.0, 100.0), (500.0, 0.0, 200.0), (0.0, 900.0, 300.0)]), identity=("B", "", "A"))
    seen = watch(who, cast)
    assert set(seen.source) == {0, 2}
    assert seen.reports.identities == ("A", "B")
    assert (np.array(seen.reports.identities)[seen.reports.identity] == np.array(["B", "", "A"])[seen.source]).all()
    reports = seen.reports
    at = FRAME.to_enu(reports.latitude_deg, reports.longitude_deg, reports.height_m)
    error = (at - cast.motion.position[0][seen.source]) / [6.0, 6.0, 9.0]
    assert stats.kstest(error.ravel(), "norm").pvalue > LIKELY


def test_echoes_fluctuate_like_an_exponential_power() -> None:
    who = sensor(SensorKind.RADAR_3D, detection_probability=1.0, false_plots_per_scan=0.0, max_range_m=20000.0)
    seen = watch(who, standing(crowd(40)))
    power = 10 ** ((seen.reports.rcs_dbsm + 10.0) / 10)
    assert stats.kstest(power, "expon").pvalue > LIKELY
    rng = np.random.default_rng(1)
    assert BIRD.draw_rcs_dbsm(500, rng).mean() == pytest.approx(-26.0, abs=1.0)
    assert AIRLINER.draw_rcs_dbsm(500, rng).mean() == pytest.approx(14.0, abs=1.0)


def test_order_of_receipt_and_looks_after_their_plots() -> None:
    seen = watch(sensor(SensorKind.RADAR_3D), standing(crowd(20)))
    assert (np.diff(seen.reports.received_ns) >= 0).all()
    assert (np.diff(seen.looks.received_ns) >= 0).all()
    assert (seen.reports.received_ns > seen.reports.time_ns).all()
    told = dict(zip(seen.looks.time_ns.tolist(), seen.looks.received_ns.tolist(), strict=True))
    assert set(seen.reports.time_ns.tolist()) <= set(told)
    assert all(
        told[t] > r for t, r in zip(seen.reports.time_ns.tolist(), seen.reports.received_ns.tolist(), strict=True)
    )
    steps = np.diff(np.sort(seen.looks.time_ns))
    assert np.abs(steps - NS_PER_S).max() <= 1
    ranks = stats.spearmanr(np.arange(len(seen.source)), seen.source < 0)
    assert ranks.pvalue > LIKELY  # the order of arrival does not give the false plots away


def test_one_more_sensor_leaves_the_others_as_they_were() -> None:
    cast, first = standing(crowd(5)), sensor(SensorKind.RADAR_3D)
    alone = observe(FRAME, (first,), cast, START_NS, np.random.default_rng(3))
    both = observe(
        FRAME, (first, sensor(SensorKind.RADAR_2D, max_range_m=500.0)), cast, START_NS, np.random.default_rng(3)
    )
    mine = both.reports.take(both.reports.sensor == 0)
    assert (mine.range_m == alone.reports.range_m).all()
    assert (mine.received_ns == alone.reports.received_ns).all()
