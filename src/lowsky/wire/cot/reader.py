"""Events as people read them: every attribute by its own name."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from . import protobuf, xml
from .event import Event, NotEventError
from .framing import Form, Piece, Splitter, split_datagram
from .times import text_from_ns
from .tree import Element


class EventReader:
    """Events as they were sent, each with the form that it had."""

    def __init__(self, datagrams: bool) -> None:
        self._datagrams, self._splitter = datagrams, Splitter()

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The events that `data` completes."""
        for piece in split_datagram(data) if self._datagrams else self._splitter.push(data):
            yield from _read(piece)

    def close(self) -> Iterator[dict[str, Any]]:
        """An event that has begun."""
        for piece in self._splitter.close():
            yield from _read(piece)


def _read(piece: Piece) -> Iterator[dict[str, Any]]:
    if piece.form is Form.FAULT:
        yield {"error": piece.data.decode()}
        return
    try:
        if piece.form is Form.XML:
            yield {"form": "xml"} | readable(xml.decode(piece.data))
            return
        event, control = protobuf.decode(piece.data)
    except NotEventError as error:
        yield {"error": error.words}
        return
    if control is not None and (control.uid or event is None):
        said = {"minProtoVersion": control.least, "maxProtoVersion": control.most, "contactUid": control.uid}
        yield {"form": "protobuf", "takControl": said}
    if event is not None:
        yield {"form": "protobuf"} | readable(event)


def readable(event: Event) -> dict[str, Any]:
    """One event; what is not known is null."""
    found: dict[str, Any] = {"uid": event.uid, "type": event.type}
    times = {"time": event.time_ns, "start": event.start_ns, "stale": event.stale_ns}
    found |= {name: text_from_ns(time_ns) for name, time_ns in times.items()}
    found |= {"how": event.how, "lat_deg": event.latitude_deg, "lon_deg": event.longitude_deg}
    metres = {"hae_m": event.hae_m, "ce_m": event.ce_m, "le_m": event.le_m}
    found |= {name: None if math.isnan(value) else value for name, value in metres.items()}
    others = {"access": event.access, "qos": event.qos, "opex": event.opex}
    found |= {name: word for name, word in others.items() if word}
    return found | {"detail": _all(event.detail)}


def _all(elements: tuple[Element, ...]) -> dict[str, Any]:
    """Elements by name; several of one name as a list."""
    found: dict[str, list[Any]] = {}
    for element in elements:
        found.setdefault(element.name, []).append(_one(element))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _one(element: Element) -> Any:
    text = element.text.strip()
    if not element.attributes and not element.inside:
        return text
    return dict(element.attributes) | ({"text": text} if text else {}) | _all(element.inside)
