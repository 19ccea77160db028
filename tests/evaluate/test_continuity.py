"""Continuity figures on recordings small enough to count by hand, and on random ones against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.evaluate.continuity import (
    Held,
    broken_share,
    false_tracks,
    first_held_step,
    gaps,
    longest_run_share,
    switches,
)


def held(*runs: tuple[int, int, int, int]) -> Held:
    """(object, track, first, last) runs."""
    rows = [(o, e, t) for o, e, first, last in runs for t in range(first, last + 1)]
    return Held.of(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


NOTHING = Held.of(*(np.empty(0, np.int64),) * 3)


def test_by_hand() -> None:
    h = held((0, 5, 0, 3), (0, 6, 4, 4), (0, 5, 5, 6), (1, 6, 8, 9), (1, 7, 2, 4))
    assert switches(h, 0) == 3
    assert switches(h, 5) == 2
    assert broken_share(h) == pytest.approx(1 - (6 + 3) / 12)
    owed = [np.repeat([0, 1], 10), np.tile(np.arange(10), 2)]
    assert gaps(h, *owed) == (1, 0)
    assert gaps(held((0, 5, 0, 1), (0, 5, 4, 4), (0, 6, 7, 9)), *owed) == (2, 1)
    assert longest_run_share(h, 20) == pytest.approx((4 + 3) / 20)
    assert first_held_step(h, 3).tolist() == [0, 2, np.inf]


def test_a_gap_needs_an_instant_that_was_owed() -> None:
    h = held((0, 5, 0, 1), (0, 5, 4, 5))
    assert gaps(h, np.zeros(4, np.int64), np.array([0, 1, 4, 5])) == (0, 0)


def test_nothing() -> None:
    assert switches(NOTHING, 0) == 0
    assert broken_share(NOTHING) is None
    assert gaps(NOTHING, np.zeros(3, np.int64), np.arange(3)) == (0, 0)
    assert longest_run_share(NOTHING, 5) == 0.0
    assert longest_run_share(NOTHING, 0) is None
    assert first_held_step(NOTHING, 1).tolist() == [np.inf]


def test_false_tracks_need_three_instants_or_their_whole_life() -> None:
    near, life = np.array([0, 2, 3, 1, 1, 0]), np.array([9, 9, 9, 1, 2, 0])
    assert false_tracks(near, life) == 3


@pytest.mark.parametrize("seed", range(5))
def test_random_recordings_against_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    there = rng.uniform(size=(4, 30)) < 0.6
    track = rng.integers(0, 3, (4, 30))
    objects, steps = np.nonzero(there)
    shuffle = rng.permutation(len(objects))
    h = Held.of(objects[shuffle], track[objects, steps][shuffle], steps[shuffle])
    changes = broken = 0
    for k in range(4):
        seen = track[k][there[k]]
        late = np.flatnonzero(there[k])[1:] >= 7
        changes += int(((seen[1:] != seen[:-1]) & late).sum())
        broken += len(seen) - int(np.bincount(seen).max())
    assert switches(h, 7) == changes
    assert broken_share(h) == pytest.approx(broken / there.sum())
