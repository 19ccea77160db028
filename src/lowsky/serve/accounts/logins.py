"""Growing delays for logins, by address and name; a bounded number of them is remembered.

Times come from a clock that never goes back; whoever was not seen longest is forgotten first.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_KEPT = 20_000  # addresses, names, and pairs of both that are remembered

Clock = Callable[[], float]


class Delays:
    """Growing delays after failures: some are free, then each doubles the wait up to a longest one.

    An attempt counts as failed from when it begins until it is found to have succeeded, so that many at once are no way
    round it.
    """

    def __init__(
        self, free: int, longest_s: float, forget_s: float, clock: Clock = time.monotonic, most: int = MAX_KEPT
    ) -> None:
        self._free = free
        self._longest_s = longest_s
        self._forget_s = forget_s
        self._clock = clock
        self._most = most
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and when the last

    def wait_s(self, key: str) -> float:
        """Seconds until the next attempt is looked at; 0: now."""
        failures, when = self._failures.get(key, (0, 0.0))
        since = self._clock() - when
        if failures < self._free or since >= self._forget_s:
            return 0.0
        return max(0.0, min(2.0 ** min(failures - self._free, 30), self._longest_s) - since)

    def attempt(self, key: str) -> None:
        """An attempt begins."""
        now = self._clock()
        failures, when = self._failures.get(key, (0, now))
        if now - when >= self._forget_s:
            failures = 0
        self._failures[key] = (failures + 1, now)
        self._failures.move_to_end(key)
        while len(self._failures) > self._most:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """The attempt was right: what came before is forgiven."""
        self._failures.pop(key, None)

    def undone(self, key: str) -> None:
        """The attempt was neither right nor wrong, since nobody looked at it."""
        failures, when = self._failures.get(key, (0, 0.0))
        if failures:
            self._failures[key] = (failures - 1, when)

    def __len__(self) -> int:
        return len(self._failures)


class Logins:
    """What slows guessing of passwords: by address, by name, and by both.

    One address gets five free attempts at a name and twenty at all names, then waits up to 15 minutes. A name that is
    tried from many addresses gets twenty, then waits of up to 30 s: enough to make guessing hopeless, too little to
    lock its owner out; and where its owner has logged in from an address before, only the wait of both counts there.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._pairs = Delays(5, 900.0, 3600.0, clock)
        self._addresses = Delays(20, 900.0, 3600.0, clock)
        self._names = Delays(20, 30.0, 3600.0, clock)
        self._known: OrderedDict[str, None] = OrderedDict()  # address and name that have logged in

    def wait_s(self, address: str, name: str) -> float:
        """Seconds until a login is looked at; 0: now, and it counts as failed until `succeeded`."""
        pair = _pair(address, name)
        wait_s = self._pairs.wait_s(pair)
        if pair not in self._known:
            wait_s = max(wait_s, self._addresses.wait_s(address), self._names.wait_s(name))
        if wait_s == 0.0:
            for delays, key in self._all(address, name):
                delays.attempt(key)
        return wait_s

    def succeeded(self, address: str, name: str) -> None:
        """The login was right."""
        for delays, key in self._all(address, name):
            delays.succeeded(key) if delays is self._pairs else delays.undone(key)
        pair = _pair(address, name)
        self._known[pair] = None
        self._known.move_to_end(pair)
        while len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)

    def undone(self, address: str, name: str) -> None:
        """Nobody looked at the login after all."""
        for delays, key in self._all(address, name):
            delays.undone(key)

    def _all(self, address: str, name: str) -> tuple[tuple[Delays, str], ...]:
        return (self._pairs, _pair(address, name)), (self._addresses, address), (self._names, name)


def _pair(address: str, name: str) -> str:
    return f"{address}\n{name}"
