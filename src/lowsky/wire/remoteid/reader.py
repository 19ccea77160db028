"""Messages as people read them: every field by the standard's name with its unit, what cannot be as an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ..problems import RowCheck
from . import codes
from .checks import check_messages, notes_of
from .codes import EPOCH_S, MessageType, word
from .heard import Heard, Nothing, Said
from .intake import Found, Intake
from .layout import Records, records_of
from .packs import BrokenError, messages_of
from .transmitters import identity_of
from .values import locations_of, systems_of, text_of

Words = dict[str, Any]


class RemoteIdReader:
    """Bytes in, one dict a message out."""

    def __init__(self, datagrams: bool, encoding: str = "auto") -> None:
        self._intake = Intake(datagrams, encoding)

    def push(self, data: bytes) -> Iterator[Words]:
        """The messages that `data` completes."""
        yield from _readable(self._intake.push(data))

    def push_frame(self, link_type: int, frame: bytes) -> Iterator[Words]:
        """The messages in a frame of a capture."""
        yield from _readable(self._intake.frame(link_type, frame))

    def close(self) -> Iterator[Words]:
        """What had begun."""
        yield from _readable(self._intake.close())


def _readable(found: Iterable[Found]) -> Iterator[Words]:
    for item in found:
        if isinstance(item, BrokenError):
            yield {"error": str(item)}
        elif isinstance(item, Nothing):
            yield {"ignored": item.kind}
        elif isinstance(item, Said):
            yield {"message": "receiver status", "receiver": item.receiver, "state": item.state, "text": item.text}
        else:
            yield from _broadcast(item)


def _broadcast(heard: Heard) -> Iterator[Words]:
    told = {"receiver": heard.receiver, "mac": heard.mac, "carrier": heard.carrier}
    head: Words = {name: value for name, value in told.items() if value}
    if heard.counter >= 0:
        head["counter"] = heard.counter
    if heard.time_ns:
        head["heard"] = _utc(heard.time_ns / 1e9)
    for payload in heard.payloads:
        try:
            messages = messages_of(payload)
        except BrokenError as error:
            yield head | {"error": str(error)}
            continue
        for message in messages:
            yield head | read_message(message)


def read_message(message: bytes) -> Words:
    """A message of 25 bytes in words; `error` says why it cannot be used, `notes` what is odd about it."""
    records, check = records_of(message), RowCheck("", 1)
    number, version = message[0] >> 4, message[0] & 15
    check_messages(records, check)
    wrong = next((text.partition("row 0, ")[2] for text in check.result().messages), "")
    if number not in _FIELDS:
        return {"error": wrong or "message type: a pack within a message is none"}
    read = _FIELDS[MessageType(number)]
    found: Words = {"message": MessageType(number).words, "protocol_version": word(codes.VERSIONS, version)}
    found |= {name: None if value != value else value for name, value in read(records, message).items()}
    if wrong:
        found["error"] = wrong
    if notes := notes_of(records):
        found["notes"] = list(notes)
    return found


def _basic_id(records: Records, message: bytes) -> Words:
    kind = message[1] >> 4
    return {
        "id_type": word(codes.ID_TYPES, kind),
        "ua_type": word(codes.UA_TYPES, message[1] & 15),
        "uas_id": identity_of(kind, message[2:22]) or message[2:22].rstrip(b"\0").hex(),
    }


def _location(records: Records, message: bytes) -> Words:
    said = locations_of(records)
    columns = {name: getattr(said, name)[0].item() for name in said.__slots__}
    columns |= {
        "status": word(codes.STATUSES, columns["status"]),
        "height_type": word(codes.HEIGHT_TYPES, columns["height_type"]),
        "time_accuracy_s": columns.pop("time_accuracy") / 10.0 or None,
    }
    for name, unit, bounds in (
        ("horizontal_accuracy", "m", codes.HORIZONTAL_BOUNDS_M),
        ("vertical_accuracy", "m", codes.VERTICAL_BOUNDS_M),
        ("pressure_accuracy", "m", codes.VERTICAL_BOUNDS_M),
        ("speed_accuracy", "mps", codes.SPEED_BOUNDS_MPS),
    ):
        code = columns.pop(name)
        columns[f"{name}_{unit}"] = bounds[code] if code < len(bounds) else word((), code)
    return columns


def _authentication(records: Records, message: bytes) -> Words:
    page = message[1] & 15
    found: Words = {"authentication_type": word((*codes.AUTHENTICATION_TYPES,), message[1] >> 4), "page": page}
    if page:
        return found | {"data": message[2:].hex()}
    time = int.from_bytes(message[4:8], "little")
    return found | {"last_page": message[2], "length": message[3], "time": _since_2019(time), "data": message[8:].hex()}


def _self_id(records: Records, message: bytes) -> Words:
    return {"description_type": word(codes.DESCRIPTION_TYPES, message[1]), "text": text_of(message[2:])}


def _system(records: Records, message: bytes) -> Words:
    said = systems_of(records)
    columns = {name: getattr(said, name)[0].item() for name in said.__slots__}
    kind, classification, category, class_, time = (
        columns.pop(name) for name in ("operator_place", "classification", "category", "class_", "time")
    )
    return {
        "operator_place": word(codes.OPERATOR_PLACES, kind),
        "classification": word(codes.CLASSIFICATIONS, classification),
        "operator_latitude_deg": columns.pop("latitude_deg"),
        "operator_longitude_deg": columns.pop("longitude_deg"),
        **{f"area_{name}" if not name.startswith("operator") else name: value for name, value in columns.items()},
        "category_eu": word(codes.CATEGORIES_EU, category),
        "class_eu": word(codes.CLASSES_EU, class_),
        "time": _since_2019(time),
    }


def _operator_id(records: Records, message: bytes) -> Words:
    return {"operator_id_type": message[1], "operator_id": text_of(message[2:22])}


_FIELDS: dict[MessageType, Callable[[Records, bytes], Words]] = {
    MessageType.BASIC_ID: _basic_id,
    MessageType.LOCATION: _location,
    MessageType.AUTHENTICATION: _authentication,
    MessageType.SELF_ID: _self_id,
    MessageType.SYSTEM: _system,
    MessageType.OPERATOR_ID: _operator_id,
}


def _since_2019(seconds: int) -> str | None:
    return _utc(EPOCH_S + seconds) if seconds else None


def _utc(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):  # a receiver's clock far from now
        return str(np.float64(seconds))
