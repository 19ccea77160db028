"""Actions are inputs: they take effect at the next tick, survive saving, and never show how the input was cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import by_hand, new_state, picture_hash, restore_state, save_state, step
from lowsky.core.by_hand import ByHand
from lowsky.model.action import Action, ActionKind
from lowsky.model.kinds import Kind
from lowsky.model.picture import Picture, concatenate_pictures
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import cut, small

KINDS = [k.word for k in Kind] + ["", "ufo"]
set_kinds = st.lists(
    st.tuples(st.integers(0, 41_000), st.integers(1, 12), st.sampled_from(KINDS)), max_size=6
).map(lambda rows: tuple(
    Action(small().start_ns + ms * 1_000_000, ActionKind.SET_KIND, number, word, "anna")
    for ms, number, word in sorted(rows)
))  # fmt: skip


def _run(actions: tuple[Action, ...], cuts: list[int], save: bool = False) -> Picture:
    state, parts = new_state(small().site), []
    inputs = cut(small(), cuts)
    bounds = [-1, *cuts, 2**62]
    for given_, a, b in zip(inputs, bounds[:-1], bounds[1:], strict=True):
        own = tuple(x for x in actions if a < x.received_ns <= b)
        state, changes = step(state, replace(given_, actions=own))
        parts.append(changes.picture)
        if save:
            state = restore_state(small().site, None, (), None, save_state(state))
    return concatenate_pictures(parts)


@given(set_kinds, st.lists(st.floats(0.0, 41.0), max_size=4).map(sorted), st.booleans())
@settings(max_examples=20)
def test_kinds_set_by_hand_hold_from_the_next_tick_on(
    actions: tuple[Action, ...], at_s: list[float], save: bool
) -> None:
    picture = _run(actions, [])
    said: dict[int, str] = {}
    for tick in np.unique(picture.time_ns).tolist():
        rows = picture.time_ns == tick
        said = {a.number: a.value for a in actions if a.received_ns <= tick and a.value != "ufo"}
        for number, kind in zip(picture.track[rows].tolist(), picture.kind[rows].tolist(), strict=True):
            if said.get(number):
                assert Kind(kind).word == said[number]
    cuts = [small().start_ns + round(t * NS_PER_S) for t in at_s]
    assert picture_hash(_run(actions, cuts, save)) == picture_hash(picture)


def test_public_numbers_go_on_above_a_reserved_block() -> None:
    at_ns = small().start_ns + 3 * NS_PER_S // 2
    picture = _run((Action(at_ns, ActionKind.NUMBERS_FROM, 5000),), [])
    early, late = picture.track[picture.time_ns < at_ns], picture.track[picture.time_ns >= at_ns]
    assert early.max() < 5000
    assert set(late[late >= 5000]) == set(range(5000, 5000 + len(set(late[late >= 5000]))))
    assert len(set(late[late >= 5000])) > 1
    assert set(late[late < 5000]) <= set(early)
    below = _run((Action(at_ns, ActionKind.NUMBERS_FROM, 1),), [])
    assert picture_hash(below) == picture_hash(_run((), []))


def test_actions_received_after_the_last_tick_wait() -> None:
    action = Action(2**61, ActionKind.SET_KIND, 1, "bird")
    state, _ = step(new_state(small().site), replace(cut(small(), [])[0], actions=(action,)))
    assert state.by_hand.waiting == [action]
    assert restore_state(small().site, None, (), None, save_state(state)).by_hand == state.by_hand


def test_hand_set_kinds_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "MOST_KINDS", 3)
    hand = ByHand([Action(0, ActionKind.SET_KIND, n, "bird") for n in (1, 2, 3, 1, 4)])
    hand.due(0)
    assert list(hand.kinds) == [3, 1, 4]


def test_broken_saves_are_refused() -> None:
    for tables in ({}, {"by_hand": np.frombuffer(b"[[],[[1,99]],0]", dtype=np.uint8)}):
        with pytest.raises(ValueError, match="by hand"):
            ByHand().restore(tables)
