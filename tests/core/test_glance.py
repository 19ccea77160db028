"""Glances show what a tick would show of numbered objects, and leave no trace that a later step could show."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import CoreInput, glance, new_state, picture_hash, save_state, step
from lowsky.model.action import Action, ActionKind
from lowsky.model.picture import PICTURE_COLUMNS, Picture, concatenate_pictures
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import Ran, cut, run, small, tables_equal


@lru_cache(maxsize=1)
def whole() -> Ran:
    """The small scene in one input."""
    return run(small())


@given(st.lists(st.floats(0.0, 39.9), min_size=1, max_size=8).map(sorted))
@settings(max_examples=25)
def test_glances_leave_no_trace(at_s: list[float]) -> None:
    cuts = [small().start_ns + round(t * NS_PER_S) for t in at_s]
    state, parts = new_state(small().site), []
    for given_, now_ns in zip(cut(small(), cuts), [*cuts, 2**61], strict=True):
        state, changes = step(state, given_)
        parts.append(changes.picture)
        if now_ns < 2**61:
            glance(state, now_ns)
            glance(state, now_ns)
    assert picture_hash(concatenate_pictures(parts)) == whole().hash
    assert changes.counts == whole().counts
    assert tables_equal(save_state(state), save_state(whole().state))


def test_a_glance_shows_what_a_tick_would() -> None:
    for at_s in (0.4, 3.7, 12.3, 33.0):
        now_ns = small().start_ns + round(at_s * NS_PER_S)
        before = replace(small(), ticks_ns=small().ticks_ns[small().ticks_ns <= now_ns])
        first, _ = cut(before, [now_ns])
        state, shown_before = step(new_state(small().site), first)
        seen = glance(state, now_ns)
        _, asked = step(state, CoreInput(first.reports.take(slice(0)), first.looks.take(slice(0)), np.array([now_ns])))
        numbered = np.isin(asked.picture.track, seen.track)
        given_now = asked.picture.track[~numbered]  # new ones, or again to what was shown once and lost
        assert ((given_now > seen.track.max(initial=0)) | np.isin(given_now, shown_before.picture.track)).all()
        for name in PICTURE_COLUMNS:
            shown, expected = getattr(seen, name), getattr(asked.picture, name)[numbered]
            assert np.array_equal(shown, expected, equal_nan=shown.dtype.kind == "f"), name


def test_a_glance_gives_no_number_and_shows_kinds_set_by_hand() -> None:
    now_ns = small().start_ns + 10 * NS_PER_S
    first, _ = cut(replace(small(), ticks_ns=np.empty(0, dtype=np.int64)), [now_ns])
    state, _ = step(new_state(small().site), first)
    assert len(glance(state, now_ns)) == 0
    named = Action(now_ns, ActionKind.SET_KIND, 3, "bird")
    nothing = CoreInput(first.reports.take(slice(0)), first.looks.take(slice(0)), np.array([now_ns]), (named,))
    _, changes = step(state, nothing)
    seen: Picture = glance(state, now_ns + 50_000_000)
    assert len(seen) == len(changes.picture) > 8
    assert seen.kind[seen.track == 3] == 3
