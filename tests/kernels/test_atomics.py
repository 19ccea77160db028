"""Words that several threads share: nothing is lost, whoever comes first, compiled or not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from lowsky.kernels import atomics
from lowsky.kernels.cache import jit

THREADS, TIMES = 4, 200_000


def _each(words: Any) -> tuple[int, bool, bool]:
    atomics.store(words, 1, 5)
    atomics.add(words, 1, 3)
    before = atomics.load(words, 1)
    first = atomics.swap(words, 1, 8, 2)
    second = atomics.swap(words, 1, 8, 9)
    atomics.stand_back()
    return before, first, second


def _count(words: Any, times: int) -> int:
    """Add one so many times by one, and by swapping; how often a swap had to be tried again."""
    failed = 0
    for _ in range(times):
        atomics.add(words, 0, 1)
        old = atomics.load(words, 2)
        while not atomics.swap(words, 2, old, old + 1):
            failed += 1
            old = atomics.load(words, 2)
    return failed


def _hand_over(words: Any, note: Any, times: int, first: bool) -> int:
    """Two threads write a note in turn, each after it was told that the other has; returns how often it was wrong."""
    wrong = 0
    for k in range(times):
        turn = 2 * k if first else 2 * k + 1
        while atomics.load(words, 4) != turn:
            atomics.stand_back()
        wrong += note[0] != turn
        note[0] = turn + 1
        atomics.store(words, 4, turn + 1)
    return wrong


_compiled_each: Any = jit(_each)
_compiled_count: Any = jit(_count)
_compiled_hand_over: Any = jit(_hand_over)


@pytest.mark.parametrize("each", [_each, _compiled_each], ids=["plain", "compiled"])
def test_each_does_what_it_says(each: Any) -> None:
    words = np.zeros(3, np.int64)
    assert each(words) == (8, True, False)
    assert words.tolist() == [0, 2, 0]


@pytest.mark.compiled
def test_no_change_by_many_threads_is_lost() -> None:
    words = np.zeros(3, np.int64)
    _compiled_count(words, 0)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: _compiled_count(words, TIMES), range(THREADS)))
    assert words.tolist() == [THREADS * TIMES, 0, THREADS * TIMES]


@pytest.mark.compiled
def test_what_was_written_before_a_word_is_seen_after_it() -> None:
    words, note = np.zeros(8, np.int64), np.zeros(1, np.int64)
    _compiled_hand_over(words, note, 0, True)
    with ThreadPoolExecutor(2) as pool:
        wrong = list(pool.map(lambda first: _compiled_hand_over(words, note, 2_000, first), (True, False)))
    assert wrong == [0, 0]
    assert note[0] == 4_000
