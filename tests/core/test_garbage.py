"""Whatever is reported: nothing crashes, every report is in one count, and every row is a sane state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.model.picture import Picture, Status
from lowsky.model.report import (
    REPORT_COLUMNS,
    Quantity,
    ReportBatch,
    concatenate_reports,
    look_batch,
    no_looks,
    report_batch,
)
from lowsky.model.sensor import Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.tracking.settings import Settings
from tests.core.scenes import GROUND, START_NS, Flight, Ran, Scene, camera, fly, radar, receiver, run, sensor

SENSORS: tuple[Sensor, ...] = (
    radar(min_range_m=100.0),
    sensor("flat", SensorKind.RADAR_2D, 500.0, 0.0),
    camera("north", 0.0, 400.0),
    camera("south", 100.0, -400.0),
    receiver(),
    sensor("finder", SensorKind.BEARING, 0.0, 10.0),
    sensor("ear", SensorKind.ACOUSTIC, 10.0, 0.0),
)
FATES = ("used", "late", "duplicate", "incomplete", "aside", "waiting")
SHOW_ALL = Settings(false_tracks_per_hour=np.inf, confirm_reports=0.0, hide=0.0, hide_sigma_m=1e9, drop=0.0, trace=True)
ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-320, -1.0, 1e308, -1e300, 1e18, 7.3e5, 90.0, -90.0, 180.0, np.pi, 1e-9]
VALUES = [c for c in REPORT_COLUMNS if c not in ("sensor", "time_ns", "received_ns", "quantities", "identity", "raw")]


def sane(picture: Picture) -> None:
    """Assert what must hold of every picture."""
    for name in ("state", "covariance", "existence", "model_probability"):
        assert np.isfinite(getattr(picture, name)).all(), name
    assert ((picture.existence >= 0.0) & (picture.existence <= 1.0)).all()
    assert (picture.model_probability >= 0.0).all()
    assert picture.model_probability.sum(axis=1) == pytest.approx(1.0)
    assert set(picture.status.tolist()) <= {Status.CONFIRMED, Status.COASTING}
    assert (picture.track > 0).all()
    scale = np.sqrt(np.einsum("nii->ni", picture.covariance))
    assert (scale > 0.0).all()
    correlation = picture.covariance / (scale[:, :, None] * scale[:, None, :])
    assert np.abs(correlation - np.swapaxes(correlation, 1, 2)).max(initial=0.0) < 1e-6
    assert np.linalg.eigvalsh(correlation).min(initial=0.0) > -1e-6
    rows = list(zip(picture.time_ns.tolist(), picture.track.tolist(), strict=True))
    assert rows == sorted(set(rows))


def accounted(ran: Ran, reports: int) -> None:
    """Assert that each report is in exactly one count."""
    assert sum(ran.counts[name] for name in FATES) == reports
    assert min(ran.counts.values()) >= 0


def _scene(reports: ReportBatch, seconds: int = 12) -> Scene:
    order = np.argsort(reports.received_ns, kind="stable")
    times = np.repeat(START_NS + np.arange(seconds) * NS_PER_S, len(SENSORS))
    looks = look_batch(np.tile(np.arange(len(SENSORS)), seconds), times, times + 300_000_000)
    ticks = START_NS + np.arange(1, seconds + 2) * NS_PER_S
    nobody = np.empty((0, 0, 6))
    return Scene(
        Site(SENSORS, GROUND), reports.take(order), looks, ticks, START_NS, nobody, np.zeros(len(reports), np.int32)
    )


def _background() -> ReportBatch:
    """Something real among the garbage, so that it meets tracks."""
    flights = [Flight((600.0, 100.0, 80.0), (8.0, 3.0, 0.0), "A"), Flight((-300.0, 500.0, 60.0), (0.0, -9.0, 0.0), "B")]
    return fly(SENSORS[:5], flights, 12.0, 9).reports


BACKGROUND = _background()


@st.composite
def garbage(draw: st.DrawFn) -> ReportBatch:
    """Reports with values from likely to absurd, any quantities claimed, any identity, at odd times."""
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    likely = BACKGROUND.take(rng.integers(0, len(BACKGROUND), n))
    columns: dict[str, NDArray[Any]] = {name: getattr(likely, name).copy() for name in REPORT_COLUMNS}
    for name in VALUES:
        odd = rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
        columns[name][odd] = rng.choice(ODD, odd.sum())
    share = draw(st.sampled_from([0.0, 0.2, 1.0]))
    columns["sensor"] = np.where(rng.random(n) < share, rng.integers(0, len(SENSORS), n), columns["sensor"])
    odd = rng.random(n) < share
    columns["quantities"][odd] = rng.integers(0, 128, odd.sum())
    columns["time_ns"] += rng.choice(draw(st.sampled_from(SHIFTS)), n)
    return ReportBatch(**columns, identities=likely.identities)


HOUR_NS = 3600 * NS_PER_S
SHIFTS = [
    [0],
    [0, 1, 15_000_000, -400_000_000],
    [0, 2 * NS_PER_S, 9 * NS_PER_S],  # clocks ahead of receipt
    [0, -HOUR_NS, HOUR_NS],
    [0, -50 * 365 * 24 * HOUR_NS, 2**63 - 1 - 2 * START_NS],
]


@given(garbage(), st.booleans())
@settings(max_examples=60)
def test_garbage_among_good_reports(batch: ReportBatch, twice: bool) -> None:
    reports = concatenate_reports([BACKGROUND, batch, batch] if twice else [BACKGROUND, batch])
    for rules in (None, SHOW_ALL):
        ran = run(_scene(reports), settings=rules)
        accounted(ran, len(reports))
        sane(ran.picture)


@given(garbage())
@settings(max_examples=40)
def test_garbage_alone(batch: ReportBatch) -> None:
    ran = run(_scene(batch), settings=SHOW_ALL)
    accounted(ran, len(batch))
    sane(ran.picture)


@pytest.mark.parametrize("time_ns", [-(2**63), -(2**63) + 1, 0, 2**63 - 1])
def test_times_at_the_ends_of_time(time_ns: int) -> None:
    reports = concatenate_reports([BACKGROUND, replace(BACKGROUND, time_ns=np.full(len(BACKGROUND), time_ns))])
    ran = run(_scene(reports))
    accounted(ran, len(reports))
    sane(ran.picture)


def _same_report_each_second(index: int, **columns: float) -> ReportBatch:
    times = START_NS + np.arange(12) * NS_PER_S
    values = {name: np.full(12, value) for name, value in columns.items()}
    values |= {"sensor": np.full(12, index), "time_ns": times, "received_ns": times + 80_000_000}
    return report_batch(12, (), **values)


@pytest.mark.parametrize(
    ("columns", "tracked"),
    [
        ({"elevation_rad": np.pi / 2}, None),  # exactly overhead
        ({"elevation_rad": -np.pi / 2}, None),
        ({"range_m": 1e-3}, None),  # at the radar
        ({"range_m": 30.0}, True),  # nearer than it sees
        ({"range_m": 500_000.0}, False),  # far beyond its reach
        ({"range_rate_mps": 9999.0}, False),
        ({"azimuth_rad": -np.pi}, True),
        ({"azimuth_rad": 2 * np.pi}, True),
        ({"sigma_range_m": 0.0, "sigma_azimuth_rad": 0.0, "sigma_elevation_rad": 0.0}, True),
        ({"sigma_range_m": 1e-300, "sigma_azimuth_rad": 1e-300, "sigma_elevation_rad": 1e-300}, None),
        ({"sigma_range_m": 1e6, "sigma_azimuth_rad": 1e6, "sigma_elevation_rad": 1e6}, False),
    ],
)
def test_one_radar_report_over_and_over_in_odd_places(columns: dict[str, float], tracked: bool | None) -> None:
    usual = {"range_m": 700.0, "azimuth_rad": 1.0, "elevation_rad": 0.1, "range_rate_mps": 0.0}
    reports = _same_report_each_second(0, **{**usual, **columns})
    ran = run(_scene(reports), settings=SHOW_ALL)
    assert ran.counts["used"] + ran.counts["waiting"] == 12
    sane(ran.picture)
    assert tracked in (None, len(ran.numbers) > 0)


@pytest.mark.parametrize("away_m", [0.0, 1e-6, 150_000.0])
def test_declared_positions_at_the_receiver_itself_and_far_away(away_m: float) -> None:
    at = SENSORS[4]
    reports = _same_report_each_second(
        4, latitude_deg=at.latitude_deg + away_m / 111_000.0, longitude_deg=at.longitude_deg, height_m=at.height_m
    )
    ran = run(_scene(reports), settings=SHOW_ALL)
    assert ran.counts["used"] + ran.counts["waiting"] == 12
    assert len(ran.numbers) >= 1
    sane(ran.picture)


def test_lines_of_sight_along_one_another_and_straight_up() -> None:
    """Two cameras looking at each other, and both straight up: no place follows."""
    towards = [
        _same_report_each_second(2, azimuth_rad=2.9, elevation_rad=0.0),
        _same_report_each_second(3, azimuth_rad=6.05, elevation_rad=0.0),
    ]
    up = [_same_report_each_second(i, azimuth_rad=0.0, elevation_rad=np.pi / 2) for i in (2, 3)]
    reports = concatenate_reports([*towards, *up])
    ran = run(_scene(reports), settings=SHOW_ALL)
    accounted(ran, len(reports))
    sane(ran.picture)


def test_lines_of_two_sensors_at_one_place_start_nothing() -> None:
    reports = concatenate_reports(
        [_same_report_each_second(i, azimuth_rad=1.0, range_m=500.0, elevation_rad=0.1) for i in (5, 6)]
    )
    ran = run(_scene(reports))
    assert ran.counts["used"] + ran.counts["waiting"] == 24
    assert len(ran.picture) == 0


@pytest.mark.parametrize(
    ("index", "columns", "enough"),
    [
        (0, {"range_m": 500.0, "azimuth_rad": 1.0, "elevation_rad": 0.1, "range_rate_mps": 1.0}, True),
        (0, {"range_m": 500.0, "azimuth_rad": 1.0}, True),
        (0, {"range_m": 500.0, "elevation_rad": 0.1}, False),
        (1, {"azimuth_rad": 1.0, "range_rate_mps": 1.0}, False),
        (1, {"range_m": 0.0, "azimuth_rad": 1.0}, False),
        (2, {"azimuth_rad": 1.0, "elevation_rad": 0.1}, True),
        (2, {"azimuth_rad": 1.0}, False),
        (2, {"azimuth_rad": 1.0, "elevation_rad": 1.7}, False),
        (4, {"latitude_deg": 54.0, "longitude_deg": 9.0}, True),
        (4, {"height_m": 50.0, "east_mps": 1.0, "north_mps": 1.0}, False),
        (4, {"latitude_deg": 95.0, "longitude_deg": 9.0}, False),
        (4, {"range_m": 500.0, "azimuth_rad": 1.0, "elevation_rad": 0.1}, False),
    ],
)
def test_what_a_sensor_cannot_do_without(index: int, columns: dict[str, float], enough: bool) -> None:
    ran = run(_scene(_same_report_each_second(index, **columns)))
    assert ran.counts["incomplete"] == (0 if enough else 12)


def test_a_quantity_without_its_bit_is_not_read() -> None:
    reports = _same_report_each_second(0, range_m=500.0, azimuth_rad=1.0, elevation_rad=np.nan)
    hidden = replace(reports, elevation_rad=np.full(12, 0.3))
    assert not (hidden.quantities & np.uint16(Quantity.ELEVATION)).any()
    assert run(_scene(hidden)).hash == run(_scene(reports)).hash


def test_late_and_repeated_reports_are_counted() -> None:
    reports = _same_report_each_second(0, range_m=500.0, azimuth_rad=1.0, elevation_rad=0.1)
    twice = run(_scene(concatenate_reports([reports, reports])))
    assert twice.counts["duplicate"] == 12
    late = replace(reports, received_ns=np.full(12, START_NS + 12 * NS_PER_S))
    ran = run(_scene(concatenate_reports([reports, late])))
    assert ran.counts["late"] == 7  # what is no more than five seconds old is known as a repeat
    assert ran.counts["duplicate"] == 5
    accounted(ran, 24)


@pytest.mark.parametrize("ahead_s", [0.5, 3.0])
def test_a_clock_ahead_of_receipt_is_legal(ahead_s: float) -> None:
    scene = fly((radar(),), [Flight((900.0, 400.0, 90.0), (12.0, 0.0, 0.0))], 30.0, 4)
    ahead = replace(scene.reports, time_ns=scene.reports.time_ns + round(ahead_s * NS_PER_S))
    ran = run(replace(scene, reports=ahead, looks=no_looks()))
    assert ran.counts["late"] == 0
    assert len(ran.numbers) == 1
    sane(ran.picture)
    refused = replace(scene.reports, time_ns=scene.reports.time_ns + 11 * NS_PER_S)
    assert run(replace(scene, reports=refused)).counts["late"] == len(refused)
