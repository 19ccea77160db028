"""Tasks: what changes what is sent is taken, all else refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from lowsky.wire.sapient.messages import Task
from lowsky.wire.sapient.session.tasks import TaskDesk, Wishes, describe
from tests.serve.sapient.nodes import ulid

NOW_NS = 1_700_000_000_000_000_000
PLACE = {"x": 11.0, "y": 56.0, "coordinate_system": 1, "datum": 1}
AREA = {"location_list": {"locations": [PLACE]}}
REGION = {"type": 1, "region_id": ulid(7), "region_name": "Pier", "region_area": AREA}


def task(number: int = 1, control: str = "START", /, **content: Any) -> Any:
    """A task, its command given by name."""
    regions = content.pop("region", [])
    times = {name: content.pop(name) for name in ("task_start_time", "task_end_time") if name in content}
    made = {"task_id": ulid(number), "control": f"CONTROL_{control}", "region": regions} | times
    return json_format.ParseDict(made | ({"command": content} if content else {}), Task())


def answers(desk: TaskDesk, given: Any) -> list[str]:
    return [reply.status for reply in desk.take(given, NOW_NS)]


@pytest.mark.parametrize("words", ["Status", "registration", " START ", "Stop", "Heartbeat"])
def test_requests_are_done_at_once(words: str) -> None:
    desk = TaskDesk()
    assert answers(desk, task(request=words)) == ["ACCEPTED", "COMPLETED"]
    assert desk.active == ""


def test_a_request_does_what_it_says() -> None:
    desk = TaskDesk()
    desk.take(task(request="Stop"), NOW_NS)
    desk.take(task(request="Registration"), NOW_NS)
    assert (desk.wishes.sending, desk.wishes.register, desk.wishes.report) == (False, True, False)
    desk.take(task(request="Start"), NOW_NS)
    assert desk.wishes.sending


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"request": "Reset"}, "is not one of heartbeat"),
        ({"mode_change": "Other"}, "the only one is 'Default'"),
        ({"look_at": AREA}, "points no sensor"),
        ({"move_to": {"locations": [PLACE]}}, "moves nothing"),
        ({"patrol": {"locations": [PLACE]}}, "moves nothing"),
        ({"follow": {"follow_object_id": ulid(3)}}, "moves nothing"),
        ({}, "without a command"),
        ({"region": [REGION]}, "without a command"),
        ({"detection_threshold": "DISCRETE_THRESHOLD_LOW", "region": [REGION]}, "not for a region"),
        ({"detection_threshold": 0}, "not low, medium or high"),
        ({"detection_threshold": 1, "task_start_time": "2024-01-01T00:00:00Z"}, "begins at once"),
    ],
)
def test_what_cannot_be_done_is_rejected_with_the_reason(content: dict[str, Any], reason: str) -> None:
    desk = TaskDesk()
    [reply] = desk.take(task(**content), NOW_NS)
    assert reply.status == "REJECTED"
    assert reason in reply.reasons[0]
    assert desk.wishes == Wishes()


def test_a_setting_holds_until_it_is_stopped() -> None:
    desk = TaskDesk()
    assert answers(desk, task(1, detection_report_rate=1)) == ["ACCEPTED"]
    assert (desk.wishes.period_s, desk.active) == (5.0, ulid(1))
    assert answers(desk, task(2, "STOP")) == ["REJECTED"]
    assert answers(desk, task(1, "STOP")) == ["COMPLETED"]
    assert (desk.wishes, desk.active) == (Wishes(), "")


def test_another_task_of_the_same_command_replaces_it() -> None:
    desk = TaskDesk()
    desk.take(task(1, detection_threshold=3), NOW_NS)
    replies = desk.take(task(2, detection_threshold=2), NOW_NS)
    assert [(r.task_id, r.status) for r in replies] == [(ulid(2), "ACCEPTED"), (ulid(1), "COMPLETED")]
    assert desk.wishes.least_existence == 0.9


def test_a_setting_ends_at_its_end() -> None:
    desk = TaskDesk()
    desk.take(task(1, classification_threshold=3, task_end_time="2023-11-14T22:13:30Z"), NOW_NS)
    assert desk.wishes.least_class == 0.8
    assert desk.due(NOW_NS + 9_000_000_000) == []
    assert [r.status for r in desk.due(NOW_NS + 10_000_000_000)] == ["COMPLETED"]
    assert desk.wishes.least_class == 0.0


def test_the_only_mode_is_taken() -> None:
    assert answers(TaskDesk(), task(mode_change="Default")) == ["ACCEPTED", "COMPLETED"]


def test_tasks_are_described_in_words() -> None:
    assert describe(task(request="Status")) == "start request 'Status'"
    assert describe(task(detection_threshold=3)) == "start detection_threshold high"
    assert describe(task(1, "STOP")) == "stop"
    assert describe(task(look_at=AREA)) == "start look_at"
