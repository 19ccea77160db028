"""The rules of a strict SAPIENT middleware, written down anew from the options in the message definitions.

What Apex 4.2 refuses with its defaults, measured: whatever lacks a mandatory field, has an unknown field or number of
an enum, an identifier of the wrong form, another edition of the standard, a time outside -0.9 to +0.1 s of its receipt,
or a detection less than 80 ms after the one before (the same time as that one is allowed, an earlier one is not).
Nothing of `lowsky.wire.sapient` is used here: the two must agree on their own.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from google.protobuf.descriptor_pool import Default
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_msg.proto_options_pb2 import field_options, oneof_options

ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")
UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
EDITIONS = ("BSI Flex 335 v1.0", "BSI Flex 335 v2.0")
OLDEST_S, NEWEST_S = -0.9, 0.1
LEAST_GAP_NS = 80_000_000


class Rules:
    """The rules of one connection, which remembers the time of its last detection."""

    def __init__(self) -> None:
        self._last_ns: int | None = None

    def read(self, data: bytes, received_ns: int) -> tuple[Any, list[str]]:
        """A message and what is wrong with it."""
        message = SapientMessage()
        try:
            message.ParseFromString(data)
        except DecodeError as error:
            return message, [f"cannot be parsed: {error}"]
        wrong: list[str] = []
        self._times(message, received_ns, wrong)
        _contents(message, "", wrong)
        return message, wrong

    def _times(self, message: Any, received_ns: int, wrong: list[str]) -> None:
        time_ns = message.timestamp.ToNanoseconds()
        ahead_s = (time_ns - received_ns) / 1e9
        if not OLDEST_S <= ahead_s <= NEWEST_S:
            wrong.append(f"timestamp: {ahead_s:+.3f} s from receipt")
        if not message.HasField("detection_report"):
            return
        last_ns, self._last_ns = self._last_ns, time_ns
        if last_ns is not None and time_ns != last_ns and time_ns - last_ns < LEAST_GAP_NS:
            wrong.append(f"timestamp: a detection {(time_ns - last_ns) / 1e6:.1f} ms after the one before")


@cache
def _plan(name: str) -> tuple[list[tuple[Any, Any]], list[str]]:
    """The fields of a kind of message with their options, and the choices of which one must be there."""
    kind = Default().FindMessageTypeByName(name)
    fields = [(field, field.GetOptions().Extensions[field_options]) for field in kind.fields]
    return fields, [g.name for g in kind.oneofs if g.GetOptions().Extensions[oneof_options].is_mandatory]


def _contents(message: Message, path: str, wrong: list[str]) -> None:
    if len(UnknownFieldSet(message)):
        wrong.append(f"{path or 'message'}: unknown field")
    fields, groups = _plan(message.DESCRIPTOR.full_name)
    wrong += [f"{path}{group}: none of it is there" for group in groups if message.WhichOneof(group) is None]
    present = {field.name: value for field, value in message.ListFields()}
    for field, options in fields:
        here = f"{path}{field.name}"
        if field.name not in present:
            if options.is_mandatory:
                wrong.append(f"{here}: missing")
            continue
        value = present[field.name]
        for one in value if field.is_repeated else [value]:
            _value(field, options, one, here, wrong)


def _value(field: Any, options: Any, value: Any, here: str, wrong: list[str]) -> None:
    if options.is_ulid and not ULID.fullmatch(value):
        wrong.append(f"{here}: {value!r} is no ULID")
    if options.is_uuid and not UUID4.fullmatch(value):
        wrong.append(f"{here}: {value!r} is no UUID of version 4")
    if field.name == "icd_version" and value.replace("_", " ") not in EDITIONS:
        wrong.append(f"{here}: {value!r} is not known")
    if field.enum_type is not None and value not in field.enum_type.values_by_number:
        wrong.append(f"{here}: {value} is no {field.enum_type.name}")
    if field.message_type is not None and field.message_type.full_name.startswith("sapient_msg."):
        _contents(value, f"{here}.", wrong)
