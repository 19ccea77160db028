"""Lines that wait to be taken, each with its receipt: for decoders that read many at once."""

from __future__ import annotations

from .jsonl.lines import LineSplitter
from .tally import Tally

Line = tuple[bytes | None, int]  # None: it was too long; receipt


class WaitingLines:
    """Gathers up to `most` lines of one sender; what comes beyond is counted, never kept."""

    def __init__(self, longest: int, most: int, datagrams: bool, tally: Tally) -> None:
        """`longest` is in bytes; with `datagrams`, the end of the data is the end of a line."""
        self._splitter, self._most, self._datagrams, self._tally = LineSplitter(longest), most, datagrams, tally
        self._lines: list[Line] = []

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one datagram."""
        lines = self._splitter.push(data)
        if self._datagrams:
            lines += self._splitter.close()
        self._gather(lines, received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended: what it sent last counts as a line."""
        self._gather(self._splitter.close(), received_ns)

    def take(self) -> list[Line]:
        """The lines since the last time."""
        lines, self._lines = self._lines, []
        return lines

    def _gather(self, lines: list[bytes | None], received_ns: int) -> None:
        room = max(self._most - len(self._lines), 0)
        self._lines += [(line, received_ns) for line in lines[:room]]
        lost = len(lines) - room
        if lost > 0:
            self._tally.reject("not taken in time", f"{lost} lines came after {self._most} not yet taken", lost)
