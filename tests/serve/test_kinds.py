"""Kinds on the map: those that were told stay, probable ones are named, the rest is unknown; each with its evidence."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.core import new_state
from lowsky.model.kinds import Kind
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.serve.engine.kinds import KindTable, kind_chances, kind_table, put_kinds
from tests.serve.pictures import picture

SITE = site_of((Sensor("r", SensorKind.RADAR_3D, 56.0, 11.0, 0.0),))
NAMES = {kind.word: int(kind) for kind in Kind}


def table_of(**chances: dict[str, float]) -> KindTable:
    """Objects named o1, o2, ... with probabilities by kind."""
    numbers = np.array([int(name[1:]) for name in chances], dtype=np.int64)
    probability = np.zeros((len(numbers), len(Kind)))
    for row, found in enumerate(chances.values()):
        for word, value in found.items():
            probability[row, NAMES[word]] = value
    n = len(numbers)
    return KindTable(
        numbers, probability, np.zeros(n, dtype=np.uint8), np.full(n, 12.0), np.full(n, -2.0), np.full(n, -28.0),
        np.zeros(n, dtype=np.uint8),
    )  # fmt: skip


def test_probable_kinds_are_named_and_doubt_is_unknown() -> None:
    kinds = table_of(o1={"bird": 0.8, "multirotor": 0.2}, o3={"fixed_wing": 0.45, "multirotor": 0.4, "bird": 0.15})
    rows = picture([1, 2, 3])
    put_kinds(rows, kinds)
    assert rows["kind"].tolist() == [NAMES["bird"], 0, 0]
    assert rows["kind_probability"][0] == pytest.approx(0.8)
    assert np.isnan(rows["kind_probability"][1:]).all()


def test_what_was_told_stays() -> None:
    rows = picture([1], kind=int(Kind.AIRCRAFT))
    put_kinds(rows, table_of(o1={"bird": 0.9}))
    assert (rows["kind"][0], rows["kind_probability"][0]) == (Kind.AIRCRAFT, 1.0)


def test_nothing_known_changes_nothing() -> None:
    rows = picture([4, 5])
    put_kinds(rows, table_of())
    put_kinds(picture([]), table_of(o1={"bird": 0.9}))
    assert rows["kind"].tolist() == [0, 0]


def test_chances_come_with_their_evidence() -> None:
    chances = kind_chances(table_of(o7={"bird": 0.7, "multirotor": 0.295, "fixed_wing": 0.005}), 7)
    assert [(c.kind, c.probability) for c in chances] == [("bird", 0.7), ("multirotor", 0.295)]
    assert "wandering course" in chances[0].why
    assert "12 m/s" in chances[0].why
    assert "-28 dBsm" in chances[1].why
    assert kind_chances(table_of(), 7) == ()


def test_a_fresh_core_has_no_kinds() -> None:
    place = Place("p", "p", Shape.POINT, ((56.0, 11.0),), 100.0)
    kinds = kind_table(new_state(SITE, places=(place,)).assessment)
    assert len(kinds.number) == 0
    assert kinds.probability.shape == (0, len(Kind))
