"""Instants: ISO 8601 with an offset in XML (base schema: dateTime in UTC), milliseconds since 1970 in protobuf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lowsky.model.timebase import NS_PER_S

from ..drafts import NO_INSTANT
from ..jsonl.instants import instant_ns
from ..plausible import LATEST_TIME_S

NS_PER_MS = 1_000_000
_LATEST_MS = int(LATEST_TIME_S) * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ns_from_text(text: str) -> int:
    """Nanoseconds of an XML time, NO_INSTANT if it is none; without an offset it is UTC."""
    return instant_ns(text, None)


def ns_from_ms(milliseconds: int) -> int:
    """Nanoseconds of a protobuf time, NO_INSTANT if it is none: 0 is what protobuf says for missing."""
    return milliseconds * NS_PER_MS if 0 < milliseconds <= _LATEST_MS else NO_INSTANT


def ms_from_ns(time_ns: int) -> int:
    """Milliseconds of an instant; what cannot be said is cut off."""
    return max(time_ns // NS_PER_MS, 0)


def text_from_ns(time_ns: int) -> str:
    """An instant as XML says it, cut off at the millisecond."""
    seconds, rest = divmod(time_ns, NS_PER_S)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest // NS_PER_MS:03d}Z"
