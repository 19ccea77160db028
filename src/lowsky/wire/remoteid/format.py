"""Broadcast Remote ID as one of the formats that come in."""

from __future__ import annotations

from typing import Literal

from ..decoded import Context
from ..formats import Format, Options
from .carriers import BEACON_MARK, NAN_SERVICE, SERVICE_HEAD
from .codes import MessageType
from .decoder import RemoteIdDecoder
from .layout import MESSAGE_BYTES
from .reader import RemoteIdReader

_MARKS = (
    b'"UASdata"',
    b'"Basic ID"',
    b'"odid"',
    b'"drone_lat"',
    b'"uav latitude"',
    b'"payload"',
    b"session,timestamp (nanos)",
)


class RemoteIdOptions(Options, frozen=True, kw_only=True):
    """What a source of Remote ID may say."""

    encoding: Literal["auto", "text", "messages"] = "auto"  # of a stream: JSON, CSV or hexadecimal; bare messages


def _decoder(context: Context, options: RemoteIdOptions, datagrams: bool) -> RemoteIdDecoder:
    return RemoteIdDecoder(context, options.names(context), datagrams, options.encoding)


def _likeness(head: bytes) -> float:
    """JSON with a receiver's words; else messages of known types every 25 bytes."""
    if any(mark in head for mark in _MARKS):
        return 0.95
    if BEACON_MARK in head[:400] or NAN_SERVICE in head[:400] or SERVICE_HEAD in head[:16]:
        return 0.7
    firsts = head[: 4 * MESSAGE_BYTES : MESSAGE_BYTES]
    known = all(b >> 4 <= MessageType.OPERATOR_ID and b & 15 <= 2 for b in firsts)
    return 0.3 if len(firsts) >= 2 and known and not head.isascii() else 0.0


FORMAT = Format(
    name="remoteid",
    title="Broadcast Remote ID",
    options=RemoteIdOptions,
    decoder=_decoder,
    reader=lambda options, datagrams: RemoteIdReader(datagrams, options.encoding),
    likeness=_likeness,
)
