"""Which tracks a frame or a look is about."""

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels.candidates import REACH_MARGIN_M, tracks_in_reach
from tests.kernels.worlds import RADAR_3D, SECOND_NS, START_NS, add_track, small_world

AXIS = st.floats(-12_000, 12_000)
SPEED = st.floats(-300, 300)


@given(st.lists(st.tuples(AXIS, AXIS, SPEED, SPEED), max_size=30), st.integers(-5, 20))
@examples(max_examples=25)
def test_tracks_that_move_into_reach_are_kept_in_order(
    states: list[tuple[float, float, float, float]], after_s: int
) -> None:
    w = small_world()
    for east, north, east_mps, north_mps in states:
        add_track(w, np.array([east, north, 100.0, east_mps, north_mps, 0.0]))
    sensor, n = w.sensors[RADAR_3D], len(states)
    w.near[:n] = np.arange(n)[::-1]
    kept = tracks_in_reach(w, sensor, START_NS + after_s * SECOND_NS, n)
    there = np.array([(e + after_s * ve, m + after_s * vm) for e, m, ve, vm in states]).reshape(-1, 2)
    expected = np.flatnonzero(np.hypot(*(there - sensor.place_m[:2]).T) <= sensor.reach_m[1] + REACH_MARGIN_M)[::-1]
    assert w.near[:kept].tolist() == expected.tolist()
