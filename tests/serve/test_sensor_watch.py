"""Health of sensors: every state, and why."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lowsky.core import Scores
from lowsky.model.kinds import Kind
from lowsky.model.report import LookBatch, ReportBatch, look_batch, no_looks, report_batch
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.serve.answers.sensors import Learnt
from lowsky.serve.engine.sensor_info import sensor_infos
from lowsky.serve.engine.sensors import SensorWatch

S = 1_000_000_000
RADAR = Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0, period_s=2.0)
CAMERA = Sensor(
    "camera", SensorKind.CAMERA, 56.0, 11.0, 50.0, period_s=0.5, azimuth_centre_rad=0.0,
    azimuth_width_rad=math.radians(90.0), sees=(Kind.BIRD,),
)  # fmt: skip


def reports(at_s: float, n: int = 1, lag_s: float = 0.1, sensor: int = 0) -> ReportBatch:
    received = np.full(n, round(at_s * S))
    return report_batch(n, sensor=np.full(n, sensor), received_ns=received, time_ns=received - round(lag_s * S))


def looks(at_s: float, sensor: int = 0, assumed: bool = False) -> LookBatch:
    received = np.array([round(at_s * S)])
    return look_batch(np.array([sensor]), received - S // 10, received, assumed)


def watched(*turns: tuple[float, ReportBatch, LookBatch]) -> SensorWatch:
    watch = SensorWatch((RADAR, CAMERA))
    for at_s, batch, seen in turns:
        watch.consumed(batch, seen, round(at_s * S))
    return watch


def test_nothing_has_come_yet() -> None:
    assert watched().state(0, S) == ("unknown", "nothing has come yet")


PAUSES = [(1.0, "well"), (5.9, "well"), (6.1, "late"), (19.9, "late"), (20.1, "silent"), (999.0, "silent")]


@pytest.mark.parametrize(("after_s", "state"), PAUSES)
def test_pauses_are_measured_in_periods(after_s: float, state: str) -> None:
    watch = watched((100.0, report_batch(0), looks(100.0)))
    found, words = watch.state(0, round((100.0 + after_s) * S))
    assert found == state
    assert bool(words) is (state != "well")


def test_quick_sensors_are_not_called_late_for_a_moment() -> None:
    watch = watched((100.0, report_batch(0), looks(100.0, sensor=1)))
    assert [watch.state(1, round(t * S))[0] for t in (101.9, 102.1, 109.9, 110.1)] == ["well", "late", "late", "silent"]


def test_reports_alone_keep_a_sensor_well_and_assumed_looks_do_not() -> None:
    watch = watched((100.0, reports(100.0), no_looks()), (130.0, report_batch(0), looks(130.0, assumed=True)))
    assert watch.state(0, 101 * S)[0] == "well"
    assert watch.state(0, 131 * S)[0] == "silent"


def late(*lags_s: float) -> tuple[str, str]:
    """The state of a radar whose turns come with these delays, again and again."""
    turns = [(100.0 + t, reports(100.0 + t, 1 + t % 3, lag_s), no_looks()) for t, lag_s in enumerate(lags_s * 30)]
    return watched(*turns).state(0, round((100.0 + len(turns)) * S))


def test_what_comes_old_is_late_if_it_is_now_older_and_now_younger() -> None:
    state, words = late(2.0, 7.0)
    assert state == "late"
    assert "s old when it comes" in words


@pytest.mark.parametrize(("lags_s", "words"), [
    ((4.0,), "always 4.0 s old"),
    ((60.0, 61.0, 62.0), "always 61."),
    ((-0.8, -0.7), "0.7 s ahead of ours"),
])  # fmt: skip
def test_a_clock_that_is_steadily_wrong_is_off_in_time(lags_s: tuple[float, ...], words: str) -> None:
    state, found = late(*lags_s)
    assert state == "off_in_time"
    assert words in found


@pytest.mark.parametrize("lags_s", [(0.1,), (-0.1, 0.05), (2.0,), (0.0, 4.0)])
def test_ordinary_delays_are_well(lags_s: tuple[float, ...]) -> None:
    assert late(*lags_s)[0] == "well"


def test_a_clock_so_wrong_that_everything_is_refused_is_off_in_time_too() -> None:
    watch = watched((100.0, reports(100.0, 4), no_looks()))
    watch.faulted(0, {"time is over 60 s after the receipt": 30, "range_m is not between 0 and 500000": 3})
    assert watch.state(0, 100 * S) == ("off_in_time", "its clock is wrong: time is over 60 s after the receipt")


def test_who_never_sends_anything_but_garbage_is_garbled() -> None:
    watch = watched()
    watch.faulted(0, {"line undecodable": 20})
    assert watch.state(0, 100 * S) == ("garbled", "100 % of what it sends cannot be used: line undecodable")


def test_whose_line_is_broken_is_silent() -> None:
    watch = watched((100.0, reports(100.0), looks(100.0)))
    watch.cut_off = {0: "source a failed: nobody listens there"}
    assert watch.state(0, 100 * S) == ("silent", "source a failed: nobody listens there")
    assert watch.state(1, 100 * S)[0] == "unknown"


def test_what_it_says_of_itself_goes_first() -> None:
    watch = watched((100.0, reports(100.0), no_looks()))
    watch.said[0] = ("faulty", "antenna stuck")
    assert watch.state(0, 101 * S) == ("faulty", "antenna stuck")
    watch.said[0] = ("off", "")
    assert watch.state(0, 101 * S)[0] == "silent"
    watch.said[0] = ("well", "warming up")
    assert watch.state(0, 101 * S) == ("well", "warming up")


def test_who_sends_much_that_cannot_be_used_is_garbled_until_it_gets_better() -> None:
    watch = watched((100.0, reports(100.0, 4), no_looks()))
    watch.faulted(0, {"azimuth_deg is not a number": 5})
    assert watch.state(0, 100 * S)[0] == "well"
    watch.faulted(0, {"azimuth_deg is not a number": 5})
    assert watch.state(0, 100 * S) == ("garbled", "71 % of what it sends cannot be used: azimuth_deg is not a number")
    for t in range(60):
        watch.consumed(reports(101.0 + t, 4), no_looks(), round((101.0 + t) * S))
    assert watch.state(0, 161 * S)[0] == "well"
    assert int(watch.faults[0]) == 10


def test_rates_settle_at_what_comes() -> None:
    watch = watched(*((100.0 + 0.2 * i, reports(100.0 + 0.2 * i, 3), no_looks()) for i in range(500)))
    assert watch.reports_per_s()[0] == pytest.approx(15.0, rel=0.05)
    assert watch.reports_per_s()[1] == 0.0


def test_infos_tell_in_degrees_and_none() -> None:
    watch = watched((100.0, reports(100.0, 2), looks(100.0)))
    nan = math.nan
    scores = Scores(np.array([0.9, nan]), np.array([0.85, nan]), np.array([1.1, nan]), np.array([9.0, 0.0]),
                    np.array([3.3, nan]), np.array([[1.0, 1.6, nan], [nan, nan, nan]]))  # fmt: skip
    radar, camera = sensor_infos(watch, scores, None, 101 * S)
    assert (radar.azimuth_from_deg, radar.azimuth_to_deg) == (None, None)
    assert [camera.azimuth_from_deg, camera.azimuth_to_deg] == pytest.approx([315.0, 45.0])
    assert (radar.detection.promised, radar.detection.live, radar.nis.live) == (0.9, 0.85, 1.1)
    assert (camera.detection.live, camera.nis.live, camera.lag_s, camera.last_look_ms) == (None, None, None, None)
    assert radar.learnt == Learnt(3.3, 1.0, 1.6, None)
    assert camera.learnt == Learnt()
    assert radar.last_report_ms == 100_000.0
    assert camera.sees == ("bird",)
    assert sensor_infos(watch, None, None, 101 * S)[0].detection.live is None
