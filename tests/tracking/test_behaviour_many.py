"""Several objects: each its own track, through crossings, beside one another, declared and not, among false plots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.model.kinds import Kind
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import START_NS, Flight, Ran, Scene, fly, radar, receiver, run, small

SEEDS = range(1, 7)
FLYING = (Kind.MULTIROTOR, Kind.FIXED_WING, Kind.BIRD)


def owners(ran: Ran, scene: Scene, near_m: float = 150.0) -> list[list[int]]:
    """For each flight the numbers of the tracks nearest to it over ground, tick by tick, where one is near."""
    out: list[list[int]] = [[] for _ in range(scene.truth.shape[1])]
    for tick, time_ns in enumerate(scene.ticks_ns.tolist()):
        rows = np.flatnonzero(ran.picture.time_ns == time_ns)
        if not len(rows):
            continue
        away = np.linalg.norm(ran.picture.state[rows, None, :2] - scene.truth[tick, None, :, :2], axis=-1)
        for flight in range(away.shape[1]):
            if away[:, flight].min() < near_m:
                out[flight].append(int(ran.picture.track[rows[away[:, flight].argmin()]]))
    return out


def test_two_that_cross_keep_their_tracks() -> None:
    """At right angles over the same place, 70 m from each other at the nearest."""
    flights = [Flight((-1200.0, 1500.0, 100.0), (28.0, 0.0, 0.0)), Flight((70.0, 300.0, 100.0), (0.0, 28.0, 0.0))]
    kept = 0
    for seed in SEEDS:
        scene = fly((radar(),), flights, 80.0, seed)
        ran = run(scene)
        assert len(ran.numbers) <= 3
        first, second = owners(ran, scene)
        kept += first[15] == first[-1] and second[15] == second[-1] and first[-1] != second[-1]
    assert kept >= len(SEEDS) - 1


def test_a_declared_identity_joins_the_track_of_the_radar() -> None:
    drone = Flight((-800.0, 900.0, 80.0), (12.0, -3.0, 0.0), "1596F0001")
    for seed in SEEDS:
        scene = fly((radar(), receiver()), [drone], 60.0, seed)
        ran = run(scene)
        assert len(ran.numbers) == 1
        assert ran.picture.identity[-1] == 0
        assert ran.counts["used"] + ran.counts["waiting"] == len(scene.reports)


def test_an_object_seen_before_it_declares_itself_keeps_its_number() -> None:
    drone = Flight((-800.0, 900.0, 80.0), (12.0, -3.0, 0.0), "1596F0001")
    scene = fly((radar(), receiver()), [drone], 60.0, 4)
    silent = (scene.reports.sensor == 1) & (scene.reports.time_ns < START_NS + 30 * NS_PER_S)
    ran = run(replace(scene, reports=scene.reports.take(~silent)))
    assert len(ran.numbers) == 1
    assert set(ran.picture.identity[ran.picture.time_ns < START_NS + 29 * NS_PER_S].tolist()) == {-1}
    assert ran.picture.identity[-1] == 0


def test_two_identities_thirty_metres_apart_stay_two() -> None:
    pair = [Flight((-900.0, north, 100.0), (15.0, 0.0, 0.0), name) for north, name in ((1500.0, "A"), (1530.0, "B"))]
    for seed in SEEDS:
        scene = fly((receiver(),), pair, 60.0, seed)
        ran = run(scene)
        assert len(ran.numbers) == 2
        last = ran.picture.time_ns == scene.ticks_ns[-1]
        assert sorted(ran.picture.identity[last].tolist()) == [0, 1]
        for number in ran.numbers:
            assert len(set(ran.picture.identity[ran.picture.track == number].tolist())) == 1


def test_two_identities_before_a_radar_stay_two() -> None:
    pair = [Flight((-900.0, north, 100.0), (15.0, 0.0, 0.0), name) for north, name in ((1500.0, "A"), (1590.0, "B"))]
    for seed in SEEDS:
        scene = fly((radar(), receiver()), pair, 60.0, seed)
        ran = run(scene)
        for tick in scene.ticks_ns[10:].tolist():
            assert {0, 1} <= set(ran.picture.identity[ran.picture.time_ns == tick].tolist())
        assert len(ran.numbers) <= 4


def test_a_vessel_under_a_drone_is_not_the_drone() -> None:
    """A drone passes a ship that declares itself: two objects, one identity."""
    flights = [
        Flight((900.0, 600.0, 2.0), (4.0, 2.0, 0.0), "211000000", Kind.VESSEL),
        Flight((700.0, 500.0, 150.0), (10.0, 5.0, 0.0)),
    ]
    scene = fly((radar(sees=FLYING), receiver(sees=(Kind.VESSEL,))), flights, 60.0, 3)
    picture = run(scene).picture
    last = picture.time_ns == scene.ticks_ns[-1]
    assert sorted(picture.identity[last].tolist()) == [-1, 0]


def test_nothing_but_false_plots_is_an_empty_sky() -> None:
    """Ten minutes, two radars with 20 false plots a look each."""
    noisy = tuple(radar(name, east, 0.0, false_plots_per_scan=20.0) for name, east in (("a", 0.0), ("b", 2500.0)))
    assert len(run(fly(noisy, [], 600.0, 21)).numbers) <= 1


def test_objects_far_apart_do_not_know_of_each_other() -> None:
    """The rows of one are the same with a flock of others 5 km away and without."""
    alone = [Flight((-3000.0, -800.0, 100.0), (10.0, 5.0, 0.0))]
    flock = [Flight((2500.0 + 120.0 * k, 1500.0 + 90.0 * k, 80.0), (-8.0, 3.0, 0.0)) for k in range(6)]
    scene = fly((radar(detection_probability=1.0, false_plots_per_scan=0.0),), alone + flock, 40.0, 2)
    one = replace(scene, reports=scene.reports.take(scene.source == 0))
    rows = [run(s).picture for s in (scene, one)]
    mine = rows[0].state[rows[0].state[:, 0] < -1000.0]
    assert mine[-20:] == pytest.approx(rows[1].state[-20:], abs=0.05)


def test_numbers_count_up_and_are_never_given_twice() -> None:
    picture = run(small(3)).picture
    first: dict[int, int] = {}
    for number, time_ns in zip(picture.track.tolist(), picture.time_ns.tolist(), strict=True):
        first.setdefault(number, time_ns)
    assert sorted(first) == list(range(1, max(first) + 1))
    in_order = [first[n] for n in sorted(first)]
    assert in_order == sorted(in_order)
    assert (picture.first_report_ns <= picture.time_ns).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_in_the_small_scene_most_objects_have_one_track(seed: int) -> None:
    scene = small(seed)
    radars = [i for i, s in enumerate(scene.site.sensors) if "radar" in s.kind.word]
    seen = np.unique(scene.source[np.isin(scene.reports.sensor, radars) & (scene.source >= 0)])
    assert len(seen) - 2 <= len(run(scene).numbers) <= len(seen) + 3
