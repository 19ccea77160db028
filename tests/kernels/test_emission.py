"""What an object emits, joint with whether it exists: against the full joint distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels import emission, looks
from lowsky.kernels.layout import World
from lowsky.model.sensor import Sensor, SensorKind, Site
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import new_world
from lowsky.tracking.settings import Settings, rules_of
from tests.kernels.worlds import ORIGIN, RADAR_3D, START_NS, add_track

PLACE = np.array([500.0, 800.0, 100.0, 0.0, 0.0, 0.0])
SHARES = st.floats(0.01, 0.99)


def _world() -> World:
    """A radar, a direction finder, a microphone."""
    kinds = (SensorKind.RADAR_3D, SensorKind.BEARING, SensorKind.ACOUSTIC)
    sensors = tuple(Sensor(k.word, k, ORIGIN.latitude_deg, ORIGIN.longitude_deg, 40.0) for k in kinds)
    return new_world(rules_of(Settings(), ORIGIN.height_m), sensor_table(Site(sensors, ORIGIN)), traced=False)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.9), st.lists(st.floats(0.05, 0.9), min_size=1, max_size=4))
def test_misses_follow_the_joint_distribution(existence: float, heard: float, detections: list[float]) -> None:
    """Brute force over absent, there and silent, there and heard."""
    w = _world()
    t, finder = w.tracks[add_track(w, PLACE, existence=existence)], w.sensors[1]
    t.heard[:] = heard
    joint = np.array([1.0 - existence, existence * (1.0 - heard), existence * heard])
    for d in detections:
        looks.miss(t, START_NS, d * emission.noticeable(t, finder), w.rules.life_s)
        emission.learn_missed(t, finder, d)
        joint[2] *= 1.0 - d
        joint /= joint.sum()
        assert t.existence == pytest.approx(joint[1:].sum(), rel=1e-9)
        assert t.heard[0] == pytest.approx(max(joint[2] / joint[1:].sum(), emission.LEAST), rel=1e-9)
        if t.heard[0] == emission.LEAST:
            return
    assert t.heard[1] == heard  # of its sound nothing was learnt


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_report_that_may_be_its_own(existence: float, heard: float, d: float, ratio: float) -> None:
    """`ratio`: likelihood of the report under the track over that of something else."""
    w = _world()
    t, finder = w.tracks[add_track(w, PLACE, existence=existence)], w.sensors[1]
    t.heard[0] = heard
    missed, hit = existence * heard * (1.0 - d), existence * heard * d * 20.0 * ratio
    silent, absent = existence * (1.0 - heard), 1.0 - existence
    total = missed + hit + silent + absent
    emission.learn_noticed(t, finder, d, (hit / total) / (1.0 - absent / total))
    expected = (missed + hit) / (missed + hit + silent)
    assert t.heard[0] == pytest.approx(min(max(expected, emission.LEAST), emission.SUREST), rel=1e-9)


def test_senses_are_apart_and_begin_with_what_the_description_says() -> None:
    w = _world()
    t = w.tracks[add_track(w, PLACE)]
    t.heard[:], t.visible = -1.0, 0.7
    assert emission.noticeable(t, w.sensors[RADAR_3D]) == 0.7
    assert emission.noticeable(t, w.sensors[1]) == w.sensors[1].share
    emission.learn_noticed(t, w.sensors[2], 0.9, 1.0)
    assert t.heard[1] == emission.SUREST
    assert t.heard[0] == -1.0
    emission.learn_noticed(t, w.sensors[RADAR_3D], 0.9, 1.0)
    assert t.visible == 0.7  # what a body is to radars is not learnt here


def test_what_fell_silent_is_given_up_and_can_come_back() -> None:
    w = _world()
    t, finder = w.tracks[add_track(w, PLACE)], w.sensors[1]
    t.heard[0] = emission.SUREST
    for _ in range(6):
        emission.learn_missed(t, finder, 0.9)
    assert t.heard[0] < 0.1
    for _ in range(40):
        emission.learn_missed(t, finder, 0.9)
    assert t.heard[0] == emission.LEAST
