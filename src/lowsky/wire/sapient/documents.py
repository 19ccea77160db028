"""Lines of text to JSON documents: one a line, or one over many lines, as people write them.

A document ends with the line on which as many braces are closed as were opened; braces within strings, which JSON never
breaks over lines, do not count. A line that begins with a brace in its first column begins a new document, whatever
was open: so a broken document costs itself and not those after it.
"""

from __future__ import annotations

import re

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


class Documents:
    """Keeps the lines of a document until it is whole: at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[bytes] = []
        self._size = self._depth = 0

    def add(self, line: bytes | None) -> list[bytes | None]:
        """The documents that a line ends: itself, one begun before, or none; None stands for one that is too long."""
        found: list[bytes | None] = []
        if line is None or (line.startswith(b"{") and self._open):
            found = self.close()
        if line is None:
            return [*found, None]
        bare = _STRING.sub(b"", line)
        self._depth += bare.count(b"{") - bare.count(b"}")
        self._open.append(line)
        self._size += len(line)
        if self._size > self._limit:
            self.close()
            return [*found, None]
        return found + self.close() if self._depth <= 0 else found

    def close(self) -> list[bytes | None]:
        """What is open, as if it were whole."""
        text = b"\n".join(self._open)
        self._open, self._size, self._depth = [], 0, 0
        return [text] if text.strip() else []
