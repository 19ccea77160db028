"""Assumed looks: they fall where looks were, and what is received later never changes them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.report import LookBatch, ReportBatch, report_batch
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.table import assumed_looks, read_scenario

S = 1_000_000_000
T0 = 1_750_000_000 * S


def site(*periods_s: float) -> Site:
    """One 3-D radar for each period."""
    sensors = tuple(Sensor(f"r{i}", SensorKind.RADAR_3D, 50.0, 8.0, 0.0, period_s=p) for i, p in enumerate(periods_s))
    return Site(sensors, Origin(50.0, 8.0, 0.0))


def reports(times_s: np.ndarray, delay_s: float | np.ndarray = 0.1, sensor: int | np.ndarray = 0) -> ReportBatch:
    """Reports at times after T0, by receipt."""
    n = len(times_s)
    time_ns = T0 + np.rint(times_s * S).astype(np.int64)
    received_ns = time_ns + np.rint(np.broadcast_to(delay_s, n) * S).astype(np.int64)
    order = np.argsort(received_ns, kind="stable")
    return report_batch(
        n,
        sensor=np.broadcast_to(sensor, n)[order],
        time_ns=time_ns[order],
        received_ns=received_ns[order],
        range_m=np.full(n, 1000.0),
    )


def seconds(looks: LookBatch, sensor: int = 0) -> np.ndarray:
    """Times of a sensor's looks after T0, s."""
    found: np.ndarray = (looks.time_ns[looks.sensor == sensor] - T0) / S
    return found


def test_scans_that_share_a_time_are_found_with_those_that_saw_nothing() -> None:
    times = np.repeat(0.3 + np.array([0.0, 1, 2, 4, 5, 8]), 2)
    looks = assumed_looks(reports(times), site(1.0), T0 + 10 * S)
    assert seconds(looks).tolist() == pytest.approx([0.3 + k for k in range(10)], abs=1e-6)
    assert (looks.received_ns - looks.time_ns == int(0.35 * S)).all()
    assert looks.assumed.all()


def test_a_drifting_comb_is_followed() -> None:
    times = np.repeat(np.arange(100) * 1.02, 3)
    looks = assumed_looks(reports(times), site(1.0), T0 + round(101.4 * S))
    assert seconds(looks) == pytest.approx(np.arange(100) * 1.02, abs=1e-6)


def test_jitter_of_scans_is_followed_and_no_look_is_lost() -> None:
    times = np.arange(200) + np.random.default_rng(1).uniform(-0.1, 0.1, 200)
    looks = assumed_looks(reports(np.repeat(times, 4)), site(1.0))
    assert seconds(looks) == pytest.approx(times[: len(looks)], abs=1e-6)
    assert len(looks) >= 199


def test_a_rotating_sensor_gets_a_comb_that_covers_each_report_once() -> None:
    times = np.sort(np.random.default_rng(2).uniform(0, 200, 2000))
    looks = seconds(assumed_looks(reports(times), site(4.0)))
    assert np.diff(looks)[2:] == pytest.approx(4.0)
    assert len(looks) == pytest.approx(50, abs=1)


def test_silence_of_a_talkative_sensor_is_an_outage() -> None:
    talk = np.repeat(np.concatenate([np.arange(0.0, 20), np.arange(50.0, 60)]), 20)
    looks = seconds(assumed_looks(reports(talk), site(1.0), T0 + 60 * S))
    assert looks[(looks > 20) & (looks < 49.5)].tolist() == []
    assert len(looks) == pytest.approx(30, abs=1)
    quiet = np.concatenate([np.arange(0.0, 20), np.arange(50.0, 60)])
    assert len(assumed_looks(reports(quiet), site(1.0), T0 + 60 * S)) == pytest.approx(60, abs=1)


def test_slow_reports_make_looks_wait_but_not_for_ever() -> None:
    looks = assumed_looks(reports(np.repeat(np.arange(20.0), 3), delay_s=0.8), site(1.0))
    wait = looks.received_ns - looks.time_ns
    assert (wait[1:] == int(0.8 * S)).all()
    looks = assumed_looks(reports(np.arange(20.0), delay_s=4.0), site(1.0), T0 + 30 * S)
    assert (looks.received_ns - looks.time_ns <= 2 * S)[5:].all()


def test_who_never_reported_is_not_said_to_have_looked() -> None:
    looks = assumed_looks(reports(np.arange(5.0), sensor=1), site(1.0, 1.0, 1.0))
    assert set(looks.sensor.tolist()) == {1}
    assert len(assumed_looks(report_batch(0), site(1.0))) == 0


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.5]), st.floats(1.0, 25.0), st.sampled_from([0.05, 1.0]))
def test_a_cut_source_gives_the_same_looks_up_to_the_cut(seed: int, spread: float, cut_s: float, slow: float) -> None:
    rng = np.random.default_rng(seed)
    scans = np.arange(25.0)[rng.uniform(size=25) < 0.8]
    times = np.repeat(scans, 5) + spread * rng.uniform(-1, 1, 5 * len(scans))
    sensor = rng.integers(0, 2, len(times))
    whole = reports(times + 1.0, rng.exponential(slow, len(times)), sensor)
    cut_ns = T0 + round(cut_s * S)
    part = whole.take(whole.received_ns <= cut_ns)
    a = assumed_looks(whole, site(1.0, 1.0), T0 + 40 * S)
    b = assumed_looks(part, site(1.0, 1.0), T0 + 40 * S)
    a, b = (looks.take(looks.received_ns <= cut_ns) for looks in (a, b))
    for name in ("sensor", "time_ns", "received_ns"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist()
    assert (np.diff(a.received_ns) >= 0).all()


def test_assumed_looks_of_a_scenario_are_nearly_its_own(scenario: Callable[[str, int], Path], tmp_path: Path) -> None:
    told = scenario("crossing", 1)
    for name in ("sensors.json", "plots.parquet"):
        (tmp_path / name).write_bytes((told / name).read_bytes())
    own, assumed = read_scenario(told).looks, read_scenario(tmp_path).looks
    assert assumed.assumed.all()
    assert len(assumed) == 119  # the last one would be received after the end
    assert np.abs(assumed.time_ns - own.time_ns[:119]).max() < 1000
    assert np.abs(assumed.received_ns - own.received_ns[:119]).max() < 1000
