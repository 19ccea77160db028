"""Times of lines to nanoseconds: seconds since 1970 or ISO 8601 text, to the nanosecond."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from lowsky.model.timebase import NS_PER_S

from ..drafts import NO_INSTANT
from ..plausible import LATEST_TIME_S

_LATEST_NS = int(LATEST_TIME_S) * NS_PER_S
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)


def instant_ns(time: float | str | None, time_ns: int | None) -> int:
    """Nanoseconds since 1970 of a line's `time` or, if that is given, `time_ns`; NO_INSTANT if neither is a time.

    The same rounding as `lowsky.model.timebase.ns_from_s`. Text without an offset is UTC; digits beyond nanoseconds
    are cut off.
    """
    if time_ns is not None:
        return time_ns if abs(time_ns) <= _LATEST_NS else NO_INSTANT
    if isinstance(time, str):
        return _of_text(time)
    if time is None or not abs(time) <= LATEST_TIME_S:
        return NO_INSTANT
    whole = math.floor(time)
    return whole * NS_PER_S + round((time - whole) * NS_PER_S)


def _of_text(text: str) -> int:
    parts = _ISO.fullmatch(text.strip())
    if parts is None:
        return NO_INSTANT
    day, clock, fraction, zone = parts.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone or 'Z'}")
    except ValueError:  # 30 February, 25 o'clock, an offset of a day
        return NO_INSTANT
    seconds = int((moment - _EPOCH).total_seconds())
    found = seconds * NS_PER_S + int((fraction or "").ljust(9, "0"))
    return found if abs(found) <= _LATEST_NS else NO_INSTANT


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
