"""The source of kind "sapient": lowsky as the fusion node of sensors that call it, or of those behind a middleware.

`via = "tcp-listen://..."` (or `tls-listen`): each sensor calls and registers on a connection of its own.
`via = "tcp://..."` (or `tls`): we call a middleware as a fusion node (Apex: a Peer) and hear all nodes below it.
The dialogue is `lowsky.wire.sapient.session.fusion`; here are its sockets and clock. What is answered bears the
machine's UTC, not the server's clock, which others know nothing of. Other links (recordings) need no answers.
"""

from __future__ import annotations

import asyncio
import time

import structlog

from lowsky.model.errors import InputError
from lowsky.model.sensor import Site
from lowsky.wire.decoded import Context
from lowsky.wire.names import MAX_UNKNOWN
from lowsky.wire.sapient.ids import Ids, is_uuid4
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.session.events import AlertHeard, Broken, Complaint, Event
from lowsky.wire.sapient.session.fusion import FusionSession
from lowsky.wire.sapient.session.nodes import Node, NodeTable
from lowsky.wire.sapient.session.proposal import proposed_sensor

from ..answers.sensors import SenderInfo
from ..config.installation import NODE, installation_seed
from ..config.sources import FormatSource
from ..net.connections import PIECE_BYTES, connected, listening, peer
from ..net.jobs import any_of
from .contract import Sink

SCHEMES = ("tcp", "tls", "tcp-listen", "tls-listen")
TAKE_S = 0.01  # what came within this time is decoded together
BEAT_S = 0.5  # between two looks at who should have said something
MAX_UNSENT = 1 << 20  # bytes of answers that wait for a peer that does not read; then it is let go

log = structlog.get_logger("lowsky.sapient")


def source_of(entry: FormatSource, context: Context) -> SapientSource | None:
    """The source of a link that can answer, not started.

    Raises:
        InputError: "field: value reason".
    """
    if entry.link.address.scheme not in SCHEMES:
        return None
    node_id = entry.options.node_id
    if node_id and not is_uuid4(node_id):
        raise InputError(f"node_id: {node_id!r} is no UUID of version 4, lower case")
    try:
        seed = node_id.encode() if node_id else installation_seed(entry.link.folder)
    except InputError as error:
        raise InputError(f"node_id: {error}") from None
    ids = Ids(seed, entry.name)
    return SapientSource(entry, context, node_id or ids.node(NODE), ids)


class SapientSource:
    """Sensors that speak SAPIENT. Nodes and their books outlive their connections."""

    kind = "sapient"

    def __init__(self, entry: FormatSource, context: Context, node_id: str, ids: Ids) -> None:
        self.name, self.via, self.node_id = entry.name, str(entry.link.address), node_id
        self.port = entry.link.address.port  # the one bound, if 0 was asked for
        self.table = NodeTable(lambda: Intake(context, entry.options))
        self._link, self._options, self._ids = entry.link, entry.options, ids
        self._site: Site = context.site
        self._words: dict[str, str] = {}  # what a node said last that people should know
        self._sessions: set[FusionSession] = set()
        self._timer: asyncio.TimerHandle | None = None

    def unknown_sensors(self) -> dict[str, int]:
        """Nodes that are no sensor of the site, by how often they were met."""
        found: dict[str, int] = {}
        for node in self.table.nodes.values():
            for name, count in node.intake.names.unknown.items():
                if name in found or len(found) < MAX_UNKNOWN:
                    found[name] = found.get(name, 0) + count
        return found

    def senders(self) -> tuple[SenderInfo, ...]:
        """Every node with its books."""
        return tuple(self._sender(node) for node in self.table.nodes.values())

    async def run(self, sink: Sink) -> None:
        """Listen until cancelled, or speak over one connection until it ends.

        Raises:
            OSError: if it broke, or could not be made.
        """
        try:
            await any_of(self._listen(sink) if self._link.address.listens else self._call(sink), self._beat(sink))
        finally:
            self._take(sink)

    async def _call(self, sink: Sink) -> None:
        async with connected(self._link) as (reader, writer):
            await self._serve(reader, writer, sink)
        raise OSError("the other side ended the connection")

    async def _listen(self, sink: Sink) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, sink)

        async with listening(self._link, serve, sink.fault) as port:
            self.port = port
            self._say(sink)
            await asyncio.Event().wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sink: Sink) -> None:
        """One connection until it ends."""
        many = not self._link.address.listens
        acknowledges = not many if self._options.acknowledge is None else self._options.acknowledge
        options = self._options
        session = FusionSession(
            self.table, self.node_id, self._ids, many, acknowledges, options.reading, options.time_policy(many)
        )
        session.begin(time.time_ns())
        self._sessions.add(session)
        self._say(sink)
        try:
            await self._read(session, reader, writer, sink)
        finally:
            self._sessions.discard(session)
            session.close(sink.now_ns())
            self._take(sink)
            self._say(sink)

    async def _read(
        self, session: FusionSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sink: Sink
    ) -> None:
        reading = asyncio.ensure_future(reader.read(PIECE_BYTES))
        try:
            while True:
                done, _ = await asyncio.wait([reading], timeout=BEAT_S)
                if done:
                    if not (data := reading.result()):
                        return
                    sink.received(len(data))
                    session.push(data, time.time_ns(), sink.now_ns())
                    self._schedule(sink)
                    reading = asyncio.ensure_future(reader.read(PIECE_BYTES))
                session.tick(time.time_ns())
                answers, _ = session.out()
                if writer.transport.get_write_buffer_size() + len(answers) > MAX_UNSENT:
                    raise OSError("it does not read what it is answered")
                writer.write(answers)
                for event in session.events():
                    self._heard(event, writer)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _heard(self, event: Event, writer: asyncio.StreamWriter) -> None:
        match event:
            case AlertHeard(node_id, _, kind, status, text):
                words = f"alert ({', '.join(filter(None, (kind, status)))}): {text}"
                self._words[node_id] = words
                sensor = self._sensor(self.table.nodes[node_id])
                log.warning("a sensor alerts", source=self.name, node=node_id, sensor=sensor, says=words)
            case Complaint(about, reasons):
                log.warning("an answer was refused", source=self.name, by=peer(writer), about=about, reasons=reasons)
            case Broken(sentence):
                raise OSError(sentence)

    async def _beat(self, sink: Sink) -> None:
        """Notice who does not say what it promised."""
        while True:
            self.table.tick(sink.now_ns())
            self._take(sink)
            await asyncio.sleep(BEAT_S)

    def _schedule(self, sink: Sink) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TAKE_S, self._take, sink)

    def _take(self, sink: Sink) -> None:
        """Hand on what came."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for decoded in self.table.take():
            sink.decoded(decoded)

    def _say(self, sink: Sink) -> None:
        if self._link.address.listens:
            where = f"listening at {self._link.address.host} port {self.port}, {len(self._sessions)} connected"
            sink.say("running" if self._sessions else "waiting", where)
        elif self._sessions:
            sink.say("running", f"connected to {self.via}")

    def _sensor(self, node: Node) -> str | None:
        return self._site.sensors[node.sensor].id if node.sensor >= 0 else None

    def _sender(self, node: Node) -> SenderInfo:
        return SenderInfo(
            id=node.node_id,
            name=node.name,
            sensor=self._sensor(node),
            state=node.state,
            received=node.books.received,
            used=node.books.used,
            ignored=dict(node.books.ignored),
            rejected=dict(node.books.rejected),
            message=self._words.get(node.node_id, ""),
            proposal="" if node.sensor >= 0 else proposed_sensor(node),
        )
