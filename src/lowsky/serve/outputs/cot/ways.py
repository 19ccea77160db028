"""The ways of output "cot": datagrams, a stream to a server, and a server for streams.

A stream that does not take what it is told is ended: a client comes again and is told everything anew. Events that were
meant for it are counted as dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence

from lowsky.model.kinds import Kind
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.decoder import Decoder, Wanted
from lowsky.wire.cot.dialogue import Dialogue, Mode
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.voice import uid_of_site
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.names import SensorNames

from ...net.connections import connected, listening, peer, why
from ...net.datagrams import MOST_BYTES, sending
from ...net.link import Link
from ...net.tak import SlowPeerError, TakLine
from ..contract import Books, House, OutputKind, Setting
from .options import CotOutput, checked
from .teller import Teller

SCHEMES = ("udp", "tcp", "tls", "tcp-listen", "tls-listen")
BURST, PAUSE_S = 16, 0.001  # datagrams at once, so that a receiver's buffer holds them, and the pause after them
CONTROL_NS = 60 * NS_PER_S  # within which a device must say which versions it decodes


class _Way:
    """What all three have in common."""

    kind = "cot"

    def __init__(self, options: CotOutput, types: Mapping[Kind, str], link: Link) -> None:
        self.name, self.to = options.name, str(link.address)
        self.port = link.address.port  # the one bound, if 0 was asked for
        self._options, self._types, self._link = options, types, link
        self._teller = Teller(options, types)


class Datagrams(_Way):
    """One event a datagram, to one receiver or to a group."""

    async def run(self, house: House, books: Books) -> None:
        """Tell until cancelled."""
        self._teller, control_ns = Teller(self._options, self._types), 0
        with contextlib.closing(sending(self._link.address)) as line:
            books.say("running", f"sending to {self.to}")
            while True:
                air = await house.tick(self._options.period_s)
                datagrams = [self._datagram(event) for event in self._teller.of_tick(house, air)]
                if self._options.protocol == "protobuf" and air.time_ns - control_ns >= CONTROL_NS:
                    control_ns = air.time_ns
                    version = protobuf.Control(protobuf.VERSION, protobuf.VERSION, uid_of_site(house.site_id))
                    datagrams.append(protobuf.mesh_frame(protobuf.encode_control(version)))
                await _send(line, datagrams, books)

    def _datagram(self, event: Event) -> bytes:
        if self._options.protocol == "protobuf":
            return protobuf.mesh_frame(protobuf.encode(event))
        return xml.encode(event)


async def _send(line: socket.socket, datagrams: Sequence[bytes], books: Books) -> None:
    loop = asyncio.get_running_loop()
    for i, datagram in enumerate(datagrams, 1):
        if len(datagram) > MOST_BYTES:
            books.dropped(1, "an event is longer than a datagram")
            continue
        try:
            await loop.sock_sendall(line, datagram)
            books.sent(len(datagram))
        except OSError as error:
            books.dropped(1, why(error))
        if i % BURST == 0:
            await asyncio.sleep(PAUSE_S)


class Caller(_Way):
    """A client of a TAK server."""

    async def run(self, house: House, books: Books) -> None:
        """Tell until cancelled.

        Raises:
            OSError, EOFError: if there is no connection, it broke, or the server does not read.
        """
        self._teller = Teller(self._options, self._types)
        books.say("waiting", f"calling {self.to}")
        async with connected(self._link) as (reader, writer):
            books.say("running", f"connected to {self.to}")
            dialogue = Dialogue(uid_of_site(house.site_id), server=False, protobuf=self._options.protocol == "auto")
            line = TakLine(reader, writer, _decoder(house, friends=False), dialogue)
            hearing = asyncio.ensure_future(line.listen(house.now_ns, lambda decoded: None))
            telling = asyncio.ensure_future(self._tell(line, house, books))
            try:
                done, _ = await asyncio.wait([hearing, telling], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in (hearing, telling):
                    task.cancel()
                await asyncio.gather(hearing, telling, return_exceptions=True)
        raise EOFError("the other side ended the connection")

    async def _tell(self, line: TakLine, house: House, books: Books) -> None:
        # a router wants to know who is there before anything else
        books.sent(line.write(line.dialogue.tell(self._teller.itself(house, house.now_ns()))))
        lost = 0
        while True:
            air = await house.tick(self._options.period_s)
            for event in self._teller.of_tick(house, air):
                if size := line.write(line.dialogue.tell(event)):
                    books.sent(size)
            if line.dialogue.lost > lost:
                books.dropped(line.dialogue.lost - lost, "the server did not answer which protocol it speaks")
                lost = line.dialogue.lost


class Server(_Way):
    """A small TAK server: whoever calls is told the picture, and may say where he is."""

    def __init__(self, options: CotOutput, types: Mapping[Kind, str], link: Link) -> None:
        super().__init__(options, types, link)
        self._lines: dict[TakLine, str] = {}
        self._heard = {"used": 0, "ignored": 0, "refused": 0}  # events of clients

    async def run(self, house: House, books: Books) -> None:
        """Serve until cancelled.

        Raises:
            OSError: if the port cannot be had.
        """
        self._teller = Teller(self._options, self._types)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, house, books)

        async with listening(self._link, serve, lambda kind, sentence: books.failed(sentence)) as self.port:
            self._say(books)
            while True:
                air = await house.tick(self._options.period_s)
                told = _Told(self._teller.of_tick(house, air))
                for line in list(self._lines):
                    self._tell(line, told, books)
                self._say(books)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, house: House, books: Books
    ) -> None:
        dialogue = Dialogue(uid_of_site(house.site_id), server=True, protobuf=self._options.protocol == "auto")
        line = TakLine(reader, writer, _decoder(house, self._options.friends), dialogue)

        def taken(decoded: Decoded) -> None:
            self._heard["used"] += decoded.used
            self._heard["ignored"] += sum(decoded.ignored.values())
            self._heard["refused"] += decoded.problems.rejected
            if decoded.friends:
                house.hear_friends(decoded.friends)

        # said as XML before anything is agreed, as servers do
        self._tell_one(line, _Told(self._teller.for_newcomer(house, house.now_ns())), books)
        self._lines[line] = peer(writer)
        self._say(books)
        try:
            await line.listen(house.now_ns, taken)
        finally:
            self._lines.pop(line, None)
            self._say(books)

    def _tell(self, line: TakLine, told: _Told, books: Books) -> None:
        try:
            self._tell_one(line, told, books)
        except SlowPeerError:
            who = self._lines.pop(line)
            books.dropped(len(told), f"{who} does not read what it is told and was let go")
            line.abort()

    def _tell_one(self, line: TakLine, told: _Told, books: Books) -> None:
        if size := line.write(told.data(line.dialogue.mode)):
            books.sent(size, len(told))

    def _say(self, books: Books) -> None:
        what = self._link.address.scheme.partition("-")[0].upper()
        counts = ", ".join(f"{count} {word}" for word, count in self._heard.items())
        where = f"listening at {self._link.address.host} {what} {self.port}, {len(self._lines)} connected"
        books.say("running" if self._lines else "waiting", f"{where}; events of clients: {counts}")


class _Told:
    """Events, each form of them written once for all who take it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._data: dict[Mode, bytes] = {}

    def __len__(self) -> int:
        return len(self._events)

    def data(self, mode: Mode) -> bytes:
        """All of them, as a stream of that mode."""
        if mode not in self._data:
            write = _frame if mode is Mode.TAK else xml.encode
            self._data[mode] = b"".join(map(write, self._events))
        return self._data[mode]


def _frame(event: Event) -> bytes:
    return protobuf.stream_frame(protobuf.encode(event))


def _decoder(house: House, friends: bool) -> Decoder:
    context = Context(house.site, "client", site_id=house.site_id)
    own = f"{uid_of_site(house.site_id)}."
    return Decoder(context, SensorNames(house.site), datagrams=False, wanted=Wanted(friends=friends, own=own))


def make(options: CotOutput, setting: Setting) -> Datagrams | Caller | Server:
    """The output of a table.

    Raises:
        InputError: naming field and value.
    """
    types, address = checked(options, setting), setting.link.address
    if address.scheme == "udp":
        return Datagrams(options, types, setting.link)
    return (Server if address.listens else Caller)(options, types, setting.link)


KIND = OutputKind("cot", "Cursor on Target: the picture to TAK clients and servers", SCHEMES, CotOutput, make)
