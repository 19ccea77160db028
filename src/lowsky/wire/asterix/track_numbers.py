"""The 16-bit track numbers that category 062 has room for, for public numbers that never end.

Public number n is told as 1 + (n - 1) mod 65,535, so a server that was started anew tells the same objects by the same
numbers and none is used again before 65,534 others were. Where that number is still taken (its object outlived all
those) the next free one is. A number whose track has ended rests: only its own object may have it back meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

MOST = 0xFFFF  # 0 is no track
RESTS_NS = 600 * 1_000_000_000  # longer than any receiver remembers a track that it was told has ended


class TrackNumbers:
    """Who has which number. Times are those of the picture, and never go back."""

    def __init__(self) -> None:
        self._given: dict[int, int] = {}  # public to told
        self._taken: dict[int, int] = {}  # told to public, resting ones too
        self._resting: OrderedDict[int, int] = OrderedDict()  # public to when its track ended, oldest first

    def __len__(self) -> int:
        """Numbers that are in use or rest."""
        return len(self._taken)

    def told(self, public: Sequence[int], time_ns: int) -> list[int]:
        """The numbers to tell objects by, 0 where there is none left."""
        self._wake(time_ns)
        return [self._given.get(number) or self._give(number) for number in public]

    def ended(self, public: int, time_ns: int) -> None:
        """The end of an object's track has been told."""
        if public in self._given:
            self._resting[public] = time_ns
            self._resting.move_to_end(public)

    def back(self, public: int) -> None:
        """An object is there again."""
        self._resting.pop(public, None)

    def _give(self, public: int) -> int:
        wish = 1 + (public - 1) % MOST
        if len(self._taken) == MOST:
            return 0
        while wish in self._taken:
            wish = 1 + wish % MOST
        self._given[public], self._taken[wish] = wish, public
        return wish

    def _wake(self, time_ns: int) -> None:
        while self._resting:
            public, ended_ns = next(iter(self._resting.items()))
            if time_ns - ended_ns < RESTS_NS:
                return
            del self._resting[public]
            del self._taken[self._given.pop(public)]
