"""Two tracks against one in their middle, groups with the numbers of their members, and members that come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.groups import STEP, SURE, come_out, companions, note_pair, pair_evidence, swallow
from lowsky.kernels.lifecycle import join_pair
from lowsky.tracking.memory import table
from tests.kernels.worlds import add_track, record, report, small_world

DENSITY, SEEN = 1e-4, 0.9


def evidence(reports_m: list[float], apart_m: float, unresolved: float) -> float:
    """Of a frame with reports at these ranges for two tracks so far apart, each known to 3 m, reports to 4 m."""
    world = small_world()
    w = world._replace(
        candidates=table(layout.CANDIDATE, 2), plots=table(layout.PLOT, len(reports_m)),
        edges=table(layout.EDGE, 2 * len(reports_m)), pool=table(layout.REPORT, len(reports_m)),
    )  # fmt: skip
    like = np.zeros((2, len(reports_m)))
    for k in range(2):
        c = w.candidates[k]
        c.first, c.last, c.existence, c.detection = k * len(reports_m), (k + 1) * len(reports_m), 0.99, SEEN
        c.z_mean[0], c.s_mean[0, 0] = 1000.0 + k * apart_m, 9.0
        off = np.array(reports_m) - c.z_mean[0]
        like[k] = np.exp(-0.5 * off**2 / 25.0) / np.sqrt(2 * np.pi * 25.0) / DENSITY
    for f, range_m in enumerate(reports_m):
        w.pool[f] = report({0: range_m}, 16.0)
        w.plots[f].report, w.plots[f].density, w.plots[f].alone = f, DENSITY, 1.0 / (1.0 + like[:, f].sum())
        for k in range(2):
            edge = w.edges[k * len(reports_m) + f]
            edge.plot, edge.n, edge.share, edge.weight = f, 1, 1.0, 0.99 * SEEN * like[k, f]
            edge.back = 1.0 / (1.0 + like[1 - k, f])
    a, b = w.candidates[0], w.candidates[1]
    found: float = pair_evidence(w, a, b, unresolved, np.empty(6), np.empty((6, 6)))
    turned: float = pair_evidence(w, b, a, unresolved, np.empty(6), np.empty((6, 6)))
    assert found == pytest.approx(turned)
    return found


def test_one_report_between_two_speaks_for_one_and_two_reports_for_two() -> None:
    assert evidence([1007.0], 14.0, 0.6) < -0.2
    assert evidence([1000.0, 1014.0], 14.0, 0.6) > 1.0
    assert abs(evidence([1003.0], 6.0, 1.0)) < 0.15  # what cannot be resolved anyway says nothing
    assert evidence([], 14.0, 0.6) == pytest.approx(np.log(1.0 - SEEN))


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


def test_evidence_is_bounded_and_belongs_to_a_pair() -> None:
    t, first, second = (record(layout.TRACK, uid=uid) for uid in (1, 2, 3))
    for _ in range(9):
        note_pair(t, first, 50.0)
    assert (t.beside, t.apart) == (SURE, 1)
    note_pair(t, second, -50.0)
    assert (t.beside, t.apart, t.beside_uid) == (STEP[0], 0, 3)
