"""Items in a trial's words, and the three forms of the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lowsky.evaluate.compare import Comparison, Settings, compare
from lowsky.evaluate.items import Item, items_of
from lowsky.evaluate.report import FIGURES, figure_rows, item_rows, number, to_json, to_markdown
from lowsky.evaluate.score import Score, score_of
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

ORIGIN = Origin(37.0, 127.0, 0.0)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "scores.md"
Columns = dict[str, np.ndarray]


def table(label: str, who: np.ndarray, second: np.ndarray, enu: np.ndarray, kind: list[str], north: float) -> Columns:
    lat, lon, height = Frame(ORIGIN).to_geodetic(enu)
    still = np.zeros(len(who))
    place = {"time_s": 1e9 + second, "lat": lat, "lon": lon, "height_m": height}
    velocity = {"east_mps": still, "north_mps": still + north, "up_mps": still}
    return {label: who, **place, **velocity, "kind": np.array(kind)}


def flight(tracks_from: int = 20, kinds: bool = True) -> Comparison:
    """A drone and a bird fly north at 10 m/s for 100 s, 1 km apart. From `tracks_from` on the drone has a track 3 m
    east, 4 m north and 5 m above; the bird has one called a drone at every tenth second; one more is of nothing."""
    second = np.tile(np.arange(101), 2)
    who = np.repeat([0, 1], 101)
    enu = np.stack([1000.0 * who, 10.0 * second, np.full(202, 100.0)], axis=1)
    truth = table("object", who, second, enu, ["multirotor"] * 101 + ["bird"] * 101, 10.0)
    shown = (who == 0) & (second >= tracks_from) | (who == 1) & (second % 10 == 0)
    places = np.concatenate([enu[shown] + [3.0, 4.0, 5.0], [[5000.0, 0, 0]]])
    number, at = np.append(who[shown], 7), np.append(second[shown], 50)
    said = ["fixed_wing" if w == 1 else "multirotor" if s < 60 else "bird" for w, s in zip(number, at, strict=True)]
    tracks = table("track", number, at, places, said if kinds else ["unknown"] * len(at), 12.0)
    return compare(truth, tracks, ORIGIN, Settings(), 1e9, 100.0)


def scored(c: Comparison, sensors_m: np.ndarray | None = None) -> tuple[Score, dict[str, Item]]:
    score = score_of(c)
    return score, {item.name: item for item in items_of(c, score, sensors_m)}


def test_items_by_hand() -> None:
    _, items = scored(flight(), np.array([[0.0, 0.0, 0.0], [1000.0, 9000.0, 0.0]]))
    drone_m, bird_m = np.hypot(200, 100), np.sqrt(1000**2 + 100**2 + 100**2)
    assert items["probability of detection"].figures == {"share": 1.0}
    assert items["time to detect"].figures == {"median_s": 15.0, "p95_s": 20.0}
    assert items["detection range"].figures == pytest.approx({"median_m": (drone_m + bird_m) / 2, "p10_m": drone_m})
    assert items["false alarms"].figures == {"false_tracks_per_hour": 36.0}
    assert items["continuity"].figures == {"share": (80 + 9) / 180}
    assert items["unchanging identifier"].figures == {"changes_per_object_hour": 0.0, "gaps_bridged_share": 1.0}
    assert items["positioning"].figures["horizontal_rms_m"] == pytest.approx(5)
    assert items["positioning"].figures["vertical_p95_m"] == pytest.approx(5, abs=1e-3)
    assert items["speed"].figures["rmse_mps"] == pytest.approx(2)
    assert items["path"].figures["deviation_rms_m"] == pytest.approx(3, abs=1e-3)
    assert items["refresh"].figures["updates_per_s"] == pytest.approx((1 + 0.1) / 2)
    assert items["number tracked at once"].figures == {"objects": 2.0}
    assert items["correct classification"].figures == {"share": 40 / (80 + 8)}
    assert items["wrong because of birds"].figures == {"birds_per_hour": 40.0}


def test_what_cannot_be_answered_is_said_and_not_invented() -> None:
    _, items = scored(flight(kinds=False))
    unanswered = {name: item.not_measured for name, item in items.items() if not item.figures}
    assert all(unanswered.values())
    assert unanswered["detection range"] == "no sensor's place is known"
    assert unanswered["correct classification"] == "the tracks say no kinds"
    assert {"display latency", "several at once", "operator position", "recording", "interface"} <= unanswered.keys()
    assert all(not item.not_measured for item in items.values() if item.figures)
    _, blind = scored(compare_nothing(), np.zeros((1, 3)))
    assert blind["probability of detection"].figures == {"share": 0.0}
    assert blind["time to detect"].figures == {"median_s": np.inf, "p95_s": np.inf}
    assert blind["positioning"].not_measured == "no track was matched to an object"
    assert blind["detection range"].not_measured == "no object was ever held"


def compare_nothing() -> Comparison:
    second = np.arange(30)
    enu = np.zeros((30, 3))
    truth = table("object", np.zeros(30, np.int64), second, enu, ["bird"] * 30, 0.0)
    none = table("track", np.zeros(0, np.int64), second[:0], enu[:0], [], 0.0)
    return compare(truth, none, ORIGIN, Settings(), 1e9, 29.0)


def test_groups_are_those_of_the_list_in_order() -> None:
    _, items = scored(flight())
    groups = [item.group for item in items.values()]
    assert list(dict.fromkeys(groups)) == ["Detection", "Tracking", "Identification", "Operation"]
    assert [groups.count(g) for g in dict.fromkeys(groups)] == [7, 7, 4, 5]


def test_json_is_complete_and_has_null_where_a_figure_is_not_finite() -> None:
    c = compare_nothing()
    score = score_of(c)
    found = json.loads(to_json(score, items_of(c, score)))
    assert {name for name, _ in FIGURES} <= found.keys()
    assert found["confirm_s"] is None
    assert found["siap"]["spuriousness"] is None
    assert found["missed"] == 1.0
    assert "not checked" in found["items_note"]
    assert [i["name"] for i in found["items"]] == [i.name for i in items_of(c, score)]


def test_numbers_for_reading() -> None:
    assert number(12.34567, "gospa_m") == "12.35 m"
    assert number(123456.7, "gospa_m") == "123457 m"
    assert number(2.0, "false_tracks_per_hour") == "2 /h"
    assert number(0.5, "speed_rmse_mps") == "0.5 m/s"
    assert number(0.25, "spurious") == "0.25"
    assert number(None) == number(float("nan")) == "–"
    assert number(float("inf"), "confirm_s") == "never"


def test_markdown_shows_every_row() -> None:
    c = flight()
    score, items = score_of(c), items_of(c, score_of(c))
    text = to_markdown(score, items)
    for row in [*figure_rows(score), *item_rows(items)]:
        assert f"| {' | '.join(row)} |" in text
    assert "time to detect | median 15 s, 95 % 20 s" in text
    assert "unchanging identifier | changes 0 /(object h), gaps bridged share 1 |" in text


def test_every_figure_is_explained() -> None:
    """The page names each field of the score and each item of the report."""
    page = DOCS.read_text()
    _, items = scored(flight())
    missing = [name for name, _ in FIGURES if f"`{name}`" not in page]
    missing += [name for name in items if f"| {name} |" not in page]
    assert not missing
