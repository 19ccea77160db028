"""Radars that are not as described heal, and a road full of false plots gives birth to nothing, though what flies over
it is held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.model.report import concatenate_reports
from lowsky.model.sensor import Sensor
from lowsky.tracking.settings import Settings
from tests.core.scenes import START_NS, Flight, Scene, fly, radar, run

ROAD_M, ROAD_RAD = (2400.0, 2800.0), (0.2, 0.5)  # ranges and azimuths of the road
SECONDS = 150.0
LATE_NS = START_NS + 60_000_000_000  # from here on it is learnt


def described(scene: Scene, **wrong: float) -> Scene:
    """The scene under another description of its radar."""
    sensor: Sensor = replace(scene.site.sensors[0], **wrong)  # type: ignore[arg-type]
    return replace(scene, site=replace(scene.site, sensors=(sensor,)))


@pytest.fixture(scope="module")
def flown() -> Scene:
    """Eight flights among thirty false plots a look."""
    flights = [Flight((2500.0 - 500 * k, -3000.0 + 300 * k, 150.0 + 20 * k), (0.0, 20.0 + k, 0.0)) for k in range(8)]
    return fly((radar(detection_probability=0.8, false_plots_per_scan=30.0),), flights, SECONDS, 21)


def test_a_radar_that_is_described_wrongly_heals(flown: Scene) -> None:
    true = flown.site.sensors[0]
    wrong = described(
        flown, detection_probability=0.97, false_plots_per_scan=9.0, sigma_azimuth_rad=0.6 * true.sigma_azimuth_rad
    )
    ran = run(wrong)
    score = ran.state.world.scores[0]
    assert score["false_scale"] == pytest.approx(30.0 / 9.0, rel=0.1)
    assert 0.97 * score["seen_scale"] == pytest.approx(0.8, abs=0.05)
    assert score["variance_scale"][1] == pytest.approx(1 / 0.36, rel=0.3)
    rows = ran.picture.time_ns > LATE_NS
    assert len(set(ran.picture.track[rows].tolist())) == 8
    honest = run(flown)
    late = honest.picture.time_ns > LATE_NS
    spread = [np.sqrt(p.covariance[r, 0, 0]).mean() for p, r in ((ran.picture, rows), (honest.picture, late))]
    assert spread[0] == pytest.approx(spread[1], rel=0.15)


def test_a_radar_that_is_described_rightly_is_left_alone(flown: Scene) -> None:
    score = run(flown).state.world.scores[0]
    assert score["false_scale"] == pytest.approx(1.0, abs=0.06)
    assert score["seen_scale"] == pytest.approx(1.0, abs=0.05)
    assert list(score["variance_scale"]) == [1.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def road() -> Scene:
    """A radar with ten false plots a look all round and twelve more from a road; one drone flies over it."""
    flight = Flight((850.0, 1400.0, 120.0), (0.0, 12.0, 0.0))
    scene = fly((radar(false_plots_per_scan=10.0),), [flight], SECONDS, 22)
    middle, width = 0.5 * (ROAD_RAD[0] + ROAD_RAD[1]), ROAD_RAD[1] - ROAD_RAD[0]
    sector = radar(
        false_plots_per_scan=12.0, min_range_m=ROAD_M[0], max_range_m=ROAD_M[1],
        azimuth_centre_rad=middle, azimuth_width_rad=width,
    )  # fmt: skip
    cars = fly((sector,), [], SECONDS, 23)
    assert np.ptp(cars.reports.range_m) < 600.0
    both = _merged(scene, cars)
    assert len(both.reports) == len(scene.reports) + len(cars.reports)
    return both


def _merged(scene: Scene, other: Scene) -> Scene:
    """The scene with the reports of another one of the same sensor."""
    reports = concatenate_reports([scene.reports, other.reports])
    order = np.argsort(reports.received_ns, kind="stable")
    return replace(scene, reports=reports.take(order))


def test_a_road_is_no_place_of_birth(road: Scene) -> None:
    ran = run(road, settings=Settings(false_tracks_per_hour=20.0))
    cells = ran.state.world.background[0]["false_scale"]
    assert cells.max() > 10.0
    assert np.median(cells) < 2.0
    late = ran.picture.time_ns > LATE_NS
    numbers, rows = np.unique(ran.picture.track[late], return_counts=True)
    drone = numbers[rows.argmax()]
    others = int((ran.picture.track[late] != drone).sum())
    assert others <= 6
    held = ran.picture.track[late] == drone
    assert held.sum() >= 0.95 * (SECONDS - 61)
    seconds = (ran.picture.time_ns[late][held] - START_NS) / 1e9
    at = np.column_stack([np.full(len(seconds), 850.0), 1400.0 + 12.0 * seconds])
    away = np.linalg.norm(ran.picture.state[late][held][:, :2] - at, axis=1)
    assert np.median(away) < 25.0
