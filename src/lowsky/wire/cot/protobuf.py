"""Events as the payload of TAK protocol version 1, and the frames round it.

    mesh      BF 01 BF, then the payload: one message a datagram
    stream    BF, the payload's length as a varint, then the payload

An element of the detail becomes a message of its own only if that holds all of it; else it stays XML, and where both
are there, the XML counts (rules of the published definitions). Protobuf cannot tell 0 from missing: an event whose
position, height and errors are all 0 has no point.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from ..cap.tree import clean
from .event import Event, NotEventError, check, known_error, known_height, said
from .schema import TYPED, TakMessage, Typed
from .times import ms_from_ns, ns_from_ms
from .tree import Element, NotXmlError, parse_fragment, write
from .xml import decimal, number_of

MAGIC = 0xBF
VERSION = 1
MESH_HEADER = bytes((MAGIC, VERSION, MAGIC))
CHAT_UID = "GeoChat."  # begins the uid of a chat message, then the sender's
_TYPED_BY_ELEMENT = {typed.element: typed for typed in TYPED}
_POINT = ("lat", "lon", "hae", "ce", "le")
_MAX_UINT32 = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Control:
    """What a device says of the versions that it can decode."""

    least: int
    most: int
    uid: str  # of the device


def decode(payload: bytes) -> tuple[Event | None, Control | None]:
    """The event and what is said of the protocol; either may not be there.

    Raises:
        NotEventError: naming what is wrong.
    """
    event, control = read(payload)
    if event is not None:
        check(event)
    return event, control


def read(payload: bytes) -> tuple[Event | None, Control | None]:
    """The same, values not checked against each other.

    Raises:
        NotEventError: if it is no such message, holds neither, or an event without point, uid or type.
    """
    try:
        message = TakMessage.FromString(payload)
    except (DecodeError, RecursionError):
        raise NotEventError("message", "is no TAK message", payload[:20].hex()) from None
    control = None
    if message.HasField("takControl"):
        said_of = message.takControl
        control = Control(said_of.minProtoVersion or 1, said_of.maxProtoVersion or 1, said_of.contactUid)
    if not message.HasField("cotEvent"):
        if control is None:
            raise NotEventError("message", "is empty")
        return None, control
    return _event(message.cotEvent), control


def _event(said_: Any) -> Event:
    for name in ("uid", "type"):
        if not getattr(said_, name):
            raise NotEventError(name, "is missing")
    if not any(getattr(said_, name) for name in _POINT):
        raise NotEventError("point", "is missing")
    return Event(
        uid=said_.uid,
        type=said_.type,
        time_ns=ns_from_ms(said_.sendTime),
        start_ns=ns_from_ms(said_.startTime or said_.sendTime),
        stale_ns=ns_from_ms(said_.staleTime),
        how=said_.how,
        latitude_deg=said_.lat,
        longitude_deg=said_.lon,
        hae_m=known_height(said_.hae),
        ce_m=known_error(said_.ce),
        le_m=known_error(said_.le),
        detail=_details(said_.detail) if said_.HasField("detail") else (),
        access=said_.access,
        qos=said_.qos,
        opex=said_.opex,
    )


def _details(detail: Any) -> tuple[Element, ...]:
    try:
        found = parse_fragment(detail.xmlDetail)
    except NotXmlError as error:
        kind = str(error).partition(":")[0]
        raise NotEventError("xmlDetail", kind, detail.xmlDetail[:60]) from None
    there = {element.name for element in found}
    wanted = (typed for typed in TYPED if typed.element not in there and detail.HasField(typed.field))
    return (*(_element(typed, getattr(detail, typed.field)) for typed in wanted), *found)


def _element(typed: Typed, message: Any) -> Element:
    values = {name: getattr(message, name) for name, _ in typed.attributes}
    # a number that is 0 was said; a word that is empty was not
    kept = {name: _text(value) for name, value in values.items() if value != ""}
    return Element(typed.element, kept)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return decimal(value) if math.isfinite(value) else ""
    return str(value)


def encode(event: Event, control: Control | None = None) -> bytes:
    """The payload of an event, with what is said of the protocol beside it."""
    message = TakMessage()
    put = message.cotEvent
    for name, word in (("type", event.type), ("access", event.access), ("qos", event.qos), ("opex", event.opex)):
        setattr(put, name, clean(word))
    put.uid, put.how = clean(event.uid), clean(event.how)
    put.sendTime, put.startTime, put.staleTime = map(ms_from_ns, (event.time_ns, event.start_ns, event.stale_ns))
    put.lat, put.lon = event.latitude_deg, event.longitude_deg
    put.hae, put.ce, put.le = map(said, (event.hae_m, event.ce_m, event.le_m))
    _put_details(put, event.detail)
    if event.uid.startswith(CHAT_UID):
        message.takControl.contactUid = clean(event.uid.split(".")[1])
    if control is not None:
        _put_control(message.takControl, control)
    return message.SerializeToString()  # type: ignore[no-any-return]


def encode_control(control: Control) -> bytes:
    """The payload that says which versions we decode, without an event."""
    message = TakMessage()
    _put_control(message.takControl, control)
    return message.SerializeToString()  # type: ignore[no-any-return]


def _put_control(put: Any, control: Control) -> None:
    put.minProtoVersion, put.maxProtoVersion, put.contactUid = control.least, control.most, clean(control.uid)


def _put_details(put: Any, detail: tuple[Element, ...]) -> None:
    rest, times = [], Counter(element.name for element in detail)
    for element in detail:
        typed = _TYPED_BY_ELEMENT.get(element.name)
        # one of two would be hidden by the other, which stays XML
        values = None if typed is None or times[element.name] > 1 else _values(typed, element)
        if typed is None or values is None:
            rest.append(write(element))
            continue
        message = getattr(put.detail, typed.field)
        message.SetInParent()
        for name, value in values.items():
            setattr(message, name, value)
    if rest:
        put.detail.xmlDetail = "".join(rest)


def _values(typed: Typed, element: Element) -> dict[str, Any] | None:
    """The values of an element's message; None if it does not hold all that the element says."""
    kinds = dict(typed.attributes)
    there, numbers = element.attributes.keys(), {name for name, kind in kinds.items() if kind != "string"}
    if element.inside or element.text.strip() or there - kinds.keys() or numbers - there:
        return None
    values = {name: _value(kinds[name], text) for name, text in element.attributes.items()}
    return None if any(value is None or value == "" for value in values.values()) else values


def _value(kind: str, text: str) -> Any:
    if kind == "string":
        return clean(text)
    if kind == "double":
        number = number_of(text)
        return number if math.isfinite(number) else None
    # a number of another form ("07") would come back changed
    plain = len(text) <= len(str(_MAX_UINT32)) and text.isascii() and text.isdigit() and str(int(text)) == text
    return int(text) if plain and int(text) <= _MAX_UINT32 else None


def mesh_frame(payload: bytes) -> bytes:
    """A datagram."""
    return MESH_HEADER + payload


def stream_frame(payload: bytes) -> bytes:
    """A message of a stream."""
    return bytes((MAGIC,)) + varint(len(payload)) + payload


def varint(value: int) -> bytes:
    """An unsigned number, seven bits a byte, the least significant first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
