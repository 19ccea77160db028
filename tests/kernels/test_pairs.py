"""Two tracks against one in their middle: what frames say, which neighbour is compared, how evidence adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.pairs import FAITH, MOST, choose_neighbour, note_pair, pair_evidence
from lowsky.kernels.resolution import add_member, clear_mean, fit, unresolved
from lowsky.tracking.memory import table
from tests.kernels.worlds import add_track, record, report, small_world

DENSITY, SEEN, WIDTH_M = 1e-4, 0.9, 14.0


def evidence(reports_m: list[float], apart_m: float, width_m: float = WIDTH_M) -> float:
    """Of a frame with reports at these ranges for two tracks so far apart, each known to 3 m, reports to 4 m."""
    world, n = small_world(), len(reports_m)
    w = world._replace(
        candidates=table(layout.CANDIDATE, 3), plots=table(layout.PLOT, n),
        edges=table(layout.EDGE, 2 * n), pool=table(layout.REPORT, n), joints=table(layout.JOINT, n),
    )  # fmt: skip
    like = np.zeros((2, n))
    for k in range(2):
        c = w.candidates[k]
        c.first, c.last, c.existence, c.detection = k * n, (k + 1) * n, 0.99, SEEN
        c.z_mean[0], c.s_mean[0, 0] = 1000.0 + k * apart_m, 9.0
        off = np.array(reports_m) - c.z_mean[0]
        like[k] = np.exp(-0.5 * off**2 / 25.0) / np.sqrt(2 * np.pi * 25.0) / DENSITY
    sensor = record(layout.SENSOR, resolution=np.array([width_m, 0.0, 0.0]))
    near = unresolved(sensor, w.candidates[0], w.candidates[1])
    for f, range_m in enumerate(reports_m):
        w.pool[f] = report({0: range_m}, 16.0)
        off = range_m - 1000.0 - 0.5 * apart_m
        joint = w.joints[f]
        joint.plot, joint.n = f, 2
        joint.member[:2], joint.edge[:2] = (0, 1), (f, n + f)
        joint.weight = near * np.exp(-0.5 * off**2 / 25.0) / np.sqrt(2 * np.pi * 25.0) / DENSITY
        alone = 1.0 / (1.0 + like[:, f].sum() + joint.weight)
        w.plots[f].report, w.plots[f].density, w.plots[f].alone = f, DENSITY, alone
        for k in range(2):
            edge = w.edges[k * n + f]
            edge.plot, edge.n, edge.share, edge.weight, edge.beta = f, 1, 1.0, 0.99 * SEEN * like[k, f], 1.0
    w.frame.candidates, w.frame.plots, w.frame.edges, w.frame.joints = 2, n, 2 * n, n
    found: float = pair_evidence(w, sensor, 0, 1)
    assert pair_evidence(w, sensor, 1, 0) == pytest.approx(found)
    return found


def test_one_report_between_two_speaks_for_one_and_two_reports_for_two() -> None:
    assert evidence([1007.0], 14.0) < -0.2
    assert evidence([1000.0, 1014.0], 14.0) > 1.0
    assert abs(evidence([1003.0], 6.0, 60.0)) < 0.25  # what cannot be resolved anyway says little
    assert evidence([], 14.0) == pytest.approx(np.log(1.0 - SEEN))


def crowd(places_m: list[float], speeds_mps: list[float]) -> Any:
    """A world whose candidates are likely tracks at these places, flying east."""
    world = small_world()
    w = world._replace(candidates=table(layout.CANDIDATE, len(places_m)))
    for k, (east_m, speed_mps) in enumerate(zip(places_m, speeds_mps, strict=True)):
        c = w.candidates[k]
        c.track, c.existence, c.models = add_track(w, np.array([east_m, 0.0, 100.0, speed_mps, 0.0, 0.0])), 0.99, 3
        w.tracks[c.track].uid = 10 + k
    w.frame.candidates = len(places_m)
    return w


def test_a_track_is_compared_with_the_nearest_that_flies_as_it_does_and_stays_with_it() -> None:
    w = crowd([0.0, 9.0, -8.0, 60.0], [10.0, 10.0, 25.0, 10.0])
    assert choose_neighbour(w, 0) == 1  # the third flies otherwise
    assert choose_neighbour(w, 3) == -1
    w = crowd([0.0, 9.0, -9.0 * FAITH * 0.99], [10.0] * 3)
    assert choose_neighbour(w, 0) == 1
    w.tracks[w.candidates[0].track].beside_uid = 12
    assert choose_neighbour(w, 0) == 2


def test_evidence_is_bounded_and_belongs_to_a_pair() -> None:
    t, first, second = (record(layout.TRACK, uid=uid) for uid in (1, 2, 3))
    for _ in range(9):
        note_pair(t, 4, first, 0.4 * MOST)
    assert (t.beside, t.apart, t.beside_row) == (MOST, 1, 4)
    note_pair(t, 5, second, -2.0)
    assert (t.beside, t.apart, t.beside_uid, t.beside_row) == (-2.0, 0, 3, 5)


def test_the_mean_of_members_crosses_north_and_its_fit_is_the_gaussian() -> None:
    mean, cov = np.empty(6), np.empty((6, 6))
    clear_mean(mean, cov)
    s = np.zeros((6, 6))
    s[0, 0], s[1, 0], s[1, 1] = 9.0, 0.01, 1e-4
    for azimuth_rad in (3.13, -3.13):
        add_member(np.array([1000.0, azimuth_rad, 0.0, 0.0, 0.0, 0.0]), s, 0.5, 3.13, mean, cov)
    assert mean[:2] == pytest.approx([1000.0, np.pi])
    edge = record(layout.EDGE, n=2)
    edge.part[:2] = 0, 1
    seen = report({0: 1004.0, 1: -3.12}, 1e-4)
    d2, inverse = fit(seen, edge, mean, cov, np.empty(6), np.empty((6, 6)))
    full = np.array([[9.0, 0.01], [0.01, 1e-4]]) + 1e-4 * np.eye(2)
    nu = np.array([4.0, -3.12 + np.pi])
    assert d2 == pytest.approx(nu @ np.linalg.solve(full, nu))
    assert inverse == pytest.approx(2 * np.pi * np.sqrt(np.linalg.det(full)))
