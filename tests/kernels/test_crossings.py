"""Where directions cross: closed-form triangulation, odds as a sum over places, ghosts, and what starts nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from lowsky.kernels import clues, crossings
from lowsky.kernels.layout import World
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Sensor, SensorKind, Site
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import new_world
from lowsky.tracking.settings import Settings, rules_of
from tests.kernels.worlds import ORIGIN, SECOND_NS, START_NS, Floats

SIGMA = math.radians(2.0)
FALSE = 0.1


def _world(places: Sequence[tuple[float, float]], kind: SensorKind = SensorKind.BEARING, false: float = FALSE) -> World:
    """Direction finders at places (east, north m), all of which have looked now and heard nothing."""
    frame, sensors = Frame(ORIGIN), []
    for k, (east, north) in enumerate(places):
        latitude, longitude, height = (float(v[0]) for v in frame.to_geodetic(np.array([[east, north, 10.0]])))
        described = Sensor(
            f"f{k}", kind, latitude, longitude, height, period_s=0.5, max_range_m=4000.0, sees=tuple(Kind),
            detection_probability=0.9, sigma_azimuth_rad=SIGMA, false_plots_per_scan=false,
        )  # fmt: skip
        sensors.append(described)
    w = new_world(rules_of(Settings(), ORIGIN.height_m), sensor_table(Site(tuple(sensors), ORIGIN)), traced=False)
    w.queues["looked_ns"], w.queues["frame_ns"], w.queues["loose"] = START_NS, START_NS, false
    return w


def _hear(w: World, sensor: int, place: Floats, off_rad: float = 0.0, weight: float = 1.0) -> int:
    """Let a sensor hear something at a place (2,) now; returns the row of the clue."""
    row = int(w.tally.next_clue)
    w.tally.next_clue += 1
    at, clue = w.sensors[sensor].place_m, w.clues[row]
    clue.time_ns, clue.sensor, clue.parts, clue.weight = START_NS, sensor, 2, weight
    clue.angles[0] = math.atan2(place[0] - at[0], place[1] - at[1]) + off_rad
    clue.variance[:] = SIGMA**2
    return row


def _tracks(w: World) -> list[tuple[float, float, float]]:
    """East, north and existence of all tracks."""
    used = [t for t in w.tracks if t.used]
    return [(float(t.x[0, 0]), float(t.x[0, 1]), float(t.existence)) for t in used]


SQUARE = [(-1000.0, -1000.0), (1000.0, -1000.0), (1000.0, 1000.0), (-1000.0, 1000.0)]


def test_two_lines_cross_where_geometry_says() -> None:
    """Against the closed form: place by the law of sines, covariance as the inverse of both lines' information."""
    w, truth = _world(SQUARE[:2]), np.array([300.0, 900.0])
    for k in range(2):
        _hear(w, k, truth)
    x, p, used, noticed = np.zeros(6), np.zeros((6, 6)), np.empty(2, np.int64), np.empty(3)
    odds = crossings.crossing_odds(w, 0, 1, START_NS, np.array([0, 1]), 2, x, p, used, noticed)
    np.testing.assert_allclose(x[:2], truth, atol=2.0)  # the flat start is 5 km wide
    information = np.zeros((2, 2))
    for k in range(2):
        d = truth - w.sensors[k].place_m[:2]
        across = np.array([d[1], -d[0]]) / (d @ d)
        information += np.outer(across, across) / SIGMA**2
    np.testing.assert_allclose(p[:2, :2], np.linalg.inv(information), rtol=0.02)
    assert (used == [0, 1]).all()
    # the odds are those of the sum over all places of an object that gives both lines
    step = 4.0
    grid = np.stack(np.meshgrid(*(truth[c] + np.arange(-400, 400, step) for c in range(2))), axis=-1).reshape(-1, 2)
    density = np.full(len(grid), 1.0)
    for k in range(2):
        d = grid - w.sensors[k].place_m[:2]
        off = np.arctan2(d[:, 0], d[:, 1]) - w.clues[k].angles[0]
        density *= 0.9 * np.exp(-0.5 * (off / SIGMA) ** 2) / math.sqrt(math.tau) / SIGMA / (FALSE / math.tau)
    share = w.sensors[0].share
    expected = w.rules.start_density_m2 * density.sum() * step**2 * share
    assert odds == pytest.approx(expected, rel=0.05)


def test_a_single_line_starts_nothing_and_neither_do_nearly_parallel_ones() -> None:
    w = _world([(0.0, 0.0), (200.0, 0.0)])
    _hear(w, 0, np.array([0.0, 3000.0]))
    crossings.birth_crossings(w, 0, START_NS)
    assert _tracks(w) == []
    _hear(w, 1, np.array([0.0, 3000.0]))
    crossings.birth_crossings(w, 1, START_NS)
    assert _tracks(w) == []


def test_what_all_hear_exists_and_what_others_do_not_hear_does_not() -> None:
    truth = np.array([200.0, -300.0])
    w = _world(SQUARE)
    for k in range(4):
        _hear(w, k, truth, off_rad=0.01 * (-1) ** k)
    crossings.birth_crossings(w, 3, START_NS)
    (track,) = _tracks(w)
    assert track[2] > 0.99
    assert math.hypot(track[0] - truth[0], track[1] - truth[1]) < 60.0
    t = w.tracks[int(np.flatnonzero(w.tracks["used"])[0])]
    assert t.hits == pytest.approx(4.0)
    assert t.heard[0] > 0.9
    assert (w.clues["weight"][:4] < 0.01).all()  # spent
    silent = _world(SQUARE, false=2.0)
    for k in (0, 3):
        _hear(silent, k, truth)
    crossings.birth_crossings(silent, 3, START_NS)
    assert all(existence < 0.3 for *_, existence in _tracks(silent))


def test_two_objects_before_two_finders_cross_four_times_and_nothing_is_sure() -> None:
    w = _world(SQUARE[:2])
    for truth in (np.array([-300.0, 700.0]), np.array([350.0, 600.0])):
        for k in range(2):
            _hear(w, k, truth)
    crossings.birth_crossings(w, 1, START_NS)
    tracks = _tracks(w)
    assert tracks
    assert all(existence < 0.6 for *_, existence in tracks)


def test_a_third_finder_resolves_them() -> None:
    w = _world(SQUARE[:3])
    truths = [np.array([-300.0, 700.0]), np.array([350.0, 600.0])]
    for truth in truths:
        for k in range(3):
            _hear(w, k, truth)
    crossings.birth_crossings(w, 2, START_NS)
    sure = [t for t in _tracks(w) if t[2] > 0.7]
    assert len(sure) == 2
    for truth in truths:
        assert min(math.hypot(t[0] - truth[0], t[1] - truth[1]) for t in sure) < 5.0
    assert all(t[2] < 0.3 for t in _tracks(w) if t not in sure)


def test_microphones_place_what_moves_with_a_spread_that_knows_of_the_delay() -> None:
    """At 1.2 km a sound is 3.5 s old: an unknown velocity makes the present place vaguer by what flies in that time."""
    places, truth = [(-900.0, 0.0), (900.0, 0.0)], np.array([0.0, 800.0])
    spread = []
    for kind in (SensorKind.BEARING, SensorKind.ACOUSTIC):
        w = _world(places, kind)
        rows = [_hear(w, k, truth) for k in range(2)]
        x, p, used, noticed = np.zeros(6), np.zeros((6, 6)), np.empty(2, np.int64), np.empty(3)
        crossings.crossing_odds(w, rows[0], rows[1], START_NS, np.array(rows), 2, x, p, used, noticed)
        spread.append(p[0, 0])
        delay = math.hypot(900.0, 800.0) / 343.2 if kind is SensorKind.ACOUSTIC else 0.0
        assert p[0, 3] == pytest.approx(delay * p[3, 3], rel=0.05, abs=1.0)
    flown = np.hypot(*(np.array([12.0, 45.0]) / math.sqrt(2))) * math.hypot(900.0, 800.0) / 343.2
    assert spread[1] == pytest.approx(spread[0] + flown**2, rel=0.1)


def test_clues_are_those_of_each_sensor_s_latest_look() -> None:
    w, found = _world(SQUARE), np.empty(8, np.int64)
    rows = [_hear(w, k, np.array([0.0, 100.0])) for k in (2, 0, 1)]
    assert clues.current_clues(w, START_NS, found) == 3
    assert [int(w.clues[k].sensor) for k in found[:3]] == [0, 1, 2]  # by sensor
    w.queues[0].looked_ns = START_NS + SECOND_NS // 2  # has looked again and heard nothing
    w.clues[rows[0]].weight = 0.01  # surely a track's
    assert clues.current_clues(w, START_NS, found) == 1
    assert clues.current_clues(w, START_NS + 2 * SECOND_NS, found) == 0  # all too old


def test_how_many_loose_lines_a_look_gives_is_learnt() -> None:
    w = _world(SQUARE)
    w.queues[0].loose = -1.0
    first = clues.loose_reports(w, 0)
    area = math.pi * w.sensors[0].reach_m[1] ** 2
    assert first == pytest.approx(min(w.rules.start_density_m2 * area * 0.98 * 0.9, clues.MOST_LOOSE))
    for _ in range(60):
        clues.learn_loose(w, 0, 2.0)
    assert clues.loose_reports(w, 0) == pytest.approx(2.0, rel=0.01)
    for _ in range(80):
        clues.learn_loose(w, 0, 0.0)
    assert clues.loose_reports(w, 0) == FALSE  # never less than promised
    assert clues.direction_density(w, 0) == pytest.approx(FALSE / math.tau)
