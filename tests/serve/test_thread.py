"""The core's thread: ticks, glances, failures. The announcer: events told in order while the disk is waited for."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.model.notice import Event, EventKind, Level
from lowsky.model.report import report_batch
from lowsky.serve import announcer as announcer_module
from lowsky.serve.announcer import Announcer
from lowsky.serve.clock import Clock
from lowsky.serve.engine.inbox import Drained, Inbox
from lowsky.serve.engine.thread import IDLE_TICKS, MAX_TICKS, TICK_NS, TURN_NS, CoreThread

PATIENCE_S = 20.0


class Machine:
    """Remembers its turns."""

    def __init__(self, fail_at: int = -1, idle: bool = False) -> None:
        self.idle = idle
        self.turns: list[tuple[int, list[int], int, bool]] = []  # upto, ticks, reports, watched
        self.closed = False
        self.core = self
        self.last_tick_ns = 0
        self.fail_at = fail_at

    def turn(self, drained: Drained, ticks_ns: NDArray[np.int64], watched: bool) -> None:
        if len(self.turns) == self.fail_at:
            raise ZeroDivisionError("a defect")
        reports = sum(len(letter.reports) for letter in drained.letters if letter.reports is not None)
        self.turns.append((drained.upto_ns, ticks_ns.tolist(), reports, watched))

    def close(self) -> None:
        self.closed = True


def started(machine: Machine, clock: Clock | None = None) -> tuple[CoreThread, Inbox]:
    clock = clock or Clock()
    inbox = Inbox(clock)
    made: Any = machine
    thread = CoreThread(clock, inbox, lambda: made, lambda output: None)
    thread.start()
    assert thread.ready.wait(PATIENCE_S)
    return thread, inbox


def wait(what: Callable[[], Any]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def put(inbox: Inbox) -> None:
    inbox.put("a", report_batch(1, sensor=np.zeros(1), time_ns=np.zeros(1), received_ns=np.zeros(1)), None)


def test_ticks_are_whole_multiples_without_a_gap_and_nothing_else_happens_unwatched() -> None:
    machine = Machine()
    thread, inbox = started(machine, Clock(5.0))
    wait(lambda: len(machine.turns) >= 8)
    for _ in range(3):
        put(inbox)
    wait(lambda: sum(reports for _, _, reports, _ in machine.turns) == 3)
    assert thread.stop()
    ticks = [t for _, turn, _, _ in machine.turns for t in turn]
    assert all(t % TICK_NS == 0 for t in ticks)
    assert set(np.diff(ticks).tolist()) == {TICK_NS}
    assert all(turn for _, turn, _, _ in machine.turns[:-2]), "every turn but those of the stop has a tick"
    assert all(upto >= turn[-1] for upto, turn, _, _ in machine.turns if turn)
    assert machine.closed


def test_where_there_is_nothing_ticks_are_made_together_until_something_comes() -> None:
    machine = Machine(idle=True)
    thread, inbox = started(machine)
    wait(lambda: len(machine.turns) >= 2)
    ticks = [len(turn) for _, turn, _, _ in machine.turns]
    assert max(ticks) == IDLE_TICKS
    turns = len(machine.turns)
    put(inbox)
    wait(lambda: sum(reports for _, _, reports, _ in machine.turns) == 1)
    assert len(machine.turns) <= turns + 2
    assert len(machine.turns[-1][1]) < IDLE_TICKS, "what comes does not wait for the others"
    assert thread.stop()
    made = [t for _, turn, _, _ in machine.turns for t in turn]
    assert set(np.diff(made).tolist()) == {TICK_NS}


def test_while_somebody_watches_reports_are_shown_between_ticks_but_not_too_often() -> None:
    machine = Machine()
    thread, inbox = started(machine)
    thread.watched = True
    begin_s = time.monotonic()
    while time.monotonic() - begin_s < 1.0:
        put(inbox)
        time.sleep(0.002)
    wait(lambda: not inbox.waiting)
    assert thread.stop()
    between = [upto for upto, turn, _, _ in machine.turns[:-2] if not turn]
    assert len(between) >= 5
    pairs = itertools.pairwise(machine.turns[:-2])  # the last two are those of the stop
    assert min(glance[0] - before[0] for before, glance in pairs if not glance[1]) >= TURN_NS
    assert all(reports for _, turn, reports, _ in machine.turns[:-2] if not turn), "nothing new, no glance"


def test_what_waits_at_the_end_is_consumed() -> None:
    machine = Machine()
    thread, inbox = started(machine)
    for _ in range(5):
        put(inbox)
    assert thread.stop()
    assert sum(reports for _, _, reports, _ in machine.turns) == 5
    assert machine.closed


def test_after_a_long_pause_the_latest_ticks_are_made_up_and_the_rest_counted() -> None:
    clock = Clock()
    machine = Machine()
    thread, _ = started(machine, clock)
    wait(lambda: machine.turns)
    clock.not_before(clock.now_ns() + 100 * MAX_TICKS * TICK_NS)
    wait(lambda: thread.skipped_ticks)
    assert thread.stop()
    longest = max((turn for _, turn, _, _ in machine.turns), key=len)
    assert len(longest) == MAX_TICKS
    assert abs(thread.skipped_ticks - 99 * MAX_TICKS) <= 3


def test_a_core_that_fails_says_so_and_ends() -> None:
    machine = Machine(fail_at=2)
    thread, _ = started(machine)
    wait(lambda: thread.failed)
    assert isinstance(thread.failed, ZeroDivisionError)
    assert thread.stop()
    assert not machine.closed


class Disk:
    """A journal whose flush takes until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.flushed = 0
        self.safe = True

    def flush(self, timeout_s: float) -> bool:
        self.let_go.wait(PATIENCE_S)
        self.flushed += 1
        return self.safe


def tick(n: int, danger: bool) -> Any:
    """An output with one event."""
    kind = EventKind.RAISED if danger else EventKind.DELIVERED
    changes = type("Changes", (), {"events": (Event(n, kind, n, 1, 1, 0, Level.WATCH),), "notices": None})()
    return type("Output", (), {"changes": changes, "flush_first": danger, "time_ns": n})()


def told_by(
    announcer_of: Callable[[list[int]], Announcer], disk: Disk, outputs: list[Any]
) -> tuple[list[int], list[int]]:
    """Numbers told before the disk has answered, and after."""
    told: list[int] = []

    async def tell() -> list[int]:
        announcer = announcer_of(told)
        task = asyncio.create_task(announcer.run())
        for output in outputs:
            announcer.ticked(output)
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        before = list(told)
        disk.let_go.set()
        async with asyncio.timeout(PATIENCE_S):
            while len(told) < len(outputs):
                await asyncio.sleep(0.005)
        task.cancel()
        return before

    return asyncio.run(tell()), told


@pytest.mark.parametrize("safe", [True, False])
def test_a_danger_waits_for_the_disk_and_everything_stays_in_order(safe: bool) -> None:
    disk = Disk()
    disk.safe = safe
    found: list[Announcer] = []

    def make(told: list[int]) -> Announcer:
        book = type("Book", (), {"ticked": lambda self, *a: None, "places": ()})()
        board: Any = type("Board", (), {"book": book, "drill": False})()
        hub: Any = type("Hub", (), {"tell": lambda self, text: None})()
        announcer = Announcer(board, hub, lambda output: told.append(output.time_ns))
        announcer.journal = disk  # type: ignore[assignment]
        found.append(announcer)
        return announcer

    outputs = [tick(1, False), tick(2, True), tick(3, False), tick(4, False), tick(5, True), tick(6, False)]
    before, after = told_by(make, disk, outputs)
    assert before == [1]
    assert after == [1, 2, 3, 4, 5, 6]
    assert disk.flushed == 2
    assert found[0].unsafe == (0 if safe else 2)


def test_what_cannot_wait_any_more_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer_module, "MAX_WAITING", 2)
    nothing: Any = None
    announcer = Announcer(nothing, nothing, lambda output: None)
    for n in range(5):
        announcer.ticked(tick(n, True))
    assert announcer.lost == 3
