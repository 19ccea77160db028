"""The nodes that send to lowsky, each with its books, whichever connection they come over.

A node's messages are received; each is used, ignored (by what) or rejected (by reason), and the three add up to what
was received. What a node says is turned into reports by an `Intake` of its own, so that the books of its detections
are its own too. How a node does is told as the status of the sensor that it is: what it says itself, that its
connection ended, and that the status reports it promised do not come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lowsky.wire.decoded import Decoded, SensorStatus
from lowsky.wire.problems import Problems

from ..intake import Intake
from ..messages import Registration
from ..rows import seconds_of

MAX_NODES = 1_000
MAX_KINDS = 50  # of what was ignored and why rejected that are counted apart; what is beyond counts as "other"
MAX_NAME = 100  # characters of a node's name
OVERDUE = 3.0  # promised intervals without a status report, and
LONGEST_S = 86_400.0  # a promised interval that is looked after
OVERDUE_NS = 5_000_000_000  # this much more, until a node counts as silent


@dataclass(slots=True)
class Tally:
    """What became of messages that are not the intake's to judge, since the last time; and what we say of the node."""

    ignored: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)
    statuses: list[SensorStatus] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ignored or self.rejected or self.statuses)

    def reject(self, kind: str, sentence: str) -> None:
        """A message could not be used."""
        self.rejected[kind] += 1
        if len(self.sentences) < 2:
            self.sentences.append(sentence)

    def take(self) -> Decoded:
        """All of it, as a decoder gives it; begins anew. What we say of a node is no message of its."""
        problems = Problems(tuple(self.sentences), dict(self.rejected), self.rejected.total())
        found = Decoded(statuses=tuple(self.statuses), ignored=dict(self.ignored), problems=problems)
        for part in (self.ignored, self.rejected, self.sentences, self.statuses):
            part.clear()
        return found


@dataclass(slots=True)
class Books:
    """What became of a node's messages since the start: `received == used + ignored + rejected`."""

    used: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        """All messages whose fate is known."""
        return self.used + self.ignored.total() + self.rejected.total()

    def enter(self, decoded: Decoded) -> None:
        """Add what was decoded."""
        self.used += decoded.used
        for book, counts in ((self.ignored, decoded.ignored), (self.rejected, decoded.problems.counts)):
            for kind, count in counts.items():
                book[kind if kind in book or len(book) < MAX_KINDS else "other"] += count
        untold = decoded.problems.rejected - sum(decoded.problems.counts.values())
        if untold > 0:
            self.rejected["other"] += untold


@dataclass(slots=True)
class Node:
    """One node."""

    node_id: str
    intake: Intake
    sensor: int = -1  # index in the site, -1: it is none of the site's
    books: Books = field(default_factory=Books)
    tally: Tally = field(default_factory=Tally)
    registration: Registration | None = None
    location: Any = None  # of its last status report
    system: str = ""  # as it says: ok, warning, error, goodbye
    state: str = "unknown"  # unknown, connected, overdue, gone
    alerts: int = 0
    asked: bool = False  # for its registration
    heard_ns: int = 0
    status_ns: int = 0
    interval_ns: int = 0  # promised between status reports, 0: none

    @property
    def name(self) -> str:
        """What it calls itself."""
        found = "" if self.registration is None else self.registration.short_name or self.registration.name
        return found[:MAX_NAME]

    def registered(self, registration: Registration, now_ns: int) -> None:
        """It has registered."""
        interval_s = seconds_of(registration.status_definition.status_interval)
        self.registration = registration
        self.interval_ns = round(interval_s * 1e9) if 0.0 < interval_s < LONGEST_S else 0
        if self.state in ("overdue", "gone"):
            self._tell("well", "", now_ns)
        self.state, self.status_ns = "connected", now_ns

    def reported(self, system: str, now_ns: int) -> None:
        """A status report came; what it says, the intake tells."""
        self.state, self.status_ns, self.system = "gone" if system == "goodbye" else "connected", now_ns, system

    def alerted(self, kind: str, words: str, now_ns: int) -> None:
        """It sent an alert; one of an error in itself makes it faulty until its next status says otherwise."""
        self.alerts += 1
        if kind in ("error", "fatal"):
            self._tell("faulty", words, now_ns)

    def ended(self, now_ns: int) -> None:
        """Its connection has ended."""
        if self.state != "gone":
            self._tell("off", "its connection ended", now_ns)
        self.state = "gone"

    def overdue(self, now_ns: int) -> None:
        """Look whether its status reports come as it promised."""
        since_ns = now_ns - self.status_ns
        if self.state == "connected" and self.interval_ns and since_ns > OVERDUE * self.interval_ns + OVERDUE_NS:
            words = f"no status report for {since_ns / 1e9:.0f} s; it promised one every {self.interval_ns / 1e9:g} s"
            self._tell("off", words, now_ns)
            self.state = "overdue"

    def take(self) -> Iterator[Decoded]:
        """What came from it since the last time, entered into its books."""
        parts = [self.tally.take()] if self.tally else []
        for decoded in (*parts, self.intake.take()):
            self.books.enter(decoded)
            yield decoded

    def _tell(self, state: str, words: str, now_ns: int) -> None:
        if self.sensor >= 0:
            self.tally.statuses.append(SensorStatus(self.sensor, now_ns, now_ns, state, words))


class NodeTable:
    """All nodes of one source, and which session holds each."""

    def __init__(self, make: Callable[[], Intake]) -> None:
        """`make` gives an intake for one more node."""
        self.nodes: dict[str, Node] = {}
        self.holders: dict[str, object] = {}  # node to the session that speaks for it now
        self.nobody = Tally()  # messages that no node can be told of
        self._make = make
        self._news: dict[str, Node] = {}  # nodes with something to take

    def find(self, node_id: str) -> Node | None:
        """The node of this id, made if there is room; None: there is none."""
        node = self.nodes.get(node_id)
        if node is None and len(self.nodes) < MAX_NODES:
            intake = self._make()
            node = self.nodes[node_id] = Node(node_id, intake, int(intake.names.find((node_id,))[0]))
        return node

    def has_news(self, node: Node) -> None:
        """Something came from or became known of a node: it is to be taken."""
        self._news[node.node_id] = node

    def tick(self, now_ns: int) -> None:
        """Time has passed."""
        for node in self.nodes.values():
            node.overdue(now_ns)
            if node.tally.statuses:
                self.has_news(node)

    def take(self) -> Iterator[Decoded]:
        """What came since the last time."""
        news, self._news = self._news, {}
        if self.nobody:
            yield self.nobody.take()
        for node in news.values():
            yield from node.take()
