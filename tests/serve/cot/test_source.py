"""Events that come in over streams: negotiation at both ends, books, and what drawings become."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from lowsky.model.action import ActionKind
from lowsky.model.errors import InputError
from lowsky.model.people import FriendPlace
from lowsky.model.place import Place, Shape, places_from_text
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.serve import drawn
from lowsky.serve.config.sources import source_of
from lowsky.serve.drawn import Drawn, changed
from lowsky.serve.errors import ApiError
from lowsky.serve.sources.assembly import wire_source
from lowsky.serve.sources.cot import CotSource
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Splitter
from lowsky.wire.cot.tree import Element
from lowsky.wire.decoded import Context, Decoded
from tests.serve.basin import Basin
from tests.serve.showing import until
from tests.wire.cot.making import NOW_NS, contact, event

SITE = Site((Sensor("tak", SensorKind.COOPERATIVE, 54.3, 18.6, 40.0, max_range_m=2e5),), Origin(54.3, 18.6, 0.0))


class Still:
    """A clock that stands at the time of the events."""

    def now_ns(self) -> int:
        return NOW_NS


class Sink(Basin):
    """Keeps friends and places too."""

    def __init__(self) -> None:
        super().__init__(Still())  # type: ignore[arg-type]
        self.friends: list[FriendPlace] = []

    def decoded(self, decoded: Decoded) -> None:
        super().decoded(decoded)
        self.friends += decoded.friends


def source(via: str, **options: Any) -> Any:
    entry = source_of({"kind": "cot", "name": "tak", "via": via, **options}, Path("/"))
    return wire_source(entry, Context(SITE, "tak", site_id="port"))  # type: ignore[arg-type]


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel, and wait for the good-bye."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def control(kind: str, element: str, **attributes: str) -> bytes:
    return xml.encode(event("n1", kind, Element("TakControl", {}, "", (Element(element, attributes),))))


def test_clients_that_call_are_offered_protobuf_answered_and_heard() -> None:
    listener, sink = source("tcp-listen://127.0.0.1:0", sensor="tak"), Sink()
    assert isinstance(listener, CotSource)

    async def go() -> list[tuple[Form, str]]:
        task = asyncio.create_task(listener.run(sink))
        await until(lambda: sink.states and sink.states[-1] == "waiting")
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"garbage" + xml.encode(event("ANDROID-1", "a-f-G", contact("Watch"))))
        writer.write(control("t-x-takp-q", "TakRequest", version="1"))
        writer.write(protobuf.stream_frame(protobuf.encode(event("ICAO-F00001", "a-u-A"))))
        writer.write(protobuf.stream_frame(protobuf.encode(event("ping", "t-x-c-t"))))
        splitter = Splitter()
        said: list[tuple[Form, str]] = []
        async with asyncio.timeout(10):
            while len(said) < 3:
                for piece in splitter.push(await reader.read(65_536)):
                    one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
                    assert one is not None
                    said.append((piece.form, one.type))
        await until(lambda: sink.counters.received == 5)
        writer.close()
        await until(lambda: sink.states[-1] == "waiting")
        await ended(task)
        return said

    assert asyncio.run(go()) == [(Form.XML, "t-x-takp-v"), (Form.XML, "t-x-takp-r"), (Form.TAK, "t-x-c-t-r")]
    assert [friend.callsign for friend in sink.friends] == ["Watch"]
    assert sink.reports[0].identities == ("F00001",)
    assert (sink.counters.used, dict(sink.counters.ignored)) == (2, {"protocol": 1, "ping": 1})
    assert dict(sink.counters.rejected) == {"bytes that are no event came": 1}


def test_a_server_that_is_called_is_told_who_we_are_and_asked_for_protobuf() -> None:
    sink = Sink()

    async def go() -> list[tuple[Form, Event]]:
        said: list[tuple[Form, Event]] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(control("t-x-takp-v", "TakProtocolSupport", version="1"))
            splitter = Splitter()
            while data := await reader.read(65_536):
                for piece in splitter.push(data):
                    one = xml.decode(piece.data)
                    said.append((piece.form, one))
                    if one.type == "t-x-takp-q":
                        writer.write(control("t-x-takp-r", "TakResponse", status="true"))
                        writer.write(protobuf.stream_frame(protobuf.encode(event("ANDROID-2"))))
                        await writer.drain()
                        writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        caller = source(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server:
            with pytest.raises(EOFError, match="ended the connection"):
                await asyncio.wait_for(caller.run(sink), 10)
        return said

    said = asyncio.run(go())
    assert [one.type for _, one in said] == ["a-f-G-I", "t-x-takp-q"]
    assert (said[0][1].uid, said[0][1].latitude_deg) == ("lowsky.port", 54.3)
    assert [friend.uid for friend in sink.friends] == ["ANDROID-2"]


def test_datagrams_need_no_dialogue() -> None:
    listener, sink = source("udp://127.0.0.1:0"), Sink()
    assert not isinstance(listener, CotSource)

    async def go() -> None:
        task = asyncio.create_task(listener.run(sink))
        await until(lambda: sink.states and sink.states[-1] == "running")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for data in (xml.encode(event()), protobuf.mesh_frame(protobuf.encode(event("2"))), b"no"):
                out.sendto(data, ("127.0.0.1", listener.transport.port))
        await until(lambda: sink.counters.received == 3)
        await ended(task)

    asyncio.run(go())
    assert (len(sink.friends), sink.counters.used) == (2, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sensor": "nobody"}, "sensor: 'nobody' is no sensor of this site"),
        ({"places": "yes"}, "places: "),
        ({"mark_radius_m": 0.0}, "mark_radius_m: "),
        ({"marks": 1}, "marks: cot has no such option"),
    ],
)
def test_what_cannot_be_configured_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        source("udp://127.0.0.1:0", **options)
    assert words in str(refused.value)


# --- drawings to places ---

A, B, C = (Place(name, name, Shape.POINT, ((54.0, 18.0),), 100.0) for name in ("a", "b", "c"))
B2 = Place("b", "b", Shape.POINT, ((54.0, 18.0),), 200.0)


def test_changes_of_places() -> None:
    assert changed((A, B), {"b": B2, "c": C}) == (A, B2, C)
    assert changed((A, B), {"a": None, "x": None}) == (B,)
    assert changed((), {}) == ()


class Core:
    """Takes places as the core does, or does not."""

    def __init__(self, *places: Place) -> None:
        self.book = self
        self.places: tuple[Place, ...] = places
        self.done: list[tuple[str, tuple[Place, ...]]] = []
        self.fails = False

    async def act(self, kind: ActionKind, value: str, who: str) -> None:
        assert kind is ActionKind.SET_PLACES
        if self.fails:
            raise ApiError(503, "the core has failed; nothing was done")
        self.places = places_from_text(value)
        self.done.append((who, self.places))


def run(core: Core, *heard: tuple[str, tuple[Place, ...], tuple[str, ...]]) -> Core:
    async def go() -> None:
        made = Drawn(core, core.act)  # type: ignore[arg-type]
        task = asyncio.create_task(made.run())
        for one in heard:
            made.hear(*one)
            await asyncio.sleep(0.03)
        await ended(task)

    asyncio.run(go())
    return core


def test_what_is_drawn_joins_the_places_in_the_name_of_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "APPLY_S", 0.01)
    core = run(
        Core(A), ("tak", (B,), ()), ("tak", (B,), ()), ("other", (C,), ()), ("tak", (B2,), ("c",)), ("tak", (), ())
    )
    assert core.done == [("tak", (A, B)), ("other", (A, B, C)), ("tak", (A, B2))]


def test_a_core_that_fails_costs_the_change_and_not_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "APPLY_S", 0.01)
    core = Core(A)
    core.fails = True
    run(core, ("tak", (B,), ()))
    core.fails = False
    assert run(core, ("tak", (C,), ())).places == (A, C)


def test_places_and_what_waits_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST_PLACES", 2)
    monkeypatch.setattr(drawn, "MAX_WAITING", 2)
    core = run(Core(A), ("tak", (B, B2, C), ()))
    assert core.places == (A, B2)
