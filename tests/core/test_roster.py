"""Sensors described anew while the core runs: nothing of the picture is lost, and no cut of the input shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import CoreInput, CoreState, new_state, picture_hash, restore_state, save_state, step
from lowsky.model.action import Action, ActionKind
from lowsky.model.picture import Picture, concatenate_pictures, take_rows
from lowsky.model.report import no_looks, report_batch
from lowsky.model.roster import changed_roster, roster_from_text, roster_text
from lowsky.model.sensor import Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import GROUND, Scene, cut, radar, sensor, small

CHANGE_NS = 20 * NS_PER_S + 1  # after the start; no report of the scene is received at that very nanosecond


def _scene_that_grows() -> tuple[Scene, Site, Action]:
    """The small scene whose last two sensors come only on: what they say before is taken away."""
    scene = small()
    kept = len(scene.site.sensors) - 2
    at_ns = scene.start_ns + CHANGE_NS
    reports = scene.reports.take((scene.reports.sensor < kept) | (scene.reports.received_ns > at_ns))
    looks = scene.looks.take((scene.looks.sensor < kept) | (scene.looks.received_ns > at_ns))
    action = Action(at_ns, ActionKind.SET_SENSORS, 0, roster_text(scene.site.sensors), "anna")
    return (
        replace(scene, reports=reports, looks=looks),
        Site(scene.site.sensors[:kept], scene.site.origin),
        action,
    )


def _run(site: Site, scene: Scene, actions: tuple[Action, ...], cuts: list[int], save: bool) -> tuple[CoreState, str]:
    state, parts = new_state(site), []
    bounds = [-1, *cuts, 2**62]
    for piece, low, high in zip(cut(scene, cuts), bounds[:-1], bounds[1:], strict=True):
        own = tuple(a for a in actions if low < a.received_ns <= high)
        state, changes = step(state, replace(piece, actions=own))
        parts.append(changes.picture)
        if save:
            state = restore_state(site, None, (), None, save_state(state))
    return state, picture_hash(concatenate_pictures(parts))


@given(st.lists(st.integers(0, 41_000), max_size=4).map(sorted), st.booleans())
@settings(max_examples=15)
def test_sensors_that_come_on_are_used_and_no_cut_shows(at_ms: list[int], save: bool) -> None:
    scene, site, action = _scene_that_grows()
    state, whole = _run(site, scene, (action,), [], False)
    assert [s.id for s in state.site.sensors] == [s.id for s in small().site.sensors]
    assert _run(site, scene, (action,), [scene.start_ns + ms * 1_000_000 for ms in at_ms], save)[1] == whole
    late = scene.reports.sensor >= len(site.sensors)
    assert late.any()
    assert _run(site, replace(scene, reports=scene.reports.take(~late)), (action,), [], False)[1] != whole


def test_the_picture_is_that_of_sensors_known_from_the_start() -> None:
    """A new sensor that was silent until then changes nothing by being known later."""
    scene, site, action = _scene_that_grows()
    anew = _run(site, scene, (action,), [], False)
    known = _run(small().site, scene, (), [], False)
    assert anew[1] == known[1]
    assert np.array_equal(anew[0].world.queues, known[0].world.queues)
    assert np.array_equal(anew[0].world.sensors, known[0].world.sensors)


def test_tracks_live_on_when_a_sensor_is_retired() -> None:
    scene = small()
    gone = changed_roster(scene.site.sensors, scene.site.sensors[1:])
    assert gone[0].retired
    assert [s.id for s in gone] == [s.id for s in scene.site.sensors]
    at_ns = scene.start_ns + CHANGE_NS
    action = Action(at_ns, ActionKind.SET_SENSORS, 0, roster_text(scene.site.sensors[1:]))
    first, rest = cut(scene, [at_ns])
    state, before = step(new_state(scene.site), first)
    last = before.picture.track[before.picture.time_ns == before.picture.time_ns[-1]]
    _, after = step(state, replace(rest, actions=(action,)))
    next_ns = after.picture.time_ns[0]
    assert set(last.tolist()) & set(after.picture.track[after.picture.time_ns == next_ns].tolist()) == set(last)


def _one(text: str, sensors: tuple[Sensor, ...], state: CoreState | None = None) -> CoreState:
    state = state or new_state(Site(sensors, GROUND))
    none = np.empty(0, dtype=np.int64)
    actions = (Action(5, ActionKind.SET_SENSORS, 0, text),)
    return step(state, CoreInput(report_batch(0), no_looks(), none, actions))[0]


def test_a_drawn_horizon_stays_unless_the_description_changes_it() -> None:
    hill = '{"azimuth_deg": [0, 90], "elevation_deg": [3, 5]}'
    one = radar()
    state = new_state(Site((one,), GROUND))
    none = np.empty(0, dtype=np.int64)
    step(state, CoreInput(report_batch(0), no_looks(), none, (Action(1, ActionKind.SET_HORIZON, 0, hill),)))
    drawn = state.world.sensors[0]["horizon_rad"].copy()
    assert drawn.max() > 0.0
    _one(roster_text((replace(one, max_range_m=9000.0), radar("other", 100.0))), (), state)
    assert np.array_equal(state.world.sensors[0]["horizon_rad"], drawn)
    assert state.world.sensors[0]["masked"]
    assert not state.world.sensors[0]["all_round"]
    assert state.world.sensors[0]["reach_m"][1] == 9000.0
    _one(roster_text((replace(one, horizon=((0.0, 0.01), (3.0, 0.01))),)), (), state)
    assert np.allclose(state.world.sensors[0]["horizon_rad"], 0.01)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '[{"id": "radar"}]',
        roster_text((sensor("radar", SensorKind.CAMERA),)),
        roster_text((radar("a"), radar("a"))),
    ],
)
def test_a_description_that_cannot_be_changes_nothing_and_is_counted(text: str) -> None:
    state = _one(text, (radar(),))
    assert state.by_hand.refused == 1
    assert [s.id for s in state.site.sensors] == ["radar"]
    assert state.described == ""


@given(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6), st.lists(st.sampled_from("abcdef"), unique=True))
def test_rows_never_move(old: list[str], wanted: list[str]) -> None:
    rows = changed_roster(tuple(radar(i) for i in old), tuple(radar(i) for i in wanted))
    assert [s.id for s in rows[: len(old)]] == old
    assert {s.id for s in rows if not s.retired} == set(wanted)
    assert {s.id for s in rows} == set(old) | set(wanted)
    assert changed_roster(rows, tuple(radar(i) for i in wanted)) == rows
    assert roster_from_text(roster_text(rows)) == rows


def test_pictures_before_the_change_are_untouched() -> None:
    scene, site, action = _scene_that_grows()

    def early(picture: Picture) -> Picture:
        return take_rows(picture, picture.time_ns <= action.received_ns)

    _, with_change = step(new_state(site), replace(cut(scene, [])[0], actions=(action,)))
    before = replace(scene, reports=scene.reports.take(scene.reports.received_ns < action.received_ns),
                     looks=scene.looks.take(scene.looks.received_ns < action.received_ns))  # fmt: skip
    _, without = step(new_state(site), cut(before, [])[0])
    assert picture_hash(early(with_change.picture)) == picture_hash(early(without.picture))
