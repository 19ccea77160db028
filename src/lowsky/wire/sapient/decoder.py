"""Framed messages of one sender to reports, and to what people can read: stream objects without socket or clock.

A recording or a connection is one stream of framed messages. A message that breaks the rules costs itself; a length
that cannot be is the end of the stream, since nothing tells where the next message begins. With datagrams each begins
anew. Messages as protobuf-JSON, each on a line of its own or over many, are read too: a stream is taken for that if it
begins with a brace and its first four bytes are no length that may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..decoded import Context, Decoded
from ..jsonl.lines import LineSplitter
from ..names import SensorNames
from .checks import UNREADABLE
from .documents import Documents
from .framing import LENGTH_BYTES, MAX_MESSAGE_BYTES, Splitter
from .intake import Intake
from .messages import SapientMessage, UnreadableError, to_json
from .options import SapientOptions
from .validate import Fault, check_bytes, check_json

BRACE = b"{"
CUT_OFF, BROKEN = "message cut off", "length that cannot be"
_Piece = tuple[SapientMessage | None, tuple[Fault, ...]]


def begins_lines(head: bytes) -> bool:
    """Whether a stream that begins so (at least `LENGTH_BYTES`) is text, and not framed."""
    return head.startswith(BRACE) and int.from_bytes(head[:LENGTH_BYTES], "little") > MAX_MESSAGE_BYTES


class Pieces:
    """A stream of bytes to messages with what is wrong with each; framed, or as text."""

    def __init__(self, options: SapientOptions, datagrams: bool) -> None:
        self._rules, self._datagrams = options.reading, datagrams
        self._begin()

    def _begin(self) -> None:
        self._frames = Splitter()
        self._lines, self._documents = LineSplitter(MAX_MESSAGE_BYTES), Documents(MAX_MESSAGE_BYTES)
        self._head: bytes | None = b""  # until it is long enough to tell which form this is
        self._as_lines = False

    def push(self, data: bytes) -> Iterator[_Piece]:
        """The messages that `data` completes."""
        if self._head is not None:
            data = self._head = self._head + data
            if len(data) >= LENGTH_BYTES:
                self._head, self._as_lines = None, begins_lines(data)
        if self._head is None:
            yield from self._texts(self._lines.push(data)) if self._as_lines else self._framed(data)
        if self._datagrams:
            yield from self.close()

    def close(self) -> Iterator[_Piece]:
        """Nothing follows what came last; what begins then is a stream of its own."""
        if self._as_lines:
            yield from self._texts(self._lines.close())
            yield from map(self._text, self._documents.close())
        left = self._frames.close() + len(self._head or b"")
        if left:
            yield None, (Fault("", CUT_OFF, f"ends after {left} bytes, before it is whole"),)
        self._begin()

    def _framed(self, data: bytes) -> Iterator[_Piece]:
        was_broken = bool(self._frames.broken)
        for message in self._frames.push(data):
            yield check_bytes(message, self._rules)
        if self._frames.broken and not was_broken:
            yield None, (Fault("", BROKEN, f"cannot be read: {self._frames.broken}"),)

    def _texts(self, lines: list[bytes | None]) -> Iterator[_Piece]:
        for line in lines:
            yield from map(self._text, self._documents.add(line))

    def _text(self, document: bytes | None) -> _Piece:
        if document is None:
            return None, (Fault("", UNREADABLE, f"is text of over {MAX_MESSAGE_BYTES} bytes"),)
        return check_json(document, self._rules)


class Decoder:
    """Reads the messages of one sender for a site."""

    def __init__(self, context: Context, options: SapientOptions, datagrams: bool) -> None:
        self.intake = Intake(context, options)
        self._pieces = Pieces(options, datagrams)

    @property
    def names(self) -> SensorNames:
        """The sensors of the site as this source names them."""
        return self.intake.names

    def push(self, data: bytes, received_ns: int) -> None:
        """Any piece of a stream, or one datagram."""
        self._give(self._pieces.push(data), received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        self._give(self._pieces.close(), received_ns)

    def take(self) -> Decoded:
        """What was complete since the last time."""
        return self.intake.take()

    def _give(self, pieces: Iterator[_Piece], received_ns: int) -> None:
        for message, faults in pieces:
            if faults or message is None:
                self.intake.refuse(faults[0].kind, faults[0].sentence)
            else:
                self.intake.message(message, received_ns)


class MessageReader:
    """Every message as the standard's JSON, with its faults beside it where it breaks the rules."""

    def __init__(self, options: SapientOptions, datagrams: bool) -> None:
        self._pieces = Pieces(options, datagrams)

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that `data` completes."""
        yield from map(_readable, self._pieces.push(data))

    def close(self) -> Iterator[dict[str, Any]]:
        """What was begun and not ended."""
        yield from map(_readable, self._pieces.close())


def _readable(piece: _Piece) -> dict[str, Any]:
    message, faults = piece
    if message is None:
        return {"error": faults[0].sentence}
    try:
        found = to_json(message)
    except UnreadableError as error:
        return {"error": faults[0].sentence if faults else str(error)}
    return found | ({"faults": [fault.sentence for fault in faults]} if faults else {})
