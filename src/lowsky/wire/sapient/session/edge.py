"""lowsky as a node of somebody's system: an edge node below a fusion node, or a peer of others at a middleware.

The flows (BSI Flex 335 v2.0): a registration comes first, and nothing else leaves before it is accepted; then a status
report at once, when something changes, and at the promised interval; detections, each picture under one time; alerts,
which may be answered; tasks, which are answered. What the other side sends and breaks a rule is answered with `error`,
the packet and the reasons; its own errors are counted by reason. A middleware hands a peer everything that passes
through: what is meant for others, or for nobody by name, is ignored and counted.

    new ── begin ──► registering ── registration_ack ──► registered ── goodbye ──► gone
                          ▲   └── refused ──► refused
                          └── no answer for `REPEAT_NS`

No socket and no clock here; whoever has them gives bytes and times, and sends what `out` gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..framing import Splitter
from ..ids import Ids
from ..messages import Registration, SapientMessage, StatusReport, UnreadableError, decode, timestamp_ns
from ..rules import HARNESS, Rules
from ..validate import faults_of, sentences
from .envelope import envelope, error, stamped, task_ack
from .events import AlertAnswered, Broken, Complaint, Event, Refused, Registered, Tasked
from .stamps import Stamps
from .tasks import TaskDesk, describe

REPEAT_NS = 10_000_000_000  # an unanswered registration is sent again
CALM_NS = 1_000_000_000  # at least between two status reports that tell news
MAX_KINDS = 50  # of reasons counted apart; what is beyond counts as "other"
GOODBYE = StatusReport.SYSTEM_GOODBYE


class EdgeSession:
    """One connection. `received` == `used` + sum of `ignored` + sum of `rejected`."""

    def __init__(self, registration: Registration, node_id: str, ids: Ids, interval_ns: int, alone: bool = True,
                 rules: Rules = HARNESS) -> None:  # fmt: skip
        """`alone`: only we and the other side are on this connection, so that what names nobody is meant for us."""
        self.state = "new"
        self.node_id, self.tasks, self.stamps = node_id, TaskDesk(), Stamps()
        self.received = self.used = 0
        self.ignored: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self._registration, self._ids, self._interval_ns = registration, ids, interval_ns
        self._alone, self._rules = alone, rules
        self._splitter = Splitter()
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._asked_ns = 0
        self._status = b""  # the last one that told news
        self._status_ns = 0
        self._now_ns = 0

    @property
    def ready(self) -> bool:
        """Whether detections may leave."""
        return self.state == "registered" and self.tasks.wishes.sending

    # --- what happens ---

    def begin(self, now_ns: int) -> None:
        """The connection is there."""
        self.state = "registering"
        self._register(now_ns)

    def push(self, data: bytes, now_ns: int) -> None:
        """Bytes came."""
        self._now_ns = now_ns
        for packet in self._splitter.push(data):
            self.received += 1
            self._packet(packet)
        if self._splitter.broken:
            self._events.append(Broken(self._splitter.broken))

    def tick(self, now_ns: int, status: StatusReport) -> None:
        """Time has passed; `status` is how we do now, without id and whether it is news."""
        self._now_ns = now_ns
        if self.state == "registering" and now_ns - self._asked_ns >= REPEAT_NS:
            self._register(now_ns)
        if self.state != "registered":
            return
        for reply in self.tasks.due(now_ns):
            self._send(task_ack(self.node_id, "", reply.task_id, reply.status, reply.reasons))
        if self.tasks.wishes.register:
            self.tasks.wishes.register = False
            self._register(now_ns)
        self._tell_status(status, now_ns)

    def goodbye(self, status: StatusReport, now_ns: int) -> None:
        """We go in order."""
        self._now_ns = now_ns
        if self.state == "registered":
            status.system = GOODBYE
            self._report(status, StatusReport.INFO_NEW)
        self.state = "gone"

    def send(self, message: SapientMessage, now_ns: int) -> None:
        """A message of the shell's, such as an alert, leaves with what `out` gives next."""
        self._now_ns = now_ns
        self._send(message)

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
            self._reject("unreadable message", "", packet, [str(problem)])
            return
        content = message.WhichOneof("content") or ""
        if not self._is_for_us(message, content):
            self._ignore(f"{content or 'nothing'} for others")
            return
        faults = faults_of(message, self._rules)
        if faults and content != "error":
            self._reject(faults[0].kind, message.node_id, packet, sentences(faults))
            return
        take = _TAKE.get(content)
        if take is None:
            self._reject(f"{content} to a node", message.node_id, packet, [f"a node below takes no {content}"])
            return
        self.used += 1
        take(self, message)

    def _is_for_us(self, message: SapientMessage, content: str) -> bool:
        to = message.destination_id
        if to or content == "error":
            return to in (self.node_id, "")
        return self._alone or content == "alert_ack"

    def _ignore(self, kind: str) -> None:
        known = kind in self.ignored or len(self.ignored) < MAX_KINDS
        self.ignored[kind if known else "other"] += 1

    def _reject(self, kind: str, to: str, packet: bytes, reasons: list[str]) -> None:
        self.rejected[kind] += 1
        self._send(error(self.node_id, to, packet, reasons))

    def _take_ack(self, message: Any) -> None:
        answer = message.registration_ack
        if not answer.acceptance:
            self.state = "refused"
            self._events.append(Refused(message.node_id, tuple(answer.ack_response_reason)))
        elif self.state == "registering":
            self.state = "registered"
            ahead_s = (timestamp_ns(message.timestamp) - self._now_ns) / 1e9
            self._events.append(Registered(message.node_id, ahead_s))

    def _take_alert_ack(self, message: Any) -> None:
        answer = message.alert_ack
        status = answer.AlertAckStatus.Name(answer.alert_ack_status).removeprefix("ALERT_ACK_STATUS_").lower()
        self._events.append(AlertAnswered(answer.alert_id, message.node_id, status, tuple(answer.reason)))

    def _take_task(self, message: Any) -> None:
        what = describe(message.task)
        for reply in self.tasks.take(message.task, self._now_ns):
            to = message.node_id if self._alone else ""  # a middleware knows nodes below it by name, not who listens
            self._send(task_ack(self.node_id, to, reply.task_id, reply.status, reply.reasons))
            told = Tasked(reply.task_id, message.node_id, what, reply.status.lower(), reply.reasons)
            self._events.append(told)

    def _take_error(self, message: Any) -> None:
        try:
            about = decode(message.error.packet).WhichOneof("content") or ""
        except UnreadableError:
            about = ""
        reasons = tuple(message.error.error_message) or ("it does not say why",)
        if about == "registration" and self.state == "registering":
            self.state = "refused"
            self._events.append(Refused(message.node_id, reasons))
        self._events.append(Complaint(about, reasons))

    # --- what we send ---

    def _send(self, message: SapientMessage) -> None:
        self._out.append(stamped(message, self._now_ns))

    def _register(self, now_ns: int) -> None:
        self._now_ns = self._asked_ns = now_ns
        message = envelope(self.node_id)
        message.registration.CopyFrom(self._registration)
        self._status = b""  # whoever registers anew is asked for a new status first
        self._send(message)

    def _tell_status(self, status: StatusReport, now_ns: int) -> None:
        news = status.SerializeToString(deterministic=True)
        since_ns, wishes = now_ns - self._status_ns, self.tasks.wishes
        changed = news != self._status and (since_ns >= CALM_NS or not self._status)
        if changed or wishes.report or since_ns >= self._interval_ns:
            info = StatusReport.INFO_UNCHANGED if news == self._status else StatusReport.INFO_NEW
            wishes.report, self._status, self._status_ns = False, news, now_ns
            self._report(status, info)

    def _report(self, status: StatusReport, info: int) -> None:
        message = envelope(self.node_id)
        message.status_report.CopyFrom(status)
        message.status_report.report_id = self._ids.next("status", self._now_ns)
        message.status_report.info = info
        self._send(message)


_TAKE: dict[str, Callable[[EdgeSession, Any], None]] = {
    "registration_ack": EdgeSession._take_ack,
    "alert_ack": EdgeSession._take_alert_ack,
    "task": EdgeSession._take_task,
    "error": EdgeSession._take_error,
}
