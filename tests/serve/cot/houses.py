"""Houses that ways of TAK look at, and what these ways send."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

from lowsky.model.place import Place, Shape
from lowsky.serve.answers.notices import Notice, Why
from lowsky.serve.answers.sensors import Consistency, Promise, SensorInfo
from lowsky.serve.answers.site import PlaceInfo
from lowsky.serve.outputs.contract import Way
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import make_way
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Piece
from tests.serve.cot.certificates import Certificates
from tests.serve.showing import SITE, Server, kept


def way_to(to: str, **options: Any) -> Way:
    return make_way({"name": "tak", "kind": "cot", "to": to, **options}, "site.toml, outputs[0]", Path("/"), SITE)


def house() -> Server:
    """A server at the machine's time with two sensors and a place."""
    server = Server()
    server.board.book.places = (Place("pier", "Pier", Shape.POINT, ((56.0, 11.0),), 300.0),)
    server.board.places = (PlaceInfo("pier", "Pier", "point", ((56.0, 11.0),), 300.0, -1000.0, 1e4, "", None, None),)
    server.board.sensors = tuple(sensor_info(sensor.id) for sensor in SITE.sensors)
    server.now_ns = time.time_ns()
    return server


def sensor_info(name: str) -> SensorInfo:
    return SensorInfo(
        name, "radar_3d", 56.0, 11.0, 50.0, 0.0, 8000.0, None, None, "well", None, None, 0.0, None, 0,
        Promise(None, None), Consistency(None), (), "all is well",
    )  # fmt: skip


def notice(level: Any, number: int = 1, call: int = 7, ended_ms: float | None = None, track: int = 1) -> Notice:
    now_ms = time.time() * 1e3
    why = Why(900.0, 40.0, 120.0, "fixed_wing", "rule")
    return Notice(
        number, call, track, "pier", "Pier", level, 0.9, now_ms + 60_000, now_ms + 50_000, now_ms + 70_000, now_ms,
        ended_ms, None, (), why, (),
      )  # fmt: skip


async def turning(server: Server, numbers: list[int], every_s: float = 0.05) -> None:
    """A core that ticks."""
    while True:
        server.turn(numbers, time.time_ns())
        await asyncio.sleep(every_s)


@contextlib.asynccontextmanager
async def running(server: Server, keeper: OutputKeeper, numbers: list[int]) -> Any:
    """The output and the core run meanwhile."""
    task = asyncio.create_task(turning(server, numbers))
    try:
        async with kept(keeper):
            yield
    finally:
        task.cancel()


async def some(reader: asyncio.StreamReader) -> bytes:
    """What comes next; the end is none."""
    data = await reader.read(1 << 20)
    assert data, "the other end has closed"
    return data


def events_of(pieces: list[Piece]) -> list[Event]:
    found = []
    for piece in pieces:
        assert piece.form is not Form.FAULT
        one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
        if one is not None:
            found.append(one)
    return found


def caller(certificates: Certificates, port: int, server: Server, name: str = "client", **options: Any) -> OutputKeeper:
    files = {
        "certificate_file": certificates[name],
        "key_file": certificates[f"{name}.key"],
        "ca_file": certificates["ca"],
    }
    return OutputKeeper(way_to(f"tls://127.0.0.1:{port}", period_s=0.2, **files, **options), server.view)
