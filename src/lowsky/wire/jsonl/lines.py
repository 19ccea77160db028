"""A stream of bytes to lines of bounded length; what is longer is skipped up to its end and told once."""

from __future__ import annotations

MAX_LINE_BYTES = 1 << 20


class LineSplitter:
    """Keeps the beginning of a line until its end comes."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._partial = bytearray()  # grows without copying what is there, however small the pieces are
        self._skipping = False

    def push(self, data: bytes) -> list[bytes | None]:
        """The lines that `data` completes, without their ends; None stands for one that is too long."""
        pieces = data.split(b"\n")
        rest = pieces.pop()
        lines = [self._ended(piece) for piece in pieces]
        if not self._skipping:
            self._partial += rest
            if len(self._partial) > self._limit:
                self._partial.clear()
                self._skipping = True
                lines.append(None)
        return [line for line in lines if line != b""]

    def close(self) -> list[bytes | None]:
        """The line that has begun, if any: nothing follows it."""
        return [line for line in (self._ended(b""),) if line != b""]

    def _ended(self, piece: bytes) -> bytes | None:
        """The line that ends with `piece`; empty if it is the end of one that was told already."""
        if self._skipping:
            self._skipping = False
            return b""
        line = bytes(self._partial) + piece if self._partial else piece
        self._partial.clear()
        return None if len(line) > self._limit else line
