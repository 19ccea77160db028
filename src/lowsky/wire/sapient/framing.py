"""A stream of bytes to messages: each is preceded by its length, 4 bytes, the least significant first.

A length above the limit cannot be skipped: what follows may be that much of one message, or anything at all, so where
the next message begins is not known. The splitter then stays broken and says why; the session ends the connection, as
the standard's middleware does. A length of 0 is a message without any field: it is given out, and refused as such.
"""

from __future__ import annotations

LENGTH_BYTES = 4
MAX_MESSAGE_BYTES = 1024 * 1024  # "messageMaxSizeKb" 1024 of the standard's middleware


def frame(message: bytes, limit: int = MAX_MESSAGE_BYTES) -> bytes:
    """The bytes of one message as they go out.

    Raises:
        ValueError: if it is longer than any peer accepts.
    """
    if len(message) > limit:
        raise ValueError(f"a message of {len(message)} bytes is longer than {limit}")
    return len(message).to_bytes(LENGTH_BYTES, "little") + message


class Splitter:
    """Keeps the beginning of a message until its end comes: never more than the limit and one length."""

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self.broken = ""  # a sentence: nothing more can be read from this stream
        self.lost_bytes = 0  # since it broke
        self._limit = limit
        self._partial = bytearray()

    def push(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, without their lengths. Check `broken` afterwards."""
        if self.broken:
            self.lost_bytes += len(data)
            return []
        self._partial += data
        messages: list[bytes] = []
        start = 0
        while len(self._partial) - start >= LENGTH_BYTES:
            begin = start + LENGTH_BYTES
            length = int.from_bytes(self._partial[start:begin], "little")
            if length > self._limit:
                self._break(length, start)
                return messages
            if len(self._partial) < begin + length:
                break
            messages.append(bytes(self._partial[begin : begin + length]))
            start = begin + length
        del self._partial[:start]
        return messages

    def close(self) -> int:
        """The stream has ended: how many bytes of a message that never became whole are left."""
        left = len(self._partial)
        self._partial.clear()
        return left

    def _break(self, length: int, start: int) -> None:
        self.broken = f"a length of {length} bytes is more than {self._limit}: where the next message begins is unknown"
        self.lost_bytes = len(self._partial) - start
        self._partial.clear()
