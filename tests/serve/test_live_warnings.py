"""The whole way of a warning: reports by UDP, a receiver told, its answer, the end; across a kill."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
from lxml import etree

from lowsky.wire.cap import check
from tests.serve.live import SITE, Live, Target, flying, started, udp_source
from tests.serve.receivers import SECRET, Got, Peer

RECEIVER = """\
[alerts]
sender = "watch@example.org"
utc_offset = "+09:00"
[[receivers]]
id = "tower"
kind = "webhook"
url = "{url}"
secret = "{secret}"
heartbeat_s = 1.0
"""


@contextlib.contextmanager
def listening() -> Iterator[Peer]:
    """A receiver in a thread of its own."""
    peer, loop = Peer(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(peer.start(), loop).result(10)
        yield peer
    finally:
        asyncio.run_coroutine_threadsafe(peer.stop(), loop).result(10)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def of_type(peer: Peer, kind: str) -> list[Got]:
    """Alerts of a msgType."""
    return [got for got in peer.alerts if got.text("msgType") == kind]


def standing(live: Live) -> list[int]:
    """Numbers of the notices that stand."""
    return [n["notice"] for n in live.get("/api/notices?open=1")["notices"]]


def test_a_warning_goes_out_once_and_its_end_too_across_a_kill(tmp_path: Path) -> None:
    source, port = udp_source()
    target = Target(3000.0)
    with listening() as peer:
        site = SITE + source + RECEIVER.format(url=peer.url, secret=SECRET.decode())
        with started(tmp_path, site, radar=port) as live:
            with flying(live, target):
                live.wait(lambda: of_type(peer, "Alert"), "for the alert")
                live.wait(
                    lambda: [d for n in live.get("/api/notices")["notices"] for d in n["delivered"]], "for its note"
                )
                live.wait(lambda: any(got.heartbeat for got in peer.got), "for a heartbeat")
                _look_at_feed(live)
            first = of_type(peer, "Alert")[0]
            said = [got.body.decode() for got in peer.got if got.heartbeat][-1]
            health = dict(re.findall(r"<valueName>(\w+)</valueName><value>([^<]*)</value>", said))
            assert (health["sensors"], health["objects"], health["drill"]) == ("2", "1", "off")
            assert first.text("sender") == "watch@example.org"
            assert first.text("areaDesc") == "Pier"
            assert first.text("sent").endswith("+09:00")
            (notice, *_) = live.get("/api/notices")["notices"]
            assert notice["delivered"][0]["to"] == "tower"
            live.stop(signal.SIGKILL)
        with started(tmp_path, site, radar=port) as live:
            with flying(live, target):
                live.wait(lambda: standing(live), "for the notice to go on")
                beats = sum(got.heartbeat for got in peer.got)
                live.wait(lambda: sum(got.heartbeat for got in peer.got) >= beats + 3, "for heartbeats")
            for number in standing(live):
                live.send("POST", f"/api/notices/{number}/end", {"why": "seen to turn away"})
            live.wait(lambda: of_type(peer, "Cancel"), "for the end")
    assert len({got.text("identifier") for got in of_type(peer, "Alert")}) == 1
    assert of_type(peer, "Cancel")[0].text("note") == "ended by hand"
    assert of_type(peer, "Cancel")[0].text("references").startswith(f"watch@example.org,{first.text('identifier')},")
    assert all(check(got.body) == [] for got in peer.got)


def _look_at_feed(live: Live) -> None:
    """The alert is in the feed too, and the feed leads to it."""
    feed = etree.fromstring(live.get("/api/cap"))
    links = [link.get("href") for link in feed.iterfind("{*}entry/{*}link")]
    assert links
    for link in links:
        answer = httpx.get(link)
        assert answer.headers["content-type"].startswith("application/cap+xml")
        assert check(answer.content) == []
    live.get("/api/cap/nothing.xml", status=404)
    statuses = {r["id"]: r for r in live.get("/api/receivers")["receivers"]}
    assert statuses["tower"]["state"] == "well"
    assert "hidden" not in str(statuses)
