"""Recordings of SAPIENT: the made exchange read whole, in any cut, by our reader, by protobuf's and by Wireshark."""

import itertools
import json
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.formats import find_format, guess_format
from lowsky.wire.sapient.framing import Splitter, frame
from lowsky.wire.sapient.messages import SapientMessage
from tests.wire.sapient.mutations import UUID, whole_messages

FORMAT = find_format("sapient")
RADAR = "2500c573-8868-4f0e-81db-a2a9bcde042b"
RECEIVED_NS = 1_790_000_062_000_000_000
WHOLE = [message for _, message in whole_messages()]
STREAM = b"".join(frame(message.SerializeToString()) for message in WHOLE)


def read(data: bytes, cuts: list[int] | None = None, datagrams: bool = False) -> list[dict[str, Any]]:
    reader = FORMAT.reader(FORMAT.options(), datagrams)
    at = sorted({0, len(data), *(c for c in cuts or [] if c < len(data))})
    found = [item for begin, end in itertools.pairwise(at) for item in reader.push(data[begin:end])]
    return [*found, *reader.close()]


def decode(data: bytes, node: str = UUID, datagrams: bool = False, **options: Any) -> Decoded:
    site = site_of((Sensor("radar", SensorKind.RADAR_3D, 54.35, 18.66, 40.0),))
    decoder = FORMAT.decoder(Context(site, "file"), FORMAT.options(sensors={node: "radar"}, **options), datagrams)
    decoder.push(data, RECEIVED_NS)
    decoder.close(RECEIVED_NS)
    return decoder.take()


@pytest.fixture(scope="module")
def exchange(shared: Path) -> bytes:
    return (shared / "data" / "sapient" / "exchange.bin").read_bytes()


@pytest.fixture(scope="module")
def lines(shared: Path) -> list[dict[str, Any]]:
    text = (shared / "data" / "sapient" / "exchange.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_the_exchange_reads_as_its_lines_say(exchange: bytes, lines: list[dict[str, Any]]) -> None:
    found = read(exchange)
    faults = [(i, item.pop("faults")) for i, item in enumerate(found) if "faults" in item]
    assert found == lines
    assert faults == [(0, ["registration.mode_definition[0].task.concurrent_tasks is missing, and mandatory"])]


def test_the_lines_are_read_as_the_exchange(shared: Path, exchange: bytes) -> None:
    text = (shared / "data" / "sapient" / "exchange.jsonl").read_bytes()
    assert read(text, [1, 2, 3, 5000]) == read(exchange)
    assert decode(text, RADAR).received == decode(exchange, RADAR).received == 137


def test_text_over_many_lines_is_read_and_a_broken_one_costs_itself(lines: list[dict[str, Any]], shared: Path) -> None:
    whole = [json.dumps(line, indent=2) for line in lines]
    broken = whole[1][: len(whole[1]) // 2]
    text = "\n".join([whole[0], broken, whole[2], "garbage", json.dumps(lines[3]), '{"error": "}{"}', whole[4]])
    for data in (text.encode(), (text + "\n").encode(), text.replace("\n", "\r\n").encode()):
        found = read(data, [3, 700, 701])
        assert [item.get("timestamp", "") for item in found] == [
            lines[0]["timestamp"], "", lines[2]["timestamp"], "", lines[3]["timestamp"], "", lines[4]["timestamp"],
        ]  # fmt: skip
        assert all("error" in item for item in found if "timestamp" not in item)
    for path in (shared / "data" / "sapient" / "conformance").glob("*/*.json"):
        assert len(read(path.read_bytes())) == 1, path


def test_text_without_end_is_bounded() -> None:
    found = read(b'{"a":\n' + b'["' + b"x" * 1000 + b'",\n' * 1 + (b'"' + b"x" * 1000 + b'",\n') * 2200)
    assert 1 <= sum("over 1048576 bytes" in item["error"] for item in found) <= 3


def test_the_exchange_becomes_reports_and_statuses(exchange: bytes) -> None:
    strict, loose = decode(exchange, RADAR), decode(exchange, RADAR, rules="options")
    assert (strict.received, strict.used, strict.problems.rejected) == (137, 129, 1)
    assert (loose.used, loose.problems.rejected, loose.ignored["registration"]) == (129, 0, 1)
    assert len(strict.reports) == 119
    assert strict.ignored["object lost"] == 1
    assert [s.state for s in strict.statuses] == ["well"] * 9 + ["off"]


def test_formats_are_recognised(shared: Path, exchange: bytes) -> None:
    found = [guess_format(head) for head in (exchange[:2000], exchange[:200], b'{"nodeId": "x", "alert": {}}')]
    assert [f.name if f else "" for f in found] == ["sapient"] * 3
    assert FORMAT.likeness(b"\x7b\x00\x00\x00" + b"\x0a" * 60) == 0.0
    assert FORMAT.likeness(b"") == FORMAT.likeness(b"\x00" * 400) == FORMAT.likeness(b"{}") == 0.0


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_a_stream_reads_the_same_however_it_is_cut(cuts: list[int]) -> None:
    assert read(STREAM, cuts) == read(STREAM)
    assert not any("faults" in item for item in read(STREAM))


def test_a_message_of_123_bytes_is_no_text() -> None:
    message = SapientMessage()
    message.CopyFrom(next(m for m in WHOLE if m.WhichOneof("content") == "registration_ack"))
    message.additional_information = ""
    message.additional_information = "x" * (123 - message.ByteSize())
    data = frame(message.SerializeToString())
    assert data[:1] == b"{"
    assert "registration_ack" in read(data)[0]
    assert FORMAT.likeness(data) == 1.0


@given(data=st.binary(max_size=400), datagrams=st.booleans())
def test_the_books_balance_whatever_comes(data: bytes, datagrams: bool) -> None:
    decoded = decode(data, datagrams=datagrams)
    assert decoded.received == decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected
    assert decoded.received or not data
    assert 0.0 <= FORMAT.likeness(data) <= 1.0


def test_a_length_that_cannot_be_costs_the_rest_and_is_counted_once() -> None:
    decoded = decode(STREAM + b"\xff\xff\xff\x7f" + STREAM)
    assert decoded.received == len(WHOLE) + 1
    assert decoded.problems.counts["length that cannot be"] == 1
    assert any("where the next message begins is unknown" in said for said in decoded.problems.messages)


def test_each_datagram_begins_anew() -> None:
    site = site_of((Sensor("radar", SensorKind.RADAR_3D, 54.35, 18.66, 40.0),))
    decoder = FORMAT.decoder(Context(site, "net"), FORMAT.options(sensors={UUID: "radar"}), True)
    decoder.push(b"\xff\xff\xff\x7f", RECEIVED_NS)
    decoder.push(STREAM[:-3], RECEIVED_NS)
    decoder.push(frame(WHOLE[0].SerializeToString()), RECEIVED_NS)
    decoded = decoder.take()
    assert decoded.problems.counts["message cut off"] == 1
    assert decoded.received == 1 + len(WHOLE) + 1


def test_faults_stand_beside_the_message_and_errors_in_its_stead() -> None:
    broken = SapientMessage()
    broken.CopyFrom(WHOLE[0])
    broken.ClearField("node_id")
    timeless = SapientMessage()
    timeless.CopyFrom(WHOLE[0])
    timeless.timestamp.seconds = 1 << 60
    found = read(frame(broken.SerializeToString()) + frame(b"\xff\xff") + frame(timeless.SerializeToString()) + b"\x01")
    assert found[0]["faults"] == ["node_id is missing, and mandatory"]
    assert found[1]["error"].startswith("the message cannot be read: 2 bytes are no SapientMessage")
    assert found[2] == {"error": "timestamp is 1152921504606846976 s and 0 ns, which is no time"}
    assert found[3] == {"error": "the message ends after 1 bytes, before it is whole"}


LUA = """
local lowsky = Proto("lowsky_sapient", "SAPIENT")
function lowsky.dissector(buffer, pinfo, tree)
    pinfo.private["pb_msg_type"] = "message,sapient_msg.bsi_flex_335_v2_0.SapientMessage"
    Dissector.get("protobuf"):call(buffer:range(4):tvb(), pinfo, tree)
end
DissectorTable.get("udp.port"):add(31500, lowsky)
"""


def test_wireshark_reads_the_same_values(
    exchange: bytes, lines: list[dict[str, Any]], peer: Callable[[str], str], tmp_path: Path
) -> None:
    tshark = peer("tshark")
    import dpkt

    with (tmp_path / "exchange.pcap").open("wb") as file:
        writer = dpkt.pcap.Writer(file, linktype=dpkt.pcap.DLT_RAW)
        for message in Splitter().push(exchange):
            udp = dpkt.udp.UDP(sport=31500, dport=31500, data=frame(message))
            udp.ulen = len(udp)
            ip = dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\1", p=dpkt.ip.IP_PROTO_UDP, data=udp)
            ip.len = len(ip)
            writer.writepkt(bytes(ip), 0.0)
    (tmp_path / "cut.lua").write_text(LUA)
    spec = find_spec("sapient_msg")
    assert spec
    assert spec.submodule_search_locations
    protos = Path(next(iter(spec.submodule_search_locations))).parent
    done = subprocess.run(
        [
            tshark, "-r", str(tmp_path / "exchange.pcap"), "-X", f"lua_script:{tmp_path / 'cut.lua'}",
            "-o", f'uat:protobuf_search_paths:"{protos}","TRUE"', "-T", "json", "-J", "protobuf",
        ],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    packets = json.loads(done.stdout)
    assert len(packets) == len(lines)
    ours = read(exchange)
    for packet, item in zip(packets, ours, strict=True):
        text = json.dumps(packet)
        assert item["node_id"] in text
        for word in _words(item):
            assert json.dumps(word)[1:-1] in text, word


_NO_TEXT = ("timestamp", "packet", "faults")


def _words(item: Any) -> list[str]:
    """Identifiers and names in a readable message."""
    if isinstance(item, dict):
        return [
            word
            for name, value in item.items()
            if name not in ("timestamp", "packet", "faults")
            for word in _words(value)
        ]
    if isinstance(item, list):
        return [word for value in item for word in _words(value)]
    return [item] if isinstance(item, str) else []
