"""Transports with real sockets: datagrams, groups, streams, TLS; what comes is decoded, what is lost is counted."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from lowsky.model.errors import InputError
from lowsky.serve.net.connections import MAX_SENDERS
from lowsky.serve.sources.intake import WireSource
from tests.serve.basin import Basin, SetClock, lines, wired
from tests.serve.live import free_port

PATIENCE_S = 20.0


async def until(ready: Callable[[], Any]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE_S):
        while not ready():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(source: WireSource, sink: Basin) -> AsyncIterator[int]:
    """The source runs and listens; its port."""
    task = asyncio.create_task(source.run(sink))
    await until(lambda: sink.states or task.done())
    try:
        if task.done():
            task.result()
        port: int = getattr(source.transport, "port", 0)
        yield port
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_datagrams_that_come_together_are_decoded_together() -> None:
    sink = Basin(SetClock())

    async def burst() -> None:
        async with running(wired("udp://127.0.0.1:0"), sink) as port:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                for line in lines(50).splitlines():
                    out.sendto(line, ("127.0.0.1", port))
                out.sendto(b"nonsense", ("127.0.0.1", port))
                out.sendto(b"", ("127.0.0.1", port))
            await until(lambda: sink.counters.received == 51)

    asyncio.run(burst())
    assert sink.count() == 50
    assert sink.counters.rejected.total() == 1
    assert len(sink.reports) < 25


def test_what_the_system_lost_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowsky.serve.net.datagrams.SOCKET_BYTES", 4096)
    sink, sent = Basin(SetClock()), 400
    line = lines(1)

    async def flood() -> None:
        async with running(wired("udp://127.0.0.1:0"), sink) as port:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                for _ in range(sent):  # the loop does not turn: nobody reads
                    out.sendto(line, ("127.0.0.1", port))
                await until(lambda: sink.count())
                out.sendto(line, ("127.0.0.1", port))  # the count comes with the next one
                await until(lambda: sink.faults)

    asyncio.run(flood())
    assert set(sink.faults) == {"datagrams lost"}
    assert sink.count() + len(sink.faults) == sent + 1
    assert "came faster" in sink.sentences[0]


def test_a_group_is_joined_and_may_be_heard_by_several() -> None:
    first, second = Basin(SetClock()), Basin(SetClock())
    port = free_port(socket.SOCK_DGRAM)
    via = f"udp://239.192.0.77:{port}?interface=127.0.0.1"

    async def tell() -> None:
        async with running(wired(via), first), running(wired(via.replace("127.0.0.1", "lo")), second):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                out.sendto(lines(3), ("239.192.0.77", port))
            await until(lambda: first.count() and second.count())

    asyncio.run(tell())
    assert first.count() == second.count() == 3
    assert "joined the group" in first.messages[-1]


@pytest.mark.parametrize(
    ("via", "words"),
    [
        ("udp://239.192.0.77:5300?interface=none", "no network interface 'none'"),
        ("udp://192.0.2.1:5300", "cannot listen at udp://192.0.2.1:5300: cannot assign"),
        ("tcp-listen://192.0.2.1:5300", "cannot listen at tcp-listen://192.0.2.1:5300: cannot assign"),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: nobody listens there"),
        ("tcp://no.such.host.invalid:1", "there is no such host"),
    ],
)
def test_what_cannot_be_opened_says_why(via: str, words: str) -> None:
    with pytest.raises(OSError, match=words):
        asyncio.run(wired(via).run(Basin(SetClock())))


def test_a_port_that_somebody_has() -> None:
    async def twice() -> None:
        async with running(wired("tcp-listen://127.0.0.1:0"), Basin(SetClock())) as port:
            await wired(f"tcp-listen://127.0.0.1:{port}").run(Basin(SetClock()))

    with pytest.raises(OSError, match="somebody else listens there"):
        asyncio.run(twice())


def test_we_call_a_sender_and_its_end_is_an_error() -> None:
    sink = Basin(SetClock())

    async def call() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(lines(3)[:-20])
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.write(lines(3)[-20:])
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await wired(f"tcp://127.0.0.1:{port}").run(sink)
        finally:
            server.close()

    with pytest.raises(EOFError, match="ended"):
        asyncio.run(call())
    assert sink.count() == 3
    assert sink.counters.bytes == len(lines(3))


def test_each_sender_has_its_own_decoder_and_too_many_are_turned_away() -> None:
    sink = Basin(SetClock())
    half = len(lines(1)) // 2

    async def crowd() -> None:
        async with running(wired("tcp-listen://127.0.0.1:0"), sink) as port:
            writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(MAX_SENDERS)]
            for writer in writers:
                writer.write(lines(1)[:half])
            await until(lambda: sink.counters.bytes == half * MAX_SENDERS)
            reader, late = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            for writer in writers:
                writer.write(lines(1)[half:])
            await until(lambda: sink.count() == MAX_SENDERS)
            assert f"{MAX_SENDERS} connected" in sink.messages[-1]
            for writer in [late, *writers]:
                writer.close()
            await until(lambda: "0 connected" in sink.messages[-1])

    asyncio.run(crowd())
    assert sink.faults == ["too many senders"]
    assert sink.counters.rejected.total() == 0


def test_a_connection_that_is_torn_is_told() -> None:
    sink = Basin(SetClock())

    async def tear() -> None:
        async with running(wired("tcp-listen://127.0.0.1:0"), sink) as port:
            with socket.create_connection(("127.0.0.1", port)) as out:
                out.sendall(lines(2) + b'{"type"')
                await until(lambda: sink.count() == 2)
                out.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            await until(lambda: sink.faults)

    asyncio.run(tear())
    assert sink.faults == ["connection broken"]
    assert "127.0.0.1 port" in sink.sentences[0]
    assert sink.counters.rejected.total() == 1, "the line it was in the middle of"


# --- TLS ---


OWN = 'certificate_file = "server.pem"\nkey_file = "server.key"\n'
BOTH = OWN + 'ca_file = "ca.pem"\nclient_certificates = true\n'


def context(papers: Path, name: str = "") -> ssl.SSLContext:
    """A caller that trusts the authority, with a certificate of its own or without."""
    made = ssl.create_default_context(cafile=str(papers / "ca.pem"))
    if name:
        made.load_cert_chain(papers / f"{name}.pem", papers / f"{name}.key")
    return made


def test_callers_with_a_certificate_are_heard_and_others_are_refused(papers: Path) -> None:
    sink = Basin(SetClock())

    async def call() -> None:
        async with running(wired("tls-listen://127.0.0.1:0", BOTH, papers), sink) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context(papers, "client"))
            writer.write(lines(5))
            await until(lambda: sink.count() == 5)
            writer.close()
            for name in ("", "stranger"):
                with contextlib.suppress(OSError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context(papers, name))
                    await reader.read()
            await until(lambda: len(sink.faults) == 2)
            with socket.create_connection(("127.0.0.1", port)) as plain:
                plain.sendall(lines(1))
                await until(lambda: len(sink.faults) == 3)

    asyncio.run(call())
    assert set(sink.faults) == {"connection refused"}
    assert sink.count() == 5


def test_we_call_over_tls_and_only_whom_we_should(papers: Path) -> None:
    sink = Basin(SetClock())

    async def call(fields: str, host: str) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(lines(4))
            writer.close()

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(papers / "server.pem", papers / "server.key")
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        try:
            await wired(f"tls://{host}:{port}", fields, papers).run(sink)
        finally:
            server.close()

    with pytest.raises(EOFError):
        asyncio.run(call('ca_file = "ca.pem"\n', "127.0.0.1"))
    assert sink.count() == 4
    with pytest.raises(OSError, match="certificate is not accepted"):
        asyncio.run(call("", "127.0.0.1"))
    with pytest.raises(OSError, match="certificate is not accepted"):
        asyncio.run(call('ca_file = "ca.pem"\nserver_name = "other.example"\n', "127.0.0.1"))
    assert sink.count() == 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("", "certificate_file: tls-listen:// needs"),
        ('certificate_file = "none.pem"\n', "certificate_file: there is no file .*none.pem"),
        ('certificate_file = "server.pem"\nkey_file = "client.key"\n', "certificate_file, key_file: .* cannot be used"),
        (OWN + "client_certificates = true\n", "client_certificates: ca_file must say"),
        (OWN + 'ca_file = "server.key"\n', "ca_file: .*server.key cannot be used"),
        ('key_file = "server.key"\n', "tls-listen:// needs"),
        (OWN + 'user = "u"\n', "user: tls-listen:// takes no such field"),
    ],
)
def test_papers_that_are_not_in_order_are_named_before_anything_runs(papers: Path, fields: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        wired("tls-listen://127.0.0.1:0", fields, papers)
