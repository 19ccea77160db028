"""Saving and restoring goes on exactly, first sizes of tables do not matter, and memory stays bounded."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.core import CoreState, new_state, picture_hash, restore_state, save_state, step
from lowsky.kernels.layout import World
from lowsky.model.action import Action, ActionKind
from lowsky.model.picture import concatenate_pictures
from lowsky.model.report import no_looks, report_batch
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S
from lowsky.tracking import memory
from lowsky.tracking.history import KEPT, kept
from lowsky.tracking.memory import Capacity, doubled
from lowsky.tracking.settings import Settings
from tests.core.scenes import GROUND, START_NS, Ran, Scene, cut, fly, go_on, radar, run, small, tables_equal

CAPACITIES = ("TRACKS", "WAITING", "PLOTS", "CANDIDATES", "EDGES", "ROWS", "TRACE")


@pytest.fixture(scope="module")
def whole() -> Ran:
    """The small scene in one input."""
    return run(small())


def _through_a_file(tables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **tables)
    file.seek(0)
    with np.load(file) as loaded:
        return {name: loaded[name] for name in loaded.files}


def _resumed(scene: Scene, at_s: float, by_file: bool) -> tuple[str, Ran]:
    """Hash of the picture of a run that is saved and restored on its way, and the run after."""
    first, second = cut(scene, [scene.start_ns + round(at_s * NS_PER_S)])
    before = go_on(new_state(scene.site), [first])
    tables = save_state(before.state)
    go_on(before.state, [second])  # what was saved is not touched by going on
    state = restore_state(scene.site, None, (), None, _through_a_file(tables) if by_file else tables)
    after = go_on(state, [second])
    return picture_hash(concatenate_pictures([before.picture, after.picture])), after


@given(st.floats(0.0, 41.0), st.booleans())
@settings(max_examples=20)
def test_a_restored_state_goes_on_exactly(whole: Ran, at_s: float, by_file: bool) -> None:
    hashed, after = _resumed(small(), at_s, by_file)
    assert hashed == whole.hash
    assert after.counts == whole.counts
    assert tables_equal(save_state(after.state), save_state(whole.state))


def test_saved_tables_are_copies(whole: Ran) -> None:
    tables = save_state(whole.state)
    tables["tracks"]["x"] = 0.0
    assert np.asarray(whole.state.world.tracks["x"]).any()


def test_another_site_is_refused(whole: Ran) -> None:
    tables = save_state(whole.state)
    sensors = small().site.sensors
    for name, site in {
        "sensors": Site(sensors[:-1], GROUND),
        "stated_m": Site((replace(sensors[0], latitude_deg=56.01), *sensors[1:]), small().site.origin),
        "kind": Site((sensors[1], sensors[0], *sensors[2:]), small().site.origin),
    }.items():
        with pytest.raises(ValueError, match=name):
            restore_state(site, None, (), None, tables)


def test_other_settings_are_refused(whole: Ran) -> None:
    with pytest.raises(ValueError, match="life_s"):
        restore_state(small().site, Settings(life_s=17.0), (), None, save_state(whole.state))
    traced = restore_state(small().site, Settings(trace=True), (), None, save_state(whole.state))
    assert len(traced.world.trace) > 0  # what is kept for explaining changes nothing that is known


@pytest.mark.parametrize("name", ["tracks", "reports", "numbers", "tally"])
def test_tables_that_are_missing_or_of_another_version_are_refused(whole: Ran, name: str) -> None:
    tables = save_state(whole.state)
    with pytest.raises(ValueError, match=name):
        restore_state(small().site, None, (), None, {k: v for k, v in tables.items() if k != name})
    with pytest.raises(ValueError, match=name):
        restore_state(small().site, None, (), None, tables | {name: np.zeros(3)})


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that begin with next to nothing."""
    for name in CAPACITIES:
        monkeypatch.setattr(memory, name, replace(getattr(memory, name), first=1))


def test_first_sizes_do_not_show(whole: Ran, tiny: None) -> None:
    grown = run(small())
    assert (grown.hash, grown.counts) == (whole.hash, whole.counts)
    assert 1 < len(grown.state.world.tracks) < len(whole.state.world.tracks)
    assert _resumed(small(), 20.0, True)[0] == whole.hash


def test_traces_do_not_depend_on_first_sizes(tiny: None, monkeypatch: pytest.MonkeyPatch) -> None:
    grown = run(small(), settings=Settings(trace=True)).changes[0].trace
    monkeypatch.undo()
    trace = run(small(), settings=Settings(trace=True)).changes[0].trace
    assert len(trace.raw) > 500
    for name in ("raw", "association", "existence_after", "uid"):
        assert np.array_equal(getattr(grown, name), getattr(trace, name))


def test_a_capacity_has_an_end() -> None:
    capacity = Capacity(2, 8, "things")
    array = np.array([7, 9], dtype=np.int64)
    for n in (4, 8):
        array = doubled(array, capacity)
        assert array.tolist() == [7, 9] + [0] * (n - 2)
    with pytest.raises(MemoryError, match="more than 8 things"):
        doubled(array, capacity)


def _sizes(world: World) -> dict[str, int]:
    names = [n for n in world._fields if n not in ("rules", "tally", "work")]
    return {name: getattr(world, name).size for name in names}


def test_memory_is_flat_over_twenty_minutes_of_false_plots() -> None:
    """No object, a radar with 40 false plots a second; the tables of the first minutes do for the rest."""
    noisy = radar(false_plots_per_scan=40.0, max_range_m=6000.0)
    scene = fly((noisy,), [], 1200.0, 5)
    assert len(scene.reports) > 40_000
    state: CoreState = new_state(scene.site)
    sizes, tracks = [], []
    for given_ in cut(scene, [scene.start_ns + 60 * k * NS_PER_S for k in range(1, 20)]):
        state = go_on(state, [given_]).state
        sizes.append(_sizes(state.world))
        tracks.append(int(state.world.tally.tracks))
    assert sizes[-1] == sizes[3]
    assert max(tracks[10:]) < 1.5 * max(tracks[:5])
    world = state.world
    assert int(world.tally.tracks_free) + int(world.tally.tracks) == len(world.tracks)
    assert int(world.tally.waiting_free) + sum(len(kept(world, column)) for column in KEPT.values()) == len(world.pool)
    assert int(world.tracks["used"].sum()) == int(world.tally.tracks)


def test_tracks_end_when_nothing_looks_any_more() -> None:
    """One object's reports, then only now and then a report elsewhere: the old tracks do not stay for ever."""
    sensor = radar(max_range_m=20_000.0)
    times = START_NS + np.arange(0, 4000, 20) * NS_PER_S
    n = len(times)
    azimuth = np.where(np.arange(n) < 5, 1.0, np.random.default_rng(2).uniform(0.0, 6.0, n))
    reports = report_batch(
        n, sensor=np.zeros(n), time_ns=times, received_ns=times + 50_000_000, range_m=np.full(n, 5000.0),
        azimuth_rad=azimuth, elevation_rad=np.full(n, 0.02), range_rate_mps=np.zeros(n),
    )  # fmt: skip
    scene = Scene(
        Site((sensor,), GROUND), reports, no_looks(), times[-1:], START_NS, np.empty((0, 0, 6)), np.zeros(n, np.int32)
    )
    assert int(run(scene).state.world.tally.tracks) < 20


def test_a_setting_turned_while_running_is_in_force_and_kept() -> None:
    scene = small()
    good = Action(scene.start_ns + 1, ActionKind.TURN, value='{"false_tracks_per_hour": 20}')
    wrong = Action(scene.start_ns + 2, ActionKind.TURN, value='{"gate": 1}')
    state, _ = step(new_state(scene.site), replace(cut(scene, [])[0], actions=(good, wrong)))
    assert state.settings == Settings(false_tracks_per_hour=20.0)
    assert state.by_hand.refused == 1
    again = restore_state(scene.site, None, (), None, save_state(state))
    assert again.settings == state.settings
    assert tables_equal(save_state(again), save_state(state))
