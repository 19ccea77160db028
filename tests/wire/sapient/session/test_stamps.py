"""Times of detections: each picture one, never closer than a middleware allows, never ahead of the clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.sapient.session.stamps import GAP_NS, STEP_BACK_NS, ClockError, Stamps

NOW_NS = 1_700_000_000_123_456_789


@given(st.lists(st.integers(-50_000_000, 400_000_000), max_size=40))
def test_times_are_whole_milliseconds_never_ahead_and_far_enough_apart(steps: list[int]) -> None:
    stamps, now_ns, taken = Stamps(), NOW_NS, [0]
    for step in steps:
        now_ns += step
        now_ns += stamps.wait_ns(now_ns)
        taken.append(stamps.take(now_ns))
        assert taken[-1] % 1_000_000 == 0
        assert now_ns - 1_000_000 < taken[-1] <= now_ns
        assert taken[-1] - taken[-2] >= GAP_NS


def test_too_soon_is_refused() -> None:
    stamps = Stamps()
    stamps.take(NOW_NS)
    with pytest.raises(ValueError, match=r"10\.\d ms after"):
        stamps.take(NOW_NS + 10_000_000)


def test_a_clock_that_was_set_back_is_told() -> None:
    stamps = Stamps()
    stamps.take(NOW_NS)
    assert stamps.wait_ns(NOW_NS - 1_000_000_000) > 1_000_000_000
    with pytest.raises(ClockError, match=r"set back by 3\.0 s"):
        stamps.wait_ns(NOW_NS - STEP_BACK_NS - 1_000_000_000)


def test_a_picture_grows_old() -> None:
    assert not Stamps.is_old(NOW_NS, NOW_NS + 400_000_000)
    assert Stamps.is_old(NOW_NS, NOW_NS + 600_000_000)
