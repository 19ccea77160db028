"""Rules of time: one connection, one order, and no clock that runs ahead."""

import pytest

from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.timing import BACKWARD, EARLY, FREE, LATE, SPACING, Timing

NOW = 1_900_000_000_000_000_000
MS = 1_000_000


def detection(time_ns: int) -> SapientMessage:
    message = SapientMessage()
    message.timestamp.FromNanoseconds(time_ns)
    message.detection_report.report_id = "x"
    return message


def kinds(timing: Timing, time_ns: int, received_ns: int | None = None) -> list[str]:
    return [f.kind for f in timing.faults(detection(time_ns), time_ns if received_ns is None else received_ns)]


@pytest.mark.parametrize(
    ("ahead_ms", "expected"), [(-901, [LATE]), (-900, []), (0, []), (100, []), (101, [EARLY]), (-86_400_000, [LATE])]
)
def test_the_window_of_age(ahead_ms: int, expected: list[str]) -> None:
    assert kinds(Timing(), NOW + ahead_ms * MS, NOW) == expected


def test_detections_of_one_scan_share_a_time_and_scans_are_80_ms_apart() -> None:
    timing = Timing()
    steps = [0, 0, 80, 80, 159, 238, 200, 280]  # each is compared with the one before, refused or not
    found = [kinds(timing, NOW + step * MS) for step in steps]
    assert found == [[], [], [], [], [SPACING], [SPACING], [BACKWARD], []]


def test_other_messages_have_no_spacing() -> None:
    timing = Timing()
    status = SapientMessage()
    status.timestamp.FromNanoseconds(NOW + 10 * MS)
    status.status_report.report_id = "x"
    assert kinds(timing, NOW) == []
    assert timing.faults(status, NOW + 10 * MS) == ()
    assert kinds(timing, NOW + 80 * MS) == []


def test_recordings_are_free() -> None:
    timing = Timing(FREE)
    assert kinds(timing, NOW, 0) == kinds(timing, NOW - 1, 0) == kinds(timing, NOW + 5, 10**19) == []
