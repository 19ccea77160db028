"""Sensors keep their rows over restarts and reloads, and who holds something by row follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lowsky.model.report import look_batch, report_batch
from lowsky.model.sensor import Origin, Sensor, SensorKind
from lowsky.serve.engine.assumed import Assumer
from lowsky.serve.engine.sensor_info import sensor_infos
from lowsky.serve.engine.sensors import SensorWatch
from lowsky.serve.roster import FILE_NAME, Roster
from lowsky.wire.names import SensorNames

NS = 1_000_000_000


def _sensor(name: str, kind: SensorKind = SensorKind.RADAR_2D, latitude_deg: float = 50.0) -> Sensor:
    return Sensor(name, kind, latitude_deg, 8.0, 0.0)


A, B, C = (_sensor(name) for name in "abc")


def test_rows_and_origin_stay_over_a_restart(tmp_path: Path) -> None:
    first = Roster(tmp_path).site((A, B))
    Roster(tmp_path).keep(first, ())
    second = Roster(tmp_path).site((_sensor("c", latitude_deg=51.0), B))
    assert [s.id for s in second.sensors] == ["a", "b", "c"]
    assert [s.retired for s in second.sensors] == [True, False, False]
    assert second.origin == first.origin
    roster = Roster(tmp_path)
    roster.keep(second, ())
    third = roster.site((A, B, second.sensors[2]))
    assert [s.id for s in third.sensors] == ["a", "b", "c"]
    assert not any(s.retired for s in third.sensors)


def test_another_origin_or_kind_begins_anew(tmp_path: Path) -> None:
    roster = Roster(tmp_path)
    roster.keep(roster.site((A, B)), ())
    elsewhere = Origin(60.0, 8.0, 0.0)
    assert roster.site((B,), elsewhere).origin == elsewhere
    assert [s.id for s in roster.site((B,), elsewhere).sensors] == ["b"]
    camera = _sensor("a", SensorKind.CAMERA)
    assert roster.site((B, camera)).sensors == (B, camera)


def test_a_broken_file_costs_only_the_rows(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{", encoding="utf-8")
    assert Roster(tmp_path).site((B, A)).sensors == (B, A)
    assert Roster(None).site((B,)).sensors == (B,)


def test_retired_sensors_are_neither_shown_nor_found() -> None:
    gone = replace(A, retired=True)
    watch = SensorWatch((gone, B))
    assert [info.id for info in sensor_infos(watch, None, None, NS)] == ["b"]
    names = SensorNames(Roster(None).site((gone, B)))
    assert names.find(["a", "b"]).tolist() == [-1, 1]
    assert names.unknown == {"a": 1}


def test_figures_follow_their_rows() -> None:
    watch = SensorWatch((A, B))
    one = np.array([1])
    then, now = 5 * NS * one, 6 * NS * one
    reports = report_batch(1, sensor=one, time_ns=then, received_ns=now, range_m=one * 1e3, azimuth_rad=one * 0.0)
    watch.consumed(reports, look_batch(one, then, now), 6 * NS)
    watch.faulted(1, {"garbage": 3})
    watch.describe((A, replace(B, period_s=2.0), C))
    assert watch.last_report_ns.tolist() == [0, 6 * NS, 0]
    assert watch.faults.tolist() == [0, 3, 0]
    assert watch.state(1, 7 * NS)[0] == "well"
    assert watch.state(2, 7 * NS)[0] == "unknown"
    watch.faulted(2, {"garbage": 1})
    assert watch.faults.tolist() == [0, 3, 1]


def test_looks_are_assumed_of_sensors_that_come_on_later() -> None:
    assumer = Assumer((A,))
    assumer.describe((A, B))
    rows = np.ones(3, dtype=np.int32)
    times = np.arange(1, 4) * NS
    assumer.consumed(
        report_batch(3, sensor=rows, time_ns=times, received_ns=times), look_batch(rows[:0], times[:0], times[:0])
    )
    assert assumer.due(10 * NS).sensor.tolist()[:3] == [1, 1, 1]
