"""Events as XML (TAK protocol version 0): one `<event>` with a `<point>` and a `<detail>`.

Attributes that the base schema does not know are left out. A number is a decimal of the XML kind: no "nan", no "inf",
no digits of other scripts.
"""

from __future__ import annotations

import math
import re

from ..drafts import NO_INSTANT
from .event import Event, NotEventError, check, known_error, known_height, said
from .times import ns_from_text, text_from_ns
from .tree import Element, NotXmlError, escape, parse, write

HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
VERSION = "2.0"
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)


def decode(data: bytes) -> Event:
    """The event of a whole document.

    Raises:
        NotEventError: naming what is wrong.
    """
    event = read(data)
    check(event)
    return event


def read(data: bytes) -> Event:
    """The event of a document as it is written, its values not checked against each other.

    Raises:
        NotEventError: if it is no XML, no event, has no point, no uid, or what should be a number or time is none.
    """
    try:
        root = parse(data)
    except NotXmlError as error:
        kind = str(error).partition(":")[0]
        raise NotEventError("event", f"{kind}", data[:60].decode("utf-8", "replace")) from None
    if root.name != "event":
        raise NotEventError("root", "is no event", root.name)
    if root.get("version", VERSION).partition(".")[0] != "2":
        raise NotEventError("version", "is not 2", root.get("version"))
    point = root.find("point")
    if point is None:
        raise NotEventError("point", "is missing")
    detail = root.find("detail")
    return _event(root, point, () if detail is None else detail.inside)


def _event(root: Element, point: Element, detail: tuple[Element, ...]) -> Event:
    time_ns = _time(root, "time")
    return Event(
        uid=_word(root, "uid"),
        type=_word(root, "type"),
        time_ns=time_ns,
        start_ns=_time(root, "start") if "start" in root.attributes else time_ns,
        stale_ns=_time(root, "stale"),
        how=root.get("how"),
        latitude_deg=_number(point, "lat"),
        longitude_deg=_number(point, "lon"),
        hae_m=known_height(_number(point, "hae", math.nan)),
        ce_m=known_error(_number(point, "ce", math.nan)),
        le_m=known_error(_number(point, "le", math.nan)),
        detail=detail,
        access=root.get("access"),
        qos=root.get("qos"),
        opex=root.get("opex"),
    )


def _word(element: Element, name: str) -> str:
    if not element.get(name):
        raise NotEventError(name, "is missing")
    return element.get(name)


def _time(element: Element, name: str) -> int:
    time_ns = ns_from_text(_word(element, name))
    if time_ns == NO_INSTANT:
        raise NotEventError(name, "is no time", element.get(name))
    return time_ns


def _number(element: Element, name: str, otherwise: float | None = None) -> float:
    text = element.get(name)
    if not text and otherwise is not None:
        return otherwise
    if not text:
        raise NotEventError(name, "is missing")
    number = number_of(text)
    if math.isnan(number):
        raise NotEventError(name, "is no number", text)
    return number


def number_of(text: str) -> float:
    """The number that a text says, NaN if it says none."""
    return float(text) if len(text) <= 64 and _NUMBER.fullmatch(text) else math.nan


def encode(event: Event, header: bool = True) -> bytes:
    """An event as a document; on a stream nothing may follow but the next one, each with its header."""
    root = {"version": VERSION, "uid": event.uid, "type": event.type}
    times = {"time": event.time_ns, "start": event.start_ns, "stale": event.stale_ns}
    root |= {name: text_from_ns(time_ns) for name, time_ns in times.items()}
    others = {"how": event.how, "access": event.access, "qos": event.qos, "opex": event.opex}
    root |= {name: word for name, word in others.items() if word}
    point = {
        "lat": event.latitude_deg,
        "lon": event.longitude_deg,
        "hae": said(event.hae_m),
        "ce": said(event.ce_m),
        "le": said(event.le_m),
    }
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in root.items())
    values = "".join(f' {name}="{decimal(value)}"' for name, value in point.items())
    detail = "".join(map(write, event.detail))
    text = f"<event{attributes}><point{values}/><detail>{detail}</detail></event>"
    return f"{HEADER if header else ''}{text}".encode()


def decimal(value: float) -> str:
    """A number as XML's decimals are written: no exponent, the digits that it needs, twelve behind the point."""
    text = repr(value)
    if "e" not in text:
        return text
    short = f"{value:.12f}".rstrip("0")
    return f"{short}0" if short.endswith(".") else short
