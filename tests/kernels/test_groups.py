"""Groups with the numbers of their members, members that come out, and neighbours that become one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.groups import come_out, companions, join_groups, swallow, unite
from lowsky.kernels.lifecycle import join_pair
from lowsky.tracking.memory import table
from lowsky.tracking.settings import Settings
from tests.kernels.worlds import add_track, record, small_world


def numbered(w: Any, number: int, east_m: float) -> int:
    i = add_track(w, np.array([east_m, 0.0, 100.0, 5.0, 0.0, 0.0]))
    w.tracks[i].number, w.tracks[i].members, w.tracks[i].parent_uid = number, 1, 0
    return i


def test_a_group_keeps_the_numbers_and_gives_them_back_the_last_first() -> None:
    w = small_world()
    rows = [numbered(w, number, 10.0 * number) for number in (4, 2, 7)]
    swallow(rows[0], rows[1], w)
    join_pair(rows[0], rows[1], w)
    swallow(rows[0], rows[2], w)
    join_pair(rows[0], rows[2], w)
    group = w.tracks[rows[0]]
    assert (group.number, group.members, group.inside[:3].tolist()) == (2, 3, [4, 7, 0])
    assert group.extent_m2 > 0.0
    out = [numbered(w, 0, 50.0), numbered(w, 0, 60.0), numbered(w, 0, 70.0)]
    for i in out:
        w.tracks[i].parent, w.tracks[i].parent_uid = rows[0], group.uid
        come_out(w, w.tracks[i])
    assert [int(w.tracks[i].number) for i in out] == [7, 4, 0]
    assert (group.members, group.extent_m2) == (1, 0.0)


def test_members_are_expected_to_come_out() -> None:
    rules = small_world().rules
    alone, group = record(layout.TRACK, members=1), record(layout.TRACK, members=5)
    assert companions(alone, rules) == rules.companions
    assert companions(group, rules) > 1.0


def test_two_become_one_in_their_middle() -> None:
    w = small_world()
    i, j = numbered(w, 3, 10.0), numbered(w, 2, 22.0)
    unite(w, i, j)
    one = w.tracks[i]
    assert (one.number, one.centre[0], w.tracks[j].used) == (2, pytest.approx(16.0), 0)


@pytest.mark.parametrize(("odds", "rows"), [(-9.0, 2), (-11.0, 1)])
def test_neighbours_are_joined_when_the_odds_that_they_are_two_are_long(odds: float, rows: int) -> None:
    world = small_world(Settings(one_evidence=10.0))
    w = world._replace(candidates=table(layout.CANDIDATE, 2))
    for k in range(2):
        w.candidates[k].track = numbered(w, 5 + k, 10.0 * k)
    for k in range(2):
        t, other = w.tracks[w.candidates[k].track], w.tracks[w.candidates[1 - k].track]
        t.beside_uid, t.beside_row, t.beside, t.parent_uid = other.uid, w.candidates[1 - k].track, odds, 1
    w.frame.candidates = 2
    join_groups(w)
    assert [bool(t.used) for t in w.tracks].count(True) == rows
    assert w.tracks[w.candidates[0].track].members == 1  # they were never surely two
