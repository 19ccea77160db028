"""What is wrong with a sensor is found again in its reports: biases, clocks, outages, links, wrong descriptions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind
from lowsky.model.timebase import NS_PER_S
from lowsky.sensing.measure import measure
from lowsky.simulate.air import Air
from lowsky.simulate.faults import NONE, Faults
from lowsky.simulate.flight import Traits, traits_of
from lowsky.simulate.motion import STEP_S, Motion, in_frame, steps_of
from lowsky.simulate.sensors import Cast, Observation, Played, observe
from lowsky.simulate.watch import VALUES, Watch

FRAME = Frame(Origin(56.0, 11.0, 40.0))
START_NS = 1_700_000_000 * NS_PER_S
QUIET = {"false_plots_per_scan": 0.0, "detection_probability": 1.0, "max_range_m": 20_000.0}


def sensor(kind: SensorKind, **described: object) -> Sensor:
    latitude, longitude, height = (float(v) for v in FRAME.to_geodetic([0.0, 0.0, 10.0]))
    return Sensor("s", kind, latitude, longitude, height, **{**QUIET, **described})  # type: ignore[arg-type]


def straight(start: NDArray[np.float64], velocity: NDArray[np.float64], seconds: float, kind: Kind) -> Cast:
    """Objects on straight lines of the frame."""
    steps, n = steps_of(seconds), len(start)
    at = start + velocity * (np.arange(steps)[:, None, None] * STEP_S)
    motion = Motion(
        np.full(n, kind, dtype=np.uint8), at, np.broadcast_to(velocity, at.shape).copy(), np.ones((steps, n), np.bool_)
    )
    return Cast(motion, ("",) * n, np.full(n, -10.0))


def flown(n: int = 40, seconds: float = 60.0, kind: Kind = Kind.FIXED_WING) -> Cast:
    rng = np.random.default_rng(7)
    start = rng.uniform([-4000, -4000, 100], [4000, 4000, 400], (n, 3))
    velocity = np.column_stack([rng.uniform(-50, 50, (n, 2)), np.zeros(n)])
    return straight(start, velocity, seconds, kind)


def watch(who: Sensor, cast: Cast, faults: Faults = NONE, air: Air | None = None) -> Observation:
    return observe(FRAME, (who,), cast, START_NS, np.random.default_rng(3), {"s": faults}, air)


def exact_of(seen: Observation, who: Sensor, cast: Cast, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Range, azimuth, elevation of each report's object at given times (4, n)."""
    first, speed = cast.motion.position[0][seen.source], cast.motion.velocity[0][seen.source]
    return np.array(measure(FRAME, who, first + speed * at_s[:, None], speed))


def stamps(seen: Observation) -> NDArray[np.float64]:
    return (seen.reports.time_ns - START_NS) / NS_PER_S


def test_biases_are_recovered_from_the_data() -> None:
    who, cast = sensor(SensorKind.RADAR_3D), flown()
    wrong = Faults(range_bias_m=35.0, azimuth_bias_rad=0.02, elevation_bias_rad=-0.01)
    seen = watch(who, cast, wrong)
    exact = exact_of(seen, who, cast, stamps(seen))
    n = np.sqrt(len(seen.reports))
    assert (seen.reports.range_m - exact[0]).mean() == pytest.approx(35.0, abs=4 * who.sigma_range_m / n)
    turned = wrap_pi(seen.reports.azimuth_rad - exact[1])
    assert turned.mean() == pytest.approx(0.02, abs=4 * who.sigma_azimuth_rad / n)
    lifted = seen.reports.elevation_rad - exact[2]
    assert lifted.mean() == pytest.approx(-0.01, abs=4 * who.sigma_elevation_rad / n)
    assert lifted.std() == pytest.approx(who.sigma_elevation_rad, rel=0.1)


@pytest.mark.parametrize("offset_s", [-1.3, 0.8])
def test_a_clock_offset_is_recovered_from_the_data(offset_s: float) -> None:
    """Least squares: along the line of sight an object has moved by its range rate times the offset."""
    who, cast = sensor(SensorKind.RADAR_3D), flown()
    right, wrong = watch(who, cast), watch(who, cast, Faults(clock_offset_s=offset_s))
    exact = exact_of(wrong, who, cast, stamps(wrong))
    late = wrong.reports.range_m - exact[0]
    found = -(late @ exact[3]) / (exact[3] @ exact[3])
    assert found == pytest.approx(offset_s, abs=0.02)
    assert (wrong.reports.received_ns == right.reports.received_ns).all()
    assert (wrong.reports.range_m == right.reports.range_m).all()
    assert (wrong.looks.time_ns - right.looks.time_ns == round(offset_s * NS_PER_S)).all()


def test_nothing_comes_from_an_outage_and_it_comes_again() -> None:
    who, cast = sensor(SensorKind.RADAR_3D), flown(5, 100.0)
    seen = watch(who, cast, Faults(outages_s=((10.0, 25.0),), repeat_s=40.0))
    looked = (seen.looks.time_ns - START_NS) / NS_PER_S
    out = (np.mod(looked, 40.0) >= 10.0) & (np.mod(looked, 40.0) < 25.0)
    assert not out.any()
    assert not ((np.mod(stamps(seen), 40.0) >= 10.0) & (np.mod(stamps(seen), 40.0) < 25.0)).any()
    assert np.sort(np.diff(looked))[-3:] == pytest.approx([1.0, 16.0, 16.0])
    assert len(looked) == 100 - 2 * 15 - 10


def test_a_slow_link_mixes_the_order_and_looks_still_come_last() -> None:
    who, cast = sensor(SensorKind.RADAR_3D), flown(20, 60.0)
    seen = watch(who, cast, Faults(delay_s=2.0))
    late = (seen.reports.received_ns - seen.reports.time_ns) / NS_PER_S
    assert late.mean() == pytest.approx(2.06, abs=0.15)
    assert late.std() == pytest.approx(2.0 / np.sqrt(2), rel=0.1)  # gamma of shape 2
    assert (np.diff(seen.reports.time_ns) < 0).sum() > 100
    assert (np.diff(seen.reports.received_ns) >= 0).all()
    told = dict(zip(seen.looks.time_ns.tolist(), seen.looks.received_ns.tolist(), strict=True))
    assert all(
        told[t] > r for t, r in zip(seen.reports.time_ns.tolist(), seen.reports.received_ns.tolist(), strict=True)
    )


def test_a_burst_holds_everything_back_and_lets_go_at_its_end() -> None:
    who, cast = sensor(SensorKind.RADAR_3D), flown(5, 60.0)
    held, free = watch(who, cast, Faults(bursts_s=((20.0, 26.0),))), watch(who, cast)
    assert len(held.reports) == len(free.reports)
    received = (held.reports.received_ns - START_NS) / NS_PER_S
    assert not ((received >= 20.0) & (received < 26.0)).any()
    at_once = np.abs(received - 26.0) < 1e-9
    freely = (free.reports.received_ns - START_NS) / NS_PER_S
    assert at_once.sum() == ((freely >= 20.0) & (freely < 26.0)).sum() > 20


def test_the_description_says_what_it_is_told_to_say() -> None:
    who = sensor(SensorKind.RADAR_3D, max_range_m=9000.0)
    said = Faults(said=(("sigma_range_m", 3.0),), said_off_m=(30.0, -40.0)).described(who)
    assert (said.sigma_range_m, said.max_range_m) == (3.0, 9000.0)
    here = Frame(Origin(who.latitude_deg, who.longitude_deg, who.height_m))
    off = here.to_enu(said.latitude_deg, said.longitude_deg, who.height_m)
    np.testing.assert_allclose(off, [30.0, -40.0, 0.0], atol=1e-3)
    assert NONE.described(who) == who
    assert NONE.listed() == {}
    assert Faults(said=(("sigma_range_m", 3.0),), delay_s=1.0).listed() == {"delay_s": 1.0, "said": ["sigma_range_m"]}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"outages_s": ((5.0, 2.0),)}, "outages_s"),
        ({"outages_s": ((50.0, 70.0),), "repeat_s": 60.0}, "outages_s"),
        ({"bursts_s": ((0.0, 31.0),)}, "bursts_s"),
        ({"delay_s": -1.0}, "delay_s"),
    ],
)
def test_impossible_faults_are_refused_by_name(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Faults(**wrong)  # type: ignore[arg-type]


def closed_form(start: NDArray[np.float64], velocity: NDArray[np.float64], time_s: float, sound: float) -> float:
    """When what is heard at the origin at `time_s` left an object on a straight line: |p + v t'| = c (t - t')."""
    a = velocity @ velocity - sound**2
    b = 2 * (start @ velocity + sound**2 * time_s)
    c = start @ start - sound**2 * time_s**2
    roots = np.roots([a, b, c])
    return float(min(r.real for r in roots if r.real <= time_s + 1e-9))


@pytest.mark.parametrize("temperature_c", [-15.0, 19.7, 35.0])
def test_a_microphone_hears_where_the_object_was(temperature_c: float) -> None:
    who = sensor(SensorKind.ACOUSTIC, sigma_azimuth_rad=1e-9, max_range_m=3000.0)
    at = FRAME.to_enu(who.latitude_deg, who.longitude_deg, who.height_m)
    start = np.array([[-2500.0, 600.0, 200.0], [800.0, -900.0, 150.0], [0.0, 1500.0, 300.0]])
    velocity = np.array([[110.0, 0.0, 0.0], [-20.0, 45.0, 1.0], [0.0, -60.0, -2.0]])
    cast, air = straight(start, velocity, 30.0, Kind.FIXED_WING), Air(temperature_c=temperature_c)
    seen = watch(who, cast, air=air)
    assert len(seen.reports) > 60
    delays = []
    for azimuth, source, heard_s in zip(seen.reports.azimuth_rad, seen.source, stamps(seen), strict=True):
        left_s = closed_form(start[source] - at, velocity[source], heard_s, air.sound_mps)
        then = (start[source] + velocity[source] * left_s)[None]
        exact = measure(FRAME, who, then, velocity[source][None])
        assert left_s >= 0
        assert abs(wrap_pi(azimuth - exact[1][0])) < 1e-6
        delays.append(heard_s - left_s)
    assert max(delays) > 4.0  # and not where it is: at 110 m/s that is 400 m


def test_nothing_is_heard_before_the_sound_has_come_and_all_of_it_after() -> None:
    who = sensor(SensorKind.ACOUSTIC, max_range_m=3000.0, period_s=0.1)
    cast = straight(np.array([[0.0, 1715.0, 10.0]]), np.zeros((1, 3)), 20.0, Kind.MULTIROTOR)
    cast.motion.alive[: steps_of(2.0)] = False
    cast.motion.alive[steps_of(9.0) :] = False
    heard_s = stamps(watch(who, cast))
    assert heard_s.min() == pytest.approx(2.0 + 5.0, abs=0.25)
    assert heard_s.max() == pytest.approx(9.0 + 5.0, abs=0.25)


def _noticed(kind: SensorKind, traits: Traits) -> tuple[set[int], NDArray[np.float64]]:
    """Which of three objects a sensor notices in some looks, and the values that it reported."""
    places = np.array([[900.0, 0.0, 50.0], [0.0, 900.0, 50.0], [-900.0, 0.0, 50.0]])
    cast = straight(places, np.zeros((3, 3)), 30.0, Kind.MULTIROTOR)
    stage = Played(cast)
    stage.traits = traits
    one = Watch(FRAME, sensor(kind, sees=(Kind.MULTIROTOR,), period_s=0.5), np.random.default_rng(1))
    pieces = []
    while one.next_s < 29.0:
        seen = one.look(stage)
        assert seen is not None
        pieces.append(seen)
    return {int(s) for p in pieces for s in p.source}, np.concatenate([p.values for p in pieces])


def _three(**traits: object) -> Traits:
    return traits_of(np.full(3, Kind.MULTIROTOR, dtype=np.uint8), np.full(3, -15.0), **traits)  # type: ignore[arg-type]


def test_finders_hear_only_what_transmits_and_microphones_only_what_sounds() -> None:
    first = np.array([True, False, False])
    assert _noticed(SensorKind.BEARING, _three(transmits=first))[0] == {0}
    assert _noticed(SensorKind.ACOUSTIC, _three(sounds=~first))[0] == {1, 2}
    assert _noticed(SensorKind.RADAR_3D, _three(transmits=first, sounds=first))[0] == {0, 1, 2}
    values = _noticed(SensorKind.BEARING, _three())[1]
    finite = {name for name, has in zip(VALUES, np.atleast_1d(np.isfinite(values).any(axis=0)), strict=True) if has}
    assert finite == {"azimuth_rad"}


def test_a_declaration_without_a_body_is_heard_and_not_seen() -> None:
    ghost = _three(identity=["A", "B", ""], body=np.array([True, False, True]))
    assert _noticed(SensorKind.RADAR_3D, ghost)[0] == {0, 2}
    assert _noticed(SensorKind.COOPERATIVE, ghost)[0] == {0, -1}  # from no object


def test_a_wrong_declaration_is_off_by_what_it_lies() -> None:
    off = np.array([[0.0, 0.0, 0.0], [1200.0, -300.0, 40.0], [0.0, 0.0, 0.0]])
    source, values = _noticed(SensorKind.COOPERATIVE, _three(identity=["A", "B", "C"], declared_off_m=off))
    assert source == {0, 1, 2}
    at = FRAME.to_enu(values[:, 4], values[:, 5], values[:, 6])
    liar = np.linalg.norm(at - [1200.0, 600.0, 90.0], axis=1) < 60.0
    assert liar.sum() == len(values) // 3


def test_declared_velocities_are_those_over_the_ground_where_the_object_is() -> None:
    """Level flight far off has no climb there, though it has one in the frame of the site."""
    steps = np.arange(steps_of(30.0))[:, None] * STEP_S
    at = np.stack([30_000.0 + 80.0 * steps, 0.0 * steps, np.full_like(steps, 900.0)], axis=-1)
    flat = Motion(
        np.array([Kind.AIRCRAFT], np.uint8), at, np.tile([80.0, 0.0, 0.0], (301, 1, 1)), np.ones((301, 1), np.bool_)
    )
    cast = Cast(in_frame(flat), ("F00001",), np.array([10.0]))
    reports = watch(sensor(SensorKind.COOPERATIVE, max_range_m=90_000.0, sigma_velocity_mps=0.01), cast).reports
    meridians_meet = 31_200.0 / 6_390_000.0 * np.tan(np.radians(56.0))  # east there is not east of the site
    assert reports.east_mps.mean() == pytest.approx(80.0, abs=0.05)
    assert reports.north_mps.mean() == pytest.approx(-80.0 * meridians_meet, abs=0.03)
    assert reports.up_mps.mean() == pytest.approx(0.0, abs=0.02)
    assert reports.height_m.mean() == pytest.approx(940.0, abs=5.0)
