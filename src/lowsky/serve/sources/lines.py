"""JSON lines over UDP and TCP. Bytes are stamped when they come and decoded a few milliseconds' worth at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from lowsky.wire.decoded import Decoder
from lowsky.wire.names import MAX_UNKNOWN

from ..config.entries import TcpLines, UdpLines
from .contract import Sink

TAKE_S = 0.004  # what came within this time is decoded together
PIECE_BYTES = 1 << 16
MAX_SENDERS = 64  # connections to a listening port at once
SOCKET_BYTES = 4 << 20  # receive buffer asked of the system: a second of a busy site

MakeDecoder = Callable[[str, bool], Decoder]


class Named:
    """Names that the decoders of one source, present and past, did not find."""

    def __init__(self) -> None:
        self._decoders: list[Decoder] = []
        self._past: Counter[str] = Counter()

    def begin(self, decoder: Decoder) -> None:
        """A sender has come."""
        self._decoders.append(decoder)

    def end(self, decoder: Decoder) -> None:
        """A sender has gone; what it named is remembered, up to `MAX_UNKNOWN` names."""
        self._decoders.remove(decoder)
        for name, count in decoder.names.unknown.items():
            if name in self._past or len(self._past) < MAX_UNKNOWN:
                self._past[name] += count

    def unknown(self) -> dict[str, int]:
        """All names and counts."""
        found = self._past.copy()
        for decoder in self._decoders:
            found.update(decoder.names.unknown)
        return dict(found)


class UdpSource:
    """Listens for datagrams, each of whole lines."""

    kind = "jsonl-udp"

    def __init__(self, entry: UdpLines, decoder: MakeDecoder) -> None:
        self.name, self._entry, self._decoder = entry.name, entry, decoder
        self.port = entry.port  # the one bound, if 0 was asked for
        self._named = Named()

    def unknown_sensors(self) -> dict[str, int]:
        """Names that the site does not have."""
        return self._named.unknown()

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled."""
        loop = asyncio.get_running_loop()
        lost: asyncio.Future[None] = loop.create_future()
        decoder = self._decoder(self.name, True)
        self._named.begin(decoder)
        reader = _Datagrams(decoder, sink, lost)
        transport, _ = await loop.create_datagram_endpoint(
            lambda: reader, local_addr=(self._entry.host, self._entry.port)
        )
        self.port = transport.get_extra_info("sockname")[1]
        enlarge_buffer(transport)
        sink.say("running", f"listening at {self._entry.host} UDP {self.port}")
        try:
            await lost
        finally:
            transport.close()
            self._named.end(decoder)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, decoder: Decoder, sink: Sink, lost: asyncio.Future[None]) -> None:
        self._taker = Taker(decoder, sink)
        self._lost = lost

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._taker.push(data)

    def error_received(self, exc: Exception) -> None:
        self._taker.sink.fault("datagram refused", f"a datagram was refused: {exc}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._taker.take()
        if exc is not None and not self._lost.done():
            self._lost.set_exception(OSError(str(exc)))


class Taker:
    """Pushes bytes into a decoder as they come and takes what is complete a moment later, all at once."""

    def __init__(self, decoder: Decoder, sink: Sink) -> None:
        self.decoder, self.sink = decoder, sink
        self._timer: asyncio.TimerHandle | None = None

    def push(self, data: bytes) -> None:
        """Bytes came now."""
        self.sink.received(len(data))
        self.decoder.push(data, self.sink.now_ns())
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TAKE_S, self.take)

    def take(self) -> None:
        """Hand on what is complete."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.sink.decoded(self.decoder.take())

    def close(self) -> None:
        """The sender has ended."""
        self.decoder.close(self.sink.now_ns())
        self.take()


class TcpSource:
    """Listens for senders, or connects to one; each connection has a decoder of its own."""

    kind = "jsonl-tcp"

    def __init__(self, entry: TcpLines, decoder: MakeDecoder) -> None:
        self.name, self._entry, self._decoder = entry.name, entry, decoder
        self.port = entry.port
        self._senders = 0
        self._named = Named()

    def unknown_sensors(self) -> dict[str, int]:
        """Names that the site does not have."""
        return self._named.unknown()

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled; a connection that we made and that ends is an error, to be made again."""
        if self._entry.mode == "connect":
            await self._connect(sink)
            return

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, sink)

        server = await asyncio.start_server(serve, self._entry.host, self._entry.port, limit=PIECE_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            self._say_senders(sink)
            await server.serve_forever()

    async def _connect(self, sink: Sink) -> None:
        reader, writer = await asyncio.open_connection(self._entry.host, self._entry.port, limit=PIECE_BYTES)
        sink.say("running", f"connected to {self._entry.host} TCP {self._entry.port}")
        try:
            await self._read(reader, sink)
        finally:
            writer.close()
        raise EOFError("the other side ended the connection")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sink: Sink) -> None:
        try:
            if self._senders >= MAX_SENDERS:
                sink.fault("too many senders", f"more than {MAX_SENDERS} senders at once; one was turned away")
                return
            self._senders += 1
            self._say_senders(sink)
            try:
                await self._read(reader, sink)
            finally:
                self._senders -= 1
                self._say_senders(sink)
        except OSError as error:
            sink.fault("connection broken", f"a connection broke: {error.strerror or error}")
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, sink: Sink) -> None:
        decoder = self._decoder(self.name, False)
        self._named.begin(decoder)
        taker = Taker(decoder, sink)
        try:
            while data := await reader.read(PIECE_BYTES):
                taker.push(data)
        finally:
            taker.close()
            self._named.end(decoder)

    def _say_senders(self, sink: Sink) -> None:
        where = f"listening at {self._entry.host} TCP {self.port}, {self._senders} connected"
        sink.say("running" if self._senders else "waiting", where)


def enlarge_buffer(transport: asyncio.BaseTransport) -> None:
    """Ask the system for room for bursts; it gives what it allows."""
    import socket

    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
