"""What the server remembers: ways, rings, provenance; each bounded, each against a plain model."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.core.changes import Changes, Trace
from lowsky.core.state import CoreInput
from lowsky.model.report import ReportBatch, no_looks, report_batch
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.serve.engine import provenance as provenance_module
from lowsky.serve.engine.history import EVERY_MS, POINTS, Histories
from lowsky.serve.engine.overload import Overload
from lowsky.serve.engine.provenance import Provenance
from lowsky.serve.engine.rings import Ring
from tests.serve.pictures import picture

SENSORS = tuple(Sensor(name, SensorKind.RADAR_3D, 56.0, 11.0, 0.0) for name in ("north", "south"))


@given(st.lists(st.integers(0, 9), max_size=30))
def test_a_ring_is_the_end_of_all_that_was_added(sizes: list[int]) -> None:
    ring, model, count = Ring(7, value=np.int64), deque[int](maxlen=7), 0
    for n in sizes:
        values = np.arange(count, count + n)
        ring.add(n, value=values)
        model.extend(values.tolist())
        count += n
    at = ring.newest_first(np.arange(len(ring)))
    assert ring.rows(at)["value"].tolist() == list(reversed(model))
    assert ring.written == count


def test_ways_hold_a_point_each_two_seconds_for_ten_minutes() -> None:
    histories = Histories()
    for i in range(4000):
        histories.add(picture([3, 5], lat=[56.0 + i * 1e-5, 57.0], east_mps=3.0, north_mps=4.0), 1000.0 + 200.0 * i)
    way = histories.way(3)
    assert len(way.time_ms) == POINTS
    assert np.diff(way.time_ms) == pytest.approx(np.full(POINTS - 1, EVERY_MS))
    assert way.lat == pytest.approx(56.0 + (way.time_ms - 1000.0) / 200.0 * 1e-5)
    assert way.speed_mps == pytest.approx(np.full(POINTS, 5.0))
    assert len(histories.way(3, way.time_ms[-1] - 10_000.0).time_ms) == 6
    assert len(histories.way(99).time_ms) == 0


def test_when_slots_are_gone_the_object_seen_longest_ago_is_forgotten() -> None:
    histories = Histories(max_slots=3)
    for i, numbers in enumerate(([1, 2], [2, 3], [2, 4], [2, 3, 4])):
        histories.add(picture(numbers, lat=[float(n) for n in numbers]), 10_000.0 * (i + 1))
    assert len(histories) == 3
    assert len(histories.way(1).time_ms) == 0
    assert histories.way(4).lat.tolist() == [4.0, 4.0]
    assert histories.way(2).lat.tolist() == [2.0] * 4


def reports(raws: list[int], sensors: list[int], names: tuple[str, ...] = ()) -> ReportBatch:
    n = len(raws)
    return report_batch(
        n, identities=names, raw=np.array(raws), sensor=np.array(sensors), time_ns=np.array(raws) * 10**6,
        received_ns=np.array(raws) * 10**6, range_m=np.array(raws, dtype=float),
        identity=np.zeros(n) if names else np.full(n, -1),
    )  # fmt: skip


def consumed(given: ReportBatch, rows: list[tuple[int, int, int, int, float]]) -> tuple[CoreInput, Changes]:
    """An input and its trace: uid, number, raw, sensor, association."""
    n = len(rows)
    uid, number, raw, sensor, association = (np.array(c) for c in zip(*rows, strict=True))
    nothing = np.zeros(n)
    trace = Trace(nothing.astype(np.int64), uid, number, raw, sensor.astype(np.int32), association, *[nothing] * 3)
    changes: Any = type("Changes", (), {"trace": trace})()
    return CoreInput(given, no_looks(), np.empty(0, dtype=np.int64)), changes


def test_an_object_knows_its_reports_by_sensor_also_those_before_it_had_a_number() -> None:
    book = Provenance(SENSORS)
    book.consumed(
        *consumed(
            reports([50, 51, 52], [0, 1, 0], ("F00",)), [(9, 0, 50, 0, 0.9), (9, 0, 51, 1, 0.8), (8, 0, 52, 0, 0.3)]
        )
    )
    book.consumed(*consumed(reports([53, 54], [1, 0]), [(9, 4, 53, 1, 0.99), (9, 4, 54, 0, 0.2)]))
    book.shown(picture([4]), 1000.0)
    details = book.details(4)
    assert details is not None
    assert details.sensors == {"north": 1, "south": 2}
    assert [(r.raw, r.sensor, r.range_m) for r in details.reports] == [
        (54, "north", 54.0), (53, "south", 53.0), (51, "south", 51.0), (50, "north", 50.0),
    ]  # fmt: skip
    assert [round(r.association or 0.0, 2) for r in details.reports] == [0.2, 0.99, 0.8, 0.9]
    assert details.reports[-1].identity == "F00"
    assert book.details(5) is None
    assert [r.raw for r in book.last_reports(1, 10)] == [53, 51]
    assert [r.raw for r in book.last_reports(None, 2)] == [54, 53]


def test_reports_that_were_overwritten_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance_module, "MAX_REPORTS", 4)
    book = Provenance(SENSORS)
    for raw in range(100, 110):
        book.consumed(*consumed(reports([raw], [0]), [(1, 2, raw, 0, 0.9)]))
    book.shown(picture([2]), 1000.0)
    details = book.details(2)
    assert details is not None
    assert [r.raw for r in details.reports] == [109, 108, 107, 106]
    assert details.sensors == {"north": 10}


def test_births_and_ended_objects_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance_module, "MAX_BIRTHS", 5)
    monkeypatch.setattr(provenance_module, "MAX_ENDED", 3)
    book = Provenance(SENSORS)
    for n in range(1, 30):
        book.consumed(*consumed(reports([n], [0]), [(n, n, n, 0, 0.9)]))
        book.shown(picture([n]), 3000.0 * n)
    assert len(book._births) == 5
    assert len(book._births_of) <= 6
    assert len(book._ended) == 3
    last = book.details(28)
    assert last is not None
    assert last.last is not None
    assert last.last.number == 28


def test_what_was_dropped_lately_is_not_what_was_dropped_ever() -> None:
    now, total = [0.0], [0]
    overload = Overload(lambda: total[0], lambda: now[0])
    for second in range(300):
        now[0] = float(second)
        total[0] = min(second, 100)
        overload.note()
    assert overload.lately() == 0
    total[0] = 107
    overload.note()
    assert overload.lately() == 7
