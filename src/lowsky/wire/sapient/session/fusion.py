"""lowsky as the fusion node: what nodes send over one connection, and what is answered.

The flows (BSI Flex 335 v2.0). On a node's own connection (`many` is false) its registration comes first and is
answered with `registration_ack`; what comes before, or under another node's id, is answered with `error`. A second
connection that registers the same node takes it over: what still comes over the first is ignored. Over a middleware
(`many`) come the messages of all nodes below it, which registered there; a node that it never told us of is asked once
to register. Everything is held to the rules; what breaks one is answered with `error`, the packet and the reasons, and
the connection stays open. Status reports, detections and alerts are taken, alerts with `alert_ack`. A task for us is
rejected with the reason: nothing here takes orders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..framing import Splitter
from ..ids import Ids
from ..messages import SapientMessage, StatusReport, Task, UnreadableError, decode
from ..rules import HARNESS, Rules
from ..timing import FREE, TimePolicy, Timing
from ..validate import Fault, faults_of, sentences
from .envelope import alert_ack, envelope, error, registration_ack, stamped, task_ack
from .events import AlertHeard, Broken, Complaint, Event
from .nodes import MAX_NODES, Node, NodeTable, Tally

REGISTER_NS = 30_000_000_000  # that a node's connection may last without a registration
MAX_TEXT = 300  # characters of an alert's description
KINDLY = frozenset({"error", "registration_ack", "task_ack", "alert_ack"})  # never answered with an error


class FusionSession:
    """One connection."""

    def __init__(self, table: NodeTable, node_id: str, ids: Ids, many: bool, acknowledges: bool = True,
                 rules: Rules = HARNESS, times: TimePolicy = FREE) -> None:  # fmt: skip
        """`node_id` is ours; `acknowledges`: registrations are answered by us (else by the middleware)."""
        self.node: Node | None = None  # whose connection this is
        self._table, self._own, self._ids = table, node_id, ids
        self._many, self._acknowledges, self._rules = many, acknowledges, rules
        self._splitter, self._timing = Splitter(), Timing(times)
        self._broken = False
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._begun_ns = self._now_ns = self._received_ns = 0

    # --- what happens ---

    def begin(self, now_ns: int) -> None:
        """The connection is there."""
        self._begun_ns = self._now_ns = now_ns

    def push(self, data: bytes, now_ns: int, received_ns: int) -> None:
        """Bytes came. `now_ns` (UTC) is what answers are stamped with, `received_ns` what reports are."""
        self._now_ns, self._received_ns = now_ns, received_ns
        for packet in self._splitter.push(data):
            self._packet(packet)
        if self._splitter.broken and not self._broken:
            self._broken = True
            self._tally().reject("length too great", self._splitter.broken)
            self._events.append(Broken(self._splitter.broken))

    def tick(self, now_ns: int) -> None:
        """Time has passed."""
        if not self._many and self.node is None and now_ns - self._begun_ns > REGISTER_NS:
            self._events.append(Broken(f"no registration within {REGISTER_NS / 1e9:.0f} s"))

    def close(self, received_ns: int) -> None:
        """The connection has ended."""
        if self._splitter.close():
            self._tally().reject("message cut off", "the connection ended within a message")
        node = self.node
        if node is not None and self._holds(node):
            del self._table.holders[node.node_id]
            node.ended(received_ns)
            self._table.has_news(node)

    # --- what comes of it ---

    def out(self) -> tuple[bytes, int]:
        """What is to be sent, and how many messages that is."""
        out, self._out = self._out, []
        return b"".join(out), len(out)

    def events(self) -> list[Event]:
        """What is to be told."""
        events, self._events = self._events, []
        return events

    # --- what came ---

    def _packet(self, packet: bytes) -> None:
        try:
            message = decode(packet)
        except UnreadableError as problem:
            self._refuse(self._tally(), "unreadable message", "", packet, [str(problem)])
            return
        content = message.WhichOneof("content") or ""
        faults = faults_of(message, self._rules) or self._timing.faults(message, self._now_ns)
        if faults:
            self._faulty(message, content, packet, faults)
        elif message.node_id == self._own:
            self._table.nobody.ignored["own"] += 1
        elif self._many:
            self._of_many(message, content, packet)
        else:
            self._of_one(message, content, packet)

    def _faulty(self, message: SapientMessage, content: str, packet: bytes, faults: tuple[Fault, ...]) -> None:
        node = self._table.nodes.get(message.node_id)  # none is made for a message that breaks the rules
        tally = self._tally() if node is None else self._tally_of(node)
        if content in KINDLY:
            tally.reject(faults[0].kind, faults[0].sentence)
        else:
            self._refuse(tally, faults[0].kind, message.node_id, packet, sentences(faults))

    def _of_one(self, message: SapientMessage, content: str, packet: bytes) -> None:
        """On a node's own connection."""
        if self.node is None:
            if content == "registration":
                self._register_here(message)
            else:
                why = f"{content} came before the registration"
                self._refuse(self._tally(), "not registered", message.node_id, packet, [why])
            return
        if message.node_id != self.node.node_id:
            why = f"node_id is {message.node_id}, but {self.node.node_id} registered on this connection"
            self._refuse(self._tally(), "node id of another", message.node_id, packet, [why])
        elif not self._holds(self.node):
            self._tally_of(self.node).ignored["taken over by another connection"] += 1
        else:
            self._take(self.node, message, content)

    def _of_many(self, message: SapientMessage, content: str, packet: bytes) -> None:
        """From a middleware."""
        if content in ("error", "registration_ack"):
            self._for_us(message, content)
            return
        if message.destination_id not in ("", self._own):
            self._table.nobody.ignored["for others"] += 1
            return
        node = self._table.find(message.node_id)
        if node is None:
            why = f"more than {MAX_NODES} nodes"
            self._refuse(self._table.nobody, "too many nodes", message.node_id, packet, [why])
            return
        if node.registration is None and not node.asked and content in ("status_report", "detection_report"):
            self._ask_to_register(node)
        self._take(node, message, content)

    def _take(self, node: Node, message: Any, content: str) -> None:
        """Something that keeps the rules, from a node that may send it."""
        self._table.has_news(node)
        node.heard_ns = self._received_ns
        node.intake.message(message, self._received_ns)
        take = _TAKE.get(content)
        if take is not None:
            take(self, node, message)

    def _register_here(self, message: Any) -> None:
        node = self._table.find(message.node_id)
        if node is None:
            why = f"there are {MAX_NODES} nodes, and no more are taken"
            self._table.nobody.reject("too many nodes", why)
            self._send(registration_ack(self._own, message.node_id, False, [why]))
            return
        self.node = node
        before = self._table.holders.get(node.node_id)
        if isinstance(before, FusionSession):
            before.lost(node)
        self._table.holders[node.node_id] = self
        self._take(node, message, "registration")

    def lost(self, node: Node) -> None:
        """Another connection speaks for this node from now on."""
        why = f"node {node.node_id} has registered on another connection; what comes over this one is ignored"
        self._send(error(self._own, node.node_id, b"", [why]))

    def _take_registration(self, node: Node, message: Any) -> None:
        node.registered(message.registration, self._received_ns)
        if self._acknowledges:
            self._send(registration_ack(self._own, node.node_id, True))

    def _take_status(self, node: Node, message: Any) -> None:
        status = message.status_report
        if status.HasField("node_location"):
            node.location = status.node_location
        node.reported(StatusReport.System.Name(status.system).removeprefix("SYSTEM_").lower(), self._received_ns)

    def _take_alert(self, node: Node, message: Any) -> None:
        alert = message.alert
        self._send(alert_ack(self._own, node.node_id, alert.alert_id, "ACCEPTED"))
        kind = alert.AlertType.Name(alert.alert_type).removeprefix("ALERT_TYPE_").lower()
        status = alert.AlertStatus.Name(alert.status).removeprefix("ALERT_STATUS_").lower()
        text = alert.description[:MAX_TEXT]
        if status != "clear":
            node.alerted(kind, f"alert: {text}", self._received_ns)
        self._events.append(AlertHeard(node.node_id, alert.alert_id, _said(kind), _said(status), text))

    def _take_task(self, node: Node, message: Any) -> None:
        why = "this fusion node takes no tasks from the nodes that it listens to"
        self._send(task_ack(self._own, node.node_id, message.task.task_id, "REJECTED", [why]))

    def _take_error(self, node: Node, message: Any) -> None:
        self._complain(message)

    def _for_us(self, message: Any, content: str) -> None:
        """What a middleware itself says."""
        self._table.nobody.ignored[content.replace("_", " ")] += 1
        if content == "error":
            self._complain(message)

    def _complain(self, message: Any) -> None:
        try:
            about = decode(message.error.packet).WhichOneof("content") or ""
        except UnreadableError:
            about = ""
        self._events.append(Complaint(about, tuple(message.error.error_message)))

    # --- what is sent ---

    def _ask_to_register(self, node: Node) -> None:
        node.asked = True
        message = envelope(self._own, node.node_id)
        message.task.task_id = self._ids.next("task", self._now_ns)
        message.task.control = Task.CONTROL_START
        message.task.command.request = "Registration"
        self._send(message)

    def _refuse(self, tally: Tally, kind: str, to: str, packet: bytes, reasons: list[str]) -> None:
        """Say to the sender what is wrong."""
        tally.reject(kind, f"{to or 'somebody'}: {reasons[0]}")
        self._send(error(self._own, to, packet, reasons))

    def _send(self, message: SapientMessage) -> None:
        self._out.append(stamped(message, self._now_ns))

    # --- whose ---

    def _holds(self, node: Node) -> bool:
        return self._table.holders.get(node.node_id) is self

    def _tally(self) -> Tally:
        """Of what nobody can be told by name: the connection's node, if it has one."""
        return self._table.nobody if self.node is None else self._tally_of(self.node)

    def _tally_of(self, node: Node) -> Tally:
        self._table.has_news(node)
        return node.tally


def _said(word: str) -> str:
    return "" if word == "unspecified" else word


_TAKE: dict[str, Callable[[FusionSession, Node, Any], None]] = {
    "registration": FusionSession._take_registration,
    "status_report": FusionSession._take_status,
    "alert": FusionSession._take_alert,
    "task": FusionSession._take_task,
    "error": FusionSession._take_error,
}
