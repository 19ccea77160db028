"""Sources are kept: counted, started again when they break, their counters bounded."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from lowsky.model.report import no_looks, report_batch
from lowsky.serve.clock import Clock
from lowsky.serve.engine.inbox import Inbox
from lowsky.serve.sources.contract import MAX_FAULT_KINDS, OTHER, Counters, Sink
from lowsky.serve.sources.keeper import Keeper


class Broken:
    """Breaks so many times, then ends."""

    name, kind = "broken", "test"

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
    return Keeper(source, Clock(), inbox or Inbox(Clock()), lambda status: None, lambda name, count: None)


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


def test_kinds_of_faults_are_bounded_and_counts_are_complete() -> None:
    counters = Counters()
    for i in range(3 * MAX_FAULT_KINDS):
        counters.fault(f"kind {i}")
    counters.fault("kind 0", 5)
    assert len(counters.faults) == MAX_FAULT_KINDS + 1
    assert counters.faults[OTHER] == 2 * MAX_FAULT_KINDS
    assert counters.faults["kind 0"] == 6
    assert counters.faults.total() == 3 * MAX_FAULT_KINDS + 5
