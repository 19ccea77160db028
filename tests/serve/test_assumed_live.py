"""Assumed looks, live: against a sensor whose true looks are known."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.model.report import ReportBatch, look_batch, no_looks, report_batch
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.serve.engine.assumed import Assumer

S = 1_000_000_000
RADAR = Sensor("r", SensorKind.RADAR_2D, 56.0, 11.0, 10.0, period_s=2.0)


def reports(times_s: list[float], delay_s: float = 0.1, sensor: int = 0) -> ReportBatch:
    time = np.array([round(t * S) for t in times_s], dtype=np.int64)
    return report_batch(
        len(time), sensor=np.full(len(time), sensor), time_ns=time, received_ns=time + round(delay_s * S)
    )


def run(assumer: Assumer, seen: dict[float, list[float]], until_s: float, step_s: float = 0.1) -> list[float]:
    """Looks that come when reports come at the given moments."""
    looks = []
    for i in range(1, round(until_s / step_s) + 1):
        now_s = round(i * step_s, 6)
        for moment, times in seen.items():
            if now_s - step_s < moment <= now_s:
                assumer.consumed(reports(times), no_looks())
        batch = assumer.due(round(now_s * S))
        assert batch.assumed.all()
        assert (batch.received_ns == round(now_s * S)).all()
        looks += (batch.time_ns / S).tolist()
    return looks


def test_a_snapshot_sensor_is_followed_look_by_look() -> None:
    seen = {10.1 + 2.01 * k: [10.0 + 2.01 * k] * 3 for k in range(20)}
    looks = run(Assumer((RADAR,)), seen, 48.0)
    assert looks == pytest.approx([10.0 + 2.01 * k for k in range(19)], abs=1e-6)


def test_a_rotating_sensor_gets_a_plain_comb() -> None:
    seen = {10.1 + 2.0 * k + a: [10.0 + 2.0 * k + a] for k in range(20) for a in (0.0, 0.7, 0.9)}
    looks = run(Assumer((RADAR,)), seen, 40.0)
    steps = np.diff(looks)
    assert len(looks) >= 13
    assert steps[3:] == pytest.approx(np.full(len(steps) - 3, 2.0), abs=1e-6)


def test_a_look_without_a_report_is_a_miss_and_a_busy_one_without_any_is_an_outage() -> None:
    sparse = {10.1 + 2.0 * k: [10.0 + 2.0 * k] for k in range(6) if k != 3}
    assert run(Assumer((RADAR,)), sparse, 22.0) == pytest.approx([10.0, 12.0, 14.0, 16.0, 18.0, 20.0])
    busy = {10.1 + 2.0 * k: [10.0 + 2.0 * k] * 20 for k in range(6) if k != 3}
    assert run(Assumer((RADAR,)), busy, 22.0) == pytest.approx([10.0, 12.0, 14.0, 18.0, 20.0])


def test_nothing_is_assumed_of_who_has_been_silent_for_long_until_it_comes_back() -> None:
    seen = {10.1: [10.0], 12.1: [12.0], 100.1: [100.0], 102.1: [102.0]}
    looks = run(Assumer((RADAR,)), seen, 104.0)
    assert looks[:2] == pytest.approx([10.0, 12.0])
    assert max(look for look in looks if look < 90.0) <= 34.0
    assert looks[-2:] == pytest.approx([100.0, 102.0])


def test_who_says_that_it_looks_is_believed_from_then_on() -> None:
    assumer = Assumer((RADAR, RADAR))
    assumer.consumed(reports([10.0]), no_looks())
    assumer.consumed(reports([10.0], sensor=1), no_looks())
    one = np.array([0], dtype=np.int64)
    assumer.consumed(report_batch(0), look_batch(one, one + 10 * S, one + 10 * S))
    assert set(assumer.due(20 * S).sensor.tolist()) == {1}
    assumer.consumed(reports([30.0]), no_looks())
    assert 0 not in assumer.due(40 * S).sensor.tolist()


def test_nothing_comes_before_reports_can_be_in() -> None:
    assumer = Assumer((RADAR,))
    assumer.consumed(reports([10.0], delay_s=1.5), no_looks())
    assert len(assumer.due(round(11.4 * S))) == 0
    assert len(assumer.due(round(11.6 * S))) == 1
