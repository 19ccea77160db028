"""The book of notices, and the geometry with which they are told."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.geodesy import ecef_from_geodetic
from lowsky.model.notice import NOTICE_DTYPES, Event, EventKind, Level, NoticeBatch
from lowsky.model.place import Place, Shape
from lowsky.serve.engine import notices as notices_module
from lowsky.serve.engine.notices import KEPT_NS, NoticeBook
from lowsky.serve.engine.path import STEP_S, distance_m, metres_a_degree, path_to
from tests.serve.pictures import picture

S = 1_000_000_000
PIER = Place("pier", "Pier", Shape.POINT, ((56.0, 11.0),), 300.0)
QUAY = Place("quay", "Quay", Shape.POINT, ((56.1, 11.0),), 300.0)


def standing(time_s: int, *rows: dict[str, Any]) -> NoticeBatch:
    """Rows of a tick."""
    defaults = {"call": 1, "track": 7, "place": 0, "level": Level.WARNING, "probability": 0.8, "raised_ns": 5 * S}
    full = [defaults | row | {"time_ns": time_s * S} for row in rows]
    return NoticeBatch(**{n: np.array([r.get(n, 0) for r in full], dtype=d) for n, d in NOTICE_DTYPES.items()})


def event(kind: EventKind, time_s: int, who: str = "", notice: int = 1, call: int = 1) -> Event:
    return Event(time_s * S, kind, notice, call, 7, 0, Level.WARNING, who)


def shown(book: NoticeBook, number: int = 1) -> Any:
    book.describe(picture([7], east_mps=10.0), 10_000.0)
    return book.shown[number]


def test_a_notice_lives_from_raised_to_forgotten() -> None:
    book = NoticeBook((PIER, QUAY))
    book.ticked(standing(5, {"notice": 1, "arrival_ns": 60 * S, "early_ns": 55 * S, "late_ns": 70 * S}), (), 5 * S)
    notice = shown(book)
    assert (notice.place, notice.place_name, notice.level, notice.ended_ms) == ("pier", "Pier", "warning", None)
    assert (notice.arrival_ms, notice.early_ms, notice.late_ms) == (60_000.0, 55_000.0, 70_000.0)
    assert book.levels() == {7: (Level.WARNING, False)}
    book.ticked(standing(6, {"notice": 1, "acknowledged_ns": 6 * S}), (event(EventKind.ACKNOWLEDGED, 6, "kim"),), 6 * S)
    assert shown(book).acknowledged.by == "kim"
    assert book.levels() == {7: (Level.WARNING, True)}
    book.ticked(standing(7, {"notice": 1}), (event(EventKind.DELIVERED, 7, "coast guard"),), 7 * S)
    assert [(d.to, d.at_ms) for d in shown(book).delivered] == [("coast guard", 7000.0)]
    book.ticked(standing(8, {"notice": 1, "level": Level.CLEAR}), (event(EventKind.ENDED, 8, "kim"),), 8 * S)
    ended = shown(book)
    assert (ended.level, ended.ended_ms, ended.path, ended.why.rule) == ("clear", 8000.0, (), "ended by kim")
    assert book.levels() == {}
    book.ticked(standing(8), (), 8 * S + KEPT_NS + 1)
    assert book.entries == {}


def test_only_changes_are_worth_telling() -> None:
    book = NoticeBook((PIER,))
    book.ticked(standing(5, {"notice": 1}), (), 5 * S)
    for change, worth in (({}, False), ({"probability": 0.7}, False), ({"level": Level.IMMINENT}, True), ({}, True)):
        book.changed = False
        book.ticked(standing(6, {"notice": 1} | change), (), 6 * S)
        assert book.changed is worth


def test_the_most_urgent_comes_first() -> None:
    book = NoticeBook((PIER,))
    rows: list[dict[str, Any]] = [
        {"notice": 1, "level": Level.WATCH, "arrival_ns": 20 * S},
        {"notice": 2, "level": Level.IMMINENT, "arrival_ns": 40 * S},
        {"notice": 3, "level": Level.WATCH, "arrival_ns": 10 * S},
        {"notice": 4, "level": Level.CLEAR},
    ]
    book.ticked(standing(5, *rows), (), 5 * S)
    book.describe(picture([7]), 5000.0)
    assert list(book.shown) == [2, 3, 1, 4]


def test_an_object_with_two_notices_has_the_higher_level_and_is_seen_when_all_of_it_are() -> None:
    book = NoticeBook((PIER, QUAY))
    seen: dict[str, Any] = {"notice": 2, "place": 1, "acknowledged_ns": S}
    book.ticked(standing(5, {"notice": 1, "level": Level.WATCH}, seen), (), 5 * S)
    assert book.levels() == {7: (Level.WARNING, True)}
    book.ticked(standing(6, {"notice": 1}, seen), (), 6 * S)
    assert book.levels() == {7: (Level.WARNING, False)}


def test_what_happened_before_a_restart_is_taken_over_with_the_first_tick() -> None:
    book = NoticeBook((PIER,))
    book.earlier = (event(EventKind.ACKNOWLEDGED, 3, "kim"), event(EventKind.ACKNOWLEDGED, 3, "kim", notice=99))
    book.ticked(standing(9, {"notice": 1, "acknowledged_ns": 3 * S}), (), 9 * S)
    assert shown(book).acknowledged.by == "kim"


def test_notices_are_bounded_and_the_ended_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices_module, "MAX_NOTICES", 5)
    book = NoticeBook((PIER,))
    rows = [{"notice": n, "level": Level.CLEAR if n < 5 else Level.WATCH} for n in range(1, 9)]
    book.ticked(standing(5, *rows), (), 5 * S)
    assert sorted(book.entries) == [4, 5, 6, 7, 8]


def test_of_several_ticks_the_last_counts_and_ends_are_not_missed() -> None:
    book = NoticeBook((PIER,))
    first, second = standing(5, {"notice": 1, "level": Level.CLEAR}, {"notice": 2}), standing(6, {"notice": 2})
    both = NoticeBatch(**{n: np.concatenate([getattr(first, n), getattr(second, n)]) for n in NOTICE_DTYPES})
    book.ticked(both, (), 6 * S)
    assert {n: bool(e.ended_ns) for n, e in book.entries.items()} == {1: True, 2: False}


@given(
    st.floats(-70, 70), st.floats(-180, 180), st.floats(-4000, 4000), st.floats(-4000, 4000), st.floats(10, 2000)
)  # fmt: skip
def test_distances_are_those_through_the_earth(
    lat: float, lon: float, east: float, north: float, radius: float
) -> None:
    north_m, east_m = metres_a_degree(lat)
    there = (lat + north / north_m, (lon + east / east_m + 180.0) % 360.0 - 180.0)
    place = Place("p", "p", Shape.POINT, (there,), radius)
    found = distance_m(picture([1], lat=lat, lon=lon), 0, place)
    a, b = (ecef_from_geodetic(*p, 0.0) for p in ((lat, lon), there))
    assert found == pytest.approx(max(float(np.linalg.norm(a - b)) - radius, 0.0), abs=12.0)


def test_distances_to_areas_and_corridors() -> None:
    at = picture([1], lat=56.0, lon=11.0)
    square = ((56.01, 11.01), (56.01, 11.02), (56.02, 11.02), (56.02, 11.01))
    around = ((55.9, 10.9), (55.9, 11.1), (56.1, 11.1), (56.1, 10.9))
    polygon = Place("p", "p", Shape.POLYGON, square, 100.0)
    north_m, east_m = metres_a_degree(56.0)
    corner = math.hypot(0.01 * north_m, 0.01 * east_m)
    assert distance_m(at, 0, polygon) == pytest.approx(corner - 100.0, rel=1e-6)
    assert distance_m(at, 0, Place("p", "p", Shape.POLYGON, around, 0.0)) == 0.0
    line = Place("p", "p", Shape.CORRIDOR, ((56.03, 10.0), (56.03, 12.0)), 200.0)
    assert distance_m(at, 0, line) == pytest.approx(0.03 * north_m - 200.0, rel=1e-6)
    beyond = Place("p", "p", Shape.CORRIDOR, ((56.0, 11.1), (56.0, 11.2)), 10.0)
    assert distance_m(at, 0, beyond) == pytest.approx(0.1 * east_m - 10.0, rel=1e-6)
    assert distance_m(at, 0, Place("v", "v", Shape.VESSEL, (), 500.0, identity="2114")) is None


def test_paths_go_on_as_the_object_does() -> None:
    table = picture([1], lat=56.0, lon=179.999, east_mps=50.0, north_mps=-20.0, cov_ee_m2=9.0, cov_nn_m2=7.0)
    path = path_to(table, 0, 1000.0, 1000.0 + 40_000.0)
    assert [round(p[2] - 1000.0) for p in path] == [0, 15_000, 30_000, 40_000]
    assert max(b[2] - a[2] for a, b in itertools.pairwise(path)) <= 1000.0 * STEP_S
    north_m, east_m = metres_a_degree(56.0)
    assert path[-1][1] == pytest.approx(56.0 - 800.0 / north_m)
    assert path[-1][0] == pytest.approx(179.999 + 2000.0 / east_m - 360.0)
    sigmas = [p[3] for p in path]
    assert sigmas[0] == pytest.approx(math.sqrt(8.0))
    assert sigmas == sorted(sigmas)
    assert path_to(table, 0, 1000.0, None) == ()
    assert len(path_to(table, 0, 1000.0, 500.0)) == 1
