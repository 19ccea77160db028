"""Coarse cells against brute force; undetected objects against their closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import cells
from lowsky.kernels.layout import NEVER_NS, PLACED, SIGHTED, World
from lowsky.kernels.lifecycle import end_track
from tests.kernels.worlds import RADAR_3D, SECOND_NS, START_NS, add_track, small_world

COORDINATE = st.floats(-60_000, 60_000)
PLACE = st.tuples(COORDINATE, COORDINATE)


def _check_buckets(w: World, buckets: int) -> None:
    """Every used track is in the list of its cell's bucket exactly once, and lists are linked both ways."""
    found = []
    for b in range(buckets):
        before, i = -1, int(w.head[b])
        while i >= 0:
            spot = w.spots[i]
            assert spot.before == before
            assert cells.bucket(int(spot.cell[0]), int(spot.cell[1]), buckets) == b
            found.append(i)
            before, i = i, int(spot.after)
    assert sorted(found) == np.flatnonzero(w.tracks["used"]).tolist()


def _within(w: World, box: tuple[float, float, float, float]) -> list[int]:
    """Rows by trying every track: those whose cell touches the box widened by a cell."""
    cell_m, rows = w.rules.cell_m, []
    for i in np.flatnonzero(w.tracks["used"]):
        at = w.spots[i].cell
        if all(
            math.floor(box[axis] / cell_m) - 1 <= at[axis] <= math.floor(box[2 + axis] / cell_m) + 1 for axis in (0, 1)
        ):
            rows.append(int(i))
    return rows


@given(
    st.lists(st.tuples(st.sampled_from(["add", "move", "end"]), st.integers(0, 99), PLACE), max_size=40),
    PLACE, st.floats(0, 30_000), st.floats(0, 30_000), st.sampled_from([1, 4, 64]),
)  # fmt: skip
@examples(max_examples=25)
def test_tracks_are_found_where_they_are(
    acts: list[tuple[str, int, tuple[float, float]]],
    corner: tuple[float, float],
    width: float,
    height: float,
    buckets: int,
) -> None:
    w = small_world()
    w = w._replace(head=np.full(buckets, -1, dtype=np.int32))  # few, so that cells share them
    for act, pick, place in acts:
        used = np.flatnonzero(w.tracks["used"])
        if act == "add":
            add_track(w, np.array([*place, 100.0, 0.0, 0.0, 0.0]))
        elif len(used):
            i = int(used[pick % len(used)])
            if act == "move":
                w.tracks[i].centre[:2] = place
                cells.relink(i, w)
            else:
                end_track(i, w)
    _check_buckets(w, buckets)
    for row in np.flatnonzero(w.tracks["used"]):
        assert (w.spots[row].cell == np.floor(w.tracks[row].centre[:2] / w.rules.cell_m)).all()
    box = (*corner, corner[0] + width, corner[1] + height)
    for bound in (int(w.tally.highest), len(w.tracks)):  # by rows or by cells, whichever are fewer
        w.tally.highest = bound
        n = cells.tracks_within(w, *box)
        assert sorted(w.near[:n].tolist()) == _within(w, box)


def test_border_cells_stand_for_all_beyond() -> None:
    assert cells.cell_index(0.0, 2000.0, 256) == 128
    assert cells.cell_index(-0.1, 2000.0, 256) == 127
    assert cells.cell_index(1e9, 2000.0, 256) == 255
    assert cells.cell_index(-1e9, 2000.0, 256) == 0


def test_looks_thin_out_what_is_undetected_and_time_brings_it_back() -> None:
    """density(n) = (density(n - 1) + rate * period) * (1 - detection), from the prior."""
    w, period_s = small_world(), 2
    place, reach, detection = w.sensors[RADAR_3D].place_m, 6000.0, 0.7
    assert cells.undetected(w, 1e-9, place[0], place[1], START_NS, PLACED) == (w.rules.start_density_m2, 0.0)
    cells.look_over(w, place, reach, detection, START_NS, PLACED)
    rate = cells.appearance_rate(w.rules, w.tally)  # from now on, as the area looked at stays the same
    expected, appeared = w.rules.start_density_m2 * (1 - detection), 0.0
    for k in range(1, 12):
        cells.look_over(w, place, reach, detection, START_NS + k * period_s * SECOND_NS, PLACED)
        expected = (expected + rate * period_s) * (1 - detection)
        appeared = (appeared + rate * period_s) * (1 - detection)
    now = START_NS + (11 * period_s + 5) * SECOND_NS
    got = cells.undetected(w, rate, place[0], place[1], now, PLACED)
    np.testing.assert_allclose(got, (expected + 5 * rate, appeared + 5 * rate), rtol=1e-9)
    looked = w.ground["time_ns"][PLACED] != NEVER_NS
    assert looked.sum() == w.tally.cells_looked
    cell_m = w.rules.cell_m
    assert math.pi * (reach - cell_m) ** 2 < looked.sum() * cell_m**2 < math.pi * (reach + 1.5 * cell_m) ** 2
    assert cells.undetected(w, rate, place[0] + 20_000, place[1], now, PLACED) == (w.rules.start_density_m2, 0.0)


@pytest.mark.parametrize("reach", [500.0, 6000.0, 9000.0])
def test_a_look_goes_over_the_ground_within_reach(reach: float) -> None:
    w = small_world()
    place, cell_m, n = np.array([7300.0, -12900.0, 20.0]), w.rules.cell_m, w.ground.shape[1]
    cells.look_over(w, place, reach, 0.5, START_NS, PLACED)
    looked = w.ground["time_ns"][PLACED] != NEVER_NS
    middles = (np.arange(n) - n // 2 + 0.5) * cell_m
    distance = np.hypot(middles[:, None] - place[0], middles[None, :] - place[1])
    assert looked[distance <= reach].all()
    assert not looked[distance > reach + cell_m].any()
    assert looked[cells.cell_index(place[0], cell_m, n), cells.cell_index(place[1], cell_m, n)]


def test_a_camera_thins_only_what_cameras_may_still_find() -> None:
    w = small_world()
    place = w.sensors[RADAR_3D].place_m
    cells.look_over(w, place, 6000.0, 0.5, START_NS, SIGHTED)
    assert (w.ground["time_ns"][PLACED] == NEVER_NS).all()
    density, _ = cells.undetected(w, 1.0, place[0], place[1], START_NS, SIGHTED)
    assert density == pytest.approx(w.rules.start_density_m2 * 0.5)
    looked = w.tally.cells_looked
    cells.look_over(w, place, 6000.0, 0.5, START_NS, PLACED)
    assert w.tally.cells_looked == looked > 0
    assert cells.undetected(w, 1.0, place[0], place[1], START_NS, PLACED)[0] == pytest.approx(density)


def test_a_look_out_of_order_grows_nothing() -> None:
    w = small_world()
    place = w.sensors[RADAR_3D].place_m
    cells.look_over(w, place, 6000.0, 0.5, START_NS, PLACED)
    cells.look_over(w, place, 6000.0, 0.5, START_NS - SECOND_NS, PLACED)
    density, appeared = cells.undetected(w, 1.0, place[0], place[1], START_NS, PLACED)
    assert density == pytest.approx(w.rules.start_density_m2 * 0.25)
    assert appeared == 0.0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), max_size=6), st.floats(0, 300))
def test_appearance_rate_is_learnt_and_forgotten(events: list[tuple[float, float]], later_s: float) -> None:
    w = small_world()
    w.tally.cells_looked = 10
    times, now = [], START_NS
    for after_s, share in events:
        now += int(after_s * SECOND_NS)
        w.tally.now_ns, w.tally.settled_ns = now, now
        cells.note_appearance(w.rules, w.tally, share)
        times.append((now, share))
    now += int(later_s * SECOND_NS)
    w.tally.now_ns, w.tally.settled_ns = now, now
    memory = w.rules.appear_memory_s
    count = w.rules.appear_prior + sum(s * math.exp(-(now - t) * 1e-9 / memory) for t, s in times)
    per_s = max(count / (w.rules.appear_prior_s + memory), w.rules.appear_floor_per_s)
    expected = per_s / (10 * w.rules.cell_m**2)
    assert cells.appearance_rate(w.rules, w.tally) == pytest.approx(expected, rel=1e-9)
