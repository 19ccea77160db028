"""One object: one track with one number, honest about itself, that coasts, ends, and outlives an outage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.model.sensor import SensorKind
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import (
    GROUND,
    START_NS,
    Flight,
    Ran,
    Scene,
    camera,
    fly,
    radar,
    receiver,
    run,
    sensor,
    without_looks,
)

STRAIGHT = Flight((-900.0, 1200.0, 120.0), (22.0, -6.0, 0.0))
SEEDS = range(1, 9)
FLYING = (Kind.MULTIROTOR, Kind.FIXED_WING, Kind.BIRD, Kind.BALLOON, Kind.AIRCRAFT)


def errors(ran: Ran, scene: Scene) -> NDArray[np.float64]:
    """Errors (n, 6) of all rows against the first flight."""
    tick = np.searchsorted(scene.ticks_ns, ran.picture.time_ns)
    return np.asarray(ran.picture.state - scene.truth[tick, 0])


def nees(error: NDArray[np.float64], covariance: NDArray[np.float64], axes: int) -> NDArray[np.float64]:
    """Normalised estimation error squared (n,) of the first axes."""
    inverse = np.linalg.inv(covariance[:, :axes, :axes])
    return np.asarray(np.einsum("ni,nij,nj->n", error[:, :axes], inverse, error[:, :axes]))


@pytest.mark.parametrize("seed", SEEDS)
def test_one_radar_one_object_one_number(seed: int) -> None:
    scene = fly((radar(),), [STRAIGHT], 60.0, seed)
    ran = run(scene)
    assert len(ran.numbers) == 1
    assert len(ran.picture) >= 54  # of 60 ticks
    error = errors(ran, scene)
    assert np.hypot(error[20:, 0], error[20:, 1]).max() < 60.0
    assert np.median(ran.picture.existence[10:]) > 0.99
    assert ran.picture.existence[10:].min() > 0.45  # two misses in a row are no end
    assert (np.diff(ran.picture.reports) >= 0).all()
    assert ran.picture.reports[-1] == pytest.approx((scene.source == 0).sum(), abs=4)


def test_covariance_tells_the_error() -> None:
    """Mean NEES over seeds: 2 over ground and 3 in space, were the filter exact."""
    flat, full = [], []
    for seed in SEEDS:
        scene = fly((radar(),), [STRAIGHT], 60.0, seed)
        ran = run(scene)
        flat.append(nees(errors(ran, scene), ran.picture.covariance, 2)[8:].mean())
        full.append(nees(errors(ran, scene), ran.picture.covariance, 3)[8:].mean())
    assert 1.2 < np.mean(flat) < 3.0
    assert 1.8 < np.mean(full) < 4.5


def test_three_radars_see_one_object() -> None:
    for seed in SEEDS:
        watch = (radar(), radar("other", 1500.0, 800.0), radar("third", -1500.0, 300.0))
        ran = run(fly(watch, [STRAIGHT], 60.0, seed))
        assert len(ran.numbers) == 1
        assert len(ran.picture) >= 57


def test_an_object_that_vanishes_coasts_ends_and_its_number_is_gone() -> None:
    again = replace(STRAIGHT, start_m=(2000.0, -2500.0, 100.0), since_s=60.0)
    for seed in SEEDS:
        ran = run(fly((radar(),), [replace(STRAIGHT, until_s=30.0), again], 90.0, seed))
        first, second = ran.numbers
        seconds = {n: (ran.picture.time_ns[ran.picture.track == n] - START_NS) // NS_PER_S for n in (first, second)}
        assert seconds[first].min() < 6
        assert 30 < seconds[first].max() < 45
        assert seconds[second].min() >= 60
        last = np.flatnonzero(ran.picture.track == first)[-1]
        assert ran.picture.status[last] == Status.COASTING
        assert ran.picture.last_report_ns[last] < START_NS + 30 * NS_PER_S
        assert ran.counts["ended"] >= 1


def test_uncertainty_and_doubt_grow_while_coasting() -> None:
    scene = fly((radar(false_plots_per_scan=0.0),), [replace(STRAIGHT, until_s=30.0)], 40.0, 3)
    picture = run(scene).picture
    coasting = np.flatnonzero(picture.status == Status.COASTING)
    assert len(coasting) >= 1
    across = picture.covariance[:, 0, 0] + picture.covariance[:, 1, 1]
    assert across[coasting[0]] > across[coasting[0] - 3]
    assert picture.existence[coasting[-1]] < picture.existence[coasting[0] - 3]


def test_an_outage_is_no_proof_of_absence() -> None:
    """The radar is off for eight seconds: neither reports nor looks. With looks that saw nothing it is a miss each."""
    scene = fly((radar(),), [STRAIGHT], 60.0, 2)
    off = without_looks(scene, 0, 25.0, 33.0)
    kept = run(off).picture
    assert len(set(kept.track.tolist())) == 1
    blind = run(replace(off, looks=scene.looks)).picture
    at = START_NS + 32 * NS_PER_S
    existence = [p.existence[p.time_ns == at] for p in (kept, blind)]
    assert existence[0].size == 1
    assert existence[0][0] > 0.9
    assert existence[1].size == 0 or existence[1][0] < existence[0][0]


def test_a_look_that_does_not_cover_the_object_is_no_miss() -> None:
    """Two more radars look every second, but the object is beyond the reach of one and behind the other."""
    near = radar("near", 0.0, -3000.0, max_range_m=1500.0, false_plots_per_scan=0.5)
    behind = radar("behind", 0.0, -500.0, azimuth_centre_rad=np.pi, azimuth_width_rad=1.0, false_plots_per_scan=0.5)
    slow = radar(period_s=4.0, detection_probability=1.0)
    picture = run(fly((slow, near, behind), [STRAIGHT], 60.0, 6)).picture
    settled = picture.time_ns > START_NS + 20 * NS_PER_S
    assert settled.sum() >= 40
    assert picture.existence[settled].min() > 0.95
    assert (picture.status[settled] == Status.CONFIRMED).all()


def test_a_flat_radar_alone_is_right_over_ground_and_says_that_height_is_unknown() -> None:
    flat = sensor("flat", SensorKind.RADAR_2D, false_plots_per_scan=1.0)
    figures = []
    for seed in SEEDS:
        scene = fly((flat,), [Flight((4000.0, 1500.0, 120.0), (-15.0, 5.0, 0.0))], 60.0, seed)
        ran = run(scene)
        assert len(ran.numbers) == 1
        error = errors(ran, scene)[10:]
        covariance = ran.picture.covariance[10:]
        assert np.hypot(error[:, 0], error[:, 1]).max() < 120.0
        up = np.sqrt(covariance[:, 2, 2])
        assert up.min() > 60.0  # it cannot know
        assert (np.abs(error[:, 2]) < 3.5 * up).all()
        figures.append(nees(error, covariance, 2).mean())
    assert 1.0 < np.mean(figures) < 3.2


def test_two_cameras_start_a_track_and_one_never_does() -> None:
    north, south = camera("north", 0.0, 400.0), camera("south", 100.0, -400.0)
    slow = Flight((-500.0, 60.0, 80.0), (9.0, 1.0, 0.0))
    for seed in range(1, 5):
        scene = fly((north, south), [slow], 40.0, seed)
        ran = run(scene)
        assert len(ran.numbers) == 1
        assert len(ran.picture) > 30
        assert np.linalg.norm(errors(ran, scene)[10:, :3], axis=1).max() < 15.0
        assert len(run(fly((north,), [slow], 40.0, seed)).picture) == 0


def test_an_object_that_passes_overhead_keeps_its_track() -> None:
    """Three hundred metres above the radar its azimuth turns by half a circle within seconds."""
    for seed in SEEDS:
        scene = fly((radar(detection_probability=1.0),), [Flight((-900.0, 15.0, 300.0), (25.0, 0.0, 0.0))], 72.0, seed)
        ran = run(scene)
        assert len(ran.numbers) == 1
        assert np.hypot(*errors(ran, scene)[20:, :2].T).max() < 60.0


def _thinned(scene: Scene, gaps_s: tuple[float, float]) -> Scene:
    """The scene with only those of its reports that are a gap apart, the gap drawn anew each time."""
    rng, rows, due = np.random.default_rng(11), [], 0.0
    for row, time_ns in enumerate(scene.reports.time_ns.tolist()):
        second = (time_ns - START_NS) / NS_PER_S
        if second >= due:
            rows.append(row)
            due = second + rng.uniform(*gaps_s)
    return replace(scene, reports=scene.reports.take(np.array(rows)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_declared_positions_every_five_to_ten_seconds_keep_one_number(seed: int) -> None:
    airliner = Flight((-9000.0, 4000.0, 900.0), (85.0, -10.0, -2.0), "3C6444", Kind.AIRCRAFT)
    scene = _thinned(fly((receiver(period_s=1.0),), [airliner], 180.0, seed), (5.0, 10.0))
    picture = run(scene).picture
    assert len(set(picture.track.tolist())) == 1
    assert set(picture.identity.tolist()) == {0}
    assert picture.time_ns.max() == scene.ticks_ns[-1]


def test_a_vessel_that_only_declares_itself_is_held_though_a_radar_looks_at_it() -> None:
    """The radar sees what flies and never ships: its misses say nothing about what only declares itself."""
    ship = Flight((1500.0, 900.0, 2.0), (6.0, 3.0, 0.0), "211000000", Kind.VESSEL)
    watch = (radar(sees=FLYING, detection_probability=0.95), receiver(period_s=3.0, sees=(Kind.VESSEL,)))
    for seed in range(1, 5):
        picture = run(fly(watch, [ship], 120.0, seed)).picture
        own = picture.identity == 0
        assert len(set(picture.track[own].tolist())) == 1
        assert own.sum() > 100


def test_rows_are_in_the_frame_of_the_site() -> None:
    """A hovering object that two radars see for a minute stands where it is, in degrees too."""
    scene = fly((radar(), radar("other", 900.0, 100.0)), [Flight((400.0, 700.0, 60.0), (0.0, 0.0, 0.0))], 60.0, 8)
    last = run(scene).picture.state[-1]
    found, expected = (Frame(GROUND).to_geodetic(place) for place in (last[:3], scene.truth[-1, 0, :3]))
    for value, true, near in zip(found, expected, (15 / 111_000, 15 / 65_000, 25.0), strict=True):
        assert float(value) == pytest.approx(float(true), abs=near)
    assert np.linalg.norm(last[3:]) < 4.0
