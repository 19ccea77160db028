"""The message definitions of BSI Flex 335 v2.0, from the package `sapient-msg`: nothing else imports them from there.

Bytes and protobuf-JSON to a message and back. What cannot be read at all raises `UnreadableError` with a sentence;
whether a message that can be read keeps the rules is `validate`'s to say.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from sapient_msg import proto_options_pb2 as options
from sapient_msg.bsi_flex_335_v2_0.alert_ack_pb2 import AlertAck
from sapient_msg.bsi_flex_335_v2_0.alert_pb2 import Alert
from sapient_msg.bsi_flex_335_v2_0.associated_detection_pb2 import AssociatedDetection
from sapient_msg.bsi_flex_335_v2_0.detection_report_pb2 import DetectionReport
from sapient_msg.bsi_flex_335_v2_0.error_pb2 import Error
from sapient_msg.bsi_flex_335_v2_0.location_pb2 import Location
from sapient_msg.bsi_flex_335_v2_0.range_bearing_pb2 import LocationOrRangeBearing, RangeBearing, RangeBearingCone
from sapient_msg.bsi_flex_335_v2_0.registration_ack_pb2 import RegistrationAck
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_msg.bsi_flex_335_v2_0.status_report_pb2 import StatusReport
from sapient_msg.bsi_flex_335_v2_0.task_ack_pb2 import TaskAck
from sapient_msg.bsi_flex_335_v2_0.task_pb2 import Task
from sapient_msg.bsi_flex_335_v2_0.velocity_pb2 import ENUVelocity

__all__ = [
    "PACKAGE",
    "Alert",
    "AlertAck",
    "AssociatedDetection",
    "Descriptor",
    "DetectionReport",
    "ENUVelocity",
    "Error",
    "FieldDescriptor",
    "Location",
    "LocationOrRangeBearing",
    "Message",
    "OneofDescriptor",
    "RangeBearing",
    "RangeBearingCone",
    "Registration",
    "RegistrationAck",
    "SapientMessage",
    "StatusReport",
    "Task",
    "TaskAck",
    "UnknownFieldSet",
    "UnreadableError",
    "decode",
    "field_options",
    "from_json",
    "oneof_options",
    "timestamp_ns",
    "to_json",
]

PACKAGE = "sapient_msg.bsi_flex_335_v2_0"
MAX_REASON = 300  # characters of another library's sentence
NS_PER_S = 1_000_000_000


class UnreadableError(ValueError):
    """Bytes or text that are no message; the sentence says why."""


def decode(data: bytes) -> SapientMessage:
    """The message of some bytes, rules not looked at.

    Raises:
        UnreadableError: if they are no protobuf, or hold text that is no UTF-8.
    """
    try:
        return SapientMessage.FromString(data)
    except DecodeError as error:
        raise UnreadableError(f"{len(data)} bytes are no SapientMessage: {_words(error)}") from None


def from_json(text: str | bytes) -> SapientMessage:
    """The message of its protobuf-JSON form, field names as in the .proto or in camelCase.

    Raises:
        UnreadableError: if the text is no JSON, or names what the standard has not, or holds a value of a wrong type.
    """
    try:
        text = text if isinstance(text, str) else text.decode()
        if not text.lstrip().startswith("{"):
            raise UnreadableError("text is no SapientMessage: it is no JSON object")
        return json_format.Parse(text, SapientMessage())
    except UnreadableError:
        raise
    except (json_format.ParseError, UnicodeDecodeError, RecursionError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableError(f"text is no SapientMessage: {_words(error)}") from None


def _words(error: Exception) -> str:
    """Another library's sentence on one line, without its list of all that would have been right."""
    return " ".join(str(error).partition("Available Fields")[0].split())[:MAX_REASON]


def to_json(message: Message) -> dict[str, Any]:
    """A message as JSON-able values by the names of the .proto; times as RFC 3339, bytes as base64.

    Raises:
        UnreadableError: if a time in it is none.
    """
    try:
        found: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    except json_format.Error as error:
        raise UnreadableError(f"the message cannot be written as text: {_words(error)}") from None
    return found


def field_options(field: FieldDescriptor) -> Any:
    """What the standard's own options say of a field: `is_mandatory`, `is_uuid`, `is_ulid`."""
    return field.GetOptions().Extensions[options.field_options]


def oneof_options(oneof: OneofDescriptor) -> Any:
    """What the standard's own options say of a choice: `is_mandatory`."""
    return oneof.GetOptions().Extensions[options.oneof_options]


def timestamp_ns(timestamp: Any) -> int:
    """Nanoseconds since 1970 of a protobuf Timestamp, exactly."""
    return int(timestamp.seconds) * NS_PER_S + int(timestamp.nanos)
