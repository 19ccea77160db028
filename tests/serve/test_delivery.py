"""Deliveries to a real receiver on loopback, which fails, hangs, redirects, refuses, dies and comes back."""

from __future__ import annotations

import asyncio
import base64
import functools
import gc
import hashlib
import hmac
import json
import re
import shutil
import ssl
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lowsky.model.action import ActionKind
from lowsky.model.notice import Level
from lowsky.serve.delivery import chain, courier, deliveries, desk, webhook
from lowsky.wire.cap import Audience, warning_alert
from tests.serve.receivers import PLANT, SECRET, Peer, Stage, notice, played, tower

WARNING, IMMINENT, WATCH = Level.WARNING, Level.IMMINENT, Level.WATCH
PAGE = Path(__file__).resolve().parents[2] / "docs" / "warnings-out.md"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second in place of seconds."""
    monkeypatch.setattr(courier, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(courier, "LONGEST_WAIT_S", 0.03)
    monkeypatch.setattr(deliveries, "SWEEP_S", 0.02)


@pytest.fixture
def peer() -> Peer:
    return Peer()


def has(peer: Peer, count: int) -> bool:
    return len(peer.alerts) == count


def delivered(stage: Stage, count: int) -> bool:
    return len(stage.actions) == count


def told(peer: Peer) -> list[tuple[str, str]]:
    """msgType and level of what the peer got, attempts of one message once."""
    seen: dict[str, tuple[str, str]] = {}
    for got in peer.alerts:
        level = re.search(r"<valueName>level</valueName><value>(\w+)</value>", got.body.decode())
        seen.setdefault(got.text("identifier"), (got.text("msgType"), level[1] if level else ""))
    return list(seen.values())


def test_a_call_is_told_at_each_level_and_at_its_end(peer: Peer) -> None:
    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        for level, count in ((WATCH, 0), (WARNING, 1), (IMMINENT, 2), (WATCH, 3)):
            await stage.idle(notice(level=level))
            await stage.settle(functools.partial(has, peer, count), notice(level=level))
        await stage.settle(lambda: len(peer.alerts) == 4)
        await stage.idle()
        assert told(peer) == [("Alert", "warning"), ("Update", "imminent"), ("Update", "watch"), ("Cancel", "clear")]
        first, *rest = peer.alerts
        assert first.text("references") == ""
        for i, got in enumerate(rest, 1):
            names = [triple.split(",")[1] for triple in got.text("references").split()]
            assert names == [g.text("identifier") for g in peer.alerts[:i]]
        assert [(a.kind, a.number, a.value, a.who) for a in stage.actions] == [
            (ActionKind.DELIVERED, 1, level, "tower") for level in ("warning", "imminent", "watch")
        ]
        assert stage.status().delivered == 4

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_bookkeeping_is_no_news(peer: Peer) -> None:
    """Other numbers, chances, times, and objects that join or leave the call: one message."""

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: peer.alerts, notice())
        for i in range(60):
            wave = [notice(number=n, track=i + n, probability=0.5 + i / 200) for n in range(1, 2 + i % 4)]
            await stage.idle(*wave, notice(number=99, level=WATCH), ticks=1)
        assert told(peer) == [("Alert", "warning")]
        assert len(peer.alerts) == len(stage.actions) == 1

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_each_hears_of_its_places_from_its_level_on() -> None:
    near, far = Peer(), Peer()

    async def scene() -> None:
        await near.start()
        await far.start()
        stage.receivers = [
            tower(near, level=IMMINENT),
            replace(tower(far, level=WATCH, places=frozenset({"plant"})), id="plant"),
        ]
        await stage.start()
        rows = [notice(1, IMMINENT), notice(2, WARNING), notice(3, WATCH, place=1), notice(4, IMMINENT, place=1)]
        await stage.settle(lambda: len(near.alerts) == 2 and len(far.alerts) == 2, *rows)
        await stage.idle(*rows)
        assert {g.text("incidents") for g in near.alerts} == {"call-1", "call-4"}
        assert [g.text("incidents") for g in far.alerts] == ["call-4", "call-3"]  # the most urgent first
        assert {g.text("areaDesc") for g in far.alerts} == {PLANT.name}

    stage = Stage([])
    with played(stage, near, far) as play:
        play(scene())


@pytest.mark.parametrize(
    "trouble", [["hang"], ["500"] * 4, ["drop", "drop"], ["503", "429", "hang"], ["302"], ["long"]]
)
def test_trouble_ends_in_one_delivery_of_one_message(
    peer: Peer, trouble: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if {"hang", "long"} & set(trouble):
        monkeypatch.setattr(webhook, "ATTEMPT_S", 1.0)
    peer.behave = [*trouble, "200"]

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: stage.actions, notice())
        await stage.idle(notice())
        expected = len(trouble) + 1 if trouble != ["long"] else 1  # a status of 200 is enough, however long the answer
        assert len(peer.alerts) == expected
        assert len({g.body for g in peer.alerts}) == 1
        assert len({g.headers["webhook-id"] for g in peer.alerts}) == 1
        assert len(stage.actions) == 1
        status = stage.status()
        assert (status.state, status.delivered, status.attempts_failed) == ("well", 1, expected - 1)
        assert status.failing_since == 0

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_redirects_are_not_followed(peer: Peer) -> None:
    other = Peer()
    peer.behave = ["307"]

    async def scene() -> None:
        await peer.start()
        await other.start()
        peer.location = other.url
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: len(peer.alerts) >= 3, notice())
        assert other.got == []
        assert stage.status().last_error == "answered 307: redirects are not followed"
        assert stage.status().state == "failing"
        assert "hidden" not in stage.status().to

    stage = Stage([])
    with played(stage, peer, other) as play:
        play(scene())


def test_who_was_away_hears_what_stands_and_not_what_stood(peer: Peer) -> None:
    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: len(stage.actions) == 1, notice(1))
        await peer.stop()
        await stage.settle(lambda: stage.status().failing_since > 1, notice(1), notice(2))
        await stage.idle(notice(1, IMMINENT), notice(2, IMMINENT), notice(3))
        await stage.idle(notice(1, IMMINENT), notice(2))  # the third came and went unheard
        await stage.idle(notice(2))  # the first, of which it has heard, is over
        await peer.start()
        await stage.settle(lambda: len(peer.alerts) == 3, notice(2))
        await stage.idle(notice(2))
        assert sorted(told(peer)[1:]) == [("Alert", "warning"), ("Cancel", "clear")]
        assert stage.status().superseded >= 1

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_what_it_may_have_got_is_ended_too(peer: Peer) -> None:
    peer.fails = b"<value>warning<"

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: peer.alerts, notice())
        await stage.settle(lambda: told(peer)[-1] == ("Cancel", "clear"))
        assert stage.actions == []

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_a_message_nobody_wants_holds_up_no_other(peer: Peer) -> None:
    peer.refuses = b"<value>warning</value></parameter><parameter><valueName>place</valueName><value>plant<"

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: stage.status().failing_since > 1, notice(1, place=1))
        for call in range(2, 6):
            await stage.settle(
                functools.partial(delivered, stage, call - 1), notice(1, place=1), *map(notice, range(2, call + 1))
            )
        assert {a.number for a in stage.actions} == {2, 3, 4, 5}
        assert stage.status().attempts_failed > 2
        stage.actions.clear()
        rows = [notice(call) for call in range(2, 6)]
        await stage.settle(lambda: stage.actions, notice(1, IMMINENT, place=1), *rows)  # another may do
        assert [(a.number, a.value) for a in stage.actions] == [(1, "imminent")]

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_a_receiver_that_hangs_holds_up_no_other(peer: Peer) -> None:
    well = Peer()
    peer.behave = ["hang"]

    async def scene() -> None:
        await peer.start()
        await well.start()
        stage.receivers = [tower(peer), replace(tower(well), id="well")]
        await stage.start()
        for call in range(1, 30):
            await stage.settle(functools.partial(has, well, call), *(notice(c) for c in range(1, call + 1)))
        assert stage.status().delivered == 0
        assert stage.status().pending == 29

    stage = Stage([])
    with played(stage, peer, well) as play:
        play(scene())


def test_the_journal_is_flushed_before_the_first_attempt_and_cannot_prevent_it(peer: Peer) -> None:
    peer.behave = ["500", "200"]

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        stage.tick(notice())
        assert peer.alerts == []
        await stage.settle(lambda: stage.actions, notice())
        assert len(stage.flushes) == 1
        stage.flush_fails = True
        await stage.settle(lambda: len(stage.actions) == 2, notice(level=IMMINENT))
        assert stage.status().unflushed == 1

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_a_danger_that_stands_is_renewed_before_its_message_expires(peer: Peer) -> None:
    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: len(peer.alerts) == 1, notice())
        stage.ahead_s += (chain.LIFE_NS - chain.RENEW_NS) / 1e9
        await stage.idle(notice())
        stage.ahead_s += 61.0
        await stage.settle(lambda: len(peer.alerts) == 2, notice())
        await stage.idle(notice())
        assert told(peer) == [("Alert", "warning"), ("Update", "warning")]
        assert peer.alerts[1].text("note") == "renewed, nothing has changed"

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_attempts_end_with_what_they_say(peer: Peer) -> None:
    """An end that cannot be told for an hour is not told at all; nothing is tried any more."""
    peer.behave = ["200", "500"]

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: len(peer.alerts) == 1, notice())
        await stage.settle(lambda: len(peer.alerts) == 3)
        stage.ahead_s += chain.CLEAR_LIFE_NS / 1e9 + 1
        await stage.settle(lambda: stage.status().expired == 1)
        await stage.idle()
        before = len(peer.alerts)
        await stage.idle()
        assert len(peer.alerts) == before
        assert stage.status().pending == 0

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_a_drill_is_an_exercise_until_it_is_over(peer: Peer) -> None:
    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: len(peer.alerts) == 1, notice(1))
        stage.drill = True
        await stage.settle(lambda: len(peer.alerts) == 3, notice(1, IMMINENT), notice(2))
        await stage.idle(notice(1, IMMINENT), notice(2))
        status = {g.text("incidents"): g.text("status") for g in peer.alerts}
        assert status == {"call-1": "Actual", "call-2": "Exercise"}
        stage.drill = False
        await stage.settle(lambda: len(peer.alerts) == 5, notice(1, IMMINENT), notice(2))
        await stage.idle(notice(1, IMMINENT), notice(2))
        cancel, again = peer.alerts[3:]
        assert (cancel.text("msgType"), cancel.text("status")) == ("Cancel", "Exercise")
        assert (again.text("msgType"), again.text("status"), again.text("incidents")) == ("Alert", "Actual", "call-2")

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_heartbeats_say_that_pictures_come_and_fall_silent_when_none_do(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "STILL_S", 0.2)

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer, heartbeat_s=0.05)]
        await stage.start()
        await asyncio.sleep(0.1)
        assert peer.got == []
        await stage.settle(lambda: len(peer.got) >= 3)
        await asyncio.sleep(0.4)
        silent = len(peer.got)
        await asyncio.sleep(0.15)
        assert len(peer.got) == silent
        assert stage.status().heartbeats_withheld > 0
        await stage.settle(lambda: len(peer.got) > silent)
        beat = peer.got[0]
        assert beat.heartbeat
        assert "<valueName>lag_s</valueName><value>0.2</value>" in beat.body.decode()
        assert beat.text("expires") >= beat.text("sent")
        assert stage.actions == []

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_json_says_the_same_and_is_signed_too(peer: Peer) -> None:
    async def scene() -> None:
        await peer.start()
        stage.receivers = [
            tower(peer, json=True, audience=Audience("Private", addresses=("tower",), languages=("ko",)))
        ]
        await stage.start()
        await stage.settle(lambda: stage.actions, notice())
        (got,) = peer.alerts
        said = json.loads(got.body)
        assert (said["msgType"], said["scope"], said["addresses"], said["status"]) == (
            "Alert",
            "Private",
            "tower",
            "Actual",
        )
        assert [i["language"] for i in said["info"]] == ["ko-KR"]
        assert said["identifier"] == got.headers["webhook-id"]
        assert got.path == "/alerts?key=hidden"

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_the_snippet_of_the_page_tells_ours_from_others(peer: Peer) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    verify: dict[str, Any] = {}
    exec(snippet, verify)

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        await stage.settle(lambda: peer.alerts, notice())

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())
    (got,) = peer.alerts
    assert verify["genuine"](SECRET, got.headers, got.body)
    assert not verify["genuine"](b"x" * 20, got.headers, got.body)
    assert not verify["genuine"](SECRET, got.headers, got.body + b" ")
    for name, value in (
        ("webhook-id", "x"),
        ("webhook-timestamp", str(int(got.headers["webhook-timestamp"]) + 1)),
        ("webhook-signature", "v1,"),
    ):
        assert not verify["genuine"](SECRET, got.headers | {name: value}, got.body)
    old = int(time.time()) - 1000
    signed = f"{got.headers['webhook-id']}.{old}.".encode() + got.body
    replayed = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    headers = got.headers | {"webhook-timestamp": str(old), "webhook-signature": f"v1,{replayed}"}
    assert not verify["genuine"](SECRET, headers, got.body)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody has signed, and a server's context with it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=tmp_path, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return tmp_path / "cert.pem", context


@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")  # of handshakes that the end cuts short
def test_certificates_are_verified(certificate: tuple[Path, ssl.SSLContext]) -> None:
    file, context = certificate
    peer = Peer(tls=context)

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer), replace(tower(peer, ca_file=file), id="trusting")]
        await stage.start()
        await stage.settle(lambda: stage.actions and stage.status().attempts_failed > 1, notice())
        assert [a.who for a in stage.actions] == ["trusting"]
        assert "certificate verify failed" in stage.status().last_error
        assert len(peer.alerts) == 1

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())
    gc.collect()


def test_a_defect_of_ours_holds_up_one_call_and_is_told(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "BEGIN_AGAIN_S", 0.02)
    sound = warning_alert

    def faulty(envelope: Any, call: Any, *rest: Any) -> Any:
        if call.place.id == "plant":
            raise ZeroDivisionError("a defect")
        return sound(envelope, call, *rest)

    async def scene() -> None:
        await peer.start()
        monkeypatch.setattr(courier, "warning_alert", faulty)
        stage.receivers = [tower(peer)]
        await stage.start()
        rows = [notice(1, IMMINENT, place=1), notice(2)]
        await stage.settle(lambda: stage.actions and stage.status().defects > 1, *rows)
        assert [a.number for a in stage.actions] == [2]
        monkeypatch.setattr(courier, "warning_alert", sound)
        await stage.settle(lambda: len(stage.actions) == 2, *rows)

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())


def test_what_has_no_room_waits_outside_and_comes_later(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "MOST_PENDING", 5)

    async def scene() -> None:
        await peer.start()
        stage.receivers = [tower(peer)]
        await stage.start()
        wave = [notice(c) for c in range(1, 21)]
        await stage.settle(lambda: len(stage.actions) == 20, *wave)
        assert stage.status().crowded > 0
        assert len({a.number for a in stage.actions}) == len(peer.alerts) == 20

    stage = Stage([])
    with played(stage, peer) as play:
        play(scene())
