"""Bytes to what was heard: text in lines, messages one after another, frames of captures; whatever a source sends.

A stream is text or messages, by its first bytes or as configured; a datagram is told by itself, so that frames, packs
and JSON may come to one port. Messages in a stream have no mark to find the next by: they follow without gap, 25 bytes
each, a pack as long as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..jsonl.lines import MAX_LINE_BYTES, LineSplitter
from .carriers import Carried, read_bare, read_frame
from .heard import Heard, Item, Nothing
from .layout import MESSAGE_BYTES, PACK_HEAD_BYTES
from .packs import BrokenError, is_pack, pack_bytes
from .receivers import of_carried, read_text, unpacked

ENCODINGS = ("auto", "text", "messages")
_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\r\n")
_HEAD_BYTES = MESSAGE_BYTES + 1  # that tell text from messages

Found = Item | BrokenError


class Intake:
    """Pieces of a stream, or datagrams, of one sender. Nothing raises: what cannot be read comes out as an error."""

    def __init__(self, datagrams: bool, encoding: str = "auto") -> None:
        self._datagrams = datagrams
        self._encoding = encoding
        self._splitter = LineSplitter()
        self._partial = bytearray()  # less than a pack

    def push(self, data: bytes) -> Iterator[Found]:
        """What `data` completes."""
        if self._datagrams:
            yield from _caught(lambda: _datagram(data, self._encoding))
            return
        if self._encoding == "auto":
            self._partial += data
            if len(self._partial) >= _HEAD_BYTES:
                yield from self._begin()
        elif self._encoding == "text":
            yield from self._lines(data)
        else:
            self._partial += data
            yield from self._messages()

    def _begin(self) -> Iterator[Found]:
        """Decide what the stream is, and go on with what is there."""
        self._encoding = "text" if is_text(bytes(self._partial[:_HEAD_BYTES])) else "messages"
        if self._encoding == "messages":
            yield from self._messages()
        else:
            data, self._partial = bytes(self._partial), bytearray()
            yield from self._lines(data)

    def _lines(self, data: bytes) -> Iterator[Found]:
        for line in self._splitter.push(data):
            yield from _line(line)

    def frame(self, link_type: int, frame: bytes) -> Iterator[Found]:
        """What a frame of a capture carries."""
        yield from _caught(lambda: _of_carriers(read_frame(link_type, frame)))

    def close(self) -> Iterator[Found]:
        """What had begun when the sender ended."""
        if self._encoding == "auto" and self._partial:
            yield from self._begin()
        for line in self._splitter.close():
            yield from _line(line)
        if self._partial:
            cut, self._partial = len(self._partial), bytearray()
            yield BrokenError("message cut", f"message: cut after {cut} bytes by the end of the stream")

    def _messages(self) -> Iterator[Found]:
        at = 0
        while len(self._partial) - at >= MESSAGE_BYTES:
            length, wrong = MESSAGE_BYTES, None
            if is_pack(bytes(self._partial[at : at + 1])):
                try:
                    length = pack_bytes(bytes(self._partial[at : at + PACK_HEAD_BYTES]))
                except BrokenError as error:
                    wrong = error
            if len(self._partial) - at < length:
                break
            yield wrong or Heard((bytes(self._partial[at : at + length]),))
            at += length
        del self._partial[:at]


def is_text(data: bytes) -> bool:
    """Whether bytes are text and no message: a message has a byte that no text has, or is exactly 25 long."""
    if data[:1] == b"{":
        return True
    return len(data) != MESSAGE_BYTES and _TEXT.issuperset(data[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf"))


def _caught(read: Callable[[], list[Item]]) -> list[Found]:
    try:
        return [*read()]
    except BrokenError as error:
        return [error]


def _line(line: bytes | None) -> list[Found]:
    if line is None:
        return [BrokenError("line too long", f"line: longer than {MAX_LINE_BYTES} bytes")]
    return [] if line.isspace() else _caught(lambda: read_text(line))


def _datagram(data: bytes, encoding: str) -> list[Item]:
    data = unpacked(data)
    if encoding == "text" or (encoding == "auto" and is_text(data)):
        return _text(data)
    carried = read_bare(data)
    if carried is not None:
        return _of_carriers(carried)
    if is_pack(data) or len(data) <= MESSAGE_BYTES:
        return [Heard((data,))]
    return [Heard(tuple(data[i : i + MESSAGE_BYTES] for i in range(0, len(data), MESSAGE_BYTES)))]


def _text(data: bytes) -> list[Item]:
    """One object, which may stand on several lines, or a line each."""
    try:
        return read_text(data)
    except BrokenError:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [item for line in lines for item in read_text(line)]


def _of_carriers(found: list[Carried]) -> list[Item]:
    return [*map(of_carried, found)] or [Nothing("no Remote ID")]
