"""The books of a decoder between two takes: what was ignored by what it is, and what could not be used by reason."""

from __future__ import annotations

from .problems import MESSAGE_LIMIT, Problems, join_problems


class Tally:
    """Counts; kinds must come from a fixed stock. The first sentences are kept, each naming the source."""

    def __init__(self, source: str, limit: int = MESSAGE_LIMIT) -> None:
        self._source, self._limit = source, limit
        self._ignored: dict[str, int] = {}
        self._messages: list[str] = []
        self._counts: dict[str, int] = {}

    def ignore(self, kind: str, n: int = 1) -> None:
        """Count n items that say nothing for the picture."""
        if n > 0:
            self._ignored[kind] = self._ignored.get(kind, 0) + n

    def reject(self, kind: str, sentence: str, n: int = 1) -> None:
        """Count n items that could not be used; `sentence` goes on after the name of the source."""
        if n > 0:
            self._counts[kind] = self._counts.get(kind, 0) + n
            if len(self._messages) < self._limit:
                self._messages.append(f"{self._source}, {sentence}")

    def take(self, *others: Problems) -> tuple[dict[str, int], Problems]:
        """What was counted since the last time, joined with what was found elsewhere."""
        ignored, self._ignored = self._ignored, {}
        found = Problems(tuple(self._messages), self._counts, sum(self._counts.values()))
        self._messages, self._counts = [], {}
        return ignored, join_problems([found, *others], self._limit)
