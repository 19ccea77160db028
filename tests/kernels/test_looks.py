"""Looks that saw nothing: Bayes' rule for what should have been seen, nothing for what could not be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels import looks
from lowsky.kernels.emission import learn_missed
from lowsky.kernels.layout import NEVER_NS, World
from lowsky.kernels.sensing import NOTICEABLE
from tests.kernels.worlds import (
    CAMERA,
    COOPERATIVE,
    RADAR_2D,
    RADAR_3D,
    SECOND_NS,
    START_NS,
    Floats,
    add_track,
    small_world,
)  # fmt: skip

PREVIOUS_NS = START_NS - SECOND_NS
NEAR = np.array([1200.0, 500.0, 300.0, 0.0, 0.0, 0.0])  # in view of every sensor
FAR = np.array([30_000.0, 0.0, 300.0, 0.0, 0.0, 0.0])


@given(st.floats(0.001, 0.999), st.floats(0, 0.99), st.floats(0, 100), st.floats(0.1, 1.0))
def test_a_miss_is_bayes_rule(existence: float, detection: float, later_s: float, visible: float) -> None:
    """Joint over existing or not, and visible to this sort of sensor or not; only what is both can be detected."""
    w = small_world()
    t = w.tracks[add_track(w, NEAR, existence=existence)]
    t.visible = visible
    looks.miss(t, START_NS + int(later_s * SECOND_NS), detection * visible, w.rules.life_s)
    learn_missed(t, w.sensors[RADAR_3D], detection)
    alive = existence * math.exp(-int(later_s * SECOND_NS) * 1e-9 / w.rules.life_s)
    hidden, seen = alive * (1 - visible), alive * visible * (1 - detection)
    assert t.existence == pytest.approx((hidden + seen) / (1 - alive + hidden + seen), rel=1e-9)
    assert t.visible == pytest.approx(seen / (hidden + seen), rel=1e-6)
    assert t.existence_ns == START_NS + int(later_s * SECOND_NS)
    assert t.misses == (detection * visible > NOTICEABLE)


def _look(sensor: int, state: Floats, seen_ns: int = 0, **fields: int) -> tuple[World, float]:
    """Existence after a look of a sensor that last had a report of a track at seen_ns (0: never)."""
    w = small_world()
    t = w.tracks[add_track(w, state, time_ns=PREVIOUS_NS - SECOND_NS)]
    t.existence_ns = START_NS  # no time passes between
    if seen_ns:
        t.recent_sensor[2], t.recent_ns[2] = sensor, seen_ns
    for name, value in fields.items():
        t[name] = value
    looks.finish_look(w, sensor, START_NS, PREVIOUS_NS)
    assert w.tally.looks == 1
    return w, float(t.existence)


@pytest.mark.parametrize("sensor", [RADAR_3D, RADAR_2D, CAMERA])
def test_a_look_that_should_have_seen_it_counts(sensor: int) -> None:
    for seen_ns in (0, PREVIOUS_NS - 5 * SECOND_NS):  # never before, or before the look
        w, existence = _look(sensor, NEAR, seen_ns)
        detection = w.sensors[sensor].detection
        assert existence == pytest.approx(0.9 * (1 - detection) / (1 - 0.9 * detection), rel=1e-3)


@pytest.mark.parametrize("sensor", [RADAR_3D, RADAR_2D, CAMERA, COOPERATIVE])
def test_a_look_that_had_its_report_or_could_not_does_not_count(sensor: int) -> None:
    assert _look(sensor, NEAR, START_NS - 1)[1] == 0.9
    assert _look(sensor, FAR, PREVIOUS_NS - 1)[1] == 0.9
    assert _look(sensor, NEAR, PREVIOUS_NS - 1, birth_ns=START_NS + 1)[1] == 0.9  # born after the look


def test_a_receiver_misses_only_what_it_has_heard() -> None:
    assert _look(COOPERATIVE, NEAR)[1] == 0.9
    w, existence = _look(COOPERATIVE, NEAR, PREVIOUS_NS - 5 * SECOND_NS)
    assert existence < 0.9
    assert (w.ground["time_ns"] == NEVER_NS).all()  # who only listens tells nothing of those that are silent
    assert (_look(RADAR_3D, NEAR)[0].ground["time_ns"] != NEVER_NS).any()


def test_misses_end_a_track() -> None:
    w = small_world()
    i = add_track(w, NEAR)
    for k in range(30):
        looks.finish_look(w, RADAR_3D, START_NS + k * SECOND_NS, START_NS + (k - 1) * SECOND_NS)
        if not w.tracks[i].used:
            break
    assert not w.tracks[i].used
    assert w.tally.tracks == 0
    assert k > 0  # one is not enough


def test_a_sweep_ends_what_nobody_looks_at() -> None:
    w = small_world()
    lost, tentative, fresh, shown = (add_track(w, FAR) for _ in range(4))
    now = START_NS + w.rules.idle_ns + SECOND_NS
    w.tracks[fresh].hit_ns = now
    w.tracks[shown].confirmed = w.tracks[lost].confirmed = 1
    w.tracks[lost].spread[2] = 1e6  # a speed that is quite unknown
    spread = w.tracks[shown].spread.copy()
    looks.sweep(w, now)
    assert [bool(w.tracks[i].used) for i in (lost, tentative, fresh, shown)] == [False, False, True, True]
    expected = 0.9 * math.exp(-(now - START_NS) * 1e-9 / w.rules.life_s)
    assert w.tracks[shown].existence == pytest.approx(expected)
    assert w.tracks[shown].existence_ns == now
    np.testing.assert_array_equal(w.tracks[shown].spread, spread)
