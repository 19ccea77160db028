"""A real server in a process of its own, with real sockets, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import websockets

from tests.serve.decoding import Message, Mirror, decode

ROOT = Path(__file__).resolve().parents[2]
READY_S = 600.0  # a machine without compiled kernels compiles them first
PATIENCE_S = 30.0
T = TypeVar("T")

SITE = """\
[site]
id = "test"
name = "Test site"
[[sensors]]
id = "radar"
kind = "radar_3d"
lat = 56.0
lon = 11.0
height_m = 50.0
max_range_m = 8000.0
false_plots_per_scan = 1.0
[[sensors]]
id = "finder"
kind = "bearing"
lat = 56.01
lon = 11.0
height_m = 50.0
[[places]]
id = "pier"
name = "Pier"
shape = "point"
points = [[56.0, 11.0]]
radius_m = 300.0
[server]
port = 0
[accounts]
on = false
[guard]
requests_per_s = 1000.0
changes_per_s = 1000.0
changes_burst = 1000
"""


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def udp_source(name: str = "radar") -> tuple[str, int]:
    """A [[sources]] table that listens for datagrams, and its port."""
    port = free_port(socket.SOCK_DGRAM)
    return f'[[sources]]\nkind = "jsonl"\nname = "{name}"\nvia = "udp://127.0.0.1:{port}"\n', port


@dataclass(slots=True)
class Live:
    """A server that runs. Its log is kept in `said`."""

    folder: Path
    process: subprocess.Popen[str]
    address: str
    said: deque[str]
    ports: dict[str, int] = field(default_factory=dict)

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON (or bytes) of a GET."""
        answer = httpx.get(self.address + path, timeout=PATIENCE_S)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content

    def health(self) -> dict[str, Any]:
        """What /healthz says, be it well or not."""
        answer = httpx.get(self.address + "/healthz", timeout=PATIENCE_S)
        health: dict[str, Any] = answer.json()
        assert answer.status_code == (503 if health["status"] == "degraded" else 200)
        return health

    def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """The JSON of a request that changes something, as our own page makes it."""
        csrf = self.get("/api/session")["csrf"]
        headers = {"X-CSRF-Token": csrf, "Origin": self.address}
        answer = httpx.request(method, self.address + path, json=body, headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def wait(self, what: Callable[[], T], words: str = "") -> T:
        """The first true value of `what`; fails when patience is over."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            value = what()
            if value:
                return value
            assert time.monotonic() < end_s, f"waited in vain {words}; the log says: {list(self.said)[-20:]}"
            time.sleep(0.05)

    def numbers(self) -> set[int]:
        """Numbers of the objects shown."""
        return {o["number"] for o in self.get("/api/objects")["objects"]}

    def udp(self, port_name: str, *lines: Any) -> None:
        """Send a datagram of lines: text as it is, the rest as JSON."""
        data = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(data, ("127.0.0.1", self.ports[port_name]))

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def started(folder: Path, site: str, **ports: int) -> Iterator[Live]:
    """A server with this configuration, ready; ended afterwards, whatever happened."""
    (folder / "site.toml").write_text(site)
    process = subprocess.Popen(
        [sys.executable, "-m", "lowsky", "run", str(folder / "site.toml")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: deque[str] = deque(maxlen=200)
    found = threading.Event()
    address: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if not found.is_set() and (match := re.search(r"(https?://\S+)/\s*$", line)):
                address.append(match[1])
                found.set()
        found.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        found.wait(READY_S)
        assert address, list(said)
        live = Live(folder, process, address[0], said, dict(ports))
        end_s = time.monotonic() + READY_S
        while httpx.get(live.address + "/healthz").json()["status"] == "starting":
            assert time.monotonic() < end_s, list(said)
            time.sleep(0.05)
        live.wait(lambda: _open(live.address), "for the sources to be opened")
        yield live
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait(20)
        reader.join(10)
        if process.stdout is not None:
            process.stdout.close()


def _open(address: str) -> bool:
    """Whether every source has been opened, or has failed; of a server that lets nobody ask, nobody knows."""
    answer = httpx.get(address + "/api/sources", timeout=PATIENCE_S)
    return answer.status_code != 200 or all(s["state"] != "starting" for s in answer.json()["sources"])


class Target:
    """An object that a radar sees each time it is asked to: straight on from the south."""

    def __init__(self, range_m: float = 4000.0, azimuth_deg: float = 180.0, speed_mps: float = 25.0) -> None:
        self.range_m, self.azimuth_deg, self.speed_mps = range_m, azimuth_deg, speed_mps
        self._begin_s = time.time()

    def report(self, **others: Any) -> dict[str, Any]:
        """What a 3-D radar says of it now."""
        now_s = time.time()
        range_m = self.range_m - self.speed_mps * (now_s - self._begin_s)
        return {
            "type": "report", "sensor": "radar", "time": now_s, "range_m": range_m, "azimuth_deg": self.azimuth_deg,
            "elevation_deg": 2.0, "range_rate_mps": -self.speed_mps, "rcs_dbsm": -15.0,
        } | others  # fmt: skip


def look(sensor: str = "radar") -> dict[str, Any]:
    """A sensor has finished looking now."""
    return {"type": "look", "sensor": sensor, "time": time.time()}


@contextlib.contextmanager
def flying(live: Live, *targets: Target, every_s: float = 0.25) -> Iterator[None]:
    """Targets that are reported by the radar over UDP, as long as this lasts."""
    stop = threading.Event()

    def fly() -> None:
        while not stop.wait(every_s):
            live.udp("radar", *[target.report() for target in targets], look())

    thread = threading.Thread(target=fly)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass(slots=True)
class Watched:
    """What a client of the feed got."""

    texts: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[Message] = field(default_factory=list)
    mirror: Mirror = field(default_factory=Mirror)

    def fresh(self) -> list[int]:
        """Numbers of objects that were reported in the last second."""
        rows, now_ms = self.mirror.rows.values(), self.pictures[-1].picture_ms if self.pictures else 0.0
        return [int(r["number"]) for r in rows if r["status"] == 1 and now_ms - r["last_report_ms"] < 1000.0]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Text messages of a type."""
        return [t for t in self.texts if t["type"] == kind]


def watch(live: Live, enough: Callable[[Watched], Any], patience_s: float = PATIENCE_S) -> Watched:
    """Take the feed until `enough`."""

    async def take() -> Watched:
        got = Watched()
        async with connect(live) as feed, asyncio.timeout(patience_s):
            while not enough(got):
                message = await feed.recv()
                if isinstance(message, str):
                    got.texts.append(json.loads(message))
                else:
                    got.pictures.append(decode(message, got.texts[0]["columns"]))
                    got.mirror.apply(got.pictures[-1])
        return got

    return asyncio.run(take())


def connect(live: Live) -> websockets.connect:
    """A connection to the feed as our page makes it."""
    address = live.address.replace("http", "ws", 1) + "/feed"
    return websockets.connect(address, origin=websockets.Origin(live.address), max_size=None)
