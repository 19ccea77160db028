"""The structure of an alert, declared once: which elements, in which order, how often, of which type.

Source: OASIS Common Alerting Protocol 1.2 (1 July 2010), section 3.2 and the schema in section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """One element: how often it may stand in its place, and what it holds: text of a type, words, or elements."""

    name: str
    least: int = 1
    most: int = 1
    holds: str = "text"  # text, dateTime, language, decimal, integer, uri, words, elements
    words: tuple[str, ...] = ()
    inside: tuple[Element, ...] = ()


def _words(name: str, words: str, least: int = 1, most: int = 1) -> Element:
    return Element(name, least, most, "words", tuple(words.split()))


def _group(name: str, *inside: Element, least: int = 0, most: int = MANY) -> Element:
    return Element(name, least, most, "elements", inside=inside)


def _pair(name: str) -> Element:
    return _group(name, Element("valueName"), Element("value"))


CATEGORIES = (
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
)

AREA = _group(
    "area",
    Element("areaDesc"),
    Element("polygon", 0, MANY),
    Element("circle", 0, MANY),
    _pair("geocode"),
    Element("altitude", 0, 1, "decimal"),
    Element("ceiling", 0, 1, "decimal"),
)
RESOURCE = _group(
    "resource",
    Element("resourceDesc"),
    Element("mimeType"),
    Element("size", 0, 1, "integer"),
    Element("uri", 0, 1, "uri"),
    Element("derefUri", 0),
    Element("digest", 0),
)
INFO = _group(
    "info",
    Element("language", 0, 1, "language"),
    _words("category", " ".join(CATEGORIES), most=MANY),
    Element("event"),
    _words("responseType", "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None", least=0, most=MANY),
    _words("urgency", "Immediate Expected Future Past Unknown"),
    _words("severity", "Extreme Severe Moderate Minor Unknown"),
    _words("certainty", "Observed Likely Possible Unlikely Unknown"),
    Element("audience", 0),
    _pair("eventCode"),
    Element("effective", 0, 1, "dateTime"),
    Element("onset", 0, 1, "dateTime"),
    Element("expires", 0, 1, "dateTime"),
    Element("senderName", 0),
    Element("headline", 0),
    Element("description", 0),
    Element("instruction", 0),
    Element("web", 0, 1, "uri"),
    Element("contact", 0),
    _pair("parameter"),
    RESOURCE,
    AREA,
)
ALERT = _group(
    "alert",
    Element("identifier"),
    Element("sender"),
    Element("sent", holds="dateTime"),
    _words("status", "Actual Exercise System Test Draft"),
    _words("msgType", "Alert Update Cancel Ack Error"),
    Element("source", 0),
    _words("scope", "Public Restricted Private"),
    Element("restriction", 0),
    Element("addresses", 0),
    Element("code", 0, MANY),
    Element("note", 0),
    Element("references", 0),
    Element("incidents", 0),
    INFO,
    least=1,
    most=1,
)
