"""Times as text: ISO 8601 date and time with an offset, or without one, which is taken as UTC."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lowsky.model.timebase import s_from_ns

from .columns import MISSING_WORDS

_ZONED = r"(Z|[+-]\d\d(:?\d\d)?)$"
_ISO = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?" + f"({_ZONED}|$)"


def seconds_of_timestamps(column: Any) -> NDArray[np.float64]:
    """Seconds since 1970 of an Arrow column of timestamps; those with a zone are UTC inside, those without count as it.

    Missing, and outside the years 1678 to 2262, is NaN.
    """
    plain = pc.cast(column, pa.timestamp("ns", tz=column.type.tz), safe=True)
    return _seconds(pc.cast(plain, pa.int64()))


def seconds_of_texts(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """Seconds since 1970 of an Arrow column of texts, and which texts are no ISO time (None: all are)."""
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()))
    missing = pc.fill_null(pc.is_in(texts, value_set=pa.array(MISSING_WORDS)), True)
    formed = pc.fill_null(pc.match_substring_regex(texts, _ISO), False)
    zoned = pc.and_(formed, pc.fill_null(pc.match_substring_regex(texts, _ZONED), False))
    with_zone = _parse(pc.if_else(zoned, texts, None), pa.timestamp("ns", tz="UTC"))
    without = _parse(pc.if_else(pc.and_not(formed, zoned), texts, None), pa.timestamp("ns"))
    values = np.where(np.isnan(with_zone), without, with_zone)
    wrong = np.isnan(values) & ~np.asarray(missing.to_numpy(), dtype=np.bool_)
    return values, wrong if wrong.any() else None


def _parse(texts: Any, kind: Any) -> NDArray[np.float64]:
    """Seconds of texts that have the form of a time; one that is none all the same (30 February) is NaN."""
    try:
        return _seconds(texts.cast(kind).cast(pa.int64()))
    except pa.ArrowInvalid:
        # Arrow refuses a column as a whole: look at each different text alone
        encoded = texts.combine_chunks().dictionary_encode()
        known = [_parse_one(text, kind) for text in encoded.dictionary]
        index = pc.fill_null(encoded.indices, len(known)).to_numpy(zero_copy_only=False)
        seconds: NDArray[np.float64] = np.array([*known, np.nan])[index]
        return seconds


def _parse_one(text: Any, kind: Any) -> float:
    try:
        return float(s_from_ns(text.cast(kind).cast(pa.int64()).as_py()))
    except pa.ArrowInvalid:
        return float("nan")


def _seconds(nanoseconds: Any) -> NDArray[np.float64]:
    known = pc.is_valid(nanoseconds).to_numpy()
    return np.where(known, s_from_ns(pc.fill_null(nanoseconds, 0).to_numpy()), np.nan)
