"""Connections: how many, how long a request's head may take, and what becomes of a client that takes nothing.

uvicorn has no limits of these kinds, so its protocols are extended here, by the methods of `asyncio.Protocol` only:
slow heads ("slowloris") and clients that stop reading are cut off, and no address can hold all connections.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .addresses import Network, address_of
from .settings import GuardSettings


class Ledger:
    """The open connections of a server, by address. Trusted proxies bring many clients and count for nobody."""

    def __init__(
        self, settings: GuardSettings, trusted: tuple[Network, ...] = (), refused: Counter[str] | None = None
    ) -> None:
        """Connections that are one too many are counted in `refused`, under "connections"."""
        self.settings = settings
        self._trusted = trusted
        self._open: dict[object, str] = {}
        self._of: Counter[str] = Counter()
        self.refused = Counter() if refused is None else refused

    def enter(self, connection: object, address: str) -> bool:
        """Count a new connection in; False if it is one too many."""
        full = len(self._open) >= self.settings.connections
        if full or (self._of[address] >= self.settings.connections_per_address and not self._is_trusted(address)):
            self.refused["connections"] += 1
            return False
        self.change(connection, address)
        return True

    def change(self, connection: object, address: str) -> None:
        """Count in what goes on with a connection that has been let in."""
        self._open[connection] = address
        self._of[address] += 1

    def leave(self, connection: object) -> None:
        """Count a connection out."""
        address = self._open.pop(connection, None)
        if address is not None:
            self._of[address] -= 1
            if not self._of[address]:
                del self._of[address]

    def __len__(self) -> int:
        return len(self._open)

    def _is_trusted(self, text: str) -> bool:
        address = address_of(text)
        return address is not None and any(address in network for network in self._trusted)


class Stall:
    """A timer that cuts a connection off whose other end takes nothing of what is sent."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport) -> None:
        """The buffer of the connection is full."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._timeout_s, transport.abort)

    def end(self) -> None:
        """The buffer of the connection is empty again, or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Counted(asyncio.Protocol):
    """What both kinds of connection do: cut off who takes nothing, and count themselves out when they are gone."""

    ledger: Ledger
    transport: asyncio.Transport
    _stall: Stall

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self._stall.end()
        self.ledger.leave(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self._stall.begin(self.transport)
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stall.end()
        super().resume_writing()


class HttpConnection(Counted, H11Protocol):
    """A connection for requests; see `protocols`."""

    def __init__(self, *args: Any, **names: Any) -> None:
        super().__init__(*args, **names)
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall = Stall(self.ledger.settings.stall_timeout_s)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in if there is room, and give it a time for its first request."""
        super().connection_made(transport)
        if not self.ledger.enter(self, self.client[0] if self.client else ""):
            transport.abort()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; while no request is being answered, the next one's head must be complete in time."""
        super().data_received(data)
        if self.transport.get_protocol() is not self:  # it is a WebSocket now, which counts for itself
            self._head_is_there()
            self.ledger.leave(self)
        elif self.cycle is not None and not self.cycle.response_complete:
            self._head_is_there()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is waited for."""
        self._head_is_there()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head_timer is None:
            timeout_s = self.ledger.settings.head_timeout_s
            self._head_timer = self.loop.call_later(timeout_s, self._give_up)

    def _head_is_there(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


class SocketConnection(Counted, WebSocketsSansIOProtocol):
    """A connection for a WebSocket; see `protocols`."""

    def __init__(self, *args: Any, **names: Any) -> None:
        super().__init__(*args, **names)
        self._stall = Stall(self.ledger.settings.stall_timeout_s)

    def connection_made(self, transport: Any) -> None:
        """Count it in."""
        super().connection_made(transport)
        self.ledger.change(self, self.client[0] if self.client else "")

    async def send(self, message: Any) -> None:
        """As uvicorn does; a refused handshake is complete, or every stranger could write an error into the log."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True


class StrangersFilter(logging.Filter):
    """Keeps out of the log what any stranger could write into it, line by line; such connections are closed anyway."""

    SAID = frozenset({"Invalid HTTP request received.", "Invalid UTF-8 sequence received from client."})

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record of uvicorn's goes into the log."""
        return record.msg not in self.SAID


STRANGERS = StrangersFilter()


def protocols(ledger: Ledger) -> tuple[type[HttpConnection], type[SocketConnection]]:
    """The two protocols for one server, which count in its ledger."""
    logging.getLogger("uvicorn.error").addFilter(STRANGERS)
    http = type("HttpConnection", (HttpConnection,), {"ledger": ledger})
    socket = type("SocketConnection", (SocketConnection,), {"ledger": ledger})
    return http, socket
