"""The messages that a session itself makes, each with its sender, its receiver and the time at which it is sent."""

from __future__ import annotations

from collections.abc import Iterable

from ..framing import frame
from ..ids import is_uuid4
from ..messages import SapientMessage

MAX_REASONS = 20  # told of one message
MAX_REASON = 500  # characters of one
MAX_PACKET_BYTES = 256 * 1024  # of an offending message that are sent back
NS_PER_S = 1_000_000_000


def envelope(node_id: str, to: str = "") -> SapientMessage:
    """A message without content and time; `to`: the node that it is meant for, "": nobody by name.

    Who answers a broken message has no good id to send it to: then it names nobody.
    """
    return SapientMessage(node_id=node_id, destination_id=to) if is_uuid4(to) else SapientMessage(node_id=node_id)


def stamped(message: SapientMessage, now_ns: int) -> bytes:
    """The framed bytes of a message that is sent now."""
    message.timestamp.seconds, message.timestamp.nanos = divmod(now_ns, NS_PER_S)
    return frame(message.SerializeToString())


def registration_ack(node_id: str, to: str, accepted: bool, reasons: Iterable[str] = ()) -> SapientMessage:
    """The answer to a registration."""
    message = envelope(node_id, to)
    message.registration_ack.acceptance = accepted
    message.registration_ack.ack_response_reason.extend(_told(reasons))
    return message


def error(node_id: str, to: str, packet: bytes, reasons: Iterable[str]) -> SapientMessage:
    """What is wrong with a message, with that message as it came (its beginning, if it is huge)."""
    message = envelope(node_id, to)
    message.error.packet = packet[:MAX_PACKET_BYTES]
    message.error.error_message.extend(_told(reasons))
    return message


def alert_ack(node_id: str, to: str, alert_id: str, status: str, reasons: Iterable[str] = ()) -> SapientMessage:
    """The answer to an alert; `status`: ACCEPTED, REJECTED or CANCELLED."""
    message = envelope(node_id, to)
    answer = message.alert_ack
    answer.alert_id = alert_id
    answer.alert_ack_status = answer.AlertAckStatus.Value(f"ALERT_ACK_STATUS_{status}")
    answer.reason.extend(_told(reasons))
    return message


def task_ack(node_id: str, to: str, task_id: str, status: str, reasons: Iterable[str] = ()) -> SapientMessage:
    """The answer to a task; `status`: ACCEPTED, REJECTED, COMPLETED or FAILED."""
    message = envelope(node_id, to)
    answer = message.task_ack
    answer.task_id = task_id
    answer.task_status = answer.TaskStatus.Value(f"TASK_STATUS_{status}")
    answer.reason.extend(_told(reasons))
    return message


def _told(reasons: Iterable[str]) -> list[str]:
    return [reason[:MAX_REASON] for reason in reasons][:MAX_REASONS]
