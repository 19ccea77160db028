"""The fusion node's state machine without sockets: everything it answers keeps the rules, every book balances."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.sapient.framing import Splitter, frame
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.session import nodes as limits
from lowsky.wire.sapient.session.events import AlertHeard, Broken, Complaint
from lowsky.wire.sapient.session.fusion import REGISTER_NS, FusionSession
from lowsky.wire.sapient.session.nodes import NodeTable
from lowsky.wire.sapient.session.proposal import proposed_sensor
from lowsky.wire.sapient.validate import faults_of
from tests.serve.sapient.nodes import CAMERA, RADAR, REGISTRATION, detection, message, status, ulid
from tests.serve.sapient.rules import Rules

NOW_NS = 1_700_000_000_000_000_000
S = 1_000_000_000
OURS = "8549f14a-1447-4bcc-9b5a-8201605b15ba"
SITE = site_of((Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0),))


def table() -> NodeTable:
    options = SapientOptions(sensors={RADAR: "radar"})
    return NodeTable(lambda: Intake(Context(SITE, "nodes"), options))


def session(nodes: NodeTable, many: bool = False) -> FusionSession:
    made = FusionSession(nodes, OURS, Ids(b"seed"), many, acknowledges=not many)
    made.begin(NOW_NS)
    return made


def hear(one: FusionSession, *messages: Any, now_ns: int = NOW_NS) -> None:
    packets = [m if isinstance(m, bytes) else m.SerializeToString() for m in messages]
    one.push(b"".join(map(frame, packets)), now_ns, now_ns)


def said(one: FusionSession) -> list[Any]:
    """What it answers, each held to the rules: ours and, on their own, a middleware's."""
    data, count = one.out()
    packets, rules = Splitter().push(data), Rules()
    assert len(packets) == count
    for packet in packets:
        read, wrong = rules.read(packet, NOW_NS)
        assert wrong == []
        assert faults_of(read) == ()
    return [SapientMessage.FromString(packet) for packet in packets]


def at(message: Any, time_ns: int = NOW_NS) -> Any:
    message.timestamp.FromNanoseconds(time_ns)
    return message


def taken(nodes: NodeTable) -> list[Decoded]:
    return list(nodes.take())


def test_a_promise_of_status_reports_is_looked_after() -> None:
    nodes = table()
    one = session(nodes)
    hear(one, message(RADAR, registration=REGISTRATION), at(message(RADAR, status_report=status())))
    assert [s.state for d in taken(nodes) for s in d.statuses] == ["well"]
    nodes.tick(NOW_NS + 19 * S)
    assert taken(nodes) == []
    nodes.tick(NOW_NS + 21 * S)
    [silent] = [s for d in taken(nodes) for s in d.statuses]
    assert (silent.state, silent.text) == ("off", "no status report for 21 s; it promised one every 5 s")
    nodes.tick(NOW_NS + 30 * S)
    assert taken(nodes) == []  # told once
    hear(one, at(message(RADAR, status_report=status()), NOW_NS + 31 * S), now_ns=NOW_NS + 31 * S)
    assert [s.state for d in taken(nodes) for s in d.statuses] == ["well"]


def test_registering_again_makes_a_sensor_well_again() -> None:
    nodes = table()
    one = session(nodes)
    hear(one, message(RADAR, registration=REGISTRATION))
    one.close(NOW_NS + S)
    again = session(nodes)
    hear(again, message(RADAR, registration=REGISTRATION), now_ns=NOW_NS + 2 * S)
    assert [(s.state, s.text) for d in taken(nodes) for s in d.statuses] == [
        ("off", "its connection ended"),
        ("well", ""),
    ]


def test_a_connection_that_never_registers_is_let_go() -> None:
    one = session(table())
    one.tick(NOW_NS + REGISTER_NS)
    assert one.events() == []
    one.tick(NOW_NS + REGISTER_NS + 1)
    assert one.events() == [Broken("no registration within 30 s")]


def test_no_more_nodes_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_NODES", 1)
    nodes = table()
    hear(session(nodes), message(CAMERA, registration=REGISTRATION))
    one = session(nodes)
    hear(one, message(RADAR, registration=REGISTRATION))
    [answer] = said(one)
    assert not answer.registration_ack.acceptance
    assert answer.registration_ack.ack_response_reason
    assert sum(d.problems.rejected for d in taken(nodes)) == 1


def test_a_node_that_a_middleware_never_told_of_is_asked_once_to_register() -> None:
    nodes = table()
    one = session(nodes, many=True)
    hear(one, at(message(RADAR, detection_report=detection(1))), at(message(RADAR, detection_report=detection(2))))
    [asked] = said(one)
    assert (asked.destination_id, asked.task.command.request) == (RADAR, "Registration")
    hear(one, message(RADAR, registration=REGISTRATION))
    assert said(one) == []  # the middleware has acknowledged it
    assert sum(len(d.reports) for d in taken(nodes)) == 2
    assert nodes.nodes[RADAR].name == "Radar 1"


def test_what_we_sent_ourselves_and_what_is_for_others_is_ignored() -> None:
    nodes = table()
    one = session(nodes, many=True)
    hear(one, message(OURS, detection_report=detection(1)), message(RADAR, CAMERA, registration=REGISTRATION))
    assert said(one) == []
    assert nodes.nodes == {}
    assert [d.ignored for d in taken(nodes)] == [{"own": 1, "for others": 1}]


def test_who_has_no_good_id_is_answered_without_one() -> None:
    one = session(table())
    hear(one, message("not an id", registration=REGISTRATION))
    [answer] = said(one)
    assert "not an id" in answer.error.error_message[0]
    assert answer.destination_id == ""


def test_alerts_and_complaints_are_told() -> None:
    nodes = table()
    one = session(nodes)
    alert = {"alert_id": ulid(1), "alert_type": 4, "status": 1, "description": "no cooling"}
    complaint = message(RADAR, error={"packet": "", "error_message": ["what?"]})
    hear(one, message(RADAR, registration=REGISTRATION), message(RADAR, alert=alert), complaint)
    assert one.events() == [
        AlertHeard(RADAR, ulid(1), "error", "active", "no cooling"),
        Complaint("", ("what?",)),
    ]
    assert [m.WhichOneof("content") for m in said(one)] == ["registration_ack", "alert_ack"]
    assert [(s.state, s.text) for d in taken(nodes) for s in d.statuses] == [("faulty", "alert: no cooling")]
    hear(one, message(RADAR, alert=alert | {"status": 5}), message(RADAR, alert=alert | {"alert_type": 2}))
    assert [s for d in taken(nodes) for s in d.statuses] == []
    assert nodes.nodes[RADAR].alerts == 2


@pytest.mark.parametrize("registered", [True, False])
def test_an_unknown_node_comes_with_the_table_that_would_make_it_known(registered: bool) -> None:
    nodes = table()
    one = session(nodes, many=True)
    hear(one, *([message(CAMERA, registration=REGISTRATION)] if registered else []))
    hear(one, message(CAMERA, status_report=status()))
    proposal = proposed_sensor(nodes.nodes[CAMERA])
    made = tomllib.loads(proposal)["sensors"][0]
    name = "radar-1" if registered else f"node-{CAMERA[:8]}"
    kind = "radar_3d" if registered else "cooperative"
    assert made == {"id": name, "kind": kind, "lat": 56.0, "lon": 11.0, "height_m": 50.0}
    assert f'sensors = {{"{CAMERA}" = "{name}"}}' in proposal


def test_a_name_that_is_no_name_cannot_break_the_proposal() -> None:
    nodes = table()
    hear(session(nodes), message(CAMERA, registration=REGISTRATION | {"short_name": '"]\n[x]\u0000 \u202e'}))
    assert tomllib.loads(proposed_sensor(nodes.nodes[CAMERA]))["sensors"][0]["id"] == "x"


PACKETS = [
    m.SerializeToString()
    for m in (
        message(RADAR, registration=REGISTRATION), message(CAMERA, registration=REGISTRATION),
        at(message(RADAR, status_report=status())), at(message(RADAR, detection_report=detection(1))),
        at(message(CAMERA, detection_report=detection(2))), message(RADAR, alert={"alert_id": ulid(1)}),
        message(RADAR, detection_report=detection(3) | {"object_id": "x"}), message(OURS, alert={"alert_id": ulid(1)}),
        message(RADAR, error={"packet": "", "error_message": ["x"]}),
        message(RADAR, task={"task_id": ulid(1), "control": 1}), message(RADAR, registration_ack={"acceptance": True}),
        message(RADAR, OURS, task_ack={"task_id": ulid(1), "task_status": 1}), message("x", alert={"alert_id": "y"}),
    )
]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.one_of(st.sampled_from(PACKETS), st.binary(max_size=60))), max_size=16
    ),
    st.booleans(),
    st.sampled_from([1, 7, 1000]),
)  # fmt: skip
def test_whatever_comes_the_books_balance_and_the_answers_keep_the_rules(
    given: list[tuple[int, bytes]], many: bool, piece: int
) -> None:
    nodes = table()
    both = (session(nodes, many), session(nodes, many))
    for which, packet in given:
        data = frame(packet)
        for start in range(0, len(data), piece):
            both[which].push(data[start : start + piece], NOW_NS, NOW_NS)
    for one in both:
        said(one)
        one.close(NOW_NS)
    decoded = taken(nodes)
    own = sum(s.text == "its connection ended" for d in decoded for s in d.statuses)
    assert sum(d.received for d in decoded) == len(given)
    assert sum(len(d.statuses) + len(d.reports) for d in decoded) - own == sum(d.used for d in decoded)
    assert sum(node.books.received for node in nodes.nodes.values()) <= len(given)


@given(st.binary(max_size=300), st.booleans())
def test_garbage_breaks_nothing(data: bytes, many: bool) -> None:
    nodes = table()
    one = session(nodes, many)
    one.push(data, NOW_NS, NOW_NS)
    one.tick(NOW_NS)
    said(one)
    one.close(NOW_NS)
    for decoded in taken(nodes):
        assert decoded.received == decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected


def test_a_stream_that_broke_is_counted_once() -> None:
    nodes = table()
    one = session(nodes)
    for _ in range(3):
        one.push(b"\xff\xff\xff\xff", NOW_NS, NOW_NS)
    assert len(one.events()) == 1
    assert sum(d.problems.rejected for d in taken(nodes)) == 1
