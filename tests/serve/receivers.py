"""A receiver on loopback that can be made to misbehave, notices to tell it, and a stage on which deliveries run."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from lowsky.model.action import Action
from lowsky.model.kinds import Kind
from lowsky.model.notice import NOTICE_COLUMNS, NOTICE_DTYPES, Level, NoticeBatch
from lowsky.model.place import Place, Shape
from lowsky.serve.delivery import Deliveries, Receiver, Situation
from lowsky.wire.cap import Audience, Issuer, check

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
SECRET = b"a secret of more than sixteen bytes"
HARBOUR = Place("harbour", "North harbour", Shape.POINT, ((54.4, 18.64),), 900.0)
PLANT = Place("plant", "Power plant", Shape.POINT, ((54.5, 18.7),), 500.0)
ISSUER = Issuer("lowsky@example.org", "Harbour watch")


@dataclass
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    def text(self, name: str) -> str:
        """Text of the first element of a name."""
        found = etree.fromstring(self.body).find(f".//{CAP}{name}")
        return "" if found is None else found.text or ""

    @property
    def heartbeat(self) -> bool:
        return b"<status>System<" in self.body or b'"status":"System"' in self.body


@dataclass
class Peer:
    """An HTTP server that answers alerts as `behave` says, the last word for ever: hang, slow, drop, long, or a status.

    It has nothing against heartbeats.
    """

    behave: list[str] = field(default_factory=lambda: ["200"])
    refuses: bytes = b"\0"  # answers 422 to alerts with this in them
    fails: bytes = b"\0"  # and 500 to alerts with this in them
    location: str = ""
    tls: ssl.SSLContext | None = None
    port: int = 0
    got: list[Got] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/alerts?key=hidden"

    @property
    def alerts(self) -> list[Got]:
        """What came that is no heartbeat."""
        return [g for g in self.got if not g.heartbeat]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Die: nobody listens, what is open breaks."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            self._server = None
            for _ in range(20):  # until the loop has closed what was aborted
                await asyncio.sleep(0.001)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._answer(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.got.append(Got(head[0].split()[1], headers, body))
        word = "200" if self.got[-1].heartbeat else self.behave.pop(0) if len(self.behave) > 1 else self.behave[0]
        if self.refuses in body:
            word = "422"
        if self.fails in body:
            word = "500"
        if word == "drop":
            raise ConnectionError
        if word == "slow":
            await asyncio.sleep(0.2)
            word = "200"
        if word == "hang":
            await asyncio.sleep(60)
        if word == "long":
            writer.write(b"HTTP/1.1 200 x\r\ncontent-length: 1000000000\r\n\r\n" + b"x" * 200_000)
            await asyncio.sleep(60)
        more = f"location: {self.location}\r\n" if word.startswith("3") else ""
        more += "retry-after: 0\r\n" if word == "429" else ""
        writer.write(f"HTTP/1.1 {word} x\r\n{more}content-length: 2\r\n\r\nok".encode())
        await writer.drain()


@dataclass
class Stage:
    """Deliveries with a clock, a journal and a core to hand back to, and the receivers that they tell."""

    receivers: list[Receiver]
    folder: Path | None = None
    ahead_s: float = 0.0  # of the clock
    drill: bool = False
    places: tuple[Place, ...] = (HARBOUR, PLANT)
    actions: list[Action] = field(default_factory=list)
    flushes: list[float] = field(default_factory=list)
    flush_fails: bool = False
    deliveries: Any = None

    def now_ns(self) -> int:
        return time.time_ns() + round(self.ahead_s * 1e9)

    async def start(self, resumed: bool = False) -> None:
        async def flush() -> None:
            self.flushes.append(time.monotonic())
            if self.flush_fails:
                raise OSError("no space left")

        health = {"lag_s": 0.2, "reasons": ""}
        self.deliveries = Deliveries(
            self.receivers, ISSUER, "North site", self.now_ns, flush, self.actions.append, lambda: health, self.folder
        )
        await self.deliveries.start(resumed)

    def tick(self, *rows: dict[str, Any]) -> None:
        """One tick at which these notices stand."""
        self.deliveries.offer((), notices(self.now_ns(), *rows), Situation(self.places, self.drill, kind_of))

    async def settle(self, done: Callable[[], Any], *rows: dict[str, Any], most_s: float = 5.0) -> None:
        """Tick until something is so."""
        until = time.monotonic() + most_s
        while not done():
            assert time.monotonic() < until, "it did not come to that"
            self.tick(*rows)
            await asyncio.sleep(0.01)

    async def idle(self, *rows: dict[str, Any], ticks: int = 15) -> None:
        """Tick for a while."""
        for _ in range(ticks):
            self.tick(*rows)
            await asyncio.sleep(0.01)

    def status(self, name: str = "tower") -> Any:
        return next(s for s in self.deliveries.status() if s.id == name)


def kind_of(track: int) -> Kind:
    """Odd numbers are fixed wings."""
    return Kind.FIXED_WING if track % 2 else Kind.UNKNOWN


def notice(call: int = 1, level: Level = Level.WARNING, number: int = 0, **more: Any) -> dict[str, Any]:
    """A notice of a call."""
    return {"notice": number or call, "call": call, "track": call, "level": level, "probability": 0.8} | more


def notices(now_ns: int, *rows: dict[str, Any]) -> NoticeBatch:
    """A batch of notices at one tick; arrivals in 60 s if nothing else is said."""
    usual = {"time_ns": now_ns, "arrival_ns": now_ns + 60 * 10**9, "raised_ns": now_ns}
    full = [usual | row for row in rows]
    columns = {name: np.array([r.get(name, 0) for r in full], dtype=NOTICE_DTYPES[name]) for name in NOTICE_COLUMNS}
    return NoticeBatch(**columns)


def tower(peer: Peer, **more: Any) -> Receiver:
    """A webhook at a peer; heartbeats are rare unless asked for."""
    audience = more.pop("audience", Audience())
    usual: dict[str, Any] = {"level": Level.WARNING, "places": frozenset(), "heartbeat_s": 3600.0}
    return Receiver("tower", "webhook", audience=audience, url=peer.url, secret=SECRET, **(usual | more))


@contextlib.contextmanager
def played(*parts: Any) -> Iterator[Callable[[Any], None]]:
    """Runs a scene, and stops what it started whatever happens; all that was received must be sound."""

    def play(scene: Any) -> None:
        async def run() -> None:
            try:
                async with asyncio.timeout(30):
                    await scene
            finally:
                for part in parts:
                    stop = getattr(part, "deliveries", part)
                    if stop is not None:
                        await stop.stop()

        asyncio.run(run())

    yield play
    for part in parts:
        if isinstance(part, Peer):
            assert [check(g.body) for g in part.got if g.headers["content-type"] == "application/cap+xml"] == [
                [] for g in part.got if g.headers["content-type"] == "application/cap+xml"
            ]
