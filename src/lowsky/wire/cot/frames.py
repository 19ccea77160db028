"""Frames of TAK protocol version 1 in a stream of bytes: where one ends, and whether it is one at all.

A frame is only one if the fields of the message fill it exactly, and those of the event fill theirs: a damaged length
then swallows nothing. Nothing is decoded here.
"""

from __future__ import annotations

from .protobuf import MAGIC, VERSION
from .tree import MAX_BYTES

MAX_FIELDS = 16  # at the top of a message; there are two
MAX_EVENT_FIELDS = 64  # there are fifteen
MAX_VARINT = 10  # bytes
FIRST_TAGS = (0x0A, 0x12)  # takControl, cotEvent


class MoreError(Exception):
    """More bytes are needed to tell."""


def find_frame(buffer: bytearray, at: int) -> tuple[int, int]:
    """First and last+1 byte of the payload of the frame at `at`; the last is 0 if it is none.

    Raises:
        MoreError: if that cannot be told yet.
    """
    number, begin = _varint(buffer, at + 1)
    if begin == 0 or number == 0 or number > MAX_BYTES:
        return 0, 0
    if begin >= len(buffer):
        raise MoreError
    if buffer[begin] == MAGIC:
        return (begin + 1, _mesh_end(buffer, begin + 1)) if number == VERSION else (0, 0)
    end = begin + number
    if not _fills(buffer, begin, end):
        return 0, 0
    if len(buffer) < end:
        raise MoreError
    try:
        return begin, end if _event_fills(buffer, begin, end) else 0
    except MoreError:  # a field of the event goes on behind its end
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
        if tag == FIRST_TAGS[1]:
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
            raise MoreError
        if at == 0 or tag == FIRST_TAGS[1]:
            return at
    return 0


def _field_end(buffer: bytearray, at: int, first: bool) -> tuple[int, int]:
    """Behind the field at `at`, 0 if none of a message is there, and its tag."""
    if at >= len(buffer):
        raise MoreError
    tag = buffer[at]
    if first and tag not in FIRST_TAGS:
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
            raise MoreError
        byte = buffer[at + i]
        number |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return number, at + i + 1
    return 0, 0
