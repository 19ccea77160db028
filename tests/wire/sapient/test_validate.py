"""Every field of every message, one thing wrong at a time: refused if it is mandatory or wrong, else accepted."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.sapient.messages import SapientMessage, UnreadableError, decode, from_json
from lowsky.wire.sapient.rules import HARNESS, OPTIONS_ONLY
from lowsky.wire.sapient.validate import KINDS, MAX_FAULTS, check_bytes, check_json, faults_of, sentences
from tests.wire.sapient.mutations import made, mutations, whole_messages

WHOLE = dict(whole_messages())
CLASSES = {
    "above its range",
    "below its range",
    "identifier of a wrong form",
    "mandatory blank",
    "mandatory removed",
    "mandatory unspecified",
    "no finite number",
    "no time",
    "optional blank",
    "optional removed",
    "optional unspecified",
    "unknown enumeration value",
    "unknown field",
}
REGISTRATION = WHOLE["registration"]


def said(message: SapientMessage) -> list[str]:
    return sentences(faults_of(message))


def test_all_contents_and_choices_are_there() -> None:
    contents = {name.split(" ")[0] for name in WHOLE}
    assert contents == {field.name for field in SapientMessage.DESCRIPTOR.oneofs_by_name["content"].fields}
    assert len(WHOLE) == 26


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_message_is_accepted(name: str) -> None:
    assert said(WHOLE[name]) == []


def test_every_field_with_one_thing_wrong() -> None:
    counted: Counter[str] = Counter()
    for name, message in WHOLE.items():
        for kind, path, changed, refused in mutations(message):
            counted[kind] += 1
            faults = faults_of(changed)
            assert bool(faults) == refused, (name, kind, path, sentences(faults))
            if kind == "mandatory removed":
                last = path.rsplit(".", 1)
                assert any(f.path in (path, last[0] if len(last) > 1 else "") for f in faults), (path, faults)
            elif refused:
                assert any(f.path.startswith(path) for f in faults), (name, kind, path, sentences(faults))
    assert set(counted) == CLASSES
    assert sum(counted.values()) > 6_000


def test_a_message_of_the_wire_has_the_same_faults() -> None:
    for _, _, changed, refused in mutations(WHOLE["detection_report"]):
        data = changed.SerializeToString()
        message, faults = check_bytes(data)
        assert message is not None
        assert bool(faults) == refused


def test_what_the_standards_middleware_would_let_pass_is_held_to_the_options_alone() -> None:
    message = made({})
    message.CopyFrom(REGISTRATION)
    message.registration.mode_definition[0].task.ClearField("concurrent_tasks")
    message.registration.icd_version = "BSI_Flex_335_v1.0"
    message.registration.dependent_nodes[0] = "AAAA"
    assert [f.path for f in faults_of(message)] == [
        "registration.icd_version",
        "registration.mode_definition[0].task.concurrent_tasks",
        "registration.dependent_nodes[0]",
    ]
    assert faults_of(message, OPTIONS_ONLY) == ()


@pytest.mark.parametrize("version", ["BSI Flex 335 v2.0", "BSI_Flex_335_v2.0"])
def test_the_version_may_have_underscores(version: str) -> None:
    message = made({})
    message.CopyFrom(REGISTRATION)
    message.registration.icd_version = version
    assert said(message) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda r: r.mode_definition.add().CopyFrom(r.mode_definition[0]),
            "registration.mode_definition[1].mode_name is 'text', as another one before it",
        ),
        (
            lambda r: r.dependent_nodes.append(r.dependent_nodes[0]),
            "registration.dependent_nodes[1] is '6f582b41-6c88-481c-bb0f-6021a1739f57', as another one before it",
        ),
        (
            lambda r: r.dependent_nodes.__setitem__(0, "a8654cdf-4328-47de-81fa-c495589e30c8"),
            "registration.dependent_nodes[0] is the node itself",
        ),
        (
            lambda r: setattr(r.status_definition.location_definition, "range_bearing_datum", 1),
            "registration.status_definition.location_definition.range_bearing_datum does not go with location_units",
        ),
    ],
)
def test_a_registration_that_contradicts_itself(change: object, sentence: str) -> None:
    message = made({})
    message.CopyFrom(REGISTRATION)
    change(message.registration)  # type: ignore[operator]
    assert said(message) == [sentence]


def test_places_that_are_none() -> None:
    alert = WHOLE["alert with Alert.location"]
    changed = made({})
    for system, x, y, good in [
        (1, 180.0, 90.0, True),
        (1, 0.0, 90.001, False),
        (1, -180.1, 0.0, False),
        (2, 3.1, 1.5, True),
        (2, 3.1, 1.6, False),
        (5, 318720.0, 5_800_000.0, True),
    ]:
        changed.CopyFrom(alert)
        changed.alert.location.coordinate_system, changed.alert.location.x, changed.alert.location.y = system, x, y
        assert (said(changed) == []) == good, (system, x, y)


def test_a_task_that_ends_before_it_starts() -> None:
    message = made({})
    message.CopyFrom(WHOLE["task"])
    message.task.task_end_time.seconds -= 1
    assert said(message) == ["task.task_end_time is before task_start_time"]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (1.0, 1.0, []),
        (1.5, 2.0, ["detection_report.signal[0].start_frequency is 1.5, above centre_frequency"]),
        (0.5, 0.9, ["detection_report.signal[0].stop_frequency is 0.9, below centre_frequency"]),
    ],
)
def test_a_signal_whose_frequencies_are_out_of_order(start: float, stop: float, expected: list[str]) -> None:
    message = made({})
    message.CopyFrom(WHOLE["detection_report"])
    signal = message.detection_report.signal[0]
    signal.start_frequency, signal.centre_frequency, signal.stop_frequency = start, 1.0, stop
    assert said(message) == expected


def test_thousands_of_faults_are_told_in_part() -> None:
    message = made({})
    message.CopyFrom(WHOLE["status_report"])
    for _ in range(500):
        message.status_report.status.add()
    assert len(faults_of(message)) == MAX_FAULTS


def test_a_megabyte_of_faults_is_told_in_part() -> None:
    unknown = made({})
    unknown.CopyFrom(WHOLE["alert_ack"])
    unknown.MergeFromString(b"\xb8\x3e\x01" * 100_000)
    assert len(faults_of(unknown)) == MAX_FAULTS
    twice = made({})
    twice.CopyFrom(REGISTRATION)
    twice.registration.dependent_nodes.extend(list(twice.registration.dependent_nodes) * 10_000)
    assert len(faults_of(twice)) == MAX_FAULTS


@given(data=st.binary(max_size=300))
def test_garbage_is_refused_or_read(data: bytes) -> None:
    message, faults = check_bytes(data)
    assert faults or message is not None
    assert all(fault.kind in KINDS for fault in faults)


@given(st.data())
def test_a_damaged_message_is_refused_or_read(data: st.DataObject) -> None:
    whole = WHOLE[data.draw(st.sampled_from(sorted(WHOLE)))].SerializeToString()
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + data.draw(st.integers(0, 3)) :]
    _, faults = check_bytes(damaged)
    assert all(fault.kind in KINDS and fault.sentence for fault in faults)
    check_bytes(damaged, OPTIONS_ONLY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[]",
        "null",
        "1",
        '{"no": 1}',
        '{"timestamp": "AAA"}',
        '{"error": {}, "error": {}}',
        '{"taskAck": {"taskStatus": "SOMETHING"}}',
        '{"alert": {"location": {"x": "north"}}}',
        b"\xff\xfe",
        '{"alert":' * 3000,
        '{"timestamp": {"seconds": 1}}',
    ],
)
def test_text_that_is_no_message_is_refused_with_a_reason(text: str | bytes) -> None:
    with pytest.raises(UnreadableError, match=r"text is no SapientMessage: \S"):
        from_json(text)
    message, faults = check_json(text)
    assert message is None
    assert [fault.kind for fault in faults] == ["unreadable"]


def test_text_that_is_no_utf8_is_no_message() -> None:
    with pytest.raises(UnreadableError, match="5 bytes"):
        decode(b"\x12\x03\xff\xfe\xfd")


def test_an_empty_message_lacks_everything() -> None:
    assert said(SapientMessage()) == [
        "timestamp is missing, and mandatory",
        "node_id is missing, and mandatory",
        "the message has no content: one of registration, registration_ack, status_report, detection_report, task, "
        "task_ack, alert, alert_ack, error is mandatory",
    ]
    assert HARNESS.knows_version("BSI Flex 335 v2.0")
