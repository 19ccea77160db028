"""The feed of a real server: what a page sees."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
import websockets

from tests.serve.live import PATIENCE_S, Live, Target, Watched, connect, flying, look, watch


def told(w: Watched) -> list[dict[str, Any]]:
    """Standing notices of objects that are being reported."""
    fresh = w.fresh()
    return [n for t in w.of("notices")[-1:] for n in t["notices"] if n["track"] in fresh and not n["ended_ms"]]


def test_a_target_appears_moves_and_is_told_of(live: Live) -> None:
    with flying(live, Target(3000.0), Target(3500.0, 90.0)):
        got = watch(live, lambda w: len(w.fresh()) >= 2 and told(w))
        notice = told(got)[0]
        number = notice["track"]
        row, after_ms = got.mirror.rows[number], got.pictures[-1].picture_ms + 1500.0
        later = watch(live, lambda w: number in w.fresh() and w.pictures[-1].picture_ms > after_ms)
        details = live.get(f"/api/objects/{number}")
    assert [t["type"] for t in got.texts[:1]] == ["hello"]
    assert got.pictures[0].what == "snapshot"
    assert abs(row["lat"] - 55.975) < 0.02 or abs(row["lon"] - 11.05) < 0.03
    assert later.mirror.rows[number]["lat"] != row["lat"] or later.mirror.rows[number]["lon"] != row["lon"]
    assert notice["place"] == "pier"
    assert notice["level"] in ("watch", "warning", "imminent")
    assert notice["arrival_ms"] > notice["raised_ms"]
    assert notice["path"]
    assert 0.0 < notice["why"]["distance_m"] < 4000.0
    assert got.of("hello")[0]["levels"] == ["clear", "watch", "warning", "imminent"]
    assert got.of("event")
    assert got.of("event")[0]["event"] == "raised"
    assert details["sensors"] == {"radar": pytest.approx(details["object"]["reports"], abs=4)}
    assert details["reports"][0]["sensor"] == "radar"
    assert details["reports"][0]["association"] > 0.5
    assert details["reports"][0]["range_m"] < 4000.0


def test_messages_of_every_type_come_by_themselves(live: Live) -> None:
    def finder() -> None:
        live.udp("radar", {"type": "report", "sensor": "finder", "time": time.time(), "azimuth_deg": 77.0})

    finder()
    seen = watch(live, lambda w: {t["type"] for t in w.texts} >= {"hello", "status", "sensors", "places", "bearings"})
    assert seen.of("status")[-1]["health"]["status"] in ("well", "degraded")
    assert {s["id"] for s in seen.of("sensors")[-1]["sensors"]} == {"radar", "finder"}
    assert [p["id"] for p in seen.of("places")[-1]["places"]] == ["pier"]
    line = seen.of("bearings")[-1]["lines"][0]
    assert (line["sensor"], line["azimuth_deg"]) == ("finder", pytest.approx(77.0))
    assert line["sigma_deg"] > 0.0


def test_acknowledging_is_seen_by_everybody(live: Live) -> None:
    with flying(live, Target(2500.0)):
        number = told(watch(live, told))[0]["notice"]
        assert live.send("POST", f"/api/notices/{number}/acknowledge") == {"effective": True}
        seen = live.wait(
            lambda: [n for n in live.get("/api/notices")["notices"] if n["notice"] == number and n["acknowledged"]]
        )
        assert seen[0]["acknowledged"]["by"] == "local"
        flagged = watch(live, lambda w: any(int(row["flags"]) & 1 for row in w.mirror.rows.values()))
        assert flagged.mirror.rows
        live.send("POST", f"/api/notices/{number}/end", {"why": "our own"})
        ended = live.wait(
            lambda: [n for n in live.get("/api/notices")["notices"] if n["notice"] == number and n["ended_ms"]]
        )
        assert "local" in ended[0]["why"]["rule"]
    assert live.send("POST", f"/api/notices/{number}/end", {"why": "again"}, 409)["error"]
    assert live.send("POST", "/api/notices/99999/acknowledge", None, 404)["error"]
    assert "why" in live.send("POST", f"/api/notices/{number}/end", {"why": " "}, 422)["error"]


def test_a_kind_set_by_hand_is_flagged_and_can_be_taken_back(live: Live) -> None:
    with flying(live, Target(3800.0, 140.0)):
        number = max(watch(live, lambda w: w.fresh()).fresh())
        live.send("POST", f"/api/objects/{number}/kind", {"kind": "bird"})
        shown = watch(live, lambda w: number in w.mirror.rows and int(w.mirror.rows[number]["flags"]) & 4)
        assert shown.texts[0]["kinds"][int(shown.mirror.rows[number]["kind"])] == "bird"
        assert live.get(f"/api/objects/{number}")["kind_set_by"] == "local"
        live.send("POST", f"/api/objects/{number}/kind", {"kind": ""})
        watch(live, lambda w: number in w.mirror.rows and not int(w.mirror.rows[number]["flags"]) & 4)
        assert live.send("POST", f"/api/objects/{number}/kind", {"kind": "dragon"}, 422)["error"]
    assert live.send("POST", "/api/objects/99999/kind", {"kind": "bird"}, 404)["error"]


def test_who_does_not_read_holds_nobody_up_and_gets_a_snapshot_later(live: Live) -> None:
    async def slow_and_fast() -> tuple[int, list[bytes]]:
        async with connect(live) as slow:
            slow_socket = slow.transport.get_extra_info("socket")
            slow.transport.pause_reading()
            assert slow_socket is not None
            async with connect(live) as fast, asyncio.timeout(PATIENCE_S):
                count = 0
                while count < 15:
                    count += isinstance(await fast.recv(), bytes)
            slow.transport.resume_reading()
            messages: list[bytes] = []
            async with asyncio.timeout(PATIENCE_S):
                while len(messages) < 3:
                    message = await slow.recv()
                    if isinstance(message, bytes):
                        messages.append(message)
            return count, messages

    with flying(live, Target(3900.0, 200.0), every_s=0.05):
        count, messages = asyncio.run(slow_and_fast())
    assert count == 15
    assert messages[0][0] == 1


def test_what_clients_say_is_ignored_and_too_much_ends_the_connection(live: Live) -> None:
    async def talk() -> int | None:
        async with connect(live) as feed, asyncio.timeout(PATIENCE_S):
            await feed.send('{"type":"hello"}')
            await feed.send(b"\x00\x01")
            assert json.loads(await feed.recv())["type"] == "hello"
            await feed.send("x" * 100_000)
            try:
                while True:
                    await feed.recv()
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    assert asyncio.run(talk()) == 1009
    assert live.health()["status"] in ("well", "degraded")


def test_a_hundred_clients_twenty_of_them_not_reading(live: Live) -> None:
    async def crowd() -> int:
        feeds = await asyncio.gather(*(connect(live) for _ in range(100)))
        try:
            for feed in feeds[:20]:
                feed.transport.pause_reading()
            live.udp("radar", look())

            async def pictures(feed: websockets.ClientConnection) -> int:
                count = 0
                while count < 5:
                    count += isinstance(await feed.recv(), bytes)
                return count

            async with asyncio.timeout(PATIENCE_S):
                return sum(await asyncio.gather(*(pictures(feed) for feed in feeds[20:])))
        finally:
            for feed in feeds:
                feed.transport.abort()

    with flying(live, Target(3700.0, 230.0), every_s=0.05):
        assert asyncio.run(crowd()) == 400
    live.wait(lambda: b"lowsky_clients 0.0" in live.get("/metrics"))


def test_the_picture_by_rest_is_that_of_the_feed(live: Live) -> None:
    with flying(live, Target(3600.0, 260.0)):
        got: Watched = watch(live, lambda w: w.mirror.rows)
        listed = {o["number"]: o for o in live.get("/api/objects")["objects"]}
    for number, row in got.mirror.rows.items():
        if int(number) in listed:
            assert listed[int(number)]["lat"] == pytest.approx(row["lat"], abs=0.01)
            assert listed[int(number)]["first_report_ms"] == row["first_report_ms"]
