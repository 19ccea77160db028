"""Which tracks a look is about."""

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels.candidates import REACH_MARGIN_M
from lowsky.kernels.chances import NOT_ASKED, last_participation, look_at_tracks
from tests.kernels.worlds import CAMERA, RADAR_3D, SECOND_NS, START_NS, add_track, small_world

AXIS = st.floats(-12_000, 12_000)
SPEED = st.floats(-300, 300)


@given(st.lists(st.tuples(AXIS, AXIS, SPEED, SPEED), max_size=30), st.integers(-5, 20))
@examples(max_examples=25)
def test_a_look_asks_for_tracks_that_have_moved_into_reach(
    states: list[tuple[float, float, float, float]], after_s: int
) -> None:
    w = small_world()
    for east, north, east_mps, north_mps in states:
        add_track(w, np.array([east, north, 100.0, east_mps, north_mps, 0.0]))
    sensor, n = w.sensors[RADAR_3D], len(states)
    w.near[:n] = np.arange(n)[::-1]
    w.frame.sensor, w.frame.time_ns, w.frame.before_ns = RADAR_3D, START_NS + after_s * SECOND_NS, SECOND_NS
    w.tracks["birth_ns"] = START_NS - 60 * SECOND_NS
    look_at_tracks(w, 0, n)
    there = np.array([(e + after_s * ve, m + after_s * vm) for e, m, ve, vm in states]).reshape(-1, 2)[::-1]
    asked = np.hypot(*(there - sensor.place_m[:2]).T) <= sensor.reach_m[1] + REACH_MARGIN_M
    answers = w.meetings["promised"][:n]
    assert (answers != NOT_ASKED).tolist() == asked.tolist()
    assert ((answers[asked] >= 0.0) & (answers[asked] <= 1.0)).all()


def test_last_participation_is_remembered_by_sensor() -> None:
    w = small_world()
    t = w.tracks[add_track(w, np.array([1200.0, 500.0, 300.0, 0.0, 0.0, 0.0]))]
    t.recent_sensor[3], t.recent_ns[3] = CAMERA, 7
    assert last_participation(t, CAMERA) == 7
    assert last_participation(t, RADAR_3D) == 0
