"""A stand-in for the server, to measure and test the map alone: objects that move by formula, at any number.

It speaks what a page needs: the built pages, the few questions a page asks when it opens, and the feed with the columns
that `lowsky.serve.feed` declares. Nothing is tracked, recorded or guarded; it listens on loopback only.

    python bench/stand_in.py --objects 1000 --port 8099 --scene raid
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import mimetypes
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from lowsky.serve.feed.columns import COLUMNS, DTYPES, NO_IDENTITY, Table
from lowsky.serve.feed.encode import CHANGES, SNAPSHOT, Stamp, encode

STATIC = Path(__file__).resolve().parent.parent / "src" / "lowsky" / "serve" / "static"
KINDS = ["unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]
STATUSES = ["tentative", "confirmed", "coasting", "ended"]
LEVELS = ["clear", "watch", "warning", "imminent"]
SPEEDS_MPS = np.array([15.0, 12.0, 45.0, 14.0, 5.0, 120.0, 7.0])
LAT, LON = 54.42, 18.75
METRES_PER_DEGREE = 111_319.49
SPREAD_M = 30_000.0
FRAME_S = 0.05
mimetypes.add_type("text/javascript", ".mjs")


@dataclass
class Scene:
    """Objects on straight lines, n rows: east and north (m), velocities (m/s), and what does not change."""

    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    east_mps: NDArray[np.float64]
    north_mps: NDArray[np.float64]
    fixed: Table
    began_s: float

    def table(self, now_s: float, rows: slice | NDArray[Any] = slice(None)) -> Table:
        """The feed's columns at a time (UTC seconds)."""
        run = now_s - self.began_s
        east = self.east_m[rows] + self.east_mps[rows] * run
        north = self.north_m[rows] + self.north_mps[rows] * run
        table = {name: column[rows].copy() for name, column in self.fixed.items()}
        table["lat"] = LAT + north / METRES_PER_DEGREE
        table["lon"] = LON + east / (METRES_PER_DEGREE * np.cos(np.radians(LAT)))
        aged = table["status"] == 2
        table["last_report_ms"] = np.where(aged, self.began_s * 1000.0, now_s * 1000.0)
        return table


def scene(objects: int, threats: int, seed: int = 1) -> Scene:
    """`objects` of all kinds over the site, of which the first `threats` come for a place."""
    random = np.random.default_rng(seed)
    n = objects
    kind = random.integers(0, len(KINDS), n)
    kind[:threats] = 2
    east, north = random.uniform(-SPREAD_M, SPREAD_M, (2, n))
    course = random.uniform(0, 2 * np.pi, n)
    away = random.uniform(9_000, 26_000, threats)
    bearing = random.normal(0.9, 0.12, threats)
    east[:threats], north[:threats] = away * np.sin(bearing), away * np.cos(bearing)
    course[:threats] = np.arctan2(-east[:threats], -north[:threats])
    speed = SPEEDS_MPS[kind] * random.uniform(0.7, 1.3, n)
    level = np.zeros(n)
    level[:threats] = np.select([away < 14_000, away < 20_000], [3, 2], 1)
    now_s = time.time()
    fixed = {name: np.zeros(n, dtype=dtype) for name, dtype in DTYPES.items()}
    sigma = random.uniform(10, 400, n)
    values: dict[str, Any] = {
        "number": np.arange(1, n + 1),
        "height_m": np.where(kind == 6, 0, random.uniform(30, 2500, n)),
        "east_mps": speed * np.sin(course),
        "north_mps": speed * np.cos(course),
        "level": level,
        "kind": kind,
        "cov_ee_m2": sigma**2,
        "cov_nn_m2": (sigma * random.uniform(0.3, 1, n)) ** 2,
        "existence": 0.97,
        "kind_probability": 0.9,
        "rcs_dbsm": -15.0,
        "reports": 40,
        "first_report_ms": now_s * 1000 - 60_000,
        "identity": np.where(kind >= 5, np.arange(n), NO_IDENTITY),
        "status": random.choice([0, 1, 1, 1, 1, 2], n),
        "flags": (level > 0) & (random.uniform(size=n) < 0.3),
    }
    values["status"][:threats] = 1
    for name, value in values.items():
        fixed[name][:] = value
    return Scene(east, north, fixed["east_mps"].astype(float), fixed["north_mps"].astype(float), fixed, now_s)


def hello(now_s: float) -> dict[str, Any]:
    """The feed's first message."""
    words = {"kinds": KINDS, "statuses": STATUSES, "levels": LEVELS}
    return {"type": "hello", "version": 1, "columns": COLUMNS, **words, "now_ms": now_s * 1000}


def notices(moving: Scene, threats: int, now_s: float) -> list[dict[str, Any]]:
    """A notice for each of the objects that come for the middle of the site."""
    table = moving.table(now_s, slice(0, threats))
    found = []
    for i in range(threats):
        lat, lon = float(table["lat"][i]), float(table["lon"][i])
        speed = float(np.hypot(moving.east_mps[i], moving.north_mps[i]))
        away = float(np.hypot((lat - LAT) * METRES_PER_DEGREE, (lon - LON) * METRES_PER_DEGREE * 0.58))
        left = max(1.0, (away - 1500) / speed)
        steps = [(k / 20, now_s + left * k / 20) for k in range(21)]
        path = [[lon + (LON - lon) * f, lat + (LAT - lat) * f, at * 1000, 40 + 500 * f] for f, at in steps]
        arrival = (now_s + left) * 1000
        level = LEVELS[int(table["level"][i])]
        why = {"distance_m": away, "speed_mps": speed, "height_m": 120, "kind": "fixed_wing", "rule": "path"}
        found.append(
            {
                "notice": i + 1,
                "call": 1 + i // 12,
                "track": i + 1,
                "place": "port",
                "place_name": "Inner port",
                "level": level,
                "probability": 0.93,
                "arrival_ms": arrival,
                "early_ms": arrival - 20_000,
                "late_ms": arrival + 30_000,
                "raised_ms": moving.began_s * 1000,
                "ended_ms": None,
                "delivered": [],
                "acknowledged": {"by": "officer", "at_ms": now_s * 1000} if table["flags"][i] else None,
                "why": why,
                "path": path,
            }
        )
    return found


def sensors() -> list[dict[str, Any]]:
    """Four sensors in different health."""
    states = (
        ("radar-n", "well", 12_000),
        ("radar-s", "late", 12_000),
        ("rf-1", "silent", 8000),
        ("mic-1", "well", 900),
    )
    return [
        {
            "id": name,
            "kind": name.split("-")[0],
            "lat": LAT + 0.05 * np.sin(2.0 * i),
            "lon": LON + 0.09 * np.cos(2.0 * i),
            "height_m": 30,
            "min_range_m": 100,
            "max_range_m": reach,
            "azimuth_from_deg": None if i % 2 else 300,
            "azimuth_to_deg": None if i % 2 else 60,
            "state": state,
            "last_look_ms": None,
            "last_report_ms": None,
            "reports_per_s": 12.0,
            "lag_s": 0.1,
            "faults": 0,
            "detection": {"promised": 0.9, "live": 0.88},
            "nis": {"live": 1.02},
            "sees": ["range", "azimuth"],
        }
        for i, (name, state, reach) in enumerate(states)
    ]


def places() -> list[dict[str, Any]]:
    """One place of each shape."""
    base = {"radius_m": 300, "bottom_m": -1000, "top_m": 1000, "identity": "", "lat": None, "lon": None}
    basin = [[LAT + 0.03, LON - 0.1], [LAT + 0.05, LON - 0.06], [LAT + 0.03, LON - 0.03], [LAT + 0.015, LON - 0.07]]
    fairway = [[LAT + 0.02, LON + 0.05], [LAT + 0.05, LON + 0.12], [LAT + 0.06, LON + 0.22]]
    return [
        {**base, "id": "port", "name": "Inner port", "shape": "point", "points": [[LAT, LON]], "radius_m": 1500},
        {**base, "id": "basin", "name": "Basin", "shape": "polygon", "points": basin},
        {**base, "id": "fairway", "name": "Fairway", "shape": "corridor", "points": fairway, "radius_m": 400},
        {
            **base,
            "id": "ferry",
            "name": "Ferry",
            "shape": "vessel",
            "points": [],
            "identity": "244123456",
            "radius_m": 800,
            "lat": LAT - 0.06,
            "lon": LON + 0.12,
        },
    ]


class StandIn:
    """The application, and the scene that it serves."""

    def __init__(self, objects: int, threats: int, frame_s: float = FRAME_S) -> None:
        self.scene = scene(objects, threats)
        self.threats = threats
        self.frame_s = frame_s
        self.mute = threading.Event()
        """While set, pages hear nothing: a lost connection."""
        routes = [Route("/", self.page), Route("/static/{path:path}", self.file), WebSocketRoute("/feed", self.feed)]
        self.app = Starlette(routes=[*routes, Route("/api/{path:path}", self.answer)])

    async def page(self, request: Request) -> Response:
        """The map."""
        return FileResponse(STATIC / "index.html")

    async def file(self, request: Request) -> Response:
        """A built file."""
        path = (STATIC / request.path_params["path"]).resolve()
        return FileResponse(path) if path.is_relative_to(STATIC) and path.is_file() else Response(status_code=404)

    async def answer(self, request: Request) -> Response:
        """What a page asks when it opens; all else is not there."""
        site = {
            "id": "demo",
            "name": "Stand-in harbour",
            "origin": {"lat": LAT, "lon": LON},
            "version": "0",
            "drill": False,
            "view": {"lat": LAT, "lon": LON, "zoom": 10},
            "languages": ["en", "ko"],
            "language": "en",
            "units": "metric",
            "overlay": None,
        }
        known: dict[str, Any] = {
            "site": site,
            "session": {"user": "local", "role": "officer", "csrf": ""},
            "trails": [],
            "recording": {"from_ms": self.scene.began_s * 1000, "to_ms": time.time() * 1000, "gaps": []},
            "coverage": coverage(),
        }
        path = request.path_params["path"]
        return JSONResponse(known[path]) if path in known else JSONResponse({"error": "not here"}, 404)

    async def feed(self, socket: WebSocket) -> None:
        """Snapshot first, then changes of a third of the rows each time, as sensors look round."""
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, ConnectionError):
            async for message in self.messages():
                await (
                    socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(json.dumps(message))
                )

    async def messages(self) -> AsyncIterator[bytes | dict[str, Any]]:
        """What one page is sent."""
        now_s = time.time()
        yield hello(now_s)
        yield {"type": "identities", "from": 0, "names": [f"LOT{i}" for i in range(len(self.scene.east_m))]}
        yield {"type": "places", "places": places()}
        nothing = np.empty(0)
        yield encode(SNAPSHOT, self.scene.table(now_s), nothing, Stamp(now_s * 1000, 1, now_s * 1000))
        turn = 0
        while not self.mute.is_set():
            now_s = time.time()
            rows = np.arange(turn % 3, len(self.scene.east_m), 3)
            rows = rows[self.scene.fixed["status"][rows] != 2]
            stamp = Stamp(now_s * 1000, turn + 2, now_s * 1000)
            yield encode(CHANGES, self.scene.table(now_s, rows), nothing, stamp)
            if turn % round(1 / self.frame_s) == 0:
                for message in self.slow(now_s):
                    yield message
            turn += 1
            await asyncio.sleep(self.frame_s)

    def slow(self, now_s: float) -> Iterator[dict[str, Any]]:
        """What comes each second."""
        yield {
            "type": "status",
            "now_ms": now_s * 1000,
            "newest_report_ms": now_s * 1000,
            "reports_per_s": 900.0,
            "lag_ms": 20,
            "drill": False,
            "counts": {},
            "clients": 1,
        }
        yield {"type": "notices", "notices": notices(self.scene, self.threats, now_s)}
        yield {"type": "sensors", "sensors": sensors()}
        line = {"sensor": "rf-1", "azimuth_deg": 48.0, "sigma_deg": 3.0, "time_ms": now_s * 1000}
        yield {"type": "bearings", "lines": [line, line | {"sensor": "mic-1", "azimuth_deg": 200.0, "sigma_deg": 12.0}]}


def coverage() -> dict[str, Any]:
    """A raster that sees well in the middle and nothing far off."""
    import base64

    y, x = np.mgrid[-1:1:80j, -1:1:100j]
    seen = np.clip(1.3 - np.hypot(x, y) * 1.6, 0, 1)
    box = {"west": LON - 0.4, "east": LON + 0.4, "south": LAT - 0.25, "north": LAT + 0.25, "columns": 100, "rows": 80}
    return {"height_m": 100, **box, "data": base64.b64encode((seen * 255).astype(np.uint8).tobytes()).decode()}


@contextlib.contextmanager
def running(stand_in: StandIn, port: int = 0) -> Iterator[str]:
    """Serve in a thread; gives the address."""
    config = uvicorn.Config(
        stand_in.app, host="127.0.0.1", port=port, log_level="warning", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        stand_in.mute.set()
        server.should_exit = True
        thread.join(10)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="a stand-in for the server")
    parser.add_argument("--objects", type=int, default=200)
    parser.add_argument("--threats", type=int, default=5)
    parser.add_argument("--port", type=int, default=8099)
    given = parser.parse_args()
    with running(StandIn(given.objects, given.threats), given.port) as address, contextlib.suppress(KeyboardInterrupt):
        print(address, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
