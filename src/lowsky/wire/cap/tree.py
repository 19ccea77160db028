"""XML to a small tree: no document type, no entities of its own, bounded size and depth; and what text XML can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


class NotXmlError(Exception):
    """The bytes are not XML that we accept; the message is a clause without a full stop."""


@dataclass(slots=True)
class Node:
    """One element: its namespace, name, text (of all pieces) and elements."""

    namespace: str
    name: str
    attributes: tuple[str, ...] = ()
    text: str = ""
    inside: list[Node] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """Texts of the elements of a name, directly inside."""
        return [node.text for node in self.inside if node.name == name]

    def nodes(self, name: str) -> list[Node]:
        """Elements of a name, directly inside."""
        return [node for node in self.inside if node.name == name]


def parse(data: bytes) -> Node:
    """The tree of a document.

    Raises:
        NotXmlError: if it is not well formed, has a document type (and with it entities), or is too large or deep.
    """
    if len(data) > MAX_BYTES:
        raise NotXmlError(f"has {len(data)} bytes, more than {MAX_BYTES}")
    root = Node("", "")
    path = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > MAX_DEPTH:
            raise NotXmlError(f"is nested deeper than {MAX_DEPTH}")
        namespace, _, local = name.rpartition(" ")
        node = Node(namespace, local, tuple(attributes))
        path[-1].inside.append(node)
        path.append(node)

    def end(name: str) -> None:
        path.pop()

    def text(piece: str) -> None:
        path[-1].text += piece

    def doctype(*_: object) -> None:
        raise NotXmlError("has a document type, which an alert has not")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXmlError(f"is not well formed: {error}") from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise NotXmlError(f"cannot be decoded: {error}") from None
    return root.inside[0]


def clean(text: str) -> str:
    """Text without what XML 1.0 cannot hold; each such character becomes U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
