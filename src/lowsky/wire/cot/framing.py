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

from .protobuf import MAGIC, MESH_HEADER, VERSION
from .tree import MAX_BYTES

MAX_FIELDS = 16  # at the top of a message; there are two
MAX_EVENT_FIELDS = 64  # there are fifteen
MAX_HEADER = 400  # bytes from "<?xml" to the element
MAX_GARBAGE = 1 << 16  # bytes that count as one item
MAX_VARINT = 10  # bytes

_EVENT = re.compile(rb"<event[\s>/]")
_TOKEN = re.compile(rb"</event\s{0,8}>|<event[\s>/]|<\?xml")
_LONGEST_TOKEN = 16
_CANDIDATE = re.compile(rb"[<\xbf]")
_BLANK = b" \t\r\n\x00"
_SHORTEST_EVENT = len(b"<event ")
_FIRST_TAGS = (0x0A, 0x12)  # takControl, cotEvent


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


class _MoreError(Exception):
    """More bytes are needed to tell."""


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
        except _MoreError:
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
                begin, end = _frame(self._buffer, at)
                if end:
                    self._tell(Piece(Form.TAK, bytes(self._buffer[begin:end])))
                    return end
            elif byte == ord("<") and (element := _document(self._buffer, at)):
                return self._document_end(at, element, final)
        except _MoreError:
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
                raise _MoreError
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
                raise _MoreError
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
        _MoreError: if that cannot be told yet.
    """
    element = at
    if _begins(buffer, at, b"<?xml"):
        element = buffer.find(b"<", at + 1, at + MAX_HEADER)
        if element < 0:
            if len(buffer) < at + MAX_HEADER:
                raise _MoreError
            return 0
    if not _begins(buffer, element, b"<event"):
        return 0
    if len(buffer) < element + _SHORTEST_EVENT:
        raise _MoreError
    # 0 stands for none, and an element at the very beginning is told by the byte behind its bracket
    return element + 1 if _EVENT.match(buffer, element) else 0


def _begins(buffer: bytearray, at: int, word: bytes) -> bool:
    there = buffer[at : at + len(word)]
    if len(there) < len(word) and word.startswith(bytes(there)):
        raise _MoreError
    return there == word


def _frame(buffer: bytearray, at: int) -> tuple[int, int]:
    """First and last+1 byte of the payload of the frame at `at`; the last is 0 if it is none.

    Raises:
        _MoreError: if that cannot be told yet.
    """
    number, begin = _varint(buffer, at + 1)
    if begin == 0 or number == 0 or number > MAX_BYTES:
        return 0, 0
    if begin >= len(buffer):
        raise _MoreError
    if buffer[begin] == MAGIC:
        return (begin + 1, _mesh_end(buffer, begin + 1)) if number == VERSION else (0, 0)
    end = begin + number
    if not _fills(buffer, begin, end):
        return 0, 0
    if len(buffer) < end:
        raise _MoreError
    try:
        return begin, end if _event_fills(buffer, begin, end) else 0
    except _MoreError:  # a field of the event goes on behind its end
        return 0, 0


def _fills(buffer: bytearray, at: int, end: int) -> bool:
    """Whether fields of a message fill the bytes from `at` to `end`."""
    for i in range(MAX_FIELDS):
        if at == end:
            return i > 0
        at, _ = _field_end(buffer, at, first=i == 0)
        if at == 0 or at > end:
            return False
    return False


def _event_fills(buffer: bytearray, at: int, end: int) -> bool:
    """Whether the event of a message that is all there is made of fields: one that broke off is not."""
    while at < end:
        tag = buffer[at]
        length, inside = _varint(buffer, at + 1)
        if tag == _FIRST_TAGS[1]:
            return _fields_fill(buffer, inside, inside + length)
        at = inside if tag & 7 == 0 else inside + length
    return True


def _fields_fill(buffer: bytearray, at: int, end: int) -> bool:
    for _ in range(MAX_EVENT_FIELDS):
        if at == end:
            return True
        if at > end:
            return False
        at = at + 9 if buffer[at] & 7 == 1 else _field_end(buffer, at, first=False)[0]
        if at == 0:
            return False
    return False


def _mesh_end(buffer: bytearray, at: int) -> int:
    """Behind the event of a message whose length is not told, 0 if there is none."""
    for i in range(MAX_FIELDS):
        at, tag = _field_end(buffer, at, first=i == 0)
        if at > len(buffer):
            raise _MoreError
        if at == 0 or tag == _FIRST_TAGS[1]:
            return at
    return 0


def _field_end(buffer: bytearray, at: int, first: bool) -> tuple[int, int]:
    """Behind the field at `at`, 0 if none of a message is there, and its tag."""
    if at >= len(buffer):
        raise _MoreError
    tag = buffer[at]
    if first and tag not in _FIRST_TAGS:
        return 0, tag
    if tag < 8 or tag >= 0x80 or tag & 7 not in (0, 2):
        return 0, tag
    number, behind = _varint(buffer, at + 1)
    if behind == 0 or tag & 7 == 0:
        return behind, tag
    return (behind + number, tag) if number <= MAX_BYTES else (0, tag)


def _varint(buffer: bytearray, at: int) -> tuple[int, int]:
    """The number at `at` and the place behind it, 0 if it is too long."""
    number = 0
    for i in range(MAX_VARINT):
        if at + i >= len(buffer):
            raise _MoreError
        byte = buffer[at + i]
        number |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return number, at + i + 1
    return 0, 0


def split_datagram(data: bytes) -> list[Piece]:
    """The messages of one datagram."""
    if len(data) > len(MESH_HEADER) and data[0] == MAGIC == data[2]:
        return [Piece(Form.TAK, data[len(MESH_HEADER) :]) if data[1] == VERSION else _VERSION]
    text = data.removeprefix(b"\xef\xbb\xbf").strip(_BLANK)
    if text.startswith(b"<") and len(_EVENT.findall(text)) == 1:
        return [Piece(Form.XML, text)]
    splitter = Splitter()
    return [*splitter.push(data), *splitter.close()]
