"""A real MQTT broker on this machine, a listener at it, and a line between that a test can cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiomqtt


@contextlib.contextmanager
def broker(
    peer: Callable[[str], str], folder: Path, port: int, *settings: str, lasting: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A mosquitto on loopback; `lasting`: what it keeps for us outlives it, in the folder."""
    kept = ["persistence true", f"persistence_location {folder}/"] if lasting else ["persistence false"]
    text = [f"listener {port} 127.0.0.1", *kept, *(settings or ["allow_anonymous true"])]
    text += ["user root"] if os.geteuid() == 0 else []  # it would else become somebody who may not read here
    (folder / "mosquitto.conf").write_text("\n".join(text) + "\n")
    process = subprocess.Popen(
        [peer("mosquitto"), "-c", str(folder / "mosquitto.conf")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        end_s = time.monotonic() + 20.0
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert time.monotonic() < end_s
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait(10)


class Heard:
    """What a listener heard, in order: topic, payload, whether the broker had kept it."""

    def __init__(self) -> None:
        self.all: list[tuple[str, bytes, bool]] = []

    def of(self, topic: str) -> list[bytes]:
        """Payloads of one topic."""
        return [payload for name, payload, _ in self.all if name == topic]

    def topics(self) -> set[str]:
        """All topics."""
        return {name for name, _, _ in self.all}


@contextlib.asynccontextmanager
async def listening(port: int, **more: Any) -> AsyncIterator[Heard]:
    """Hear everything at a broker meanwhile."""
    heard = Heard()

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard.all.append((str(message.topic), bytes(message.payload or b""), message.retain))

    async with aiomqtt.Client("127.0.0.1", port, **more) as client:
        await client.subscribe("#", 1)
        task = asyncio.create_task(listen(client))
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def kept_at(port: int) -> dict[str, bytes]:
    """What the broker keeps for who comes now."""
    async with listening(port) as heard:
        await asyncio.sleep(0.3)
    return {topic: payload for topic, payload, retained in heard.all if retained}


class Line:
    """A line to a broker that can be cut without a good-bye."""

    def __init__(self) -> None:
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    def cut(self) -> None:
        """End all connections at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @contextlib.asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[Line]:
        """Listen at a port of its own and pass everything on."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await reader.read(65_536):
                    writer.write(data)
                    await writer.drain()
            writer.close()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            self._writers += [writer, back]
            await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
