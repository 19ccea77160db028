"""WebSockets after the handshake: how many, how large and how often messages may come, and how long the login holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive, Send

from .rates import Buckets
from .refusal import Refused
from .settings import MAX_FRAME_BYTES, MAX_FRAMES_BURST, MAX_FRAMES_PER_S, RECHECK_S, GuardSettings

POLICY_VIOLATION, TOO_BIG, LOGIN_OVER = 1008, 1009, 4401


class SocketClosedError(ConnectionError):
    """The guard has closed the WebSocket; for the handler the client is gone."""


class Places:
    """How many WebSockets each client has open."""

    def __init__(self, settings: GuardSettings) -> None:
        self._settings = settings
        self._open: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str, address: str) -> Iterator[None]:
        """Hold a place while a WebSocket is open.

        Raises:
            Refused: 429, if the client or the address has as many as it may.
        """
        most = (self._settings.sockets_per_client, self._settings.sockets_per_address)
        keys = (f"client {client}", f"address {address}")
        for key, limit in zip(keys, most, strict=True):
            if self._open[key] >= limit:
                what = key.partition(" ")[0]
                raise Refused(429, "sockets", f"this {what} has {limit} live feeds open already", {"retry-after": "10"})
        self._open.update(keys)
        try:
            yield
        finally:
            self._open.subtract(keys)
            for key in keys:
                if not self._open[key]:
                    del self._open[key]

    def __len__(self) -> int:
        return len(self._open)


class Watch:
    """Stands between one WebSocket and its handler."""

    def __init__(
        self, receive: Receive, send: Send, still_good: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`still_good` says whether the login holds; it is asked every `RECHECK_S` at most."""
        self._receive = receive
        self._send = send
        self._still_good = still_good
        self._clock = clock
        self._checked = clock()
        self._frames = Buckets(MAX_FRAMES_PER_S, MAX_FRAMES_BURST, clock, most=1)
        self._closed = False

    async def send(self, message: Message) -> None:
        """Pass a message to the client.

        Raises:
            SocketClosedError: if the login is over, or the guard closed before.
        """
        if message["type"] == "websocket.send":
            await self._check()
        if self._closed:
            raise SocketClosedError("the guard closed this WebSocket")
        await self._send(message)

    async def receive(self) -> Message:
        """The client's next message; the end of the connection, if it breaks the rules."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        text, data = message.get("text"), message.get("bytes")
        length = len(text.encode("utf-8", "replace")) if text is not None else len(data or b"")
        if length > MAX_FRAME_BYTES:
            return await self._close(TOO_BIG, f"a message is longer than {MAX_FRAME_BYTES} bytes")
        if self._frames.take("") > 0.0:
            return await self._close(POLICY_VIOLATION, "too many messages")
        return message

    async def _check(self) -> None:
        now = self._clock()
        if now - self._checked < RECHECK_S:
            return
        self._checked = now
        if not self._still_good():
            await self._close(LOGIN_OVER, "the login is over")

    async def _close(self, code: int, reason: str) -> Message:
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        return {"type": "websocket.disconnect", "code": code, "reason": reason}
