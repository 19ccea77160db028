"""The whole server from outside, as a stranger and as a hundred watchers: a process of its own, with its real core."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lowsky.serve.accounts import FILE_NAME, Accounts
from lowsky.serve.audit.reading import verify
from lowsky.serve.route import WEBSOCKET, Role, Route
from lowsky.serve.routes import ROUTES
from tests.serve.doors import CHEAP, PASSWORD
from tests.serve.listening import received

START_S = 300.0  # the first start on a machine compiles
WATCHERS, SLEEPERS, PICTURES = 80, 20, 8
SITE = """
[site]
id = "attacked"
[server]
port = {port}
[accounts]
on = true
[guard]
head_timeout_s = 1
requests_burst = 10000
changes_burst = 10000
[[sources]]
kind = "simulation"
name = "night"
scene = "small"
speed = 2
"""


@dataclass
class Attacked:
    """A running server and who may ask it."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    token: str
    chief: dict[str, str]

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bearer(self) -> dict[str, str]:
        """What lets a program in."""
        return {"authorization": f"Bearer {self.token}"}

    def raw(self, sent: bytes) -> bytes:
        """What comes back for these bytes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            connection.sendall(sent)
            return received(connection)

    def feed(self, **headers: str) -> connect:
        """A WebSocket to the feed."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return connect(f"ws://127.0.0.1:{self.port}/feed", additional_headers=given, max_size=None, proxy=None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The server, up and with a picture."""
    folder = tmp_path_factory.mktemp("site")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "site.toml").write_text(SITE.format(port=port))
    accounts = Accounts(folder / "accounts" / FILE_NAME, cost=CHEAP)
    accounts.users.add("kim", Role.OFFICER, accounts.passwords.make(PASSWORD))
    token = accounts.tokens.add("watch", Role.VIEWER, "test", None)
    chief = {"authorization": "Bearer " + accounts.tokens.add("chief", Role.ADMINISTRATOR, "test", None)}
    accounts.close()
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "lowsky", "run", "site.toml"],
            cwd=folder,
            stdout=out,
            stderr=out,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    attacked = Attacked(process, port, folder, token, chief)
    try:
        _await_picture(attacked)
        yield attacked
    finally:
        process.kill()
        process.wait(20)


def _await_picture(server: Attacked) -> None:
    for _ in range(int(START_S / 0.25)):
        try:
            found = httpx.get(server.address + "/api/objects", headers=server.bearer, trust_env=False)
            if found.status_code == 200 and found.json()["objects"]:
                return
        except httpx.TransportError:
            pass
        assert server.process.poll() is None, (server.folder / "log").read_text()
        time.sleep(0.25)
    pytest.fail((server.folder / "log").read_text())


def test_nothing_is_told_without_login(server: Attacked) -> None:
    for path in ("/api/objects", "/api/site", "/metrics", "/openapi.json", "/api/recording/picture?time_ms=0"):
        answer = httpx.get(server.address + path, trust_env=False)
        assert answer.status_code == 401, path
        assert list(answer.json()) == ["error"]
        assert "server" not in answer.headers
    assert httpx.get(server.address + "/", trust_env=False).headers["location"] == "/login?next=%2F"
    health = httpx.get(server.address + "/healthz", trust_env=False).json()
    assert (health["reasons"], health["version"]) == ([], "")
    assert httpx.get(server.address + "/healthz", headers=server.bearer, trust_env=False).json()["version"]


@pytest.mark.parametrize("path", [
    "/static/../../route.py", "/static/%2e%2e/%2e%2e/route.py", "/static/..%2f..%2froute.py", "/static//etc/passwd",
    "/../../../../etc/passwd", "/static/..\\..\\route.py", "/api/sensors/..%2f..%2f/horizon", "http://127.0.0.1/api/site",
])  # fmt: skip
def test_no_raw_path_leads_anywhere(server: Attacked, path: str) -> None:
    head = f"host: localhost\r\nauthorization: Bearer {server.token}\r\nconnection: close"
    answer = server.raw(f"GET {path} HTTP/1.1\r\n{head}\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"root:" not in answer
    assert b"def " not in answer


def test_a_head_that_never_ends_is_given_up(server: Attacked) -> None:
    assert server.raw(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ") == b""


def test_a_login_by_form_and_the_proof_it_gives(server: Attacked) -> None:
    with httpx.Client(base_url=server.address, trust_env=False) as client:
        login = client.post("/api/session", json={"user": "kim", "password": PASSWORD})
        assert login.json()["role"] == "officer"
        assert client.post("/api/drill", json={"on": False}).status_code == 403
        proof = {"x-csrf-token": login.json()["csrf"]}
        evil = {"origin": "http://evil.example"}
        assert client.post("/api/drill", json={"on": False}, headers=proof | evil).status_code == 403
        assert client.post("/api/drill", json={"on": False}, headers=proof).status_code == 200
        assert client.delete("/api/session", headers=proof).status_code == 204
        assert client.get("/api/session").status_code == 401


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"authorization": "Bearer x"}])
def test_a_stranger_opens_no_feed(server: Attacked, headers: dict[str, str]) -> None:
    async def go() -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with server.feed(**headers):
                pass
        return refused.value.response.status_code

    assert asyncio.run(go()) == 401


def _frame(first: int, payload: bytes, masked: bool = True, length: int | None = None) -> bytes:
    """A WebSocket frame (RFC 6455 section 5.2), with any first byte and any claim about its length."""
    claimed = len(payload) if length is None else length
    short = claimed if claimed < 126 else 126 if claimed < 65_536 else 127
    more = b"" if claimed < 126 else struct.pack("!H" if claimed < 65_536 else "!Q", claimed)
    return bytes([first, short | (0x80 if masked else 0)]) + more + (b"\0" * 4 if masked else b"") + payload


FRAMES = {
    "too long": (_frame(0x82, b"x" * 5_000), 1009),
    "claims the end of the world": (_frame(0x82, b"x", length=1 << 62), 1009),
    "not masked": (_frame(0x81, b"hello", masked=False), 1002),
    "reserved bits": (_frame(0xF1, b"hello"), 1002),
    "unknown opcode": (_frame(0x83, b"hello"), 1002),
    "no text": (_frame(0x81, b"\xff\xfe"), 1007),
    "ping too long": (_frame(0x89, b"x" * 126), 1002),
    "goes on with nothing": (_frame(0x80, b"x"), 1002),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_break_the_rules_end_their_connection_only(server: Attacked, name: str) -> None:
    frame, code = FRAMES[name]
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(_handshake(server))
        assert received(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 101")
        connection.sendall(frame)
        last = received(connection)[-130:]
    assert bytes([0x88]) in last  # a frame that closes
    assert struct.pack("!H", code) in last
    assert httpx.get(server.address + "/healthz", trust_env=False).status_code in (200, 503)


def _handshake(server: Attacked) -> bytes:
    return (
        f"GET /feed HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {server.token}\r\nconnection: upgrade\r\n"
        "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


NASTY = ["0", "-1", "1e300", "9e14", "-9e14", "9" * 18, "9" * 20, "9" * 400, "nan", "inf", "", "x", "%00", "%ff", "é"]
REQUESTS = [route for route in ROUTES if route.method != WEBSOCKET]


@pytest.mark.parametrize("route", REQUESTS, ids=lambda r: f"{r.method} {r.path}")
def test_no_parameter_of_any_route_makes_the_server_fail(server: Attacked, route: Route) -> None:
    """As an administrator, so that nothing stands before the handlers; bodies are well-formed nonsense."""
    media = {"content-type": "application/json"} if route.changes else {}
    with httpx.Client(base_url=server.address, headers=server.chief | media, trust_env=False, timeout=60) as client:
        for value in NASTY if "{" in route.path or route.query else ["x"]:
            path = re.sub(r"\{\w+(:\w+)?\}", value or "x", route.path)
            query = "&".join(f"{query.name}={value}" for query in route.query)
            answer = client.request(route.method, f"{path}?{query}", content=b'{"x": 1}' if route.changes else None)
            assert answer.status_code != 500, value
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_hundred_watchers_of_whom_twenty_do_not_read(server: Attacked) -> None:
    """The eighty that read keep getting pictures while twenty take nothing; then everybody goes and nothing is left."""
    asyncio.run(_hundred(server))
    for _ in range(100):
        status = httpx.get(server.address + "/metrics", headers=server.bearer, trust_env=False).text
        if "lowsky_clients 0" in status:
            break
        time.sleep(0.1)
    assert 'lowsky_refused_total{reason="origin"}' in status
    assert "lowsky_clients 0" in status, [line for line in status.splitlines() if "client" in line]


async def _hundred(server: Attacked) -> None:
    sleepers = [await asyncio.to_thread(_sleeper, server) for _ in range(SLEEPERS)]
    watchers = await asyncio.gather(*(_open(server) for _ in range(WATCHERS)))
    try:
        sequences = await asyncio.gather(*(_pictures(watcher) for watcher in watchers))
        assert len(sequences) == WATCHERS
        for seen in sequences:
            assert len(seen) == PICTURES
            assert seen == sorted(set(seen))
        again = await asyncio.gather(*(_pictures(watcher) for watcher in watchers))
        assert min(seen[0] for seen in again) > min(seen[0] for seen in sequences)
    finally:
        for watcher in watchers:
            await watcher.close()
        for sleeper in sleepers:
            sleeper.close()


async def _open(server: Attacked) -> ClientConnection:
    return await server.feed(**server.bearer)


async def _pictures(watcher: ClientConnection) -> list[float]:
    """Sequence numbers of the next pictures, from the binary header (see `lowsky.serve.feed.encode`)."""
    seen: list[float] = []
    async with asyncio.timeout(60):
        while len(seen) < PICTURES:
            message = await watcher.recv()
            if isinstance(message, bytes):
                seen.append(struct.unpack_from("<d", message, 24)[0])
    return seen


def _sleeper(server: Attacked) -> socket.socket:
    """Opens the feed with as small a buffer as there is and never reads from it."""
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sleeper.settimeout(20)
    sleeper.connect(("127.0.0.1", server.port))
    sleeper.sendall(_handshake(server))
    assert sleeper.recv(12) == b"HTTP/1.1 101"
    return sleeper


def test_a_token_that_is_removed_ends_its_open_feed(server: Attacked) -> None:
    accounts = Accounts(server.folder / "accounts" / FILE_NAME, cost=CHEAP)
    secret = accounts.tokens.add("short-lived", Role.VIEWER, "test", None)

    async def go() -> int:
        async with server.feed(authorization=f"Bearer {secret}") as feed:
            await feed.recv()
            await asyncio.to_thread(accounts.tokens.remove, "short-lived")
            async with asyncio.timeout(60):
                with contextlib.suppress(ConnectionClosed):
                    while True:
                        await feed.recv()
        return feed.close_code or 0

    assert asyncio.run(go()) == 4401
    accounts.close()


def test_at_last_it_stops_cleanly_and_its_audit_is_whole(server: Attacked) -> None:
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0, (server.folder / "log").read_text()
    verdict = verify([server.folder / "accounts" / "audit.jsonl"])
    assert verdict.problems == []
    told = [
        json.loads(line)["action"] for line in (server.folder / "accounts" / "audit.jsonl").read_text().splitlines()
    ]
    assert {"login", "logout", "POST /api/drill", "POST refused"} <= set(told)
    assert "Traceback" not in (server.folder / "log").read_text()
