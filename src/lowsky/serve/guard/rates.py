"""How often: token buckets for requests, which remember a bounded number of clients.

Times come from a clock that never goes back; whoever was not seen longest is forgotten first.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from .settings import MAX_CLIENTS_KEPT

Clock = Callable[[], float]


class Buckets:
    """A token bucket for each client: `burst` at once, `per_s` in the long run."""

    def __init__(self, per_s: float, burst: int, clock: Clock = time.monotonic, most: int = MAX_CLIENTS_KEPT) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock = clock
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens left, and when that was

    def take(self, key: str, cost: float = 1.0) -> float:
        """Take so many, at most the whole burst; 0 if there were as many, else the seconds until there are."""
        cost, now = min(cost, self._burst), self._clock()
        left, when = self._left.get(key, (self._burst, now))
        left = min(self._burst, left + (now - when) * self._per_s)
        wait_s = 0.0 if left >= cost else (cost - left) / self._per_s
        self._left[key] = (left - cost if left >= cost else left, now)
        self._left.move_to_end(key)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait_s

    def __len__(self) -> int:
        return len(self._left)
