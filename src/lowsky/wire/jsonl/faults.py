"""What is wrong with a line that is no line, in words: field and value named, kinds from a fixed stock."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..problems import MESSAGE_LIMIT, Problems, shown

NOT_JSON = "line not JSON"
_AT = re.compile(r"(.*) - at `\$\.?(\w*)(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(\w+)`")


class LineFaults:
    """Lines that cost only themselves: the first sentences, and counts by kind."""

    def __init__(self, source: str, limit: int = MESSAGE_LIMIT) -> None:
        self._source = source
        self._limit = limit
        self._messages: list[str] = []
        self._counts: dict[str, int] = {}

    def note(self, line: int, kind: str, sentence: str, rows: int = 1) -> None:
        """Count a line (or so many rows of it) under `kind`, which must come from a fixed stock."""
        self._counts[kind] = self._counts.get(kind, 0) + rows
        if len(self._messages) < self._limit:
            self._messages.append(f"{self._source}, line {line}{sentence}")

    def note_undecodable(self, line: int, data: bytes, error: Exception) -> None:
        """Count a line that could not be decoded, naming the field and the value if it has got so far."""
        if not isinstance(error, msgspec.ValidationError):
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            self.note(line, NOT_JSON, f" is not JSON: {shown_bytes(data)}: {reason[:120]}")
            return
        missing, at = _MISSING.fullmatch(str(error)), _AT.fullmatch(str(error))
        if missing:
            self.note(line, f"{missing[1]} missing", f" has no {missing[1]!r}: {shown_bytes(data)}")
        elif at and at[2]:
            value = _value_at(data, at[2])
            self.note(line, f"{at[2]} of a wrong type", f", {at[2]}: {value}: {at[1][:120]}")
        else:
            self.note(line, "line no object", f" is no object of ours: {shown_bytes(data)}: {str(error)[:120]}")

    def take(self) -> Problems:
        """What was noted since the last time."""
        found = Problems(tuple(self._messages), self._counts, sum(self._counts.values()))
        self._messages, self._counts = [], {}
        return found


def shown_bytes(data: bytes) -> str:
    """The beginning of a line as shown in a sentence."""
    return shown(data[:60].decode("utf-8", "replace"))


def _value_at(data: bytes, field: str) -> str:
    """The value of a field of a line as shown; of a list the first element that is no number."""
    try:
        value: Any = msgspec.json.decode(data).get(field)
    except (ValueError, RecursionError):  # the field was wrong before the line broke off
        return shown_bytes(data)
    if isinstance(value, list):
        value = next(
            (v for v in value if v is not None and (isinstance(v, bool) or not isinstance(v, int | float))), ""
        )
    return shown(value)
