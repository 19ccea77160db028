"""Message packs (type 15): several messages in one broadcast, ASTM F3411-22a section 5.4.5.23.

A pack says how long its messages are (always 25 bytes) and how many there are (1 to 9). It holds at most two basic IDs
and at most one of each other kind, but any number of authentication pages; another pack it never holds. What follows
its last message is not part of it.
"""

from __future__ import annotations

from collections import Counter

from .codes import MessageType
from .layout import MAX_AUTH_PAGES, MAX_PACK_MESSAGES, MESSAGE_BYTES, PACK_HEAD_BYTES

MAX_OF_A_KIND = {MessageType.BASIC_ID: 2, MessageType.AUTHENTICATION: MAX_AUTH_PAGES}


class BrokenError(ValueError):
    """What came is no message: `kind` is of a fixed stock, the text says what was met."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__(text or kind)
        self.kind = kind


def is_pack(payload: bytes) -> bool:
    """Whether the first byte is that of a pack."""
    return bool(payload) and payload[0] >> 4 == MessageType.PACK


def pack_bytes(head: bytes) -> int:
    """How long the pack is that begins with these bytes (at least three).

    Raises:
        BrokenError: if no pack begins so.
    """
    if head[1] != MESSAGE_BYTES:
        raise BrokenError("pack: message size is not 25", f"pack: messages of {head[1]} bytes, not {MESSAGE_BYTES}")
    if not 1 <= head[2] <= MAX_PACK_MESSAGES:
        raise BrokenError("pack: number of messages", f"pack: {head[2]} messages, not 1 to {MAX_PACK_MESSAGES}")
    return PACK_HEAD_BYTES + MESSAGE_BYTES * head[2]


def messages_of(payload: bytes) -> list[bytes]:
    """The messages of 25 bytes of a pack, or the single message that a payload is.

    Raises:
        BrokenError: if the payload is cut, or holds what no pack may.
    """
    if not is_pack(payload):
        if len(payload) < MESSAGE_BYTES:
            raise BrokenError("message cut", f"message: cut after {len(payload)} of {MESSAGE_BYTES} bytes")
        return [payload[:MESSAGE_BYTES]]
    if len(payload) < PACK_HEAD_BYTES:
        raise BrokenError("pack cut", f"pack: cut after {len(payload)} bytes")
    end = pack_bytes(payload)
    if len(payload) < end:
        raise BrokenError("pack cut", f"pack: cut after {len(payload)} of {end} bytes")
    found = [payload[at : at + MESSAGE_BYTES] for at in range(PACK_HEAD_BYTES, end, MESSAGE_BYTES)]
    for number, count in Counter(message[0] >> 4 for message in found).items():
        if number > MessageType.OPERATOR_ID:
            raise BrokenError("pack: message type not allowed", f"pack: holds a message of type {number}")
        type_ = MessageType(number)
        if count > MAX_OF_A_KIND.get(type_, 1):
            raise BrokenError("pack: too many of a kind", f"pack: holds {count} messages of type {type_.words}")
    return found
