"""One direction of a TCP connection, its segments put in order (RFC 793, 3.3).

What came early waits, what came again is left out, what never came is stepped over once too much waits behind it.
"""

from __future__ import annotations

MAX_EARLY = 64  # segments that wait for an earlier one ...
MAX_EARLY_BYTES = 1 << 20  # ... and their bytes
SYN = 0x02
MODULUS = 1 << 32
AHEAD = 1 << 31  # a sequence number further on than this is behind


class Stream:
    """The bytes that one side sent, as far as they were captured."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._early: dict[int, bytes] = {}
        self._missing = 0

    def push(self, sequence: int, flags: int, data: bytes) -> bytes:
        """The bytes that a segment makes ready."""
        if flags & SYN:  # a new connection between the same ports
            self._next, sequence = (sequence + 1) % MODULUS, (sequence + 1) % MODULUS
            self._early.clear()
        if not data:
            return b""
        if self._next is None:  # the capture began in the middle
            self._next = sequence
        if self._distance(sequence) > 0:
            self._early[sequence] = data
            if len(self._early) <= MAX_EARLY and sum(map(len, self._early.values())) <= MAX_EARLY_BYTES:
                return b""
            return self._step_over()
        return self._fresh(sequence, data) + self._waiting()

    def missing(self) -> int:
        """Bytes stepped over since the last time."""
        missing, self._missing = self._missing, 0
        return missing

    def _distance(self, sequence: int) -> int:
        """Bytes from the next one expected to `sequence`; negative: it came before."""
        assert self._next is not None
        ahead = (sequence - self._next) % MODULUS
        return ahead if ahead < AHEAD else ahead - MODULUS

    def _fresh(self, sequence: int, data: bytes) -> bytes:
        """What of a segment that begins at or before the next byte is new."""
        assert self._next is not None
        new = data[-self._distance(sequence) :] if self._distance(sequence) < 0 else data
        self._next = (self._next + len(new)) % MODULUS
        return new

    def _waiting(self) -> bytes:
        """What waited and is now in turn."""
        ready = bytearray()
        while self._early:
            first = min(self._early, key=self._distance)
            if self._distance(first) > 0:
                break
            ready += self._fresh(first, self._early.pop(first))
        return bytes(ready)

    def _step_over(self) -> bytes:
        first = min(self._early, key=self._distance)
        self._missing += self._distance(first)
        self._next = first
        return self._waiting()
