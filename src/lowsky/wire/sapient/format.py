"""SAPIENT as one of the formats that come in."""

from __future__ import annotations

from typing import Any

from ..decoded import Context
from ..formats import Format
from .decoder import Decoder, MessageReader, begins_lines
from .framing import LENGTH_BYTES, MAX_MESSAGE_BYTES
from .messages import UnreadableError, decode
from .options import SapientOptions

MARKS = (b'"nodeId"', b'"node_id"')
NODE_ID = b"\x12\x24"  # field 2 with 36 characters, after the time
TIME_BYTES = 24  # that field 1, the time, may have, and the mark of the next
LEAST_BYTES = 40  # of a message: a node id alone is longer


def _decoder(context: Context, options: Any, datagrams: bool) -> Decoder:
    return Decoder(context, options, datagrams)


def _likeness(head: bytes) -> float:
    """Surely SAPIENT if the first message can be read and says who sent it."""
    if begins_lines(head):
        return 0.95 if any(mark in head[:20_000] for mark in MARKS) else 0.0
    length = int.from_bytes(head[:LENGTH_BYTES], "little")
    body = head[LENGTH_BYTES : LENGTH_BYTES + length]
    if not LEAST_BYTES <= length <= MAX_MESSAGE_BYTES or len(body) < LEAST_BYTES:
        return 0.0
    if len(body) < length:  # cut off
        return 0.9 if NODE_ID in body[:TIME_BYTES] else 0.0
    try:
        return 1.0 if decode(body).node_id else 0.0
    except UnreadableError:
        return 0.0


FORMAT = Format(
    name="sapient",
    title="SAPIENT (BSI Flex 335 v2.0)",
    options=SapientOptions,
    decoder=_decoder,
    reader=MessageReader,
    likeness=_likeness,
)
