"""Directions, sound and posts through the whole core: what becomes a track, what stays a line, what is not believed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lowsky.model.kinds import Kind
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import START_NS, Flight, Ran, Scene, fly, radar, run, sensor
from tests.kernels.worlds import Floats

ENGINES = (Kind.MULTIROTOR, Kind.FIXED_WING, Kind.AIRCRAFT)
TWO_DEGREES = math.radians(2.0)


def _finder(name: str, east_m: float, north_m: float, **described: object) -> Sensor:
    """A direction finder of 3.5 km and 2 degrees that looks twice a second."""
    usual = {"period_s": 0.5, "max_range_m": 3500.0, "false_plots_per_scan": 0.3, "sigma_azimuth_rad": TWO_DEGREES}
    return sensor(name, SensorKind.BEARING, east_m, north_m, **(usual | described))


def _microphone(name: str, east_m: float, north_m: float) -> Sensor:
    return sensor(
        name, SensorKind.ACOUSTIC, east_m, north_m, period_s=0.5, max_range_m=1500.0, false_plots_per_scan=0.1,
        sigma_azimuth_rad=2 * TWO_DEGREES, detection_probability=0.8,
    )  # fmt: skip


def _post(name: str, east_m: float, false: float = 0.005) -> Sensor:
    return sensor(
        name, SensorKind.POST, east_m, 0.0, max_range_m=2500.0, detection_probability=0.7, false_plots_per_scan=false,
        sees=ENGINES,
    )  # fmt: skip


def _off(ran: Ran, scene: Scene, object_row: int = 0) -> Floats:
    """Rows (n, 5) of the picture: second, east and north off an object, both in standard deviations squared, number."""
    p, rows = ran.picture, []
    for i in range(len(p)):
        second = (int(p.time_ns[i]) - START_NS) // NS_PER_S
        d = p.state[i, :2] - scene.truth[second - 1, object_row, :2]
        rows.append((second, *d, d @ np.linalg.solve(p.covariance[i, :2, :2], d), p.track[i]))
    full: Floats = np.array(rows).reshape(-1, 5)
    return full


RING = [(1200.0 * math.sin(a), 1200.0 * math.cos(a)) for a in (0.3, 1.6, 2.9, 4.0, 5.3)]


def test_direction_finders_alone_start_hold_and_end_a_track() -> None:
    sensors = tuple(_finder(f"f{k}", *at) for k, at in enumerate(RING))
    scene = fly(sensors, [Flight((-900.0, -200.0, 120.0), (18.0, 5.0, 0.0), until_s=45.0)], 60.0, 4)
    ran = run(scene)
    assert len(ran.numbers) == 1
    off = _off(ran, scene)
    assert off[0, 0] <= 4
    assert off[-1, 0] in range(44, 52)  # seconds: given up soon after it fell silent
    held = off[(off[:, 0] > 10) & (off[:, 0] <= 45)]
    assert len(held) == 35
    assert np.hypot(held[:, 1], held[:, 2]).max() < 100.0
    assert 0.4 < held[:, 3].mean() < 4.5


def test_two_finders_and_two_objects_are_four_places_and_none_is_shown() -> None:
    """Both pairs of places fit all lines for good: nobody can say which, so nothing is shown; a third one can."""
    flights = [Flight((-300.0, 900.0, 100.0), (0.0, 0.0, 0.0)), Flight((350.0, 800.0, 100.0), (0.0, 0.0, 0.0))]
    two = (_finder("a", -1000.0, -1000.0), _finder("b", 1000.0, -1000.0))
    assert run(fly(two, flights, 25.0, 3)).numbers == []
    scene = fly((*two, _finder("c", 1500.0, 900.0)), flights, 25.0, 3)
    ran = run(scene)
    assert len(ran.numbers) == 2
    last = ran.picture.time_ns == ran.picture.time_ns.max()
    for k in range(2):
        assert np.hypot(*(ran.picture.state[last, :2] - scene.truth[-1, k, :2]).T).min() < 200.0


def test_one_finder_alone_makes_no_track() -> None:
    scene = fly((_finder("a", 0.0, 0.0),), [Flight((800.0, 900.0, 100.0), (10.0, 0.0, 0.0))], 20.0, 1)
    assert run(scene).numbers == []


def test_microphones_place_what_flew_on_while_its_sound_came() -> None:
    """At 40 m/s and 1 km the sound is 110 m behind; without the delay the error would be systematic."""
    sensors = tuple(_microphone(f"m{k}", 0.75 * e, 0.75 * n) for k, (e, n) in enumerate(RING))
    scene = fly(sensors, [Flight((-1400.0, 300.0, 150.0), (40.0, 0.0, 0.0), kind=Kind.FIXED_WING)], 60.0, 2)
    off = _off(run(scene), scene)
    held = off[(off[:, 0] > 15) & (off[:, 0] < 55)]
    assert len(held) >= 38
    assert abs(held[:, 1].mean()) < 35.0
    assert held[:, 3].mean() < 6.0


def test_what_makes_no_radio_is_not_drawn_to_the_lines_of_what_does() -> None:
    """A bird beside a drone before a radar: the finders' misses do not end it, their lines are the drone's."""
    flights = [
        Flight((600.0, 800.0, 80.0), (6.0, 0.0, 0.0), kind=Kind.BIRD),
        Flight((600.0, 700.0, 80.0), (6.0, 0.0, 0.0), kind=Kind.MULTIROTOR),
    ]
    finders = tuple(_finder(f"f{k}", *at, sees=(Kind.MULTIROTOR,)) for k, at in enumerate(RING))
    scene = fly((radar(), *finders), flights, 40.0, 6)
    ran = run(scene)
    p = ran.picture
    late = p.time_ns >= START_NS + 10 * NS_PER_S
    assert late.sum() >= 2 * 30
    tracks = ran.state.world.tracks
    alive = tracks[(tracks["used"] == 1) & (tracks["confirmed"] == 1)]
    heard = sorted(float(t.heard[0]) for t in alive)
    assert len(heard) == 2
    assert heard[0] < 0.2
    assert heard[1] > 0.9


def test_a_chain_of_posts_makes_a_rough_track_with_an_honest_spread() -> None:
    posts = tuple(_post(f"p{k}", 4000.0 * k) for k in range(4))
    flight = Flight((-4000.0, 600.0, 150.0), (50.0, 0.0, 0.0), kind=Kind.FIXED_WING)
    scene = fly(posts, [flight], 330.0, 1)
    off = _off(run(scene), scene)
    later = off[off[:, 0] > 150]
    assert len(later) > 150
    assert (later[:, 3] < 9.2).mean() > 0.95  # of two values: 99 % of a Gaussian
    assert np.abs(later[:, 1]).max() < 2500.0
    assert np.abs(later[later[:, 0] > 250, 1]).max() < 1000.0


@pytest.mark.parametrize("seed", [1, 2])
def test_false_alarms_of_single_posts_are_no_track(seed: int) -> None:
    posts = tuple(_post(f"p{k}", 3000.0 * k, false=0.01) for k in range(4))
    scene = fly(posts, [Flight((50_000.0, 0.0, 100.0), (0.0, 0.0, 0.0))], 300.0, seed)
    assert len(scene.reports) > 5
    assert run(scene).numbers == []
