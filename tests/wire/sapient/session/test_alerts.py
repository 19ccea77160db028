"""Notices to alerts: told once a change, found again by their answer, and by the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.session.alerts import AlertDesk, Warned
from lowsky.wire.sapient.validate import faults_of
from tests.serve.sapient.nodes import RADAR, ulid

ONE = Warned(
    3, 7, Level.WARNING, "Pier", 0.8, 1_700_000_000_000_000_000, 1_700_000_060_000_000_000, False, ulid(9), 56.0, 11.0,
    120.0,
)  # fmt: skip


def desk() -> AlertDesk:
    return AlertDesk(RADAR, Ids(b"seed"))


def told(desk: AlertDesk, *notices: Warned, drill: bool = False) -> list[Any]:
    messages = desk.due(notices, drill)
    for message in messages:
        message.timestamp.seconds = 1_700_000_000
        assert faults_of(message) == ()
    return [message.alert for message in messages]


def test_each_change_is_told_once() -> None:
    one = desk()
    first = told(one, ONE)
    assert told(one, ONE) == []
    assert told(one, replace(ONE, probability=0.9, arrival_ns=NO_TIME_NS)) == []
    louder = told(one, replace(ONE, level=Level.IMMINENT))
    seen = told(one, replace(ONE, level=Level.IMMINENT, acknowledged=True))
    ended = told(one, replace(ONE, level=Level.CLEAR))
    everything = [*first, *louder, *seen, *ended]
    assert [alert.alert_type for alert in everything] == [2, 3, 3, 1]
    assert [alert.status for alert in everything] == [1, 1, 2, 5]
    assert [alert.priority for alert in everything] == [2, 3, 3, 1]
    assert len({alert.alert_id for alert in everything}) == 1
    assert first[0].description == "Object 7 probably comes to Pier, about 22:14:20 UTC"
    assert first[0].associated_detection[0].object_id == ulid(9)


def test_what_ended_before_it_was_told_is_not_told() -> None:
    assert told(desk(), replace(ONE, level=Level.CLEAR)) == []


def test_a_new_connection_is_told_what_stands_under_the_same_ids() -> None:
    one = desk()
    [before] = told(one, ONE)
    one.begin()
    assert told(one, ONE) == [before]
    assert told(desk(), ONE)[0].alert_id == before.alert_id


def test_an_answer_finds_its_notice() -> None:
    one = desk()
    [alert] = told(one, ONE)
    assert one.unanswered == 1
    assert one.answered(alert.alert_id) == 3
    assert one.unanswered == 0
    assert one.answered(ulid(1)) == 0


def test_a_drill_is_said_to_be_one_and_what_is_not_known_is_left_out() -> None:
    [alert] = told(desk(), Warned(1, 2, Level.WATCH, "Pier", float("nan"), 0, NO_TIME_NS, False), drill=True)
    assert alert.description == "EXERCISE: Object 2 may come to Pier"
    assert not alert.HasField("confidence")
    assert alert.WhichOneof("location_oneof") is None


def test_what_is_remembered_has_a_limit() -> None:
    one = desk()
    for begin in range(0, 4_000, 1000):
        one.due([replace(ONE, notice=begin + i) for i in range(1, 1001)], drill=False)
    assert len(one._notices) <= 2001
    assert one.unanswered == 1000
