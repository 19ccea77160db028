"""SAPIENT sessions: whatever comes over a connection, the books balance and every answer keeps the rules."""

from __future__ import annotations

from typing import Any

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context
from lowsky.wire.sapient.framing import Splitter
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.session.describe import Condition, Self, registration_of, status_of
from lowsky.wire.sapient.session.edge import EdgeSession
from lowsky.wire.sapient.session.fusion import FusionSession
from lowsky.wire.sapient.session.nodes import NodeTable
from lowsky.wire.sapient.validate import check_bytes

from .sapient import DICTIONARY as WORDS

OURS = "8549f14a-1447-4bcc-9b5a-8201605b15ba"
RADAR = "2500c573-8868-4f0e-81db-a2a9bcde042b"
NOW_NS = 1_700_000_000_000_000_000
OPTIONS = SapientOptions(sensors={RADAR: "radar"})
SITE = site_of((Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0),))
CONTEXT = Context(SITE, "nodes")
REGISTRATION = registration_of(Self(OURS, "Harbour", "1", 5.0))
STATUS = status_of(Condition(True, 56.0, 11.0, 50.0))
DICTIONARY = (*WORDS, OURS.encode(), RADAR.encode(), b"Registration", b"Status", b"Default")


def one(data: bytes) -> None:
    """One input to a fusion node and to an edge node, as one sender and as one of many."""
    many = len(data) % 2 == 1
    _fusion(data, many)
    _edge(data, not many)


def _fusion(data: bytes, many: bool) -> None:
    table = NodeTable(lambda: Intake(CONTEXT, OPTIONS))
    session = FusionSession(table, OURS, Ids(b"seed"), many, acknowledges=not many)
    session.begin(NOW_NS)
    packets = len(Splitter().push(data))
    for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
        session.push(piece, NOW_NS, NOW_NS)
    session.events()
    _check_answers(session.out())
    received = 0
    for decoded in table.take():
        assert decoded.received == decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected
        received += decoded.received
    broken = 1 if session._splitter.broken else 0
    assert packets <= received <= packets + broken, "a message is in no book"
    for node in table.nodes.values():
        assert node.books.received == node.books.used + node.books.ignored.total() + node.books.rejected.total()


def _edge(data: bytes, alone: bool) -> None:
    session = EdgeSession(REGISTRATION, OURS, Ids(b"seed"), 5_000_000_000, alone)
    session.begin(NOW_NS)
    session.push(data, NOW_NS)
    session.tick(NOW_NS, STATUS)
    session.events()
    _check_answers(session.out())
    assert session.received == session.used + session.ignored.total() + session.rejected.total()


def _check_answers(out: tuple[bytes, int]) -> None:
    answers: list[Any] = [check_bytes(packet) for packet in Splitter().push(out[0])]
    assert len(answers) == out[1], "answers that are not whole"
    assert all(not faults for _, faults in answers), "an answer breaks the rules"
