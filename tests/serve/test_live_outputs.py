"""A real server tells its picture in three formats at once, and says how that goes."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from lowsky.wire.asterix.reading import read_block
from tests.serve.brokers import broker, listening
from tests.serve.live import SITE, Live, Target, flying, free_port, started, udp_source


def outputs_to(asterix: int, mqtt: int, nobody: int) -> str:
    """Four outputs; nobody is at the last one."""
    return f"""
[[outputs]]
name = "centre"
kind = "asterix"
to = "udp://127.0.0.1:{asterix}"
sac = 25
sic = 100
sensors = {{ "25/13" = "radar" }}
[[outputs]]
name = "hub"
kind = "mqtt"
to = "mqtt://127.0.0.1:{mqtt}/sky"
[[outputs]]
name = "gis"
kind = "geojson"
to = "file:sky.geojson"
[[outputs]]
name = "nobody"
kind = "mqtt"
to = "mqtt://127.0.0.1:{nobody}/sky"
"""


def outputs_of(server: Live) -> dict[str, dict[str, Any]]:
    return {output["name"]: output for output in server.get("/api/outputs")["outputs"]}


def records_at(line: socket.socket) -> list[dict[str, Any]]:
    """Tracks that waited at a socket."""
    found: list[dict[str, Any]] = []
    try:
        while True:
            data = line.recv(65_535)
            found += read_block(data) if data[0] == 62 else []
    except BlockingIOError:
        return found


async def heard_at(port: int, enough: Callable[[list[bytes]], bool]) -> list[bytes]:
    """What was said of objects at the broker."""
    async with listening(port) as heard, asyncio.timeout(20.0):
        while True:
            said = [body for topic, body, _ in heard.all if topic.startswith("sky/objects/")]
            if enough(said):
                return said
            await asyncio.sleep(0.05)


def test_one_picture_in_every_format(peer: Callable[[str], str], tmp_path: Path) -> None:
    udp, port = udp_source()
    hub = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, broker(peer, tmp_path, hub):
        line.bind(("127.0.0.1", 0))
        line.setblocking(False)
        site = SITE + udp + outputs_to(line.getsockname()[1], hub, free_port())
        with started(tmp_path, site, radar=port) as server:
            with flying(server, Target(3000.0)):
                server.wait(server.numbers)
                said = asyncio.run(heard_at(hub, lambda said: len(said) >= 2))
                path = tmp_path / "sky.geojson"
                features = server.wait(lambda: json.loads(path.read_bytes())["features"])
                tracks = server.wait(lambda: records_at(line))
                answer = httpx.get(f"{server.address}/api/objects.geojson?ellipses=1&places=1&bearings=1")
            (number,) = server.numbers()
            record, track = json.loads(said[-1]), tracks[-1]
            assert record["number"] == number == track["040"]
            assert features[0]["id"] == number
            assert track["105"]["LAT"] == pytest.approx(record["lat"], abs=1e-3)
            assert track["130"] * 0.3048 == pytest.approx(record["height_m"], abs=20.0)
            assert {f["properties"]["what"] for f in answer.json()["features"]} == {"object", "uncertainty", "place"}
            assert answer.headers["content-type"] == "application/geo+json"
            assert answer.headers["etag"].startswith('"')
            told = outputs_of(server)
            nobody = told.pop("nobody")
            assert (nobody["state"], nobody["messages"]) == ("failed", 0)
            assert "refused" in nobody["message"].lower()
            assert any("outputs that are broken: nobody" in reason for reason in server.health()["reasons"])
            assert {name: output["state"] for name, output in told.items()} == dict.fromkeys(told, "running")
            assert all(output["messages"] and not output["failures"] for output in told.values())
            assert 'lowsky_output_messages_total{output="centre"}' in server.get("/metrics").decode()
            server.stop(signal.SIGTERM)
        assert any(r["080"]["TSB"] for r in tracks)


def test_a_feed_that_has_not_changed_costs_nothing(tmp_path: Path, live: Live) -> None:
    first = httpx.get(f"{live.address}/api/cap")
    again = httpx.get(f"{live.address}/api/cap", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
