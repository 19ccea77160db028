"""The WebSocket `/feed`: sends a client what it has not been told yet, as fast as it takes it and no faster."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ..feed.client import Client
from ..feed.hub import MAX_CLIENTS
from ..route import Role
from .people import audited
from .request import runtime_of, who_asks

SEND_S = 60.0  # who takes nothing for so long is gone
TRY_LATER = 1013
GOING_AWAY = 1001


async def feed(socket: WebSocket) -> None:
    """Serve one client until it leaves, stops taking anything, or the server stops."""
    runtime = runtime_of(socket)
    if len(runtime.hub.clients) >= MAX_CLIENTS:
        await socket.close(TRY_LATER, "too many clients")
        return
    await socket.accept()

    def may(least: Role) -> bool:
        return bool(socket.state.accounts.again(socket.state.visitor).may(least))

    client = Client(runtime.hub, who_asks(socket), runtime.clock.now_ns() / 1e6, may)
    runtime.hub.clients.add(client)
    runtime.clients_changed()
    tasks = [asyncio.create_task(job) for job in (_send(socket, client), _listen(socket), client.closed.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        runtime.hub.clients.discard(client)
        runtime.clients_changed()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _close(socket)


async def _send(socket: WebSocket, client: Client) -> None:
    """Send until the client is gone."""
    with contextlib.suppress(WebSocketDisconnect, TimeoutError, OSError, RuntimeError):
        while True:
            await client.news.wait()
            client.news.clear()
            for kind in client.awaiting():
                if await audited(socket):
                    client.cleared.add(kind)
            while (message := client.next()) is not None:
                async with asyncio.timeout(SEND_S):
                    await _send_one(socket, message)
                client.messages += 1
                client.bytes += len(message)


async def _send_one(socket: WebSocket, message: str | bytes) -> None:
    if isinstance(message, str):
        await socket.send_text(message)
    else:
        await socket.send_bytes(message)


async def _listen(socket: WebSocket) -> None:
    """Clients have nothing to say; what they say is read and ignored, so that their leaving is noticed."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(socket: WebSocket) -> None:
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(1.0):
                await socket.close(GOING_AWAY)
