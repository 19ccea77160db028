"""The picture to TAK peers over real sockets: pytak and takproto read it, strangers and slow peers do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import takproto

from lowsky.serve.net import tak
from lowsky.serve.outputs.cot.ways import Server as CotServer
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Piece, Splitter, split_datagram
from lowsky.wire.cot.tree import Element
from tests.serve.cot.certificates import Certificates
from tests.serve.cot.houses import caller, events_of, house, running, some, way_to
from tests.serve.live import free_port
from tests.serve.showing import Server, kept, until
from tests.wire.cot.making import event

PATIENCE_S = 20.0


@pytest.mark.parametrize("protocol", ["xml", "protobuf"])
def test_datagrams_are_read_by_takproto(protocol: str) -> None:
    server = house()
    messages: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.setblocking(False)
        to = f"udp://127.0.0.1:{line.getsockname()[1]}"
        keeper = OutputKeeper(way_to(to, period_s=0.2, protocol=protocol), server.view)

        async def go() -> None:
            async with running(server, keeper, [1, 2]):
                async with asyncio.timeout(PATIENCE_S):
                    while len(messages) < 8:
                        messages.append(await asyncio.get_running_loop().sock_recv(line, 65_535))

        asyncio.run(go())
    theirs = [takproto.parse_proto(bytearray(message)).cotEvent for message in messages]
    ours = [one for message in messages for one in events_of(split_datagram(message))]
    by_uid = {one.uid: one for one in theirs if one.uid}
    assert {"lowsky.x.track.1", "lowsky.x.track.2", "lowsky.x", "lowsky.x.sensor.radar", "lowsky.x.place.pier"} <= set(
        by_uid
    )
    assert all(protobuf_of(message) == (protocol == "protobuf") for message in messages)
    mine = next(one for one in ours if one.uid == "lowsky.x.track.1")
    track = by_uid["lowsky.x.track.1"]
    assert (track.lat, track.lon, track.hae, track.ce) == (mine.latitude_deg, mine.longitude_deg, mine.hae_m, mine.ce_m)
    assert track.detail.track.speed == pytest.approx(15.0, abs=0.01)
    assert track.type == "a-u-A"
    assert track.staleTime > track.sendTime
    assert keeper.messages >= 8


def protobuf_of(message: bytes) -> bool:
    return message.startswith(b"\xbf\x01\xbf")


def test_a_group_hears_it() -> None:
    server, port = house(), free_port(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind(("239.2.3.1", port))
        group = socket.inet_aton("239.2.3.1") + socket.inet_aton("127.0.0.1")
        line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        line.setblocking(False)
        keeper = OutputKeeper(way_to(f"udp://239.2.3.1:{port}?interface=127.0.0.1&ttl=0"), server.view)

        async def go() -> bytes:
            async with running(server, keeper, [4]), asyncio.timeout(PATIENCE_S):
                return await asyncio.get_running_loop().sock_recv(line, 65_535)

        assert split_datagram(asyncio.run(go()))[0].form is Form.XML


def test_nobody_at_the_other_end_is_counted_and_not_the_end() -> None:
    server = house()
    keeper = OutputKeeper(way_to(f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", period_s=0.2), server.view)

    async def go() -> None:
        async with running(server, keeper, [1, 2]):
            await until(lambda: keeper.lost)

    asyncio.run(go())
    assert keeper.restarts == 0
    assert "nobody listens there" in keeper.last_error


# --- a server of ours ---


@contextlib.asynccontextmanager
async def tls_server(certificates: Certificates, server: Server, **options: Any) -> Any:
    """A server that demands certificates, with its keeper and port."""
    link: dict[str, Any] = {
        "certificate_file": certificates["server"],
        "key_file": certificates["server.key"],
        "ca_file": certificates["ca"],
        "client_certificates": True,
    }
    keeper = OutputKeeper(way_to("tls-listen://127.0.0.1:0", period_s=0.2, **link, **options), server.view)
    async with running(server, keeper, [1, 2]):
        await until(lambda: keeper.state == "waiting")
        assert isinstance(keeper.way, CotServer)
        yield keeper, keeper.way.port


def client_context(certificates: Certificates, name: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates["ca"])
    if name is not None:
        context.load_cert_chain(certificates[name], certificates[f"{name}.key"])
    return context


@pytest.mark.parametrize("form", ["0", "1"])
def test_pytak_reads_the_picture_over_tls_and_says_where_it_is(certificates: Certificates, form: str) -> None:
    server = house()
    settings = {
        "PYTAK_TLS_CLIENT_CERT": certificates["client"],
        "PYTAK_TLS_CLIENT_KEY": certificates["client.key"],
        "PYTAK_TLS_CLIENT_CAFILE": certificates["ca"],
    }

    async def go() -> list[str]:
        async with tls_server(certificates, server, friends=True) as (_, port):
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(Path(__file__).with_name("pytak_client.py")), f"tls://127.0.0.1:{port}", "30", form,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=os.environ | settings,
            )  # fmt: skip
            assert process.stdout is not None
            lines: list[str] = []
            try:
                async with asyncio.timeout(60):
                    while sum("lowsky.x.track.2" in line for line in lines) < 2:
                        lines.append(json.loads(await process.stdout.readline()))
                await until(lambda: len(server.people.friends))
            finally:
                process.kill()
                await process.wait()
            return lines

    roots = [ET.fromstring(text.strip()) for text in asyncio.run(go())]
    uids = {root.get("uid") for root in roots}
    assert {"lowsky.x", "lowsky.x.protocol", "lowsky.x.place.pier", "lowsky.x.track.1"} <= uids
    track = next(root for root in roots if root.get("uid") == "lowsky.x.track.2")
    assert track.get("type") == "a-u-A"
    point = track.find("point")
    assert point is not None
    assert float(point.get("lat", "nan")) == pytest.approx(56.0, abs=0.01)
    [friend] = server.people.friends.newest_first()
    assert (friend.uid, friend.callsign, friend.latitude_deg, friend.sigma_position_m) == ("PYTAK-1", "Py", 56.01, 7.0)


def test_a_client_that_asks_for_protobuf_gets_what_takproto_reads(certificates: Certificates) -> None:
    async def go() -> list[Any]:
        async with tls_server(certificates, house()) as (_, port):
            context = client_context(certificates, "client")
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            offer, splitter = None, Splitter()
            async with asyncio.timeout(PATIENCE_S):
                while offer is None:
                    found = events_of(splitter.push(await some(reader)))
                    offer = next((one for one in found if one.type == "t-x-takp-v"), None)
                request = Element("TakControl", {}, "", (Element("TakRequest", {"version": "1"}),))
                writer.write(xml.encode(event(offer.uid, "t-x-takp-q", request)))
                messages: list[Any] = []
                agreed = False
                while len(messages) < 4:
                    for piece in splitter.push(await some(reader)):
                        if piece.form is Form.XML:
                            assert not agreed, "XML after protobuf was agreed"
                            agreed = xml.decode(piece.data).type == "t-x-takp-r"
                        else:
                            frame = protobuf.stream_frame(piece.data)
                            messages.append(takproto.parse_proto(bytearray(frame)))
            writer.close()
            return messages

    messages = asyncio.run(go())
    assert {message.cotEvent.uid for message in messages} >= {"lowsky.x.track.1", "lowsky.x.track.2"}


@pytest.mark.parametrize("name", [None, "stranger"])
def test_who_has_no_certificate_of_ours_is_told_nothing(certificates: Certificates, name: str | None) -> None:
    async def go() -> tuple[bytes, OutputKeeper]:
        async with tls_server(certificates, house()) as (keeper, port):
            data = b""
            with contextlib.suppress(OSError):
                context = client_context(certificates, name)
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
                async with asyncio.timeout(PATIENCE_S):
                    data = await reader.read(100)
                writer.close()
            await until(lambda: keeper.failures)
            return data, keeper

    data, keeper = asyncio.run(go())
    assert data == b""
    assert keeper.messages == 0
    assert "was refused" in keeper.last_error


def test_a_client_that_does_not_read_is_let_go_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tak, "MAX_UNSENT", 400_000)
    server = house()
    keeper = OutputKeeper(way_to("tcp-listen://127.0.0.1:0", period_s=0.2), server.view)

    async def go() -> None:
        async with running(server, keeper, list(range(1, 600))):
            await until(lambda: keeper.state == "waiting")
            assert isinstance(keeper.way, CotServer)
            with socket.create_connection(("127.0.0.1", keeper.way.port)) as lazy:
                lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader, writer = await asyncio.open_connection("127.0.0.1", keeper.way.port)
                splitter, found = Splitter(), 0
                async with asyncio.timeout(60):
                    while not keeper.lost or found < 600:
                        found += len(splitter.push(await some(reader)))
                writer.close()

    asyncio.run(go())
    assert "does not read what it is told and was let go" in keeper.last_error
    assert keeper.restarts == 0


def test_pings_are_answered_and_garbage_is_counted() -> None:
    keeper = OutputKeeper(way_to("tcp-listen://127.0.0.1:0", sensors=False, places=False), house().view)

    async def go() -> list[Event]:
        async with kept(keeper):
            await until(lambda: keeper.state == "waiting")
            assert isinstance(keeper.way, CotServer)
            reader, writer = await asyncio.open_connection("127.0.0.1", keeper.way.port)
            writer.write(b"hello" + xml.encode(event("tablet-ping", "t-x-c-t")) + xml.encode(event("old", "a-f-G")))
            splitter = Splitter()
            found: list[Event] = []
            async with asyncio.timeout(PATIENCE_S):
                while not any(one.type == "t-x-c-t-r" for one in found):
                    found += events_of(splitter.push(await some(reader)))
            writer.close()
            await until(lambda: keeper.message.endswith("0 used, 2 ignored, 1 refused"))
            return found

    assert asyncio.run(go())


# --- a client of ours ---


class TakServer:
    """A server that offers protobuf, or does not, and keeps what it is told."""

    def __init__(self, offers: bool) -> None:
        self.offers = offers
        self.pieces: list[Piece] = []
        self.callers = 0
        self.port = 0
        self.writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers, self.writer = self.callers + 1, writer
        splitter = Splitter()
        if self.offers:
            support = Element("TakControl", {}, "", (Element("TakProtocolSupport", {"version": "1"}),))
            writer.write(xml.encode(event("offer-1", "t-x-takp-v", support)))
        while data := await reader.read(65_536):
            for piece in splitter.push(data):
                self.pieces.append(piece)
                if piece.form is Form.XML and xml.decode(piece.data).type == "t-x-takp-q":
                    yes = Element("TakControl", {}, "", (Element("TakResponse", {"status": "true"}),))
                    writer.write(xml.encode(event("offer-1", "t-x-takp-r", yes)))
        writer.close()


@contextlib.asynccontextmanager
async def tak_server(certificates: Certificates, offers: bool) -> Any:
    peer = TakServer(offers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates["server"], certificates["server.key"])
    context.load_verify_locations(certificates["ca"])
    context.verify_mode = ssl.CERT_REQUIRED
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=context)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer


@pytest.mark.parametrize(
    ("offers", "protocol", "form"), [(True, "auto", Form.TAK), (True, "xml", Form.XML), (False, "auto", Form.XML)]
)
def test_a_tak_server_is_told_who_we_are_and_then_the_picture(
    certificates: Certificates, offers: bool, protocol: str, form: Form
) -> None:
    server = house()

    async def go() -> list[Piece]:
        async with tak_server(certificates, offers) as peer:
            keeper = caller(certificates, peer.port, server, protocol=protocol)
            async with running(server, keeper, [1]):
                await until(lambda: sum(piece.form is form for piece in peer.pieces) > 7, PATIENCE_S)
                pieces: list[Piece] = list(peer.pieces)
                return pieces

    pieces = asyncio.run(go())
    first = xml.decode(pieces[0].data)
    assert (first.uid, first.type) == ("lowsky.x", "a-f-G-I")
    assert {"takv", "contact", "__group"} <= {element.name for element in first.detail}
    forms = [piece.form for piece in pieces]
    assert forms == sorted(forms, key=lambda f: f.value), "XML again after protobuf"
    assert "lowsky.x.track.1" in {one.uid for one in events_of([p for p in pieces if p.form is form])}


def test_a_server_that_goes_away_is_called_again(certificates: Certificates) -> None:
    server = house()

    async def go() -> OutputKeeper:
        async with tak_server(certificates, offers=False) as peer:
            keeper = caller(certificates, peer.port, server)
            async with running(server, keeper, [1]):
                await until(lambda: peer.pieces)
                peer.writer.transport.abort()
                await until(lambda: peer.callers == 2 and keeper.state == "running")
            return keeper

    assert asyncio.run(go()).restarts == 1


def test_a_server_that_does_not_know_us_is_said(certificates: Certificates) -> None:
    async def go() -> str:
        async with tak_server(certificates, offers=False) as peer:
            keeper = caller(certificates, peer.port, house(), name="stranger")
            async with kept(keeper):
                await until(lambda: keeper.state == "failed")
            assert not peer.pieces
            return keeper.message

    assert asyncio.run(go())
