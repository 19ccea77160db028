"""Counts of what was not used, with a few sentences about what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..problems import MESSAGE_LIMIT, Problems


@dataclass(slots=True)
class Outcome:
    """Of everything since the last `take`."""

    source: str
    ignored: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _sentences: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ignored or self.noted or self._counts)

    def ignore(self, reason: str, n: int) -> None:
        """Count n items that were understood and say nothing for the picture."""
        if n:
            self.ignored[reason] = self.ignored.get(reason, 0) + n

    def note(self, what: str, n: int) -> None:
        """Count what is no item of its own."""
        if n:
            self.noted[what] = self.noted.get(what, 0) + n

    def reject(self, kind: str, sentence: str) -> None:
        """Count one item that could not be used."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if len(self._sentences) < MESSAGE_LIMIT:
            self._sentences.append(f"{self.source}, {sentence}")

    def problems(self) -> Problems:
        """What was rejected."""
        return Problems(tuple(self._sentences), dict(self._counts), sum(self._counts.values()))
