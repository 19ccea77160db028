"""The inbox: order, bounds and stamps; and what is made of it for the core."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.action import Action, ActionKind
from lowsky.model.report import LookBatch, ReportBatch, look_batch, report_batch
from lowsky.serve.clock import Clock
from lowsky.serve.engine import inbox as inbox_module
from lowsky.serve.engine.gather import core_input
from lowsky.serve.engine.inbox import Inbox, InboxFullError

NO_TICKS = np.empty(0, dtype=np.int64)


class SetClock(Clock):
    """Tells what it was set to."""

    def __init__(self, now_ns: int = 1_000) -> None:
        super().__init__()
        self.set_ns = now_ns

    def now_ns(self) -> int:
        return self.set_ns


def reports(received_ns: list[int], names: list[str] | None = None, sensor: int = 0) -> ReportBatch:
    n = len(received_ns)
    table = tuple(dict.fromkeys(name for name in names or [] if name))
    identity = [-1 if not name else table.index(name) for name in names or [""] * n]
    return report_batch(
        n, identities=table, sensor=np.full(n, sensor), time_ns=np.zeros(n), received_ns=np.array(received_ns),
        identity=np.array(identity),
    )  # fmt: skip


def looks(received_ns: list[int]) -> LookBatch:
    n = len(received_ns)
    return look_batch(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.array(received_ns, dtype=np.int64))


def test_stamps_are_held_between_the_last_drain_and_now() -> None:
    clock = SetClock(1_000)
    inbox = Inbox(clock)
    inbox.drain()
    clock.set_ns = 2_000
    inbox.put("a", reports([500, 1_500, 9_000]), looks([999]))
    drained = inbox.drain()
    given_ = core_input(drained, NO_TICKS, 0)
    assert given_.reports.received_ns.tolist() == [1_001, 1_500, 2_000]
    assert given_.looks.received_ns.tolist() == [1_001]
    assert drained.upto_ns == 2_000
    clock.set_ns = 1_500  # a clock that stands still must not mix up inputs either
    inbox.put("a", reports([1_500]), None)
    action = inbox.act(Action(0, ActionKind.DRILL, value="on"))
    assert core_input(inbox.drain(), NO_TICKS, 0).reports.received_ns.tolist() == [2_001]
    assert action.received_ns == 2_001


@given(st.lists(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["", "x", "y", "z"])), max_size=5), max_size=8))
def test_an_input_is_ordered_by_receipt_and_keeps_identities(batches: list[list[tuple[int, str]]]) -> None:
    clock = SetClock(100)
    inbox = Inbox(clock)
    for batch in batches:
        rows = sorted(batch)
        inbox.put("a", reports([t for t, _ in rows], [name for _, name in rows]), None)
    made = core_input(inbox.drain(), NO_TICKS, 7).reports
    expected = sorted((max(t, 1), name) for batch in batches for t, name in batch)
    found = [
        (t, made.identities[i] if i >= 0 else "")
        for t, i in zip(made.received_ns.tolist(), made.identity.tolist(), strict=True)
    ]
    assert sorted(found) == expected
    assert made.received_ns.tolist() == sorted(made.received_ns.tolist())
    assert made.raw.tolist() == list(range(7, 7 + len(expected)))


def test_when_too_many_wait_the_oldest_go_and_are_counted() -> None:
    inbox = Inbox(SetClock(), max_reports=10)
    for source, n in (("old", 4), ("new", 4), ("new", 5)):
        inbox.put(source, reports([1] * n, sensor=n), looks([1]))
    assert inbox.waiting == 9
    assert inbox.dropped == {"old": 4}
    assert inbox.dropped_looks == {"old": 1}
    assert core_input(inbox.drain(), NO_TICKS, 0).reports.sensor.tolist() == [4] * 4 + [5] * 5
    assert inbox.waiting == 0


def test_a_batch_larger_than_the_limit_is_taken_alone() -> None:
    inbox = Inbox(SetClock(), max_reports=3)
    inbox.put("a", reports([1] * 2), None)
    inbox.put("b", reports([1] * 7), None)
    assert inbox.dropped == {"a": 2}
    assert len(core_input(inbox.drain(), NO_TICKS, 0).reports) == 7


def test_looks_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "MAX_LOOKS", 3)
    inbox = Inbox(SetClock())
    for _ in range(5):
        inbox.put("a", None, looks([1]))
    assert len(core_input(inbox.drain(), NO_TICKS, 0).looks) == 3
    assert inbox.dropped_looks == {"a": 2}


def test_actions_are_refused_beyond_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "MAX_ACTIONS", 2)
    inbox = Inbox(SetClock())
    for number in (1, 2):
        inbox.act(Action(0, ActionKind.ACKNOWLEDGE, number))
    with pytest.raises(InboxFullError):
        inbox.act(Action(0, ActionKind.ACKNOWLEDGE, 3))
    assert [a.number for a in inbox.drain().actions] == [1, 2]


def test_empty_batches_leave_no_letter() -> None:
    inbox = Inbox(SetClock())
    inbox.put("a", reports([]), looks([]))
    inbox.put("a", None, None)
    assert not inbox.wake.is_set()
    given_ = core_input(inbox.drain(), np.array([5], dtype=np.int64), 0)
    assert (len(given_.reports), len(given_.looks), given_.ticks_ns.tolist()) == (0, 0, [5])


def test_many_threads_lose_nothing_and_never_go_back() -> None:
    inbox = Inbox(Clock())
    seen: list[tuple[int, int]] = []  # first and last stamp of each input

    def put(source: int) -> None:
        for _ in range(200):
            inbox.put(str(source), reports([0, 2**62]), None)

    threads = [threading.Thread(target=put, args=(i,)) for i in range(4)]
    total = 0
    for thread in threads:
        thread.start()
    while any(t.is_alive() for t in threads) or inbox.waiting:
        made = core_input(inbox.drain(), NO_TICKS, total).reports
        total += len(made)
        if len(made):
            seen.append((int(made.received_ns[0]), int(made.received_ns[-1])))
    assert total == 4 * 200 * 2
    assert all(a[1] < b[0] for a, b in itertools.pairwise(seen))


@pytest.mark.parametrize("speed", [0.5, 1.0, 20.0])
def test_clocks_run_at_their_speed_and_never_back(monkeypatch: pytest.MonkeyPatch, speed: float) -> None:
    move = fake_time(monkeypatch)
    clock = Clock(speed)
    begin = clock.now_ns()
    move(1.0, 1.0)
    assert clock.now_ns() - begin == pytest.approx(speed * 1e9)
    assert clock.real_s(round(speed * 3e9)) == pytest.approx(3.0)


def test_a_machine_whose_time_is_set_forward_is_followed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    move = fake_time(monkeypatch)
    clock = Clock()
    begin = clock.now_ns()
    move(1.0, 3601.0)
    assert clock.now_ns() - begin == pytest.approx(3601e9)


def test_a_machine_whose_time_is_set_back_is_waited_for_without_standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    move = fake_time(monkeypatch)
    clock = Clock()
    clock.now_ns()
    move(0.0, -60.0)
    assert clock.behind_ns() == pytest.approx(-60e9)
    times = []
    for _ in range(2000):
        move(1.0, 1.0)
        times.append(clock.now_ns())
    assert all(b > a for a, b in itertools.pairwise(times))
    assert abs(clock.behind_ns()) < 1e6


def test_a_clock_goes_on_where_a_recording_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_time(monkeypatch)
    clock = Clock()
    clock.not_before(clock.now_ns() + 5_000)
    ahead = clock.now_ns()
    clock.not_before(ahead - 10_000)
    assert clock.now_ns() == ahead


def fake_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Time that passes only when moved: by so many seconds of the monotonic clock and of UTC."""
    now = {"mono": 10**12, "utc": 1_700_000_000 * 10**9}
    monkeypatch.setattr("time.monotonic_ns", lambda: now["mono"])
    monkeypatch.setattr("time.time_ns", lambda: now["utc"])

    def move(mono_s: float, utc_s: float) -> None:
        now["mono"] += round(mono_s * 1e9)
        now["utc"] += round(utc_s * 1e9)

    return move
