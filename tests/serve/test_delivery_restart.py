"""Deliveries across a restart: nothing undelivered is lost, nothing delivered repeated, no torn file hurts."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.notice import Level
from lowsky.serve.delivery import Receiver, courier, deliveries, outbox
from lowsky.serve.delivery.outbox import FILE, Chains, Outbox
from lowsky.serve.delivery.transport import CONFIRMED, Outcome
from lowsky.wire.cap import Alert, Audience
from tests.serve.receivers import Peer, Stage, notice, played, tower

WARNING, IMMINENT = Level.WARNING, Level.IMMINENT


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second in place of seconds."""
    monkeypatch.setattr(courier, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(courier, "LONGEST_WAIT_S", 0.03)
    monkeypatch.setattr(deliveries, "SWEEP_S", 0.02)


def delivered(stage: Stage, count: int) -> bool:
    return len(stage.actions) == count


def kept(stage: Stage) -> bool:
    return len(stage.deliveries.feed.alerts) == 1


def reopened(folder: Path) -> Chains:
    """The open chains in a file all of whose lines are sound."""
    box = Outbox(folder)
    try:
        return box.open(keep=True)
    finally:
        box.close()
        assert box.unreadable == 0


def lives(folder: Path, peer: Peer, *scenes: Any, resumed: bool = True) -> list[Stage]:
    """Play scenes one after the other, each with deliveries of its own on the same folder."""
    stages = [Stage([], folder) for _ in scenes]

    async def all_lives() -> None:
        await peer.start()
        for number, (stage, scene) in enumerate(zip(stages, scenes, strict=True)):
            stage.receivers = [tower(peer)]
            await stage.start(resumed=resumed and number > 0)
            try:
                await scene(stage)
            finally:
                await stage.deliveries.stop()
            stage.deliveries = None

    with played(peer) as play:
        play(all_lives())
    return stages


def test_what_was_not_confirmed_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    peer = Peer(["500"])

    async def first(stage: Stage) -> None:
        await stage.settle(lambda: peer.alerts, notice())

    async def second(stage: Stage) -> None:
        peer.behave = ["200"]
        await stage.settle(lambda: stage.actions, notice())
        await stage.idle(notice())

    before, after = lives(tmp_path, peer, first, second)
    assert len({got.body for got in peer.alerts}) == 1
    assert (len(before.actions), len(after.actions)) == (0, 1)
    assert after.flushes == []


def test_what_was_confirmed_is_not_repeated_and_its_end_is_told(tmp_path: Path) -> None:
    peer = Peer()

    async def first(stage: Stage) -> None:
        await stage.settle(lambda: len(stage.actions) == 2, notice(1), notice(2))

    async def second(stage: Stage) -> None:
        await stage.idle(notice(1))
        await stage.settle(lambda: len(peer.alerts) == 3, notice(1))  # the second is over
        await stage.settle(lambda: len(peer.alerts) == 4, notice(1, IMMINENT))

    async def third(stage: Stage) -> None:
        await stage.idle(notice(1, IMMINENT))

    lives(tmp_path, peer, first, second, third)
    assert [g.text("msgType") for g in peer.alerts] == ["Alert", "Alert", "Cancel", "Update"]
    assert peer.alerts[2].text("incidents") == "call-2"
    assert peer.alerts[3].text("references").split(",")[1] == peer.alerts[0].text("identifier")


def test_a_core_that_knows_nothing_of_them_ends_no_calls(tmp_path: Path) -> None:
    """With other notices under the same numbers: what was told expires by itself, and what stands is told anew."""
    peer = Peer()

    async def first(stage: Stage) -> None:
        await stage.settle(lambda: len(stage.actions) == 2, notice(1), notice(2))
        await asyncio.sleep(1.1)  # identifiers hold the second in which a chain began

    async def second(stage: Stage) -> None:
        await stage.settle(lambda: len(stage.actions) == 1, notice(1))
        await stage.idle(notice(1))

    lives(tmp_path, peer, first, second, resumed=False)
    assert [g.text("msgType") for g in peer.alerts] == ["Alert"] * 3
    assert len({g.text("identifier") for g in peer.alerts}) == 3


def test_the_feed_remembers_what_stands(tmp_path: Path) -> None:
    async def life() -> None:
        for resumed in (False, True):
            stage = Stage([feed], tmp_path)
            await stage.start(resumed)
            try:
                if not resumed:
                    await stage.settle(functools.partial(kept, stage), notice())
                assert len(stage.deliveries.feed.alerts) == 1
            finally:
                await stage.deliveries.stop()

    feed = Receiver("feed", "feed", Level.WATCH, frozenset(), Audience())
    asyncio.run(life())


def test_the_file_holds_only_what_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_LINES", 12)
    peer = Peer()
    most = 0

    async def many(stage: Stage) -> None:
        nonlocal most
        for call in range(1, 20):
            await stage.settle(functools.partial(delivered, stage, call), notice(call))
            most = max(most, len((tmp_path / FILE).read_bytes().splitlines()))
        await stage.settle(lambda: len(peer.alerts) == 38)
        await stage.idle()

    lives(tmp_path, peer, many)
    assert most <= 13
    assert reopened(tmp_path) == {}
    assert (tmp_path / FILE).read_bytes() == b""


def test_a_disk_that_takes_nothing_prevents_no_warning(tmp_path: Path) -> None:
    peer = Peer()
    (tmp_path / "file").write_text("in the way")

    async def scene(stage: Stage) -> None:
        await stage.settle(lambda: stage.actions, notice())

    lives(tmp_path / "file" / "folder", peer, scene)
    assert len(peer.alerts) == 1


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with three chains in it: one told twice, one unconfirmed, one over."""
    folder = tmp_path_factory.mktemp("outbox")
    peer = Peer()

    async def scene(stage: Stage) -> None:
        await stage.settle(lambda: len(stage.actions) == 2, notice(1), notice(2))
        await stage.settle(lambda: len(stage.actions) == 3, notice(1, IMMINENT))
        await peer.stop()
        await stage.settle(lambda: stage.status().failing_since > 3, notice(1, IMMINENT), notice(3))

    lives(folder, peer, scene)
    return (folder / FILE).read_bytes()


def test_chains_come_back_as_they_were(written: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(written)
    chains = reopened(tmp_path)
    assert chains == reopened(tmp_path)
    assert {call: [m.level for m in chain.messages] for (_, call), chain in chains.items() if call != 2} == {
        1: [WARNING, IMMINENT],
        3: [WARNING],
    }
    assert chains["tower", 1].count == 2


@given(cut=st.floats(0, 1), changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4))
def test_a_torn_or_spoilt_file_is_read_as_far_as_it_goes(
    written: bytes, tmp_path_factory: pytest.TempPathFactory, cut: float, changes: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    data = bytearray(written[: int(cut * len(written))])
    for at, byte in changes:
        if data:
            data[min(int(at * len(data)), len(data) - 1)] = byte
    (folder / FILE).write_bytes(data)
    box = Outbox(folder)
    try:
        chains = box.open(keep=True)
        assert all(chain.messages for chain in chains.values())
        if not changes:
            assert box.unreadable <= 1
    finally:
        box.close()


@given(st.binary(max_size=300))
def test_noise_is_no_outbox(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    folder = tmp_path_factory.mktemp("noise")
    (folder / FILE).write_bytes(noise)
    box = Outbox(folder)
    assert box.open(keep=True) == {}
    box.close()


def test_a_stop_waits_for_the_answer_to_an_attempt_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "GRACE_S", 0.5)
    peer = Peer(["slow", "hang"])

    async def answered(stage: Stage) -> None:
        await stage.settle(lambda: peer.alerts, notice())

    async def hanging(stage: Stage) -> None:
        await stage.idle(notice())  # the answer came while the one before stopped
        assert len(peer.alerts) == 1
        await stage.settle(lambda: len(peer.alerts) == 2, notice(level=IMMINENT))

    first, second = lives(tmp_path, peer, answered, hanging)
    assert (len(first.actions), len(second.actions)) == (1, 0)


class Stubborn:
    """A way that swallows the first cancellations, as some connections do while they are made."""

    to = "nowhere"

    def __init__(self) -> None:
        self.swallowed = 0

    async def send(self, alert: Alert, heartbeat: bool) -> Outcome:
        while self.swallowed < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.swallowed += 1
        await asyncio.sleep(60)
        return CONFIRMED

    async def close(self) -> None:
        """Nothing is held open."""


def test_a_cancellation_that_is_swallowed_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "GRACE_S", 0.05)
    monkeypatch.setattr(courier, "CANCEL_AGAIN_S", 0.02)
    way = Stubborn()
    stage = Stage([Receiver("feed", "feed", Level.WATCH, frozenset(), Audience())])

    async def scene() -> None:
        monkeypatch.setattr(deliveries.Deliveries, "_transport", lambda self, receiver: way)
        await stage.start()
        await stage.idle(notice())

    with played(stage) as play:
        play(scene())
    assert way.swallowed >= 3
