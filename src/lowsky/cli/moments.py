"""Moments of a recording as people type and read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from lowsky.model.errors import InputError

NS_PER_S = 1_000_000_000
FURTHEST_S = 9_200_000_000  # years 1678 to 2262: what int64 nanoseconds can tell


def moment_ns(text: str, start_ns: int) -> int:
    """Nanoseconds since 1970 of "+90" (seconds after the start), "1760000000.5", or "2026-05-04T20:00:01Z" (UTC where
    no offset is given).

    Raises:
        InputError: if it is none of these.
    """
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        pass
    else:
        return (start_ns if text.startswith("+") else 0) + _ns(seconds, text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"time {text!r} is neither +SECONDS, seconds since 1970, nor such as 2026-05-04T20:00:01Z"
        ) from None
    return _ns_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _ns(seconds: Decimal, text: str) -> int:
    if not seconds.is_finite() or abs(seconds) > FURTHEST_S:
        raise InputError(f"time {text!r} is neither a time nor a number of seconds between the years 1678 and 2262")
    return int(seconds * NS_PER_S)


def _ns_of(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def text_of(time_ns: int) -> str:
    """A time as text, UTC, to the millisecond."""
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % NS_PER_S // 1_000_000:03d}Z"
