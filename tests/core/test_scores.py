"""How sensors do against what they promise: found again from simulated ones that keep or break their promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.core import new_state, restore_state, save_state, step
from lowsky.model.action import Action, ActionKind
from lowsky.model.horizon import horizon_from_degrees
from lowsky.model.report import Quantity
from lowsky.model.sensor import Sensor, SensorKind
from tests.core.scenes import Flight, Scene, cut, fly, radar, receiver, run, sensor

FLIGHTS = [Flight((2500.0 - 400 * k, -3000.0 + 300 * k, 150.0 + 10 * k), (0.0, 25.0 + k, 0.0)) for k in range(8)]


def _described(scene: Scene, **wrong: float) -> Scene:
    """The scene under another description of its sensor."""
    sensor: Sensor = replace(scene.site.sensors[0], **wrong)  # type: ignore[arg-type]
    return replace(scene, site=replace(scene.site, sensors=(sensor,)))


@pytest.fixture(scope="module")
def honest() -> Scene:
    """A radar that is as it says."""
    return fly((radar(detection_probability=0.8, false_plots_per_scan=3.0),), FLIGHTS, 120.0, 11)


def test_an_honest_radar_keeps_its_promises(honest: Scene) -> None:
    scores = run(honest).changes[-1].scores
    assert scores.looked[0] > 300
    assert scores.detection_promised[0] == pytest.approx(0.8, abs=0.02)
    assert scores.detection_found[0] == pytest.approx(0.8, abs=0.05)
    assert scores.nis[0] == pytest.approx(1.0, abs=0.12)


def test_a_radar_that_sees_less_than_it_says_is_found_out(honest: Scene) -> None:
    scores = run(_described(honest, detection_probability=0.97)).changes[-1].scores
    assert scores.detection_promised[0] == pytest.approx(0.97, abs=0.02)
    assert scores.detection_found[0] < 0.87


def test_a_radar_that_is_less_accurate_than_it_says_is_found_out(honest: Scene) -> None:
    sensor = honest.site.sensors[0]
    scores = run(_described(honest, sigma_azimuth_rad=sensor.sigma_azimuth_rad / 2)).changes[-1].scores
    assert scores.nis[0] > 1.4
    assert scores.sigma[0] == pytest.approx([1.0, 2.0, 1.0], rel=0.25)
    assert scores.false_plots[0] == pytest.approx(1.0, abs=0.2)


def test_a_radar_that_reports_more_that_is_not_there_is_found_out(honest: Scene) -> None:
    scores = run(_described(honest, false_plots_per_scan=0.6)).changes[-1].scores
    told = 0.6 * 120.0
    assert scores.false_plots[0] == pytest.approx((5.0 * told + 50.0) / (told + 50.0), rel=0.25)


def test_of_a_radar_without_elevation_none_is_learnt() -> None:
    scene = fly((sensor("flat", SensorKind.RADAR_2D, 0.0, 0.0, false_plots_per_scan=3.0),), FLIGHTS, 60.0, 5)
    sigma = run(scene).changes[-1].scores.sigma[0]
    assert sigma[:2] == pytest.approx(1.0, abs=0.3)
    assert np.isnan(sigma[2])


def test_a_receiver_is_scored_by_those_it_has_heard() -> None:
    """Every third declaration is lost."""
    named = [replace(flight, identity=f"ship{k}") for k, flight in enumerate(FLIGHTS)]
    scene = fly((receiver(detection_probability=1.0),), named, 90.0, 3)
    kept = np.arange(len(scene.reports)) % 3 != 0
    scores = run(replace(scene, reports=scene.reports.take(kept))).changes[-1].scores
    assert scores.detection_promised[0] == pytest.approx(1.0, abs=0.02)
    assert scores.detection_found[0] == pytest.approx(2 / 3, abs=0.07)


def test_a_sensor_without_sure_tracks_has_no_score() -> None:
    scene = fly((radar(false_plots_per_scan=5.0),), [], 20.0, 1)
    scores = run(scene).changes[-1].scores
    for name in ("detection_promised", "detection_found", "nis"):
        assert np.isnan(getattr(scores, name)).all()


def test_scores_fade(honest: Scene) -> None:
    blind = honest.reports.received_ns > honest.start_ns + 60 * 1_000_000_000
    seen = run(replace(honest, reports=honest.reports.take(~blind)))
    assert seen.changes[-1].scores.looked[0] < 0.75 * run(honest).changes[-1].scores.looked[0]


def test_radar_cross_sections_are_averaged(honest: Scene) -> None:
    rng = np.random.default_rng(1)
    n = len(honest.reports)
    truth = np.where(honest.source >= 0, -20.0 + 3.0 * honest.source, -5.0)
    told = np.where(rng.uniform(size=n) < 0.3, np.nan, truth + rng.normal(0, 2.0, n))
    ran = run(replace(honest, reports=replace(honest.reports, rcs_dbsm=told)))
    late = ran.picture.time_ns > honest.start_ns + 90 * 1_000_000_000
    means = {
        n: np.mean(ran.picture.rcs_dbsm[late & (ran.picture.track == n)]) for n in ran.picture.track[late].tolist()
    }
    assert sorted(np.round((np.array(list(means.values())) + 20) / 3).tolist()) == list(range(8))
    silent = replace(honest.reports, rcs_dbsm=np.full(n, np.nan))
    assert np.isnan(run(replace(honest, reports=silent)).picture.rcs_dbsm).all()


def test_what_is_behind_the_horizon_is_not_missed(honest: Scene) -> None:
    """All reports from the east are lost: without a horizon those tracks die, with one they coast."""
    hidden = np.sin(honest.reports.azimuth_rad) > 0
    hidden &= honest.reports.received_ns > honest.start_ns + 100 * 1_000_000_000
    lost = replace(honest, reports=honest.reports.take(~hidden), ticks_ns=honest.ticks_ns[:106])
    assert (lost.reports.quantities & Quantity.AZIMUTH).all()
    corners = horizon_from_degrees([0.0, 0.1, 179.9, 180.0], [-90.0, 80.0, 80.0, -90.0])
    masked = replace(lost, site=replace(lost.site, sensors=(replace(lost.site.sensors[0], horizon=corners),)))

    def at_end(scene: Scene) -> int:
        picture = run(scene).picture
        return int((picture.time_ns == scene.ticks_ns[-1]).sum())

    assert at_end(masked) > at_end(lost)


def test_a_horizon_can_be_drawn_while_running_and_is_kept() -> None:
    scene = fly((radar(),), FLIGHTS[:1], 5.0, 1)
    text = '{"azimuth_deg": [0, 180], "elevation_deg": [2, 4]}'
    good = Action(scene.start_ns + 1, ActionKind.SET_HORIZON, 0, text)
    wrong = [
        Action(scene.start_ns + 2, ActionKind.SET_HORIZON, 7, text),
        Action(scene.start_ns + 2, ActionKind.SET_HORIZON, -1, text),
        Action(scene.start_ns + 2, ActionKind.SET_HORIZON, 0, '{"azimuth_deg": [400], "elevation_deg": [0]}'),
        Action(scene.start_ns + 2, ActionKind.SET_HORIZON, 0, "[1, 2]"),
    ]
    state, _ = step(new_state(scene.site), replace(cut(scene, [])[0], actions=(good, *wrong)))
    sensor = state.world.sensors[0]
    assert (sensor.masked, sensor.all_round) == (1, 0)
    assert np.degrees(sensor.horizon_rad[[0, 36, 71]]) == pytest.approx([2.0, 4.0, 2.0], abs=0.1)
    assert state.by_hand.refused == len(wrong)
    again = restore_state(scene.site, None, (), None, save_state(state))
    assert np.array_equal(again.world.sensors[0].horizon_rad, sensor.horizon_rad)
    opened = replace(good, received_ns=scene.start_ns + 10**12, value="")
    state, _ = step(
        again,
        replace(
            cut(scene, [])[0], reports=scene.reports.take(slice(0)), looks=scene.looks.take(slice(0)), actions=(opened,)
        ),
    )
    assert (state.world.sensors[0].masked, state.world.sensors[0].all_round) == (0, 1)
