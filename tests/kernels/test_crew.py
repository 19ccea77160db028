"""A crew does each item of each job once, however many threads there are, and whether they come or not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels import atomics, crew
from lowsky.kernels.cache import jit


def _take(words: Any, done: Any, turn: int, who: int) -> int:
    """Take parts of a job: add its kind to each item; returns how many."""
    parts, part = 0, crew.claim(words, turn, who)
    while part >= 0:
        kind, first, last = crew.bounds(words, part)
        for i in range(first, last):
            done[i] += kind
        crew.finish(words)
        parts, part = parts + 1, crew.claim(words, turn, who)
    return parts


def _help(words: Any, done: Any, who: int) -> int:
    """Help until dismissed; returns how many parts were done."""
    atomics.add(words, crew.HANDS, 1)
    parts, turn = 0, crew.next_turn(words, 0)
    while turn >= 0:
        parts += take(words, done, turn, who)
        turn = crew.next_turn(words, turn)
    atomics.add(words, crew.HANDS, -1)
    return parts


def _lead(words: Any, done: Any, sizes: Any) -> int:
    """Offer a job of each size, of kind 1, 2 and so on; returns how many were not wholly done when they should be."""
    wrong, expected = 0, np.zeros(len(done), np.int64)
    for k in range(len(sizes)):
        turn = crew.offer(words, k + 1, sizes[k])
        take(words, done, turn, 0)
        crew.await_all(words, turn)
        expected[: sizes[k]] += k + 1
        for i in range(len(done)):
            wrong += done[i] != expected[i]
    crew.dismiss(words)
    return wrong


take: Any = jit(_take)
_helping: Any = jit(_help)
_leading: Any = jit(_lead)


def _led(helpers: int, sizes: list[int], items: int) -> tuple[int, list[int]]:
    words, done = np.zeros(crew.WORDS, np.int64), np.zeros(items, np.int64)
    with ThreadPoolExecutor(max(helpers, 1)) as pool:
        came = [pool.submit(_helping, words, done, 1 + k) for k in range(helpers)]
        wrong = _leading(words, done, np.array(sizes, np.int64))
        parts = [helper.result() for helper in came]
    assert words[crew.HANDS] == 0
    return wrong, parts


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_one_thread_does_all(sizes: list[int]) -> None:
    assert _led(0, sizes, 60) == (0, [])


@pytest.mark.compiled
@pytest.mark.parametrize("helpers", [1, 3, 7])
def test_with_helpers_each_item_is_done_once_before_the_job_is_over(helpers: int) -> None:
    rng = np.random.default_rng(helpers)
    wrong, parts = _led(helpers, rng.integers(0, 400, 3_000).tolist(), 400)
    assert wrong == 0
    assert all(n >= 0 for n in parts)


@pytest.mark.compiled
def test_helpers_do_help() -> None:
    _led(1, [3], 10)  # compiled
    _, parts = _led(1, [4_000] * 20_000, 4_000)
    assert parts[0] > 0


def test_who_looked_at_an_earlier_job_takes_no_part_of_a_later_one() -> None:
    words = np.zeros(crew.WORDS, np.int64)
    first = crew.offer(words, 1, 100)
    part = crew.claim(words, first, 3)
    assert crew.bounds(words, part) == (1, part * 100 // crew.PARTS, (part + 1) * 100 // crew.PARTS)
    second = crew.offer(words, 2, 5)
    assert second == first + 1
    assert crew.claim(words, first, 3) == -1
    assert {crew.claim(words, second, 1) for _ in range(crew.PARTS)} == set(range(crew.PARTS))
    assert crew.claim(words, second, 1) == -1


def test_a_helper_waits_for_the_next_job_and_goes_when_it_is_told() -> None:
    words = np.zeros(crew.WORDS, np.int64)
    assert crew.is_alone(words)
    turn = crew.offer(words, 1, 30)
    assert crew.next_turn(words, 0) == turn
    crew.dismiss(words)
    assert crew.next_turn(words, turn) == -1
