"""The picture to TAK peers over real sockets: pytak and takproto read it, strangers and slow peers do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import takproto

from lowsky.model.bearing import Bearing
from lowsky.model.errors import InputError
from lowsky.model.place import Place, Shape
from lowsky.serve.answers.notices import Notice, Why
from lowsky.serve.answers.sensors import Consistency, Promise, SensorInfo
from lowsky.serve.answers.site import PlaceInfo
from lowsky.serve.net import tak
from lowsky.serve.outputs.contract import Way
from lowsky.serve.outputs.cot.calls import calls_of
from lowsky.serve.outputs.cot.teller import Teller
from lowsky.serve.outputs.cot.ways import Server as CotServer
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import make_way
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Piece, Splitter, split_datagram
from lowsky.wire.cot.tree import Element
from tests.serve.cot.certificates import Certificates
from tests.serve.live import free_port
from tests.serve.showing import SITE, S, Server, kept, until
from tests.wire.cot.making import event

PATIENCE_S = 20.0
ROOT = Path(__file__).resolve().parents[3]


def way_to(to: str, **options: Any) -> Way:
    return make_way({"name": "tak", "kind": "cot", "to": to, **options}, "site.toml, outputs[0]", Path("/"), SITE)


def house() -> Server:
    """A server at the machine's time with two sensors and a place."""
    server = Server()
    server.board.book.places = (Place("pier", "Pier", Shape.POINT, ((56.0, 11.0),), 300.0),)
    server.board.places = (PlaceInfo("pier", "Pier", "point", ((56.0, 11.0),), 300.0, -1000.0, 1e4, "", None, None),)
    server.board.sensors = tuple(sensor_info(sensor.id) for sensor in SITE.sensors)
    server.now_ns = time.time_ns()
    return server


def sensor_info(name: str) -> SensorInfo:
    return SensorInfo(
        name, "radar_3d", 56.0, 11.0, 50.0, 0.0, 8000.0, None, None, "well", None, None, 0.0, None, 0,
        Promise(None, None), Consistency(None), (), "all is well",
    )  # fmt: skip


def notice(level: Any, number: int = 1, call: int = 7, ended_ms: float | None = None, track: int = 1) -> Notice:
    now_ms = time.time() * 1e3
    why = Why(900.0, 40.0, 120.0, "fixed_wing", "rule")
    return Notice(
        number, call, track, "pier", "Pier", level, 0.9, now_ms + 60_000, now_ms + 50_000, now_ms + 70_000, now_ms,
        ended_ms, None, (), why, (),
      )  # fmt: skip


async def turning(server: Server, numbers: list[int], every_s: float = 0.05) -> None:
    """A core that ticks."""
    while True:
        server.turn(numbers, time.time_ns())
        await asyncio.sleep(every_s)


@contextlib.asynccontextmanager
async def running(server: Server, keeper: OutputKeeper, numbers: list[int]) -> Any:
    """The output and the core run meanwhile."""
    task = asyncio.create_task(turning(server, numbers))
    try:
        async with kept(keeper):
            yield
    finally:
        task.cancel()


async def some(reader: asyncio.StreamReader) -> bytes:
    """What comes next; the end is none."""
    data = await reader.read(1 << 20)
    assert data, "the other end has closed"
    return data


def events_of(pieces: list[Piece]) -> list[Event]:
    found = []
    for piece in pieces:
        assert piece.form is not Form.FAULT
        one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
        if one is not None:
            found.append(one)
    return found


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


def caller(certificates: Certificates, port: int, server: Server, name: str = "client", **options: Any) -> OutputKeeper:
    files = {
        "certificate_file": certificates[name],
        "key_file": certificates[f"{name}.key"],
        "ca_file": certificates["ca"],
    }
    return OutputKeeper(way_to(f"tls://127.0.0.1:{port}", period_s=0.2, **files, **options), server.view)


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


# --- what is told when ---


def told(teller: Teller, server: Server, second: float) -> list[Event]:
    """The events of a tick that is so many seconds after the first."""
    at_ns = 1_790_000_000 * S + round(second * S)
    server.turn([1], at_ns)
    air = server.shown.air()
    assert air is not None
    server.now_ns = at_ns
    return teller.of_tick(server.view, air)


def teller_of(**options: Any) -> Teller:
    way = way_to("udp://127.0.0.1:9", **{"period_s": 1.0, "rest_s": 30.0} | options)
    return Teller(way._options, way._types)  # type: ignore[attr-defined]


def kinds(events: list[Event], start: str) -> list[str]:
    return [one.type for one in events if one.uid.startswith(f"lowsky.x.{start}")]


def test_what_stands_still_is_told_now_and_then_and_changes_at_once() -> None:
    teller, server = teller_of(), house()
    first = told(teller, server, 0)
    assert (len(kinds(first, "sensor")), kinds(first, "place")) == (2, ["u-d-c-c"])
    assert [one.uid for one in told(teller, server, 1)] == ["lowsky.x.track.1"]
    server.board.book.places += (Place("gate", "Gate", Shape.POLYGON, ((56.0, 11.0), (56.1, 11.0), (56.0, 11.1)), 0.0),)
    assert kinds(told(teller, server, 2), "place") == ["u-d-f"]
    server.board.book.places = server.board.book.places[1:]
    [gone] = [one for one in told(teller, server, 3) if one.type == "t-x-d-d"]
    assert gone.said("link", "uid") == "lowsky.x.place.pier"
    assert kinds(told(teller, server, 4), "place") == []
    assert len(kinds(told(teller, server, 31), "sensor")) == 2


def test_warnings_are_told_from_their_level_on_again_and_again_and_cancelled() -> None:
    teller, server = teller_of(chat=True), house()
    server.board.notices = {1: notice("watch")}
    assert kinds(told(teller, server, 0), "warning") == []
    server.board.notices = {1: notice("warning"), 2: notice("watch", 2, track=5)}
    second = told(teller, server, 1)
    [alert] = [one for one in second if one.uid == "lowsky.x.warning.7"]
    assert (alert.type, alert.ce_m, alert.latitude_deg) == ("b-a-o-tbl", 300.0, 56.0)
    assert [e.get("uid") for e in alert.detail if e.name == "link"] == ["lowsky.x.track.1", "lowsky.x.track.5"]
    assert alert.callsign == "Warning: low-flying objects are coming to Pier"
    assert sum(one.type == "b-t-f" for one in second) == 1
    assert kinds(told(teller, server, 2), "warning") == []
    assert kinds(told(teller, server, 12), "warning") == ["b-a-o-tbl"]
    server.board.notices = {1: notice("imminent")}
    assert kinds(told(teller, server, 13), "warning") == ["b-a-o-tbl"]
    server.board.notices = {1: notice("watch")}  # what was told is told on, whatever its level
    assert kinds(told(teller, server, 14), "warning") == ["b-a-o-tbl"]
    assert [one.type for one in teller.for_newcomer(server.view, server.now_ns)][-1] == "b-a-o-tbl"
    server.board.notices = {1: notice("clear", ended_ms=1.0)}
    last = told(teller, server, 15)
    assert kinds(last, "warning") == ["b-a-o-can"]
    assert kinds(told(teller, server, 40), "warning") == []


def test_calls_keep_the_first_arrival_and_the_most_urgent() -> None:
    server = house()
    notices = [notice("imminent", 2, track=9), notice("watch", 1), notice("clear", 3, ended_ms=1.0)]
    calls = calls_of(notices, server.board.book.places, server.board.places)
    [(number, coming)] = calls.items()
    assert (number, coming.objects, coming.call.level.word, coming.call.count) == (7, (9, 1), "imminent", 2)
    assert calls_of([notice("watch")], (), ()) == {}


def test_directions_are_told_once_as_lines() -> None:
    teller, server = teller_of(), house()
    told(teller, server, 0)
    heard = Bearing(1, 1_790_000_001 * S, 1_790_000_001 * S, 0.5, 0.02)
    server.shown._bearings.append(heard)
    lines = [one for one in told(teller, server, 1) if one.type == "u-rb-a"]
    assert [one.said("bearing", "value") for one in lines] == ["28.65"]
    assert kinds(told(teller, server, 2), "bearing") == []


def test_in_a_drill_everything_says_so() -> None:
    teller, server = teller_of(), house()
    server.board.drill = True
    server.board.notices = {1: notice("imminent")}
    for one in told(teller, server, 0):
        assert (one.how, one.opex) == ("m-s", "e-x")
        assert one.callsign.startswith("EXERCISE ") or one.type == "a-f-G-I"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"types": {"bird": "a-h-A"}}, "types.bird: 'a-h-A' is no type of an unknown"),
        ({"types": {"kite": "a-u-A"}}, "types: kind 'kite' is not one of"),
        ({"stale_s": 1.0}, "stale_s: 1 is not between 5 and 3600"),
        ({"rest_s": 1.0}, "rest_s: 1 is not between 5 and 3600"),
        ({"period_s": 0.01}, "period_s: 0.01 is not between"),
        ({"alert_type": "b-a-o-opn"}, "alert_type: 'b-a-o-opn' is not one of"),
        ({"language": "de"}, "language: 'de' is not one of"),
        ({"friends": True}, "friends: only clients that call"),
        ({"to": "tcp://127.0.0.1:8087", "protocol": "protobuf"}, "protocol: a stream begins as xml"),
        ({"to": "file:///x"}, "to: "),
    ],
)
def test_what_cannot_be_configured_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        way_to(**{"to": "udp://127.0.0.1:9"} | changes)
    assert f"site.toml, outputs[0].{words}" in str(refused.value)


def test_types_of_kinds_may_be_others() -> None:
    teller = teller_of(types={"unknown": "a-u-A-C"})
    assert kinds(told(teller, house(), 0), "track") == ["a-u-A-C"]
