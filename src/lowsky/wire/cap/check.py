"""Whether bytes are an alert as CAP 1.2 wants it: the structure of the schema, then what only its text says.

Source: OASIS Common Alerting Protocol 1.2, sections 3.2 and 3.3. What we send is checked by this before it leaves.
Stricter than the schema in one thing: hour 24 is refused. Attributes are refused, `xsi:` and `xml:` ones too, and the
signature, if there is one, is not looked into.
"""

from __future__ import annotations

import re
from datetime import datetime

from .structure import ALERT, NAMESPACE, SIGNATURE_NAMESPACE, Element
from .tree import Node, NotXmlError, parse

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_FORMS = {
    "language": re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
    "decimal": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII),
    "integer": re.compile(r"[+-]?\d+", re.ASCII),
    "uri": re.compile(r"[^\s<>\"{}|\\^`]*"),
}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_CIRCLE = re.compile(rf"({_NUMBER}),({_NUMBER})\s+({_NUMBER})", re.ASCII)
_BANNED = re.compile(r"[\s,<&]")  # in identifier and sender
MAX_FAULTS = 20
MAX_OFFSET_MINUTES = 14 * 60


def check(data: bytes) -> list[str]:
    """What is wrong with an alert, one sentence each and at most `MAX_FAULTS`; an empty list if nothing is."""
    try:
        alert = parse(data)
    except NotXmlError as error:
        return [f"the document {error}"]
    if (alert.namespace, alert.name) != (NAMESPACE, "alert"):
        return [f"the document is {alert.namespace[:80]} {alert.name[:40]}, not {NAMESPACE} alert"]
    faults = structure_faults(alert, ALERT, "alert") or meaning_faults(alert)
    return faults[:MAX_FAULTS]


def structure_faults(node: Node, declared: Element, where: str) -> list[str]:
    """What of an element is not as declared."""
    faults = [f"{where} has an attribute {name[:40]!r}" for name in node.attributes]
    if declared.holds != "elements":
        if node.inside:
            return [*faults, f"{where} holds an element {node.inside[0].name[:40]!r} where text belongs"]
        return faults + _text_faults(node.text, declared, where)
    if node.text.strip():
        faults.append(f"{where} holds text {node.text.strip()[:40]!r} where elements belong")
    rest = list(node.inside)
    for child in declared.inside:
        faults += _child_faults(rest, child, where)
        if len(faults) >= MAX_FAULTS:
            return faults
    while where == "alert" and rest and rest[0].namespace == SIGNATURE_NAMESPACE:
        rest.pop(0)
    return faults + [f"{where} holds {n.name[:40]!r} where it does not belong" for n in rest[:1]]


def _child_faults(rest: list[Node], child: Element, where: str) -> list[str]:
    """Take the elements of one declaration off the front of `rest`; what is wrong with them or their number."""
    faults = []
    found = 0
    while rest and (rest[0].namespace, rest[0].name) == (NAMESPACE, child.name) and found < child.most:
        found += 1
        faults += structure_faults(rest.pop(0), child, f"{where}/{child.name}" + (f" {found}" if found > 1 else ""))
    if found < child.least:
        faults.append(f"{where} has no {child.name} in its place")
    return faults


def _text_faults(text: str, declared: Element, where: str) -> list[str]:
    if declared.holds == "words" and text not in declared.words:
        return [f"{where}: {text[:40]!r} is not one of {', '.join(declared.words)}"]
    if declared.holds == "dateTime" and moment(text) is None:
        return [f"{where}: {text[:40]!r} is no time of the form 2002-05-24T16:49:00-07:00"]
    if declared.holds in _FORMS and not _FORMS[declared.holds].fullmatch(text.strip()):
        return [f"{where}: {text[:40]!r} is no {declared.holds}"]
    return []


def moment(text: str) -> datetime | None:
    """The time that a text says, None if it is none: an offset is needed, Z and fractions are not allowed."""
    text = text.strip(" \t\n\r")
    if not _TIME.fullmatch(text) or int(text[20:22]) * 60 + int(text[23:25]) > MAX_OFFSET_MINUTES or text[23] > "5":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def meaning_faults(alert: Node) -> list[str]:
    """What the text of the standard forbids and the schema does not know; for an alert of the right structure."""
    faults = []
    for name in ("identifier", "sender"):
        text = alert.texts(name)[0]
        if not text or _BANNED.search(text):
            faults.append(f"alert/{name}: {text[:40]!r} is empty or has a space, comma, < or & in it")
    faults += _reference_faults(alert)
    (scope,) = alert.texts("scope")
    for wanted, name in (("Restricted", "restriction"), ("Private", "addresses")):
        if scope == wanted and not "".join(alert.texts(name)).strip():
            faults.append(f"alert has scope {wanted} without {name}")
    for number, info in enumerate(alert.nodes("info"), 1):
        faults += _info_faults(alert, info, f"alert/info {number}")
    return faults


def _reference_faults(alert: Node) -> list[str]:
    (kind,) = alert.texts("msgType")
    triples = " ".join(alert.texts("references")).split()
    if not triples and kind != "Alert":
        return [f"alert has msgType {kind} without references"]
    faults = []
    for triple in triples:
        parts = triple.split(",")
        if len(parts) != 3 or not all(parts) or moment(parts[2]) is None:
            faults.append(f"alert/references: {triple[:80]!r} is not sender,identifier,sent")
    return faults


def _info_faults(alert: Node, info: Node, where: str) -> list[str]:
    faults = []
    begin = moment((info.texts("effective") or alert.texts("sent"))[0])
    for expires in info.texts("expires"):
        end = moment(expires)
        if begin is not None and end is not None and end < begin:
            faults.append(f"{where}: expires {expires} is before {begin.isoformat()}")
    for number, area in enumerate(info.nodes("area"), 1):
        faults += _area_faults(area, f"{where}/area {number}")
    return faults


def _area_faults(area: Node, where: str) -> list[str]:
    faults = [fault for text in area.texts("polygon") for fault in _polygon_faults(text, f"{where}/polygon")]
    for text in area.texts("circle"):
        circle = _CIRCLE.fullmatch(text.strip())
        if circle is None:
            faults.append(f"{where}/circle: {text[:40]!r} is no latitude,longitude radius")
        else:
            faults += _place_faults(circle[1], circle[2], f"{where}/circle")
            if float(circle[3]) < 0.0:
                faults.append(f"{where}/circle: radius {circle[3][:20]} is below 0")
    altitudes, ceilings = ([float(t) for t in area.texts(name)] for name in ("altitude", "ceiling"))
    if ceilings and not altitudes:
        faults.append(f"{where} has a ceiling without an altitude")
    elif ceilings and ceilings[0] < altitudes[0]:
        faults.append(f"{where}: ceiling {ceilings[0]:.10g} is below altitude {altitudes[0]:.10g}")
    return faults


def _polygon_faults(text: str, where: str) -> list[str]:
    points = [_POINT.fullmatch(pair) for pair in text.split()]
    known = [p for p in points if p is not None]
    if len(known) < len(points):
        return [f"{where}: {text[:40]!r} is no list of latitude,longitude"]
    if len(known) < 4:
        return [f"{where} has {len(known)} points, not 4 or more"]
    faults = [fault for p in known for fault in _place_faults(p[1], p[2], where)]
    first, last = ((float(p[1]), float(p[2])) for p in (known[0], known[-1]))
    if first != last:
        faults.append(f"{where} ends at {known[-1][0]}, not where it begins, at {known[0][0]}")
    return faults


def _place_faults(latitude: str, longitude: str, where: str) -> list[str]:
    if abs(float(latitude)) <= 90.0 and abs(float(longitude)) <= 180.0:
        return []
    return [f"{where}: {latitude[:20]},{longitude[:20]} is not on the earth"]
