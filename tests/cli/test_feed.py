"""Cutting a recording into pieces loses, repeats and reorders nothing, and ticks end with the scenario."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.cli.feed import PIECE_NS, last_input_ns, pieces, tick_times
from lowsky.model.report import LookBatch, ReportBatch, look_batch, report_batch
from lowsky.model.timebase import NS_PER_S

START_NS = 1_750_000_000 * NS_PER_S
YEAR_NS = 365 * 86_400 * NS_PER_S

seconds = st.lists(st.floats(0.0, 200.0), max_size=30).map(sorted)


def _reports(received_s: list[float]) -> ReportBatch:
    times = START_NS + (np.array(received_s) * NS_PER_S).astype(np.int64)
    n = len(times)
    return report_batch(n, sensor=np.zeros(n), time_ns=times, received_ns=times, raw=np.arange(n))


def _looks(received_s: list[float]) -> LookBatch:
    times = START_NS + (np.array(received_s) * NS_PER_S).astype(np.int64)
    return look_batch(np.arange(len(times)), times, times)


@given(seconds, seconds, st.integers(0, 150))
def test_pieces_hold_everything_once_in_order(received_s: list[float], looked_s: list[float], end_s: int) -> None:
    ticks = tick_times(START_NS, START_NS + end_s * NS_PER_S, NS_PER_S)
    cut = list(pieces(_reports(received_s), _looks(looked_s), ticks))
    assert np.concatenate([p.reports.raw for p in cut]).tolist() == list(range(len(received_s)))
    assert np.concatenate([p.looks.sensor for p in cut]).tolist() == list(range(len(looked_s)))
    assert np.concatenate([p.ticks_ns for p in cut]).tolist() == ticks.tolist()
    spans = [np.concatenate([p.reports.received_ns, p.looks.received_ns, p.ticks_ns]) for p in cut]
    spans = [s for s in spans if len(s)]
    assert all(np.ptp(s) < PIECE_NS for s in spans)
    assert all(a.max() < b.min() for a, b in pairwise(spans))


@given(seconds, st.floats(0.0, 200.0))
def test_until_takes_what_was_received_by_then(received_s: list[float], until_s: float) -> None:
    reports = _reports(received_s)
    until_ns = START_NS + int(until_s * NS_PER_S)
    cut = pieces(reports, _looks([]), np.empty(0, dtype=np.int64), until_ns)
    assert sum(len(p.reports) for p in cut) == int((reports.received_ns <= until_ns).sum())


def test_a_gap_of_years_makes_no_empty_pieces() -> None:
    times = np.array([START_NS, START_NS + 40 * YEAR_NS])
    reports = report_batch(2, sensor=np.zeros(2), time_ns=times, received_ns=times)
    assert [len(p.reports) for p in pieces(reports, _looks([]), np.empty(0, dtype=np.int64))] == [1, 1]


def test_no_input_is_one_empty_piece() -> None:
    (only,) = pieces(_reports([]), _looks([]), np.empty(0, dtype=np.int64))
    assert len(only.reports) == len(only.looks) == len(only.ticks_ns) == 0


@pytest.mark.parametrize(
    ("every_ns", "end_ns", "expected"),
    [
        (NS_PER_S, 3 * NS_PER_S, [1, 2, 3]),
        (NS_PER_S, 3 * NS_PER_S - 1, [1, 2]),
        (2 * NS_PER_S, 5 * NS_PER_S, [2, 4]),
        (NS_PER_S, 0, []),
    ],
)
def test_ticks_begin_one_step_after_the_start_and_include_the_end(
    every_ns: int, end_ns: int, expected: list[int]
) -> None:
    ticks = tick_times(START_NS, START_NS + end_ns, every_ns)
    assert ((ticks - START_NS) / NS_PER_S).tolist() == expected


def test_end_without_a_duration_is_the_next_whole_second() -> None:
    assert last_input_ns(_reports([1.0, 7.25]), _looks([3.0]), START_NS) == START_NS + 8 * NS_PER_S
    assert last_input_ns(_reports([1.0]), _looks([9.0]), START_NS) == START_NS + 9 * NS_PER_S
    assert last_input_ns(_reports([]), _looks([]), START_NS) == START_NS
