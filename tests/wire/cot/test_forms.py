"""XML and protobuf against each other, against the fixtures made with takproto, and against takproto itself."""

from __future__ import annotations

import contextlib
import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import takproto
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event, NotEventError
from lowsky.wire.cot.framing import Form, Splitter, split_datagram
from lowsky.wire.cot.times import ns_from_text, text_from_ns
from lowsky.wire.cot.tree import MAX_BYTES, Element, NotXmlError, parse, write
from tests.wire.cot.making import NOW_NS, S, event, sorted_detail

REFUSED = {"edge:out of range": "lat is not between -90 and 90", "edge:stale before time": "stale is before time"}


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared / "data" / "cot" / "events.jsonl").read_text().splitlines()]


def payload(data: bytes) -> bytes:
    [piece] = split_datagram(data)
    assert piece.form is Form.TAK
    return piece.data


def from_stream(data: bytes) -> bytes:
    [piece] = Splitter().push(data)
    assert piece.form is Form.TAK
    return piece.data


def test_every_fixture_is_equal_in_its_three_forms(rows: list[dict[str, Any]]) -> None:
    assert len(rows) == 141
    for row in rows:
        read = xml.read(row["xml"].encode())
        mesh, _ = protobuf.read(payload(bytes.fromhex(row["mesh_hex"])))
        stream, _ = protobuf.read(from_stream(bytes.fromhex(row["stream_hex"])))
        assert mesh == stream, row["case"]
        assert mesh is not None
        assert sorted_detail(mesh) == sorted_detail(read), row["case"]


def test_every_fixture_has_the_values_that_takproto_read(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        said, read = row["proto"]["cotEvent"], xml.read(row["xml"].encode())
        assert (read.uid, read.type, read.how) == (said["uid"], said["type"], said["how"])
        times = [int(said[name]) * 1_000_000 for name in ("sendTime", "startTime", "staleTime")]
        assert [read.time_ns, read.start_ns, read.stale_ns] == times
        assert (read.latitude_deg, read.longitude_deg) == (said["lat"], said["lon"])
        for name, value in (("hae", read.hae_m), ("ce", read.ce_m), ("le", read.le_m)):
            expected = said.get(name, 0.0)
            assert math.isnan(value) if expected == 9999999.0 else value == expected
        assert read.callsign == said.get("detail", {}).get("contact", {}).get("callsign", "")


def test_what_a_receiver_must_not_accept_is_refused(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        expected = [REFUSED.get(row["case"], "")]
        assert reasons(row["xml"].encode()) == expected
        assert reasons(bytes.fromhex(row["mesh_hex"])) == expected


def test_takproto_reads_what_we_write(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        read = xml.read(row["xml"].encode())
        again = takproto.parse_proto(bytearray(protobuf.mesh_frame(protobuf.encode(read))))
        stream = takproto.parse_proto(bytearray(protobuf.stream_frame(protobuf.encode(read))))
        theirs = takproto.parse_proto(bytearray(bytes.fromhex(row["mesh_hex"])))
        assert again == stream
        for message in (again, theirs):
            # two ways to write the same XML
            xml_detail = f"<x>{message.cotEvent.detail.xmlDetail}</x>"
            message.cotEvent.detail.xmlDetail = write(parse(xml_detail.encode()))
        assert again == theirs, row["case"]
        from_xml = takproto.parse_proto(bytearray(xml.encode(read)))
        assert from_xml.cotEvent.uid == read.uid
        assert from_xml.cotEvent.lat == read.latitude_deg


def test_every_broken_fixture_is_refused_with_its_reason(shared: Path) -> None:
    expected = {
        "not xml": "bytes that are no event",
        "cut": "event is not well formed",
        "no point": "point is missing",
        "no uid": "uid is missing",
        "lat not a number": "lat is no number",
        "bad time": "time is no time",
        "entity expansion": "event has a document type, and with it entities",
        "external entity": "event has a document type, and with it entities",
        "mesh header, wrong version": "a TAK protocol version other than 1",
        "mesh header, cut": "bytes that are no event",
        "stream header, length too long": "bytes that are no event",
    }
    lines = (shared / "data" / "cot" / "broken.jsonl").read_text().splitlines()
    assert len(lines) == len(expected)
    for line in lines:
        row = json.loads(line)
        assert reasons(bytes.fromhex(row["hex"])) == [expected[row["case"]]], row["case"]


def reasons(datagram: bytes) -> list[str]:
    """Why each message of a datagram is refused; "" for one that is not."""
    found = []
    for piece in split_datagram(datagram):
        try:
            if piece.form is Form.FAULT:
                raise NotEventError(piece.data.decode(), "")
            (xml.decode if piece.form is Form.XML else protobuf.decode)(piece.data)
            found.append("")
        except NotEventError as error:
            found.append(error.kind.strip())
    return found


def test_the_point_that_takproto_makes_of_none_is_none() -> None:
    without = b'<event version="2.0" uid="x" type="a-u-A" time="2026-09-21T14:13:20Z" start="2026-09-21T14:13:20Z" stale="2026-09-21T14:13:30Z" how="m-f"><detail/></event>'  # noqa: E501
    assert reasons(bytes(takproto.xml2proto(without))) == ["point is missing"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'lat="54.35"', b'lat="90.0001"', "lat is not between -90 and 90"),
        (b'lon="18.66"', b'lon="-180.5"', "lon is not between -180 and 180"),
        (b'lat="54.35"', b'lat="nan"', "lat is no number"),
        (b'lat="54.35"', b'lat="5_4"', "lat is no number"),
        (b'lat="54.35"', b"", "lat is missing"),
        (b'hae="100.0"', b'hae="x"', "hae is no number"),
        (b'hae="100.0"', b'hae="-20000"', "hae is not between -12000 and 900000"),
        (b'type="a-f-G-U-C"', b'type="a f"', "type is no type"),
        (b'type="a-f-G-U-C"', b"", "type is missing"),
        (b'version="2.0"', b'version="1.1"', "version is not 2"),
        (b"<event ", b"<evidence ", "event is not well formed"),
        (b"<detail>", b"<detail>&b;", "event is not well formed"),
        (b"<detail>", b"<detail>" + b"<a>" * 40 + b"</a>" * 40, "event is nested deeper than 32"),
    ],
)
def test_what_is_wrong_is_named(old: bytes, new: bytes, reason: str) -> None:
    good = xml.encode(event(detail=(Element("contact", {"callsign": "x"}),)))
    xml.decode(good)
    with pytest.raises(NotEventError) as refused:
        xml.decode(good.replace(old, new))
    assert refused.value.kind == reason


def test_nothing_is_missing_that_may_be() -> None:
    times = b'time="2026-09-21T14:13:20Z" stale="2026-09-21T14:13:20Z"'
    bare = b'<event uid="x" type="a-u-A" ' + times + b'><point lat="1" lon="-2.50"/></event>'
    read = xml.decode(bare)
    assert (read.latitude_deg, read.longitude_deg, read.start_ns) == (1.0, -2.5, read.time_ns)
    assert math.isnan(read.hae_m)
    assert math.isnan(read.ce_m)


@pytest.mark.parametrize("unknown", ["9999999", "9999999.0", "999999.0", "", "-1"])
def test_unknown_is_not_a_number(unknown: str) -> None:
    text = xml.encode(event()).replace(b'ce="10.0"', f'ce="{unknown}"'.encode())
    assert math.isnan(xml.decode(text).ce_m)
    assert b'ce="9999999.0"' in xml.encode(replace(event(), ce_m=math.nan))


def test_an_element_that_a_message_does_not_hold_stays_xml() -> None:
    track = Element("track", {"course": "10.0", "speed": "5.0", "slope": "2.0"})
    phone = Element("contact", {"callsign": "x", "phone": "1"})
    half = Element("status", {"battery": "07"})
    sent = event(detail=(track, phone, half))
    read, _ = protobuf.decode(protobuf.encode(sent))
    assert read is not None
    assert sorted_detail(read) == sorted_detail(sent)
    theirs = takproto.parse_proto(bytearray(protobuf.mesh_frame(protobuf.encode(sent))))
    assert not theirs.cotEvent.detail.HasField("track")


def test_where_both_forms_of_an_element_are_there_the_xml_counts() -> None:
    message = takproto.parse_proto(
        bytearray(protobuf.mesh_frame(protobuf.encode(event(detail=(Element("contact", {"callsign": "typed"}),)))))
    )
    message.cotEvent.detail.xmlDetail = '<contact callsign="xml"/>'
    read, _ = protobuf.decode(message.SerializeToString())
    assert read is not None
    assert [element.get("callsign") for element in read.detail] == ["xml"]


def test_what_a_device_says_of_versions_stands_beside_an_event_or_alone() -> None:
    control = protobuf.Control(1, 1, "lowsky.port")
    assert protobuf.decode(protobuf.encode(event(), control)) == (event(), control)
    assert protobuf.decode(protobuf.encode_control(control)) == (None, control)
    theirs = takproto.parse_proto(bytearray(protobuf.mesh_frame(protobuf.encode_control(control))))
    assert theirs.takControl.contactUid == "lowsky.port"
    with pytest.raises(NotEventError, match="message is empty"):
        protobuf.decode(b"")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-09-21T14:13:20Z", 0),
        ("2026-09-21T14:13:20.250Z", 250),
        ("2026-09-21T16:13:20.25+02:00", 250),
        ("2026-09-21T14:13:20", 0),
    ],
)
def test_times(text: str, milliseconds: int) -> None:
    assert ns_from_text(text) == NOW_NS + milliseconds * 1_000_000
    assert text_from_ns(NOW_NS + S // 4 + 999) == "2026-09-21T14:13:20.250Z"


names = st.text(st.characters(codec="ascii", categories=("Ll", "Lu")), min_size=1, max_size=8)
words = st.text(max_size=20)


def elements(inside: st.SearchStrategy[tuple[Element, ...]]) -> st.SearchStrategy[Element]:
    return st.builds(
        lambda name, attributes, text, children: Element(name, attributes, "" if children else text, children),
        names, st.dictionaries(names, words, max_size=3), words, inside,
    )  # fmt: skip


trees = st.recursive(st.just(()), lambda inside: st.lists(elements(inside), max_size=3).map(tuple), max_leaves=6)
metres = st.one_of(st.just(math.nan), st.floats(0.01, 9e5))
events = st.builds(
    Event,
    uid=words.filter(lambda w: w.strip() and w.isprintable()),
    type=st.sampled_from(["a-u-A-M-F-Q", "t-x-d-d", "b-t-f", "u-d-f"]),
    time_ns=st.integers(1, 4_000_000_000_000).map(lambda ms: ms * 1_000_000),
    start_ns=st.integers(1, 4_000_000_000_000).map(lambda ms: ms * 1_000_000),
    stale_ns=st.integers(4_000_000_000_000, 5_000_000_000_000).map(lambda ms: ms * 1_000_000),
    how=st.sampled_from(["m-f", "h-g-i-g-o", ""]),
    latitude_deg=st.floats(-90, 90),
    longitude_deg=st.floats(-180, 180),
    hae_m=st.one_of(st.just(math.nan), st.floats(-500, 5e5)),
    ce_m=metres,
    le_m=metres,
    detail=trees,
    access=st.sampled_from(["", "Undefined"]),
    opex=st.sampled_from(["", "e-x"]),
)


@given(made=events)
def test_round_trip(made: Event) -> None:
    legible = xml.read(xml.encode(made))  # without what XML cannot hold
    assert (legible.uid, legible.time_ns, legible.type) == (made.uid, made.time_ns, made.type)
    assert legible.latitude_deg == pytest.approx(made.latitude_deg, abs=1e-11)
    assert xml.encode(legible) == xml.encode(made)
    again, _ = protobuf.read(protobuf.encode(legible))
    assert again is not None
    assert [e.name for e in sorted_detail(again).detail] == [e.name for e in sorted_detail(legible).detail]
    assert repr(replace(again, detail=())) == repr(replace(legible, detail=()))


@given(data=st.binary(max_size=200))
def test_garbage_is_refused_or_read(data: bytes) -> None:
    for read in (xml.decode, protobuf.decode):
        with contextlib.suppress(NotEventError):
            read(data)


def test_a_document_that_is_too_large_is_not_read() -> None:
    with pytest.raises(NotXmlError, match="longer"):
        parse(b"<a>" + b" " * MAX_BYTES + b"</a>")
    with pytest.raises(NotXmlError, match="elements"):
        parse(b"<a>" + b"<b/>" * 20_001 + b"</a>")


def test_bits_that_fell_over_never_move_an_event_silently_off_the_earth(rows: list[dict[str, Any]]) -> None:
    rng = random.Random(5)
    for row in rows[:40]:
        data = bytearray(bytes.fromhex(row["mesh_hex"]))
        for _ in range(20):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            assert len(reasons(bytes(data))) <= 5
