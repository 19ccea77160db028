"""The edge node's state machine without sockets: everything it says keeps the rules, and its books balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.sapient.framing import MAX_MESSAGE_BYTES, Splitter, frame
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.session.describe import Condition, Self, registration_of, status_of
from lowsky.wire.sapient.session.edge import REPEAT_NS, EdgeSession
from lowsky.wire.sapient.session.events import Broken, Refused, Registered
from lowsky.wire.sapient.taxonomy import PATHS
from lowsky.wire.sapient.validate import faults_of
from tests.serve.sapient.nodes import CAMERA, RADAR, message, ulid
from tests.serve.sapient.rules import Rules

NOW_NS = 1_700_000_000_000_000_000
S = 1_000_000_000
WELL = Condition(True, 56.0, 11.0, 50.0)
ILL = Condition(False, 56.0, 11.0, 50.0, ("the disk is full",), drill=True)
SELF = Self(RADAR, "Harbour X", "1.0", 5.0)


def session(alone: bool = True) -> EdgeSession:
    made = EdgeSession(registration_of(SELF), RADAR, Ids(b"seed"), 5 * S, alone)
    made.begin(NOW_NS)
    return made


def said(one: EdgeSession, now_ns: int = NOW_NS) -> list[Any]:
    """What it sends, each held to the rules: ours and, on their own, a middleware's."""
    data, count = one.out()
    packets = Splitter().push(data)
    assert len(packets) == count
    rules = Rules()
    for packet in packets:
        read, wrong = rules.read(packet, now_ns)
        assert wrong == []
        assert faults_of(read) == ()
    return [SapientMessage.FromString(packet) for packet in packets]


def hear(one: EdgeSession, *messages: Any, now_ns: int = NOW_NS) -> None:
    one.push(b"".join(frame(m if isinstance(m, bytes) else m.SerializeToString()) for m in messages), now_ns)


def ack(to: str = RADAR, **content: Any) -> Any:
    return message(CAMERA, to, registration_ack={"acceptance": True} | content)


def registered(alone: bool = True) -> EdgeSession:
    one = session(alone)
    said(one)
    hear(one, ack())
    one.tick(NOW_NS, status_of(WELL))
    said(one)
    one.events()
    return one


def test_nothing_leaves_before_the_registration_is_accepted() -> None:
    one = session()
    one.tick(NOW_NS + S, status_of(WELL))
    assert [m.WhichOneof("content") for m in said(one)] == ["registration"]
    assert not one.ready
    one.tick(NOW_NS + REPEAT_NS, status_of(WELL))
    assert [m.WhichOneof("content") for m in said(one, NOW_NS + REPEAT_NS)] == ["registration"]
    hear(one, ack())
    [event] = one.events()
    assert isinstance(event, Registered)
    assert event.by == CAMERA
    assert one.ready


def test_the_registration_names_every_class_that_is_told() -> None:
    [mode] = registration_of(SELF).mode_definition
    [known] = mode.detection_definition[0].detection_class_definition
    found: set[tuple[str, ...]] = {(c.type, part.type) for c in known.class_definition for part in c.sub_class}
    found |= {(c.type,) for c in known.class_definition}
    assert {path for path in PATHS.values() if path} <= found


def test_a_refusal_is_told_with_its_reasons() -> None:
    one = session()
    hear(one, ack(acceptance=False, ack_response_reason=["unknown", "too many"]))
    assert one.events() == [Refused(CAMERA, ("unknown", "too many"))]
    assert one.state == "refused"


def test_a_status_is_new_when_something_changed_and_unchanged_at_the_interval() -> None:
    one = registered()
    seen = []
    for seconds, condition in ((1, WELL), (2, ILL), (2.5, WELL), (3, WELL), (7, WELL), (8, WELL)):
        now_ns = NOW_NS + round(seconds * S)
        one.tick(now_ns, status_of(condition))
        seen += [(seconds, m.status_report.info, m.status_report.system) for m in said(one, now_ns)]
    assert seen == [(2, 1, 2), (3, 1, 1), (8, 2, 1)]  # 2.5: news less than a second after news wait


def test_a_drill_and_troubles_stand_in_the_status() -> None:
    told = status_of(ILL, ulid(1))
    assert [one.status_value for one in told.status] == ["Exercise: all that is told is drill", "the disk is full"]
    assert told.active_task_id == ulid(1)


def test_good_bye_is_the_last() -> None:
    one = registered()
    one.goodbye(status_of(WELL), NOW_NS)
    [last] = said(one)
    assert (last.status_report.system, last.status_report.info) == (5, 1)
    assert not one.ready


def test_asked_to_register_it_does_and_reports_anew() -> None:
    one = registered()
    given = {"task_id": ulid(1), "control": "CONTROL_START", "command": {"request": "Registration"}}
    hear(one, message(CAMERA, RADAR, task=given))
    one.tick(NOW_NS, status_of(WELL))
    contents = [m.WhichOneof("content") for m in said(one)]
    assert contents == ["task_ack", "task_ack", "registration", "status_report"]


def test_what_is_meant_for_others_is_ignored_where_many_speak() -> None:
    status = {"report_id": ulid(1), "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "x"}
    one = registered(alone=False)
    hear(one, message(CAMERA, status_report=status), ack(CAMERA), ack(""))
    assert said(one) == []
    assert dict(one.ignored) == {"status_report for others": 1, "registration_ack for others": 2}


def test_on_a_connection_of_its_own_what_no_node_takes_is_answered_with_an_error() -> None:
    status = {"report_id": ulid(1), "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "x"}
    one = registered()
    hear(one, message(CAMERA, status_report=status))
    [answer] = said(one)
    assert answer.error.error_message == ["a node below takes no status_report"]
    assert answer.destination_id == CAMERA


def test_an_error_is_never_answered_with_an_error() -> None:
    one = registered()
    hear(one, message(CAMERA, error={"packet": "", "error_message": []}))
    assert said(one) == []
    [event] = one.events()
    assert event.reasons == ("it does not say why",)  # type: ignore[union-attr]


def test_a_length_that_cannot_be_is_told() -> None:
    one = registered()
    one.push((MAX_MESSAGE_BYTES + 1).to_bytes(4, "little"), NOW_NS)
    assert isinstance(one.events()[0], Broken)


def _some() -> Iterator[bytes]:
    task = {"task_id": ulid(1), "control": "CONTROL_START", "command": {"detection_threshold": 2}}
    answer = {"alert_id": ulid(2), "alert_ack_status": 1}
    for made in (
        ack(), message(CAMERA, RADAR, task=task), message(CAMERA, RADAR, alert_ack=answer),
        message(CAMERA, error={"packet": "", "error_message": ["x"]}), message(CAMERA, "", task=task),
    ):  # fmt: skip
        yield made.SerializeToString()


@given(
    st.lists(st.one_of(st.sampled_from(list(_some())), st.binary(max_size=60)), max_size=12),
    st.integers(1, 50),
    st.booleans(),
)
def test_whatever_comes_it_keeps_its_books_and_the_rules(packets: list[bytes], piece: int, alone: bool) -> None:
    one = session(alone)
    data = b"".join(map(frame, packets))
    for start in range(0, len(data), piece):
        one.push(data[start : start + piece], NOW_NS)
    one.tick(NOW_NS, status_of(WELL))
    said(one)
    assert one.received == len(packets) == one.used + one.ignored.total() + one.rejected.total()


@given(st.binary(max_size=200))
def test_garbage_breaks_nothing(data: bytes) -> None:
    one = registered()
    one.push(data, NOW_NS)
    said(one)
    assert one.received == one.used + one.ignored.total() + one.rejected.total()
