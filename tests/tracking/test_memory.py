"""Tables that grow keep what they hold, stop at their limits unharmed, and are restored as they were saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.fates import keep
from lowsky.kernels.layout import World
from lowsky.kernels.lifecycle import end_track
from lowsky.kernels.pool import REPORTS
from lowsky.tracking import memory
from lowsky.tracking.history import begin_history, restored_world, saved_tables
from lowsky.tracking.memory import new_world
from tests.kernels.worlds import CAMERA, RADAR_3D, START_NS, add_track, report, small_world

GROWN = {
    "grow_tracks": ("TRACKS", ["tracks", "spots", "near", "meetings", "undo", "undo_of", "saved", "free"]),
    "grow_pool": ("WAITING", ["pool", "turns", "pool_free"]),
    "grow_plots": ("PLOTS", ["plots", "picked"]),
    "grow_edges": ("EDGES", ["candidates", "edges", "joints", "trace"]),
    "grow_rows": ("ROWS", ["rows", "numbers"]),
}
TABLES = [name for name in World._fields if name not in ("rules", "tally", "work", "frame")]


def _lived_in() -> World:
    """A world with some tracks, some of them ended, and some waiting reports."""
    w = small_world()
    for k in range(7):
        add_track(w, np.array([1000.0 * k, 0.0, 200.0, 1.0, 2.0, 0.0]))
    for i in (2, 5):
        end_track(i, w)
    for k in range(6):
        sensor = (RADAR_3D, CAMERA)[k % 2]
        keep(w, report({1: 0.1 * k, 2: 0.2}, sensor=sensor, time_ns=START_NS + k), REPORTS)
    w.numbers[:3]["number"] = [4, 5, 6]
    w.numbers[:3]["birth"] = [2, 1, 9]
    w.tally.numbered, w.tally.next_number = 3, 7
    return w


def _tables(w: World) -> dict[str, np.ndarray]:
    """Copies of all tables."""
    return {name: np.array(getattr(w, name)) for name in TABLES}


def _traced() -> World:
    w = small_world()
    return new_world(w.rules, w.sensors, traced=True)


@pytest.mark.parametrize("grow", sorted(GROWN))
def test_growth_keeps_everything_and_doubles(grow: str) -> None:
    for before in (_lived_in(), _traced()):
        sizes = {name: getattr(before, name).shape for name in TABLES}
        old = _tables(before)
        after = getattr(memory, grow)(before)
        for name in TABLES:
            factor = 2 if name in GROWN[grow][1] else 1
            assert len(getattr(after, name)) == factor * sizes[name][0], name
            assert getattr(after, name).dtype == getattr(before, name).dtype
            if not name.endswith("free") and name in old:
                kept = np.asarray(getattr(after, name))[: sizes[name][0]]
                np.testing.assert_array_equal(kept, old[name], err_msg=name)
                assert not np.asarray(getattr(after, name))[sizes[name][0] :].view(np.uint8).any()


@pytest.mark.parametrize(
    ("grow", "rows", "stack", "count"),
    [("grow_tracks", "tracks", "free", "tracks_free"), ("grow_pool", "pool", "pool_free", "waiting_free")],
)
def test_free_rows_stay_free_and_are_taken_in_the_same_order(grow: str, rows: str, stack: str, count: str) -> None:
    w = _lived_in()
    before, n = getattr(w, stack)[: w.tally[count]].tolist(), len(getattr(w, rows))
    after = getattr(memory, grow)(w)
    free = getattr(after, stack)[: after.tally[count]].tolist()
    assert free[::-1][: len(before)] == before[::-1]  # taken from the end
    assert free[::-1][len(before) :] == list(range(n, 2 * n))


@pytest.mark.parametrize("grow", sorted(GROWN))
def test_limits_hold_and_leave_the_world_as_it_was(grow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = GROWN[grow][0]
    w = _lived_in()
    capacity = getattr(memory, limit)
    monkeypatch.setattr(memory, limit, replace(capacity, most=capacity.first))
    old = _tables(w)
    with pytest.raises(MemoryError, match=f"more than {capacity.first} {capacity.what}"):
        getattr(memory, grow)(w)
    for name, table in _tables(w).items():
        np.testing.assert_array_equal(table, old[name], err_msg=name)


def test_every_capacity_has_its_growth_and_is_sane() -> None:
    capacities = {name for name, value in vars(memory).items() if isinstance(value, memory.Capacity)}
    assert capacities == {limit for limit, _ in GROWN.values()} | {"CANDIDATES", "JOINTS", "TRACE"}
    for name in capacities:
        capacity = getattr(memory, name)
        assert capacity.most % capacity.first == 0  # doubling meets the limit
        assert capacity.first < capacity.most
        assert capacity.what


@pytest.mark.parametrize("growths", [0, 2])
def test_a_restored_world_is_the_saved_one(growths: int) -> None:
    w = _lived_in()
    for _ in range(growths):
        w = memory.grow_pool(memory.grow_tracks(w))
    fresh = small_world()
    saved = saved_tables(w, begin_history(w))
    restored, history = restored_world(fresh, saved)
    again = saved_tables(restored, history)
    assert len(saved["reports"]) == 6
    assert saved["numbers"]["number"].tolist() == [4, 5, 6]
    for name, table in saved.items():
        np.testing.assert_array_equal(again[name], table, err_msg=name)
    for name in ("near", "undo", "undo_of", "saved"):
        assert len(getattr(restored, name)) == len(restored.tracks)
    for name in TABLES:
        assert getattr(restored, name).dtype == getattr(fresh, name).dtype
    add_track(restored, np.zeros(6))  # it can be lived in, and the saved one does not notice
    assert restored.tally.tracks == w.tally.tracks + 1


def test_a_new_world_is_empty() -> None:
    w = small_world()
    assert w.tally.tracks == w.tally.waiting == w.tally.next_uid - 1 == w.tally.next_number - 1 == 0
    assert sorted(w.free.tolist()) == list(range(len(w.tracks)))
    assert sorted(w.pool_free.tolist()) == list(range(len(w.pool)))
    assert (w.head == -1).all()
    assert (w.lists["head"] == -1).all()
    assert (w.queues["worked_ns"] == layout.NEVER_NS).all()
    assert (w.ground["time_ns"] == layout.NEVER_NS).all()
    assert w.tally.oldest_ns == layout.FAR_NS
    assert len(w.trace) == 0
    assert len(w.head) & (len(w.head) - 1) == 0  # buckets are a power of two
