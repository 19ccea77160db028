"""A guarded server without network and core for tests: the real table of routes, guard, accounts and audit.

Handlers of routes that need a running core answer "reached"; those of accounts are the real ones. Time stands still
unless a test moves it, and passwords cost little.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from lowsky.serve.accounts import Accounts, AccountSettings
from lowsky.serve.accounts.passwords import Cost
from lowsky.serve.accounts.routes import ROUTES as ACCOUNT_ROUTES
from lowsky.serve.audit import Audit
from lowsky.serve.dispatch import on_defect, on_http_error, starlette_routes
from lowsky.serve.guard.guard import Guard
from lowsky.serve.guard.settings import GuardSettings
from lowsky.serve.route import WEBSOCKET, Role, Route
from lowsky.serve.routes import ROUTES

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
PASSWORD = "a long enough one"
ORIGIN = "http://10.0.0.1:8420"
STRANGER = "10.9.8.7"
T = TypeVar("T")
PEOPLE = (Role.VIEWER, Role.OFFICER, Role.INTEGRATOR, Role.ADMINISTRATOR)


class Clock:
    """A clock that tests move."""

    def __init__(self, now_s: float = 1_700_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


async def reached(request: Any, given: Any) -> Response:
    """Stands for a handler: the guard has let the request through."""
    return PlainTextResponse(f"reached {request.state.user}")


async def reached_socket(socket: WebSocket) -> None:
    """Stands for the feed: sends on every message it gets."""
    await socket.accept()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        await socket.send_text(f"reached {socket.state.user}")


def stubbed(routes: Iterable[Route]) -> list[Route]:
    """The routes with handlers that need no core."""
    own = {(route.method, route.path) for route in ACCOUNT_ROUTES}
    return [
        route
        if (route.method, route.path) in own
        else dataclasses.replace(route, handler=reached_socket if route.method == WEBSOCKET else reached, request=None)
        for route in routes
    ]


class Door:
    """The server, and an event loop to ask it in."""

    def __init__(
        self,
        folder: Path,
        settings: AccountSettings | None = None,
        guard: GuardSettings | None = None,
        on: bool = True,
        routes: Iterable[Route] = ROUTES,
        app: Callable[..., Any] | None = None,
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)  # of its own: a browser under test runs a loop in the test's thread
        self.clock = Clock()
        self.accounts = Accounts(folder / "accounts.sqlite", settings, self.clock, CHEAP)
        self.accounts.on = on
        self.accounts.logins = type(self.accounts.logins)(self.clock)
        self.audit = Audit(folder, self.clock)
        self.routes = tuple(routes)
        inner = app or Starlette(
            routes=starlette_routes(tuple(stubbed(self.routes))),
            exception_handlers={HTTPException: on_http_error, 500: on_defect},
        )
        self.guard = Guard(inner, self.routes, self.accounts, self.audit, guard, self.clock)

    def close(self) -> None:
        """Let what is under way end, then close everything."""
        self.settle()
        self.do(self.loop.shutdown_default_executor())
        self.loop.close()
        self._thread.shutdown()
        self.accounts.close()
        self.audit.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run this in the server's event loop."""
        return self._thread.submit(self.loop.run_until_complete, work).result()

    def settle(self) -> None:
        """Wait until every use of a login is written down."""
        while self.accounts._touching:
            self.do(asyncio.sleep(0.001))

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        peer: str = STRANGER,
        host: str = "10.0.0.1:8420",
        scheme: str = "http",
        **more: Any,
    ) -> httpx.Response:
        """One request, as a program makes it: without any header that it was not given."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.guard, client=(peer, 50_000), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{host}") as client:
                return await client.request(method, path, headers=headers, **more)

        return self.do(go())

    def person(self, role: Role, name: str = "") -> Person:
        """A new user with this role, logged in."""
        name = name or role.value
        self.accounts.users.add(name, role, self.accounts.passwords.make(PASSWORD))
        return self.log_in(name)

    def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> Person:
        """Log in as a browser does."""
        answer = self.try_login(name, password, **more)
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return Person(self, cookie, answer.json()["csrf"])

    def try_login(self, name: str, password: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Ask for a session."""
        return self.ask("POST", "/api/session", headers, json={"user": name, "password": password}, **more)

    def token(self, role: Role, name: str = "", days: float | None = None) -> dict[str, str]:
        """The headers of a program with a new token."""
        secret = self.accounts.tokens.add(name or f"t-{role.value}", role, "test", days)
        return {"authorization": f"Bearer {secret}"}

    def lines(self) -> list[dict[str, Any]]:
        """The audit, oldest first."""
        return [json.loads(line) for line in self.audit.path.read_text().splitlines()]


@dataclasses.dataclass
class Person:
    """Somebody in a browser."""

    door: Door
    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        """What the browser sends by itself and our pages add."""
        return {"cookie": self.cookie, "x-csrf-token": self.csrf, "origin": ORIGIN, "sec-fetch-site": "same-origin"}

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """One request; a header given as "" is left out."""
        merged = {name: value for name, value in (self.headers | (headers or {})).items() if value}
        return self.door.ask(method, path, merged, **more)


class Socket:
    """A WebSocket at the level of ASGI."""

    def __init__(self, door: Door, headers: dict[str, str], path: str = "/feed", peer: str = STRANGER) -> None:
        self.door = door
        self.sent: list[Message] = []
        self._given: asyncio.Queue[Message] = asyncio.Queue()
        raw = [
            (name.encode(), value.encode()) for name, value in ({"host": "10.0.0.1:8420"} | headers).items() if value
        ]
        scope: Scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw,
            "scheme": "ws", "client": (peer, 50_001), "server": ("10.0.0.1", 8420), "subprotocols": [],
            "extensions": {"websocket.http.response": {}}, "root_path": "", "http_version": "1.1", "asgi": {},
        }  # fmt: skip
        self._task = door.loop.create_task(door.guard(scope, self._given.get, self._send))
        self.give({"type": "websocket.connect"})
        while not self.sent and not self._task.done():  # a refusal waits for the audit
            self.turn()

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def give(self, message: Message) -> None:
        """Let the client say this, and the server do what it will."""
        self._given.put_nowait(message)
        self.turn()

    def say(self, text: str) -> None:
        """Send a text message."""
        self.give({"type": "websocket.receive", "text": text})

    def turn(self) -> None:
        """Let the event loop run until nothing happens any more."""
        self.door.do(asyncio.sleep(0.01))

    @property
    def status(self) -> int:
        """101 where the handshake was accepted, else the status of the refusal."""
        first = self.sent[0]
        return 101 if first["type"] == "websocket.accept" else int(first["status"])

    @property
    def closed_with(self) -> int | None:
        """The code with which the server closed, None while it is open."""
        return next((int(m["code"]) for m in self.sent if m["type"] == "websocket.close"), None)

    def end(self) -> None:
        """The client goes away."""
        self.give({"type": "websocket.disconnect", "code": 1001})
        self.door.do(asyncio.wait_for(self._task, 5))
