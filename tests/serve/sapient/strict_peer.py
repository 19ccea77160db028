"""A strict SAPIENT middleware for tests: what Apex 4.2 does between its connections, with the rules of `rules`.

Four ports: *child* (edge nodes), *peer* (fusion nodes), *parent* (who listens to what is fused) and *all* (who listens
to everything). A child registers first, and what it said before is swallowed; a second connection with the same node
takes it over. A child's messages go to all peers; a peer's go to the child it names, or to the parents if it names
none; a parent's go to all peers. Who comes late gets each node's registration and last status. What breaks a rule comes
back as `error` with the packet and the reasons, and goes no further; the connection stays open.

`python -m tests.serve.sapient.strict_peer child peer parent all` runs it by itself on these ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import struct
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tests.serve.sapient.rules import Rules

OWN_ID = "5913c0f4-9f89-4c01-ab90-939099797c4f"
MAX_MESSAGE_BYTES = 1024 * 1024
MAX_BUFFER_BYTES = 10 * MAX_MESSAGE_BYTES  # unsent to one connection, which is then closed
READ_AHEAD = 64 * MAX_MESSAGE_BYTES  # it stamps what comes at once, and judges it later
ROLES = ("child", "peer", "parent", "all")
STATUS = "status_report"


def framed(data: bytes) -> bytes:
    """A message as it goes over TCP."""
    return struct.pack("<I", len(data)) + data


@dataclass(eq=False)
class Connection:
    """One connection and what is known of it."""

    role: str
    writer: asyncio.StreamWriter
    rules: Rules = field(default_factory=Rules)
    node_id: str = ""
    system: int | None = None  # of the last new status

    def send(self, data: bytes) -> None:
        """Write, or break off with who does not read."""
        if self.writer.transport.get_write_buffer_size() > MAX_BUFFER_BYTES:
            self.writer.transport.abort()
        else:
            self.writer.write(framed(data))


@dataclass
class Known:
    """A registered node: its connection and what who comes late must be told."""

    connection: Connection
    registration: bytes
    new: bytes = b""
    unchanged: bytes = b""


@dataclass
class StrictPeer:
    """The middleware. `ports` are filled in when it listens."""

    ports: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    acknowledges: bool = True
    received: Counter[str] = field(default_factory=Counter)  # "role content"
    errors: list[str] = field(default_factory=list)  # reasons that were answered
    swallowed: int = 0
    last: deque[tuple[str, Any]] = field(default_factory=lambda: deque(maxlen=30_000))  # (role, message), good ones

    def __post_init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._connections: dict[str, list[Connection]] = {role: [] for role in ROLES}
        self._nodes: dict[str, Known] = {}

    async def open(self) -> None:
        """Listen on all ports; 0 becomes a free one."""
        for role in ROLES:
            server = await asyncio.start_server(self._handler(role), "127.0.0.1", self.ports[role], limit=READ_AHEAD)
            self.ports[role] = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def kill(self) -> None:
        """Break off everything, as if the process had gone."""
        for server in self._servers:
            server.close()
        for connections in self._connections.values():
            for connection in connections:
                connection.writer.transport.abort()
        for server in self._servers:
            await server.wait_closed()
        while any(self._connections.values()):
            await asyncio.sleep(0.005)
        self._servers = []

    def connected(self, role: str) -> int:
        """How many there are."""
        return len(self._connections[role])

    def _handler(self, role: str) -> Any:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = Connection(role, writer)
            self._connections[role].append(connection)
            if role in ("peer", "all"):
                self._tell_what_is_known(connection)
            try:
                await self._read(reader, connection)
            except (EOFError, OSError):
                pass
            finally:
                self._connections[role].remove(connection)
                known = self._nodes.get(connection.node_id)
                if role == "child" and known is not None and known.connection is connection:
                    del self._nodes[connection.node_id]
                writer.close()

        return serve

    def _tell_what_is_known(self, connection: Connection) -> None:
        for known in self._nodes.values():
            for data in filter(None, (known.registration, known.new, known.unchanged)):
                connection.send(data)

    async def _read(self, reader: asyncio.StreamReader, connection: Connection) -> None:
        """Stamp what comes at once; judge it as there is time, in its order."""
        waiting: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue()
        judging = asyncio.ensure_future(self._judge(waiting, connection))
        try:
            while True:
                (length,) = struct.unpack("<I", await reader.readexactly(4))
                if length > MAX_MESSAGE_BYTES:
                    return
                waiting.put_nowait((await reader.readexactly(length), time.time_ns()))
        finally:
            await waiting.join()
            judging.cancel()

    async def _judge(self, waiting: asyncio.Queue[tuple[bytes, int]], connection: Connection) -> None:
        while True:
            data, received_ns = await waiting.get()
            self._message_came(connection, data, received_ns)
            waiting.task_done()
            await asyncio.sleep(0)

    def _message_came(self, connection: Connection, data: bytes, received_ns: int) -> None:
        message, wrong = connection.rules.read(data, received_ns)
        content = message.WhichOneof("content") or "nothing"
        self.received[f"{connection.role} {content}"] += 1
        if not wrong and content != "error":
            wrong = getattr(self, f"_from_{connection.role}")(connection, message, data, content)
        if not wrong:
            self.last.append((connection.role, message))
        elif connection.role != "child" or connection.node_id:
            self._refuse(connection, data, wrong)

    def _refuse(self, connection: Connection, data: bytes, wrong: list[str]) -> None:
        self.errors += wrong
        answer = self._message(connection.node_id)
        answer.error.packet = data
        answer.error.error_message.append("\n".join(wrong))
        connection.send(answer.SerializeToString())

    def _message(self, to: str) -> Any:
        message = SapientMessage(node_id=OWN_ID)
        message.timestamp.FromNanoseconds(time.time_ns())
        if to:
            message.destination_id = to
        return message

    def _acknowledge(self, connection: Connection) -> None:
        answer = self._message(connection.node_id)
        answer.registration_ack.acceptance = True
        connection.send(answer.SerializeToString())

    def _forward(self, data: bytes, *roles: str, but: Connection | None = None) -> None:
        for role in roles:
            for connection in self._connections[role]:
                if connection is not but:
                    connection.send(data)

    def _from_child(self, connection: Connection, message: Any, data: bytes, content: str) -> list[str]:
        if not connection.node_id:
            if content != "registration":
                self.swallowed += 1
                return []
            connection.node_id = message.node_id
            self._nodes[message.node_id] = Known(connection, data)
        elif message.node_id != connection.node_id:
            return [f"node_id: {message.node_id} is not {connection.node_id}, which registered"]
        known = self._nodes.get(connection.node_id)
        if known is None or known.connection is not connection:
            self.swallowed += 1
            return []
        if content == "registration":
            known.registration, known.new, known.unchanged, connection.system = data, b"", b"", None
            if self.acknowledges:
                self._acknowledge(connection)
        elif content == STATUS and (wrong := self._status(connection, known, message.status_report, data)):
            return wrong
        self._forward(data, "peer", "all")
        return []

    def _status(self, connection: Connection, known: Known, status: Any, data: bytes) -> list[str]:
        if status.info == 1:
            connection.system, known.new, known.unchanged = status.system, data, b""
            return []
        if status.info != 2:
            return ["status_report.info: neither new nor unchanged"]
        if connection.system != status.system:
            return ["status_report: unchanged, and there was no new one with the same system"]
        known.unchanged = data
        return []

    def _from_peer(self, connection: Connection, message: Any, data: bytes, content: str) -> list[str]:
        if connection.node_id and message.node_id != connection.node_id:
            return [f"node_id: {message.node_id} is not {connection.node_id}, which registered"]
        if content == "registration":
            connection.node_id = message.node_id
            self._acknowledge(connection)
        if message.destination_id:
            known = self._nodes.get(message.destination_id)
            if known is None:
                return [f"unknown node {message.destination_id}"]
            known.connection.send(data)
            self._forward(data, "all")
        else:
            self._forward(data, "parent", "all")
        return []

    def _from_parent(self, connection: Connection, message: Any, data: bytes, content: str) -> list[str]:
        self._forward(data, "peer", "all", but=connection)
        return []

    _from_all = _from_parent


async def _main(ports: list[int]) -> None:
    peer = StrictPeer(dict(zip(ROLES, ports, strict=True)))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await peer.open()
    print("ready", flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await stop.wait()
    print(json.dumps({"received": peer.received, "errors": peer.errors, "swallowed": peer.swallowed}), flush=True)


if __name__ == "__main__":
    asyncio.run(_main([int(port) for port in sys.argv[1:]]))
