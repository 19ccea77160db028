"""Rules of time: one connection, one order, and no clock that runs ahead."""

import pytest

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context
from lowsky.wire.sapient.framing import Splitter, frame
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.session.fusion import FusionSession
from lowsky.wire.sapient.session.nodes import NodeTable
from lowsky.wire.sapient.timing import BACKWARD, EARLY, FREE, LATE, SPACING, Timing
from tests.wire.sapient.mutations import whole_messages

NOW = 1_900_000_000_000_000_000
MS = 1_000_000
SENT_AHEAD_MS = (("registration", 0), ("detection_report", 0), ("detection_report", 20), ("alert", 200))


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


def test_over_a_middleware_only_the_age_counts() -> None:
    policy = SapientOptions(times="strict").time_policy(True)
    timing = Timing(policy)
    assert kinds(timing, NOW) == kinds(timing, NOW + 20 * MS) == kinds(timing, NOW - 20 * MS) == []
    assert kinds(timing, NOW - 1000 * MS, NOW) == [LATE]


def test_a_connection_is_held_to_the_rules_of_time_if_it_is_told_to_be() -> None:
    site = site_of((Sensor("node", SensorKind.RADAR_3D, 50.0, 4.0, 0.0),))
    for options, refused in [(SapientOptions(), 0), (SapientOptions(times="strict"), 2)]:
        table = NodeTable(lambda options=options: Intake(Context(site, "x"), options))  # type: ignore[misc]
        policy = options.time_policy(False)
        session = FusionSession(table, Ids(b"seed").node("us"), Ids(b"seed"), False, times=policy)
        session.begin(NOW)
        whole = dict(whole_messages())
        for content, ahead_ms in [
            ("registration", 0),
            ("detection_report", 0),
            ("detection_report", 20),
            ("alert", 200),
        ]:
            message = whole[content]
            message.timestamp.FromNanoseconds(NOW + ahead_ms * MS)
            session.push(frame(message.SerializeToString()), NOW, NOW)
        answers = [SapientMessage.FromString(p).WhichOneof("content") for p in Splitter().push(session.out()[0])]
        assert answers.count("error") == refused, answers


def test_nothing_demanded_nothing_refused() -> None:
    timing = Timing(FREE)
    assert kinds(timing, NOW, 0) == kinds(timing, NOW - 1, 0) == kinds(timing, NOW + 5, 10**19) == []
