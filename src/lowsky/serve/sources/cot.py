"""The source of kind "cot" over a stream: we call a TAK server, or TAK clients call us.

A server that is called is told who we are, because routers send nothing to who did not say so, and is asked for TAK
protocol version 1 when it offers it. Clients that call are offered it, and their pings are answered. Other links
(datagrams, files, serial lines) need no answers, and the format comes over them like any other.
"""

from __future__ import annotations

import asyncio

from lowsky import __version__
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cot.dialogue import Dialogue
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.format import CotOptions, decoder_for
from lowsky.wire.cot.voice import Point, Voice
from lowsky.wire.decoded import Context

from ..config.sources import FormatSource
from ..net.connections import connected, listening
from ..net.link import Link
from ..net.tak import ANNOUNCE_S, TakLine
from .contract import Sink
from .intake import Named

SCHEMES = ("tcp", "tls", "tcp-listen", "tls-listen")
STALE_NS = round(3 * ANNOUNCE_S) * NS_PER_S  # of what we say of ourselves


def source_of(entry: FormatSource, context: Context) -> CotSource | None:
    """The source of a link that can answer, not started.

    Raises:
        InputError: "field: value reason".
    """
    decoder_for(context, entry.options, False)  # says what is wrong with the options
    if entry.link.address.scheme not in SCHEMES:
        return None
    return CotSource(entry.name, entry.link, entry.options, context)


class CotSource:
    """A TAK network on the other end of streams."""

    kind = "cot"

    def __init__(self, name: str, link: Link, options: CotOptions, context: Context) -> None:
        self.name, self.via = name, str(link.address)
        self.port = link.address.port  # the one bound, if 0 was asked for
        self._link, self._options, self._context = link, options, context
        self._voice = Voice(context.site_id or "site", context.site_id or "lowsky")
        self._named = Named()
        self._clients = 0

    def unknown_sensors(self) -> dict[str, int]:
        """None: what comes is of the sensor that is configured, or of none."""
        return self._named.unknown()

    async def run(self, sink: Sink) -> None:
        """Listen until cancelled, or hear one connection until it ends.

        Raises:
            OSError, EOFError: if it broke, or could not be made.
        """
        if self._link.address.listens:
            await self._listen(sink)
            return
        sink.say("waiting", f"calling {self.via}")
        async with connected(self._link) as (reader, writer):
            sink.say("running", f"connected to {self.via}")
            await self._hear(reader, writer, sink, server=False)
        raise EOFError("the other side ended the connection")

    async def _listen(self, sink: Sink) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._count(sink, +1)
            try:
                await self._hear(reader, writer, sink, server=True)
            finally:
                self._count(sink, -1)

        async with listening(self._link, serve, sink.fault) as self.port:
            self._count(sink, 0)
            await asyncio.Event().wait()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sink: Sink, server: bool) -> None:
        decoder = decoder_for(self._context, self._options, False)
        self._named.begin(decoder)
        line = TakLine(reader, writer, decoder, Dialogue(self._voice.uid, server, self._options.protobuf))

        def itself() -> Event:
            origin, now_ns = self._context.site.origin, sink.now_ns()
            here = Point(origin.latitude_deg, origin.longitude_deg)
            return self._voice.itself(now_ns, now_ns + STALE_NS, here, __version__)

        try:
            await line.listen(sink.now_ns, sink.decoded, sink.received, None if server else itself)
        finally:
            self._named.end(decoder)

    def _count(self, sink: Sink, change: int) -> None:
        self._clients += change
        what = self._link.address.scheme.partition("-")[0].upper()
        where = f"listening at {self._link.address.host} {what} {self.port}, {self._clients} connected"
        sink.say("running" if self._clients else "waiting", where)
