"""XML to small trees and back: no document type and therefore no entities, bounded in size, depth and elements.

An event is one element of a few others. What stands between elements is kept only as the text of an element that has
none inside; namespaces are left as they are written, since Cursor on Target uses none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from ..cap.tree import clean

MAX_BYTES = 1 << 18  # of one document: a drawn area of thousands of points
MAX_DEPTH = 32
MAX_ELEMENTS = 20_000

_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPED = str.maketrans(_MARKUP | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})
_ESCAPED_TEXT = str.maketrans(_MARKUP)


class NotXmlError(Exception):
    """The bytes are not XML that we accept; the message is a clause without a full stop."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its name, attributes in order, text (where nothing is inside) and elements."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    inside: tuple[Element, ...] = ()

    def find(self, name: str) -> Element | None:
        """The first element of a name, directly inside."""
        return next((element for element in self.inside if element.name == name), None)

    def get(self, name: str, otherwise: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, otherwise)


@dataclass(slots=True)
class _Open:
    """An element whose end has not come."""

    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    inside: list[Element] = field(default_factory=list)

    def closed(self) -> Element:
        """The element as it is."""
        text = "" if self.inside else "".join(self.text)
        return Element(self.name, self.attributes, text, tuple(self.inside))


class _Builder:
    """What the parser tells, as a tree."""

    def __init__(self) -> None:
        self._path = [_Open("", {})]
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._path) > MAX_DEPTH:
            raise NotXmlError(f"is nested deeper than {MAX_DEPTH}")
        if self._elements > MAX_ELEMENTS:
            raise NotXmlError(f"has more than {MAX_ELEMENTS} elements")
        self._path.append(_Open(name, attributes))

    def end(self, name: str) -> None:
        done = self._path.pop().closed()
        self._path[-1].inside.append(done)

    def text(self, piece: str) -> None:
        self._path[-1].text.append(piece)

    def root(self) -> Element:
        return self._path[0].inside[0]


def parse(data: bytes) -> Element:
    """The tree of a document.

    Raises:
        NotXmlError: if it is not well formed, has a document type (and with it entities), or is too large or deep.
    """
    if len(data) > MAX_BYTES:
        raise NotXmlError(f"is longer than {MAX_BYTES} bytes")
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXmlError(f"is not well formed: {error}") from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise NotXmlError(f"cannot be decoded: {str(error)[:80]}") from None
    return builder.root()


def _refuse(*_: object) -> None:
    raise NotXmlError("has a document type, and with it entities")


def parse_fragment(text: str) -> tuple[Element, ...]:
    """The elements of a piece of XML that has no root of its own.

    Raises:
        NotXmlError: as `parse` does.
    """
    return parse(f"<x>{text}</x>".encode()).inside if text else ()


def write(element: Element) -> str:
    """An element as XML; characters that XML cannot hold become U+FFFD."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attributes.items())
    within = "".join(map(write, element.inside)) if element.inside else clean(element.text).translate(_ESCAPED_TEXT)
    return f"<{element.name}{attributes}>{within}</{element.name}>" if within else f"<{element.name}{attributes}/>"


def escape(value: str) -> str:
    """Text as it stands in an attribute."""
    return clean(value).translate(_ESCAPED)
