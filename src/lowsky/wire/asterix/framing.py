"""A stream of bytes to whole datablocks, and how it goes on after bytes that are none.

A stream or recording is datablocks one after another (category, length in two octets, records). A header is believed
if its category is described here and its length is over 3; one of another category if it has at most
`MAX_SEARCHED_OCTETS` and an octet that may begin a described one follows it. Anything else is garbage, told once, and
what follows is searched octet by octet for the first datablock that is of a described category, has at most
`MAX_SEARCHED_OCTETS`, is filled by its records to the octet, and is followed by an octet that may begin another. What
is found never depends on how the stream was cut into pieces, so the first datablock after garbage waits for the octet
after it.

Datagrams need none of this: each begins with a datablock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .reading import HEADER_OCTETS
from .walk import Walker

MAX_SEARCHED_OCTETS = 2048  # of the first datablock after garbage; senders stay below an Ethernet frame


@dataclass(frozen=True, slots=True)
class Framed:
    """What was complete: datablocks one after another, how often garbage began, and how many octets of it passed."""

    blocks: bytes
    losses: int
    garbage: int


class Framer:
    """Keeps the beginning of a datablock until its end comes: at most 65,535 octets."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._known = [walker.tables.roots[category, 0] >= 0 for category in range(256)]
        self._kept = bytearray()
        self._lost = False

    def push(self, data: bytes) -> Framed:
        """What `data` completes."""
        self._kept += data
        return self._cut(ended=False)

    def close(self) -> Framed:
        """What has begun, if any: nothing follows it."""
        framed = self._cut(ended=True)
        self._kept.clear()
        self._lost = False
        return framed

    def _cut(self, ended: bool) -> Framed:
        kept = self._kept
        at, losses, blocks = 0, 0, []
        while True:
            if self._lost:
                at = self._search(at, ended)
                if self._lost:
                    break
            start = at
            at, garbage = self._run(at, ended)
            blocks.append(bytes(kept[start:at]))
            if not garbage:
                break
            self._lost, losses = True, losses + 1
            at += 1
        if ended and not self._lost:
            blocks.append(bytes(kept[at:]))
            at = len(kept)
        del kept[:at]
        whole = b"".join(blocks)
        return Framed(whole, losses, at - len(whole))

    def _search(self, at: int, ended: bool) -> int:
        """Where the next datablock begins, or from where on it may."""
        found, at = self._walker.find(np.frombuffer(self._kept, np.uint8), at, MAX_SEARCHED_OCTETS, ended)
        self._lost = not found
        return at

    def _run(self, at: int, ended: bool) -> tuple[int, bool]:
        """The end of the datablocks that begin at `at` and are whole, and whether garbage follows them."""
        kept, known = self._kept, self._known
        n = len(kept)
        while n - at >= HEADER_OCTETS:
            after = at + (kept[at + 1] << 8 | kept[at + 2])
            if after <= at + HEADER_OCTETS:
                return at, True
            if not known[kept[at]]:
                if after > at + MAX_SEARCHED_OCTETS or kept[at] == 0:
                    return at, True
                if after > n or (after == n and not ended):
                    return at, ended and after > n
                if after < n and not known[kept[after]]:
                    return at, True
            elif after > n:
                return at, False
            at = after
        return at, False
