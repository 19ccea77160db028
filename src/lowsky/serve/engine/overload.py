"""How many reports were dropped lately."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

LATELY_S = 60.0
MAX_POINTS = 120


class Overload:
    """Watches a counter that only grows."""

    def __init__(self, total: Callable[[], int], now_s: Callable[[], float]) -> None:
        self._total, self._now_s = total, now_s
        self._points: deque[tuple[float, int]] = deque([(now_s(), 0)], maxlen=MAX_POINTS)

    def note(self) -> None:
        """Remember the counter; called about once a second."""
        self._points.append((self._now_s(), self._total()))

    def lately(self) -> int:
        """By how much the counter grew in the last `LATELY_S`."""
        since_s = self._now_s() - LATELY_S
        before = next((count for time_s, count in self._points if time_s >= since_s), self._total())
        return self._total() - before
