"""Remote ID from the real thing: a broker that a receiver tells, and a capture of a radio played as if it were now."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from lowsky.model.people import OperatorPlace
from lowsky.serve.clock import Clock
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FormatSource
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, site_for, wire_source
from lowsky.serve.sources.intake import WireSource
from lowsky.serve.sources.transports import captures
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.remoteid.carriers import advertising_packet, beacon
from lowsky.wire.remoteid.encoder import encode_pack
from tests.serve.basin import Basin, SetClock, run
from tests.serve.brokers import broker
from tests.serve.live import free_port
from tests.serve.test_transports import running, until
from tests.wire.remoteid_made import NOW_NS, SERIAL, basic_id, location, operator_id, system
from tests.wire.test_capture import pcap
from tests.wire.test_remoteid_decoder import DRONEID, FLAT, dronescout

SITE = """\
[site]
id = "test"
[[sensors]]
id = "rid"
kind = "cooperative"
lat = 54.35
lon = 18.66
height_m = 40.0
max_range_m = 30000.0
"""


class Heard(Basin):
    """A sink that keeps operators, too, at the moment of the messages made for tests."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.operators: list[OperatorPlace] = []

    def decoded(self, decoded: Decoded) -> None:
        super().decoded(decoded)
        self.operators += decoded.operators


class Then(SetClock):
    """The moment of the messages made for tests."""

    def now_ns(self) -> int:
        return NOW_NS


def wired(via: str, fields: str, folder: Path = Path("/x")) -> WireSource:
    """A source of Remote ID, as configured."""
    text = f'{SITE}[[sources]]\nkind = "remoteid"\nname = "radio"\nvia = "{via}"\n{fields}\n'
    config = parse_site(text, folder / "site.toml")
    [entry] = config.sources
    assert isinstance(entry, FormatSource)
    source = wire_source(entry, Context(site_for(config, load(config), Roster(None)), entry.name))
    assert isinstance(source, WireSource)
    return source


def balanced(sink: Heard) -> None:
    counters = sink.counters
    assert counters.received == counters.used + counters.ignored.total() + counters.rejected.total()


def test_receivers_tell_a_broker(peer: Callable[[str], str], tmp_path: Path) -> None:
    port = free_port()
    sink = Heard(Then())
    source = wired(f"mqtt://127.0.0.1:{port}/rid/#", 'sensors = { "ds-42" = "rid", "radio" = "rid" }')
    status = {"protocol": 1.0, "status": {"sensor ID": "ds-42", "status": "normal"}}
    told: list[Any] = [dronescout(**{"sensor ID": "ds-42"}), status, dronescout(**{"sensor ID": "elsewhere"})]
    flat = FLAT | {"mac": "02:00:00:00:00:09", "drone_lat": 54.34}

    async def talk() -> None:
        async with running(source, sink), aiomqtt.Client("127.0.0.1", port) as client:
            await until(lambda: "running" in sink.states)
            for said in told:
                await client.publish("rid/ds", json.dumps(said).encode())
            await client.publish("rid/packed", lzma.compress(json.dumps(DRONEID).encode()))
            await client.publish("rid/flat", json.dumps(flat).encode())
            await client.publish("rid/raw", encode_pack([basic_id(), location(), system()]))
            await client.publish("rid/raw", b"\x99nonsense")
            await until(lambda: sink.counters.rejected["message cut"] == 1)

    with broker(peer, tmp_path, port):
        asyncio.run(talk())
    balanced(sink)
    assert {b.identities for b in sink.reports} == {(SERIAL,)}
    assert sink.counters.rejected["sensor is no sensor of this site"] == 4
    assert {o.identity for o in sink.operators} == {SERIAL}


@pytest.mark.parametrize(
    ("link_type", "frame"),
    [
        (127, lambda pack: b"\0\0\x08\0" + bytes(4) + beacon(pack, bytes(6))),
        (256, lambda pack: bytes(10) + advertising_packet(pack, bytes(6))),
    ],
    ids=["beacon", "bluetooth"],
)
def test_a_capture_of_a_radio_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link_type: int, frame: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(captures, "LEAD_NS", 0)
    begin_s = 1_700_000_000  # of the capture
    pack = encode_pack([basic_id(), location(time_s=begin_s % 3600), operator_id(), system(time=0)])
    frames = [frame(pack), bytes(10) + b"\x80 another network", frame(pack)]
    (tmp_path / "a.pcap").write_bytes(pcap(frames, link_type=link_type))
    sink = Heard(Clock())
    begin_ns = sink.now_ns()
    run(wired("file:a.pcap", 'sensor = "rid"', tmp_path), sink, lambda: False)
    balanced(sink)
    assert sink.count() == 1
    assert sink.counters.ignored == {"no Remote ID": 1, "duplicate": 1}
    assert abs(int(sink.reports[0].time_ns[0]) - begin_ns) < 5 * 10**9
    (operator,) = {dataclasses.replace(o, time_ns=0, received_ns=0) for o in sink.operators}
    assert operator.identity == SERIAL


def test_the_configuration_in_the_docs_works(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "remoteid.md").read_text(encoding="utf-8")
    config = parse_site(page.partition("```toml\n")[2].partition("```")[0], tmp_path / "site.toml")
    context = Context(site_for(config, load(config), Roster(None)), "docs")
    sources = [wire_source(entry, context) for entry in config.sources if isinstance(entry, FormatSource)]
    assert [source.kind for source in sources] == ["remoteid"] * 3
    assert config.people.keep_minutes == 60
