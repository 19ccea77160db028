"""Streams over TCP and TLS: we call a sender, or listen for any number of them."""

from __future__ import annotations

import asyncio

from ...net.connections import PIECE_BYTES, connected, listening
from ...net.link import Link
from ..intake import Intake


class ConnectTransport:
    """We call; the end of the connection is an error, for it to be made again."""

    datagrams = False

    def __init__(self, link: Link) -> None:
        self._link = link

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled."""
        intake.say("starting", f"calling {self._link.address}")
        async with connected(self._link) as (reader, _):
            intake.say("running", f"connected to {self._link.address}")
            await read_all(reader, intake)
        raise EOFError("the other side ended the connection")


class ListenTransport:
    """Others call; each has a decoder of its own."""

    datagrams = False

    def __init__(self, link: Link) -> None:
        self._link = link
        self.port = link.address.port  # the one bound, if 0 was asked for
        self._senders = 0

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._count(intake, +1)
            try:
                await read_all(reader, intake)
            finally:
                self._count(intake, -1)

        async with listening(self._link, serve, intake.fault) as self.port:
            self._count(intake, 0)
            await asyncio.Event().wait()

    def _count(self, intake: Intake, change: int) -> None:
        self._senders += change
        what = self._link.address.scheme.partition("-")[0].upper()
        where = f"listening at {self._link.address.host} {what} {self.port}, {self._senders} connected"
        intake.say("running" if self._senders else "waiting", where)


async def read_all(reader: asyncio.StreamReader, intake: Intake) -> None:
    """Push what comes until the other side ends."""
    sender = intake.begin()
    try:
        while data := await reader.read(PIECE_BYTES):
            sender.push(data)
    finally:
        sender.close()
