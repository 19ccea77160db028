"""Sources are kept: counted, started again when they break, their counters bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.report import no_looks, report_batch
from lowsky.serve.clock import Clock
from lowsky.serve.engine.inbox import Inbox
from lowsky.serve.sources.contract import MAX_FAULT_KINDS, OTHER, Counters, Sink, count_kind
from lowsky.serve.sources.keeper import Keeper
from lowsky.wire.decoded import Decoded
from lowsky.wire.problems import Problems


class Broken:
    """Breaks so many times, then ends."""

    name, kind, via = "broken", "test", "nowhere"

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self.error = times, error

    def unknown_sensors(self) -> dict[str, int]:
        return {}

    async def run(self, sink: Sink) -> None:
        sink.say("running", "for a moment")
        if self.left:
            self.left -= 1
            raise self.error
        sink.put(report_batch(2, sensor=np.zeros(2), time_ns=np.zeros(2), received_ns=np.zeros(2)), no_looks())


def kept(source: Any, inbox: Inbox | None = None) -> Keeper:
    return Keeper(source, Clock(), inbox or Inbox(Clock()), lambda source, decoded: None)


@pytest.mark.parametrize("error", [OSError(111, "Connection refused"), EOFError("ended"), RuntimeError("a defect")])
def test_a_source_that_breaks_is_started_again_later_each_time(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("lowsky.serve.sources.keeper.asyncio.sleep", sleep)
    keeper = kept(Broken(9, error))
    asyncio.run(keeper.keep())
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    info = keeper.info()
    assert (info.state, info.restarts, info.reports) == ("ended", 9, 2)


def test_while_it_waits_the_reason_can_be_read() -> None:
    async def look() -> Any:
        keeper = kept(Broken(1, OSError(111, "Connection refused")))
        task = asyncio.create_task(keeper.keep())
        await asyncio.sleep(0.05)
        info = keeper.info()
        task.cancel()
        return info

    info = asyncio.run(look())
    assert info.state == "failed"
    assert "Connection refused" in info.message


def test_kinds_are_bounded_and_counts_are_complete() -> None:
    counts: Counter[str] = Counter()
    for i in range(3 * MAX_FAULT_KINDS):
        count_kind(counts, f"kind {i}")
    count_kind(counts, "kind 0", 5)
    assert len(counts) == MAX_FAULT_KINDS + 1
    assert counts[OTHER] == 2 * MAX_FAULT_KINDS
    assert counts["kind 0"] == 6
    assert counts.total() == 3 * MAX_FAULT_KINDS + 5


COUNTS = st.dictionaries(st.text(max_size=3), st.integers(0, 1000), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 1000), COUNTS, COUNTS, st.integers(0, 3)), max_size=20))
def test_the_books_balance_whatever_a_decoder_says(
    taken: list[tuple[int, dict[str, int], dict[str, int], int]],
) -> None:
    counters = Counters()
    for used, ignored, rejected, untold in taken:
        problems = Problems((), rejected, sum(rejected.values()) + untold)
        counters.enter(Decoded(problems=problems, used=used, ignored=ignored))
    assert counters.received == counters.used + counters.ignored.total() + counters.rejected.total()
    assert counters.received == sum(u + sum(i.values()) + sum(r.values()) + o for u, i, r, o in taken)
