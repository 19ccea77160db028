"""The messages of TAK protocol version 1, declared once as a table and built when this module is imported.

Names, numbers and types are those of the published definitions (package atakmap.commoncommo.protobuf.v1, proto3). Where
a message stands for an element of the detail, the table says for which and how its fields are called there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "atakmap.commoncommo.protobuf.v1"
_TYPES = descriptor_pb2.FieldDescriptorProto

_MESSAGES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "TakControl": ((1, "minProtoVersion", "uint32"), (2, "maxProtoVersion", "uint32"), (3, "contactUid", "string")),
    "Contact": ((1, "endpoint", "string"), (2, "callsign", "string")),
    "Group": ((1, "name", "string"), (2, "role", "string")),
    "PrecisionLocation": ((1, "geopointsrc", "string"), (2, "altsrc", "string")),
    "Status": ((1, "battery", "uint32"),),
    "Takv": ((1, "device", "string"), (2, "platform", "string"), (3, "os", "string"), (4, "version", "string")),
    "Track": ((1, "speed", "double"), (2, "course", "double")),
    "Detail": (
        (1, "xmlDetail", "string"),
        (2, "contact", "Contact"),
        (3, "group", "Group"),
        (4, "precisionLocation", "PrecisionLocation"),
        (5, "status", "Status"),
        (6, "takv", "Takv"),
        (7, "track", "Track"),
    ),
    "CotEvent": (
        (1, "type", "string"),
        (2, "access", "string"),
        (3, "qos", "string"),
        (4, "opex", "string"),
        (5, "uid", "string"),
        (6, "sendTime", "uint64"),
        (7, "startTime", "uint64"),
        (8, "staleTime", "uint64"),
        (9, "how", "string"),
        (10, "lat", "double"),
        (11, "lon", "double"),
        (12, "hae", "double"),
        (13, "ce", "double"),
        (14, "le", "double"),
        (15, "detail", "Detail"),
    ),
    "TakMessage": ((1, "takControl", "TakControl"), (2, "cotEvent", "CotEvent")),
}
"""Name of each message to its fields: number, name, type."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A message of the detail that stands for an element."""

    field: str  # of Detail
    element: str
    attributes: tuple[tuple[str, str], ...]  # name and type, as the element's attributes are called too


def _attributes(message: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for _, name, kind in _MESSAGES[message])


_ELEMENTS = {"group": "__group", "precisionLocation": "precisionlocation"}
TYPED: tuple[Typed, ...] = tuple(
    Typed(field, _ELEMENTS.get(field, field), _attributes(message))
    for _, field, message in _MESSAGES["Detail"]
    if message in _MESSAGES
)
"""Every element of the detail that has a message of its own."""


def _file() -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto(name="lowsky/takmessage.proto", package=PACKAGE, syntax="proto3")
    for message, fields in _MESSAGES.items():
        made = described.message_type.add(name=message)
        for number, name, kind in fields:
            field = made.field.add(name=name, number=number, label=_TYPES.LABEL_OPTIONAL)
            if kind in _MESSAGES:
                field.type, field.type_name = _TYPES.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                field.type = getattr(_TYPES, f"TYPE_{kind.upper()}")
    return described


_POOL = descriptor_pool.DescriptorPool()  # of our own: others may have built the same names in the common one
_POOL.Add(_file())
TakMessage: Any = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.TakMessage"))
