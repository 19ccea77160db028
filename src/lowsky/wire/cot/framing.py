"""Streams and datagrams cut into messages, whatever is between them.

A stream is XML documents one after another, cut after `</event>`, or frames of TAK protocol version 1; which of the two
is seen anew at each message, since both ends change over in the middle. What is neither costs only itself: the next
message is found behind it. A frame is taken for one only if the fields in it fill it exactly, so that a damaged length
swallows nothing. A datagram is a mesh frame or a document; what else it holds is searched as a stream is.

How a stream is cut into pieces never changes what is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from .frames import MoreError, find_frame
from .protobuf import MAGIC, MESH_HEADER, VERSION
from .tree import MAX_BYTES

MAX_HEADER = 400  # bytes from "<?xml" to the element
MAX_GARBAGE = 1 << 16  # bytes that count as one item

_EVENT = re.compile(rb"<event[\s>/]")
_TOKEN = re.compile(rb"</event\s{0,8}>|<event[\s>/]|<\?xml")
_LONGEST_TOKEN = 16
_CANDIDATE = re.compile(rb"[<\xbf]")
_BLANK = b" \t\r\n\x00"
_SHORTEST_EVENT = len(b"<event ")


class Form(Enum):
    """What a piece is."""

    XML = auto()
    TAK = auto()  # the payload of a frame
    FAULT = auto()  # no message; the data say why


@dataclass(frozen=True, slots=True)
class Piece:
    """One message, or a reason from a fixed stock."""

    form: Form
    data: bytes


_NOTHING = Piece(Form.FAULT, b"bytes that are no event")
_CUT = Piece(Form.FAULT, b"an event without its end")
_LONG = Piece(Form.FAULT, b"an event longer than %d bytes" % MAX_BYTES)
_VERSION = Piece(Form.FAULT, b"a TAK protocol version other than %d" % VERSION)


class Splitter:
    """Keeps what has begun; at most one message of `MAX_BYTES`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._garbage = 0  # bytes of what is no message, not told yet
        self._skipping = False  # the rest of an event that is too long
        self._searched = 0  # of the document that has begun, bytes in which its end is not
        self._found: list[Piece] = []

    def push(self, data: bytes) -> list[Piece]:
        """The pieces that `data` completes."""
        self._buffer += data
        return self._pieces(final=False)

    def close(self) -> list[Piece]:
        """What has begun: nothing follows it."""
        found = self._pieces(final=True)
        self._skipping = False
        return found

    def _pieces(self, final: bool) -> list[Piece]:
        at = 0
        try:
            while at < len(self._buffer):
                at = self._step(at, final)
        except MoreError:
            pass
        del self._buffer[:at]
        if final:
            self._end_garbage()
        found, self._found = self._found, []
        return found

    def _step(self, at: int, final: bool) -> int:
        """Where to go on behind what stands at `at`."""
        if self._skipping:
            return self._skip(at, final)
        byte = self._buffer[at]
        if byte in _BLANK and not self._garbage:
            return at + 1
        try:
            if byte == MAGIC:
                begin, end = find_frame(self._buffer, at)
                if end:
                    self._tell(Piece(Form.TAK, bytes(self._buffer[begin:end])))
                    return end
            elif byte == ord("<") and (element := _document(self._buffer, at)):
                return self._document_end(at, element, final)
        except MoreError:
            if not final:
                raise
        following = _CANDIDATE.search(self._buffer, at + 1)
        end = following.start() if following else len(self._buffer)
        self._add_garbage(end - at)
        return end

    def _document_end(self, at: int, element: int, final: bool) -> int:
        token = _TOKEN.search(self._buffer, max(element + 1, at + self._searched))
        # without an end yet: the last bytes may be the beginning of one
        end = token.start() if token else len(self._buffer) - (0 if final else _LONGEST_TOKEN - 1)
        if end - at > MAX_BYTES:
            self._tell(_LONG)
            self._skipping = True
            return element + 1
        if token is None:
            if not final:
                self._searched = max(len(self._buffer) - at - _LONGEST_TOKEN, 0)
                raise MoreError
            self._tell(_CUT)
            return end
        if not token[0].startswith(b"</"):
            self._tell(_CUT)
            return end
        self._tell(Piece(Form.XML, bytes(self._buffer[at : token.end()])))
        return token.end()

    def _skip(self, at: int, final: bool) -> int:
        """Behind an event that was too long: to its end, or to the beginning of another."""
        token = _TOKEN.search(self._buffer, at)
        if token is None:
            end = len(self._buffer) if final else max(at, len(self._buffer) - _LONGEST_TOKEN)
            if end == at and not final:
                raise MoreError
            return end
        self._skipping = False
        return token.end() if token[0].startswith(b"</") else token.start()

    def _tell(self, piece: Piece) -> None:
        self._end_garbage()
        self._searched = 0
        self._found.append(piece)

    def _add_garbage(self, size: int) -> None:
        self._garbage += size
        while self._garbage > MAX_GARBAGE:
            self._garbage -= MAX_GARBAGE
            self._found.append(_NOTHING)

    def _end_garbage(self) -> None:
        if self._garbage:
            self._garbage = 0
            self._found.append(_NOTHING)


def _document(buffer: bytearray, at: int) -> int:
    """Where the element of the document that begins at `at` begins, 0 if none begins there.

    Raises:
        MoreError: if that cannot be told yet.
    """
    element = at
    if _begins(buffer, at, b"<?xml"):
        element = buffer.find(b"<", at + 1, at + MAX_HEADER)
        if element < 0:
            if len(buffer) < at + MAX_HEADER:
                raise MoreError
            return 0
    if not _begins(buffer, element, b"<event"):
        return 0
    if len(buffer) < element + _SHORTEST_EVENT:
        raise MoreError
    # 0 stands for none, and an element at the very beginning is told by the byte behind its bracket
    return element + 1 if _EVENT.match(buffer, element) else 0


def _begins(buffer: bytearray, at: int, word: bytes) -> bool:
    there = buffer[at : at + len(word)]
    if len(there) < len(word) and word.startswith(bytes(there)):
        raise MoreError
    return there == word


def split_datagram(data: bytes) -> list[Piece]:
    """The messages of one datagram."""
    if len(data) > len(MESH_HEADER) and data[0] == MAGIC == data[2]:
        return [Piece(Form.TAK, data[len(MESH_HEADER) :]) if data[1] == VERSION else _VERSION]
    text = data.removeprefix(b"\xef\xbb\xbf").strip(_BLANK)
    if text.startswith(b"<") and len(_EVENT.findall(text)) == 1:
        return [Piece(Form.XML, text)]
    splitter = Splitter()
    return [*splitter.push(data), *splitter.close()]
