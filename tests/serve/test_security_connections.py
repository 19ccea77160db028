"""Connections and TLS: slow heads, clients that stop reading, one address that wants all; files that do not fit."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Send

from lowsky.model.errors import InputError
from lowsky.serve.accounts import AccountSettings
from lowsky.serve.guard.addresses import networks_of
from lowsky.serve.guard.connections import Ledger
from lowsky.serve.guard.entrance import open_entrance
from lowsky.serve.guard.listen import check_listen, tls_context
from lowsky.serve.guard.settings import GuardSettings
from tests.serve.listening import PATIENCE_S, Listening, received

GET = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
BIG = b"x" * 1_000_000


class Flood:
    """Answers requests with "hello"; at /big, and on WebSockets, sends without end. Remembers how many it serves."""

    def __init__(self) -> None:
        self.serving = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        self.serving += 1
        sending = asyncio.create_task(self._http(scope, send) if scope["type"] == "http" else self._socket(send))
        try:
            while scope["path"] == "/" and scope["type"] == "http" and not sending.done():
                await asyncio.sleep(0)
            while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect") and not sending.done():
                pass
        finally:
            sending.cancel()
            self.serving -= 1

    async def _http(self, scope: Any, send: Send) -> None:
        big = scope["path"] == "/big"
        length = (b"content-length", b"5")
        await send({"type": "http.response.start", "status": 200, "headers": [] if big else [length]})
        while big:
            await send({"type": "http.response.body", "body": BIG, "more_body": True})
            await asyncio.sleep(0.001)
        await send({"type": "http.response.body", "body": b"hello"})

    async def _socket(self, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await self._send_endlessly(send)

    async def _send_endlessly(self, send: Send) -> None:
        while True:
            await send({"type": "websocket.send", "bytes": BIG})
            await asyncio.sleep(0.001)


@pytest.fixture
def flood() -> Flood:
    """The application."""
    return Flood()


@pytest.fixture
def server(flood: Flood) -> Iterator[Listening]:
    """A server that is in a hurry and has few places."""
    settings = GuardSettings(head_timeout_s=0.8, stall_timeout_s=0.3, connections=6, connections_per_address=4)
    listening = Listening(flood, settings)
    yield listening
    listening.close()


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nhost: localhost\r\nx: "])
def test_a_head_that_is_not_complete_in_time_is_given_up(server: Listening, begun: bytes) -> None:
    with server.connect(begun) as connection:
        assert received(connection) == b""


def test_a_head_that_drips_is_given_up_too(server: Listening) -> None:
    with server.connect(b"GET / HTTP/1.1\r\n") as connection:
        connection.settimeout(0.05)
        assert any(_is_over(connection) for _ in range(int(PATIENCE_S / 0.05)))


def _is_over(connection: socket.socket) -> bool:
    """Send one more line of a head; whether the other end has closed."""
    try:
        connection.sendall(b"a: b\r\n")
        return connection.recv(10) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_connection_may_ask_again_and_again(server: Listening) -> None:
    with server.connect() as connection:
        for _ in range(5):
            connection.sendall(GET)
            assert b"hello" in received(connection, b"hello")


@pytest.mark.parametrize("request_bytes", [GET.replace(b"/ ", b"/big "), UPGRADE], ids=["answer", "websocket"])
def test_a_client_that_takes_nothing_is_dropped(server: Listening, flood: Flood, request_bytes: bytes) -> None:
    with server.connect(request_bytes) as stuck:
        wait_for(lambda: flood.serving == 1)
        wait_for(lambda: flood.serving == 0)  # it has noticed, and nobody had to close
        wait_for(lambda: len(server.ledger) == 0)
        assert b"HTTP/1.1" in received(stuck)


def test_one_address_has_so_many_connections_and_no_more(flood: Flood) -> None:
    server = Listening(flood, GuardSettings(connections_per_address=4))
    held = [server.connect(UPGRADE) for _ in range(3)] + [server.connect()]
    try:
        for connection in held[:3]:
            assert b"101" in received(connection, b"\r\n\r\n")
        wait_for(lambda: len(server.ledger) == 4)
        with server.connect(GET) as one_more:
            assert received(one_more) == b""
        assert server.ledger.refused == {"connections": 1}
        for connection in held:
            connection.close()
        wait_for(lambda: len(server.ledger) == 0)
        with server.connect(GET) as again:
            assert b"hello" in received(again, b"hello")
    finally:
        server.close()


def test_proxies_bring_many_clients_and_the_whole_has_a_limit() -> None:
    ledger = Ledger(GuardSettings(connections=5, connections_per_address=2), networks_of(("10.0.0.1",)))
    assert [ledger.enter(object(), "192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [ledger.enter(object(), "10.0.0.1") for _ in range(4)] == [True, True, True, False]
    ledger.leave(object())
    assert len(ledger) == 5


def test_a_head_that_is_too_long_is_refused(server: Listening) -> None:
    with server.connect(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"x" * 200_000) as connection:
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 400") or answer == b""  # reset while we were still sending


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n" * 9]
)
def test_bytes_that_are_no_request_end_their_connection_only(server: Listening, garbage: bytes) -> None:
    with server.connect(garbage) as connection:
        assert b"hello" not in received(connection)
    with server.connect(GET) as good:
        assert b"hello" in received(good, b"hello")


def test_no_answer_names_the_software(server: Listening) -> None:
    with server.connect(GET) as connection:
        assert b"server:" not in received(connection, b"hello").lower()


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something has happened in the server's thread."""
    for _ in range(int(PATIENCE_S / 0.01)):
        if what():
            return
        time.sleep(0.01)
    pytest.fail("it has not happened")


# --- where to listen ---


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "sky.example", "0", ""])
def test_without_accounts_only_loopback_is_listened_on(host: str) -> None:
    check_listen(host, accounts_on=True)
    with pytest.raises(InputError, match="needs accounts"):
        check_listen(host, accounts_on=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "[::1]"])
def test_loopback_needs_no_accounts(host: str) -> None:
    check_listen(host, accounts_on=False)


def test_an_entrance_to_a_network_has_accounts_and_a_first_link(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs accounts"):
        open_entrance(tmp_path, "0.0.0.0", AccountSettings(on=False))
    inside = open_entrance(tmp_path, "127.0.0.1")
    assert inside.first_link("http://localhost/") is None
    inside.close()
    outside = open_entrance(tmp_path, "0.0.0.0")
    link = outside.first_link("http://localhost:8420/")
    assert link is not None
    assert link.startswith("http://localhost:8420/first?key=")
    assert outside.accounts.first.is_good(link.partition("=")[2])
    assert "key" not in outside.audit.path.read_text()
    outside.close()


# --- TLS ---


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys made by openssl."""
    folder = tmp_path_factory.mktemp("pems")
    for name in ("a", "b"):
        _openssl(folder, f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
                 f" -addext subjectAltName=DNS:localhost -keyout {name}.key -out {name}.pem")  # fmt: skip
        (folder / f"{name}.key").chmod(0o600)
    _openssl(folder, "ec -in a.key -aes128 -passout pass:secret -out encrypted.key")
    return folder


def _openssl(folder: Path, words: str) -> None:
    try:
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("no openssl to make certificates with")


def test_over_tls_the_server_is_verified_and_old_versions_are_refused(flood: Flood, pems: Path) -> None:
    listening = Listening(flood, GuardSettings(), tls_context(pems / "a.pem", pems / "a.key"))
    try:
        client = ssl.create_default_context(cafile=str(pems / "a.pem"))
        with client.wrap_socket(listening.connect(), server_hostname="localhost") as connection:
            connection.sendall(GET)
            assert b"hello" in received(connection, b"hello")
            assert connection.version() == "TLSv1.3"
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        with client.wrap_socket(listening.connect(), server_hostname="localhost") as connection:
            assert "ECDHE" in connection.cipher()[0]  # type: ignore[index]
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            client.wrap_socket(listening.connect(), server_hostname="localhost")
        with listening.connect(GET) as plain:
            assert b"hello" not in received(plain)
    finally:
        listening.close()


def test_files_that_do_not_do_are_named(pems: Path, tmp_path: Path) -> None:
    cases = {
        ("a.pem", "b.key"): "the key is not that of the certificate",
        ("a.pem", "a.pem"): "holds no key",
        ("a.key", "a.key"): "holds no certificate",
        ("gone.pem", "a.key"): "certificate: .*gone.pem: No such file",
        ("a.pem", "gone.key"): "key: .*gone.key: No such file",
        ("a.pem", "encrypted.key"): "is encrypted",
        ("a.pem", "."): "key: .*: Is a directory",
    }
    (pems / "encrypted.key").chmod(0o600)
    for (certificate, key), reason in cases.items():
        with pytest.raises(InputError, match=reason):
            tls_context(pems / certificate, pems / key)
    for what in ("pem", "key"):
        broken = tmp_path / f"broken.{what}"
        broken.write_bytes((pems / f"a.{what}").read_bytes().replace(b"M", b"N", 3))
        broken.chmod(0o600)
    with pytest.raises(InputError, match="cannot be used"):
        tls_context(tmp_path / "broken.pem", pems / "a.key")
    with pytest.raises(InputError, match="belong together"):
        open_entrance(tmp_path, "127.0.0.1", certificate=pems / "a.pem")


def test_a_key_that_everybody_can_read_is_refused(pems: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.key"
    shown.write_bytes((pems / "a.key").read_bytes())
    shown.chmod(0o644)
    with pytest.raises(InputError, match="read by everybody"):
        tls_context(pems / "a.pem", shown)


def test_sockets_of_ipv6_loopback_count_as_loopback() -> None:
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        check_listen(listener.getsockname()[0], accounts_on=False)
