"""The publisher's own messages: every one that its harness accepts is accepted, every other refused with a reason."""

import csv
from pathlib import Path

import pytest

from lowsky.wire.sapient.validate import KINDS, check_json


@pytest.fixture(scope="module")
def messages(shared: Path) -> list[tuple[str, str, bool, str]]:
    """Name, text, whether it is to be accepted, and the reason of the standard's middleware."""
    folder = shared / "data" / "sapient" / "conformance"
    with (folder / "expected.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [
        (row["file"], (folder / row["file"]).read_text(), row["expected_by_harness"] == "valid", row["apex_reason"])
        for row in rows
    ]


def test_the_set_is_whole(messages: list[tuple[str, str, bool, str]]) -> None:
    assert sum(valid for _, _, valid, _ in messages) == 28
    assert len(messages) == 173


def test_every_message_gets_the_verdict_of_the_harness(messages: list[tuple[str, str, bool, str]]) -> None:
    wrong = {}
    for name, text, valid, _ in messages:
        _, faults = check_json(text)
        if bool(faults) == valid:
            wrong[name] = [fault.sentence for fault in faults]
    assert wrong == {}


def test_a_reason_names_the_field_that_the_middleware_names(messages: list[tuple[str, str, bool, str]]) -> None:
    compared = 0
    for name, text, valid, reason in messages:
        if valid or " (" not in reason or reason.startswith("Message type"):
            continue
        _, faults = check_json(text)
        paths = [fault.path.replace("[", ".").replace("]", "") or "(root)" for fault in faults]
        said = reason.split(" (", 1)[0]
        if said.startswith(("AttributeError", "Failed")):
            continue
        assert said in paths, (name, reason, paths)
        compared += 1
    assert compared >= 100


def test_reasons_are_whole_sentences_of_a_fixed_stock(messages: list[tuple[str, str, bool, str]]) -> None:
    for name, text, valid, _ in messages:
        if not valid:
            _, faults = check_json(text)
            for fault in faults:
                assert fault.kind in KINDS
                assert " is " in fault.sentence or " has no " in fault.sentence or " cannot " in fault.sentence, name
                assert "\n" not in fault.path
