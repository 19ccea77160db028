"""An alert as a value, by the standard's names, and as XML and JSON.

The XML is written by walking the declared structure, so the order of elements cannot be wrong. The JSON has the same
names and texts; it is ours, the standard knows none.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import msgspec

from .structure import ALERT, NAMESPACE, Element
from .tree import clean


class Pair(msgspec.Struct, frozen=True, rename="camel"):
    """A value with the name of what it is."""

    value_name: str
    value: str


class Area(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where: polygons and circles together. Altitudes are feet above mean sea level."""

    area_desc: str
    polygon: tuple[str, ...] = ()  # "latitude,longitude latitude,longitude ...", closed
    circle: tuple[str, ...] = ()  # "latitude,longitude radius", km
    altitude: str = ""
    ceiling: str = ""


class Info(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What, in one language."""

    language: str
    category: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    response_type: tuple[str, ...] = ()
    effective: str = ""
    onset: str = ""
    expires: str = ""
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameter: tuple[Pair, ...] = ()
    area: tuple[Area, ...] = ()


class Alert(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One message. Texts are as they stand in the XML; empty ones are left out."""

    identifier: str
    sender: str
    sent: str
    status: str
    msg_type: str
    scope: str
    restriction: str = ""
    addresses: str = ""
    note: str = ""
    references: str = ""
    incidents: str = ""
    info: tuple[Info, ...] = ()


def alert_xml(alert: Alert) -> bytes:
    """The alert as a document in UTF-8. What XML cannot hold becomes U+FFFD."""
    inside = _inside(msgspec.to_builtins(alert), ALERT)
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="{NAMESPACE}">{inside}</alert>\n'
    return document.encode("utf-8", "replace")


def alert_json(alert: Alert) -> bytes:
    """The alert as JSON: the same names, lists where there may be several."""
    return msgspec.json.encode(_cleaned(msgspec.to_builtins(alert)))


def _inside(values: dict[str, Any], declared: Element) -> str:
    """The elements in a group, in their order."""
    parts = []
    for child in declared.inside:
        value = values.get(child.name, "")
        for one in value if isinstance(value, list | tuple) else [value]:
            if one or child.least:
                text = _inside(one, child) if child.holds == "elements" else escape(clean(one))
                parts.append(f"<{child.name}>{text}</{child.name}>")
    return "".join(parts)


def _cleaned(value: Any) -> Any:
    """The same with texts as XML would hold them, so that both forms say the same."""
    if isinstance(value, dict):
        return {name: _cleaned(v) for name, v in value.items()}
    return clean(value) if isinstance(value, str) else [_cleaned(v) for v in value]
