"""Connections over TCP and TLS, called and listened for, with errors that people can read.

For whoever holds a dialogue over them as well as for whoever only listens to what comes. A peer that vanished without a
word is found out by keep-alives.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from .link import Link

CONNECT_S = 10.0  # for a connection, greetings of TLS included
CLOSE_S = 2.0  # for a good-bye
PIECE_BYTES = 1 << 16
MAX_SENDERS = 64  # connections to one listening port at once
KEEP_IDLE_S, KEEP_EVERY_S, KEEP_TRIES = 20, 5, 3  # a silent peer is given up after 35 s

ACCEPT_PAUSE_S = 0.5  # after a caller that could not be taken

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OnFault = Callable[[str, str], None]  # kind, sentence

log = structlog.get_logger("lowsky.connections")


@contextlib.asynccontextmanager
async def connected(link: Link) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the other side, closed on the way out.

    Raises:
        OSError: if there is nobody, or they are not who they should be; its text is for people.
        InputError: if our own certificates cannot be used.
    """
    address, tls = link.address, link.tls()
    name = (link.fields.server_name or address.host) if tls is not None else None
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(
                address.host, address.port, limit=PIECE_BYTES, ssl=tls, server_hostname=name
            )
    except TimeoutError:
        raise OSError(f"{address} did not answer within {CONNECT_S:g} s") from None
    except OSError as error:
        raise OSError(f"{address}: {why(error)}") from None
    keep_alive(writer)
    try:
        yield reader, writer
    finally:
        await closed(writer)


@contextlib.asynccontextmanager
async def listening(link: Link, handler: Handler, on_fault: OnFault) -> AsyncIterator[int]:
    """A port at which `handler` is run for each caller, at most `MAX_SENDERS` at once; all end on the way out.

    Gives the port, which is another than the link's if that was 0. `on_fault(kind, sentence)` is told of callers that
    broke, were turned away, or failed to show a certificate.

    Raises:
        OSError: if the port cannot be had; its text is for people.
        InputError: if our own certificates cannot be used.
    """
    tls = link.tls()
    try:
        line = await asyncio.to_thread(_bound, link)
    except OSError as error:
        raise OSError(f"cannot listen at {link.address}: {why(error)}") from None
    callers: set[asyncio.Task[None]] = set()
    accepting = asyncio.ensure_future(_accept(line, callers, tls, handler, on_fault))
    try:
        yield int(line.getsockname()[1])
    finally:
        accepting.cancel()
        for task in (tasks := [accepting, *callers]):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        line.close()


def _bound(link: Link) -> socket.socket:
    found = socket.getaddrinfo(link.address.host, link.address.port, type=socket.SOCK_STREAM)
    line = socket.socket(found[0][0], socket.SOCK_STREAM)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind(found[0][4])
        line.listen(MAX_SENDERS)
        line.setblocking(False)
    except BaseException:
        line.close()
        raise
    return line


async def _accept(
    line: socket.socket,
    callers: set[asyncio.Task[None]],
    tls: ssl.SSLContext | None,
    handler: Handler,
    on_fault: OnFault,
) -> None:
    """Take callers until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            caller, where = await loop.sock_accept(line)
        except OSError as error:  # too many open files, or they have gone already
            on_fault("connection broken", f"a caller could not be taken: {why(error)}")
            await asyncio.sleep(ACCEPT_PAUSE_S)
            continue
        if len(callers) >= MAX_SENDERS:
            on_fault("too many senders", f"more than {MAX_SENDERS} at once; {where[0]} port {where[1]} was turned away")
            caller.close()
            continue
        task = asyncio.ensure_future(_serve(caller, f"{where[0]} port {where[1]}", tls, handler, on_fault))
        callers.add(task)
        task.add_done_callback(callers.discard)


async def _serve(
    caller: socket.socket, name: str, tls: ssl.SSLContext | None, handler: Handler, on_fault: OnFault
) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(PIECE_BYTES, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    seconds = None if tls is None else CONNECT_S
    try:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, caller, ssl=tls, ssl_handshake_timeout=seconds
        )
    except OSError as error:
        on_fault("connection refused", f"{name} was refused: {why(error)}")
        caller.close()
        return
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    keep_alive(writer)
    try:
        await handler(reader, writer)
    except (OSError, EOFError) as error:
        on_fault("connection broken", f"the connection of {name} broke: {why(error)}")
    except Exception as error:
        log.exception("a connection failed by a defect")
        on_fault("connection broken", f"the connection of {name} broke by a defect of ours: {why(error)}")
    finally:
        await closed(writer)


def peer(writer: asyncio.StreamWriter) -> str:
    """Who is at the other end, for people."""
    found = writer.get_extra_info("peername")
    return f"{found[0]} port {found[1]}" if isinstance(found, tuple) else "somebody"


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the system ask a silent peer whether it is still there."""
    line = writer.get_extra_info("socket")
    if line is None:
        return
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("IDLE", KEEP_IDLE_S), ("INTVL", KEEP_EVERY_S), ("CNT", KEEP_TRIES)):
            option = getattr(socket, f"TCP_KEEP{name}", None)
            if option is not None:
                line.setsockopt(socket.IPPROTO_TCP, option, value)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close; a peer that does not say good-bye is not waited for."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await writer.wait_closed()


def why(error: BaseException) -> str:
    """What went wrong, as a clause; of the system's own error, if libraries have wrapped it."""
    first = error
    while not isinstance(error, OSError) and (before := first.__cause__ or first.__context__) is not None:
        first = before
    return _why(first if isinstance(first, OSError) else error)


def _why(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there (connection refused)"
    if isinstance(error, socket.gaierror):
        return f"there is no such host: {error.strerror}"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "somebody else listens there already"
    if isinstance(error, OSError):
        # asyncio wraps the system's words in its own: "[Errno 113] Connect call failed ('192.0.2.1', 80)"
        return str(error) if error.errno is None else os.strerror(error.errno).lower()
    return str(error) or type(error).__name__
