"""The negotiation of a stream's protocol, both ends against each other and against what a peer may do wrong."""

from __future__ import annotations

import pytest

from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.dialogue import ANSWER_NS, MAX_HELD, OFFER, PONG, Dialogue, Mode, NoAnswerError, control_event
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Splitter
from lowsky.wire.cot.tree import Element
from tests.wire.cot.making import NOW_NS, S, event


def events(data: bytes) -> list[tuple[Form, Event]]:
    splitter = Splitter()
    found: list[tuple[Form, Event]] = []
    for piece in [*splitter.push(data), *splitter.close()]:
        assert piece.form is not Form.FAULT
        one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
        assert one is not None
        found.append((piece.form, one))
    return found


def hear(dialogue: Dialogue, data: bytes, now_ns: int = NOW_NS) -> bytes:
    return b"".join(dialogue.heard(one, now_ns) for _, one in events(data))


def control(kind: str, element: str, **attributes: str) -> Event:
    inside = Element("TakControl", {}, "", (Element(element, attributes),))
    return control_event(kind, "p1", NOW_NS, (inside,))


def test_a_client_that_is_offered_version_1_asks_and_both_ends_switch() -> None:
    server, client = Dialogue("lowsky.port", server=True), Dialogue("tablet", server=False)
    offer = server.open(NOW_NS)
    assert client.open(NOW_NS) == b""
    [(form, offered)] = events(offer)
    assert (form, offered.type) == (Form.XML, OFFER)
    assert events(client.tell(event("before"))) == [(Form.XML, event("before"))]
    asked = hear(client, offer)
    assert events(asked)[0][1].uid == offered.uid
    assert client.tell(event("while asked")) == b""
    granted = hear(server, asked)
    assert [form for form, _ in events(granted)] == [Form.XML]
    held = hear(client, granted)
    assert {server.mode, client.mode} == {Mode.TAK}
    assert events(held) == [(Form.TAK, event("while asked"))]
    for end in (server, client):
        assert events(end.tell(event("after"))) == [(Form.TAK, event("after"))]


def test_a_server_without_protobuf_says_nothing_and_refuses_what_is_asked() -> None:
    server = Dialogue("lowsky.port", server=True, protobuf=False)
    assert server.open(NOW_NS) == b""
    [(_, answer)] = events(server.heard(control("t-x-takp-q", "TakRequest", version="1"), NOW_NS))
    assert answer.detail[0].inside[0].attributes == {"status": "false"}
    assert server.mode is Mode.XML


@pytest.mark.parametrize("version", ["0", "2", "77"])
def test_another_version_is_refused(version: str) -> None:
    server = Dialogue("lowsky.port", server=True)
    [(_, answer)] = events(server.heard(control("t-x-takp-q", "TakRequest", version=version), NOW_NS))
    assert answer.detail[0].inside[0].attributes == {"status": "false"}
    assert server.mode is Mode.XML


def test_a_request_that_nobody_understands_is_not_answered() -> None:
    server = Dialogue("lowsky.port", server=True)
    for strange in (
        control("t-x-takp-q", "TakRequest"), control("t-x-takp-q", "TakRequest", version="x"), event("x", "t-x-takp-q"),
    ):  # fmt: skip
        assert server.heard(strange, NOW_NS) == b""
    assert server.mode is Mode.XML


def test_a_client_that_is_refused_goes_on_in_xml() -> None:
    client = Dialogue("tablet", server=False)
    client.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS)
    client.tell(event("held"))
    assert client.heard(control("t-x-takp-r", "TakResponse", status="maybe"), NOW_NS) == b""
    assert client.tell(event("held too")) == b""
    told = events(client.heard(control("t-x-takp-r", "TakResponse", status="false"), NOW_NS))
    assert told == [(Form.XML, event("held")), (Form.XML, event("held too"))]
    assert events(client.tell(event("after"))) == [(Form.XML, event("after"))]


def test_a_client_is_not_tempted_by_other_versions_or_twice() -> None:
    client = Dialogue("tablet", server=False)
    assert client.heard(control(OFFER, "TakProtocolSupport", version="2"), NOW_NS) == b""
    assert client.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS) != b""
    assert client.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS) == b""
    plain = Dialogue("tablet", server=False, protobuf=False)
    assert plain.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS) == b""
    assert plain.heard(control("t-x-takp-r", "TakResponse", status="true"), NOW_NS) == b""
    assert plain.mode is Mode.XML


def test_a_client_waits_a_minute_for_the_answer() -> None:
    client = Dialogue("tablet", server=False)
    client.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS)
    client.check(NOW_NS + ANSWER_NS)
    with pytest.raises(NoAnswerError):
        client.check(NOW_NS + ANSWER_NS + S)


def test_what_waits_is_bounded_and_what_is_lost_counted() -> None:
    client = Dialogue("tablet", server=False)
    client.heard(control(OFFER, "TakProtocolSupport", version="1"), NOW_NS)
    for i in range(MAX_HELD + 7):
        client.tell(event(str(i)))
    assert client.lost == 7
    told = events(client.heard(control("t-x-takp-r", "TakResponse", status="true"), NOW_NS))
    assert (len(told), told[0][1].uid) == (MAX_HELD, "7")


def test_a_server_answers_pings_and_a_client_does_not() -> None:
    ping = event("tablet-ping", "t-x-c-t")
    [(form, pong)] = events(Dialogue("lowsky.port", server=True).heard(ping, NOW_NS))
    assert (form, pong.type) == (Form.XML, PONG)
    assert Dialogue("x", server=False).heard(ping, NOW_NS) == b""
