"""The core's own table of identities: in order of receipt, whatever the batches' tables and cuts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import identities
from lowsky.core.identities import Identities
from lowsky.model.kinds import Kind
from lowsky.model.report import ReportBatch, report_batch
from lowsky.model.sensor import Sensor, SensorKind

AIS = Sensor("ais", SensorKind.COOPERATIVE, 50.0, 8.0, 0.0, sees=(Kind.VESSEL,))
REMOTE_ID = Sensor("rid", SensorKind.COOPERATIVE, 50.0, 8.0, 0.0, sees=(Kind.MULTIROTOR, Kind.FIXED_WING))
RADAR = Sensor("radar", SensorKind.RADAR_3D, 50.0, 8.0, 0.0, sees=(Kind.BIRD,))
SENSORS = (AIS, REMOTE_ID, RADAR)

names = st.text(st.characters(exclude_categories=[]), max_size=6)
heard = st.lists(st.tuples(st.integers(0, 20), st.one_of(st.none(), names)), max_size=30).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


def batch(rows: list[tuple[int, str | None]], sensor: int = 0) -> ReportBatch:
    """Reports received at these times that declare these names, with a table of just those, in order of name."""
    table = tuple(sorted({name for _, name in rows if name is not None}))
    column = [-1 if name is None else table.index(name) for _, name in rows]
    return report_batch(
        len(rows), table, sensor=np.full(len(rows), sensor), identity=np.array(column, dtype=np.int32),
        time_ns=np.array([t for t, _ in rows]), received_ns=np.array([t for t, _ in rows]),
    )  # fmt: skip


@given(heard, st.lists(st.integers(0, 21), max_size=4))
@settings(max_examples=80)
def test_cuts_and_tables_of_batches_do_not_show(rows: list[tuple[int, str | None]], cuts: list[int]) -> None:
    whole, cut = Identities(SENSORS), Identities(SENSORS)
    expected = whole.taken(batch(rows))
    bounds = [-1, *sorted(cuts), 99]
    parts = [batch([r for r in rows if a < r[0] <= b]) for a, b in pairwise(bounds)]
    assert np.concatenate([cut.taken(part) for part in parts]).tolist() == expected.tolist()
    assert cut.names == whole.names
    told = [None if i < 0 else whole.names[i] for i in expected]
    assert told == [name.replace("\n", " ") if name else None for _, name in rows]


@given(heard)
@settings(max_examples=40)
def test_saved_and_restored(rows: list[tuple[int, str | None]]) -> None:
    first, second = Identities(SENSORS), Identities(SENSORS)
    first.taken(batch(rows))
    second.restore(first.saved())
    assert (second.names, second.kinds) == (first.names, first.kinds)
    more = batch([(30, "new"), *((31, name) for _, name in rows)])
    assert second.taken(more).tolist() == first.taken(more).tolist()


def test_names_have_a_length_and_the_table_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "MOST", 2)
    table = Identities(SENSORS)
    assert table.taken(batch([(1, "a" * 1000), (2, "b"), (3, "c"), (4, "b"), (5, None)])).tolist() == [0, 1, -1, 1, -1]
    assert table.names == ["a" * identities.LONGEST, "b"]
    assert table.refused == 1


def test_an_identity_beyond_its_table_counts_as_none() -> None:
    wrong = replace(batch([(1, "a"), (2, "a")]), identity=np.array([7, -5], dtype=np.int32))
    assert Identities(SENSORS).taken(wrong).tolist() == [-1, -1]


def test_a_receiver_of_one_kind_vouches_for_it() -> None:
    table = Identities(SENSORS)
    for sensor, name in enumerate(("ship", "drone", "gull")):
        table.taken(batch([(sensor, name)], sensor))
    assert dict(zip(table.names, table.kinds, strict=True)) == {
        "ship": Kind.VESSEL, "drone": Kind.UNKNOWN, "gull": Kind.UNKNOWN
    }  # fmt: skip


@pytest.mark.parametrize("name", ["identity_names", "identity_kinds", "identity_refused"])
def test_broken_tables_are_refused(name: str) -> None:
    saved = Identities(SENSORS).saved()
    table = Identities(SENSORS)
    table.taken(batch([(1, "a")]))
    for wrong in ({k: v for k, v in table.saved().items() if k != name}, table.saved() | {name: saved[name][:0]}):
        if name == "identity_names" and name in wrong:
            wrong[name] = np.array([0xFF, 10], dtype=np.uint8)
        with pytest.raises(ValueError, match="identities"):
            Identities(SENSORS).restore(wrong)
