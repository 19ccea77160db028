"""The server's clock: UTC in nanoseconds that never goes back, at real or scaled speed.

It runs with the machine's monotonic clock and follows the machine's UTC: forward corrections above `JUMP_NS` are taken
at once, smaller ones and all backward ones are made good slowly, so that receipt times never decrease and ticks never
stop. At another speed than 1 it starts at the machine's UTC and then runs on its own.
"""

from __future__ import annotations

import threading
import time

JUMP_NS = 500_000_000
SLEW = 0.05  # of the time passed: how fast a small or backward correction is made good


class Clock:
    """Tells the time; may be asked from any thread."""

    def __init__(self, speed: float = 1.0) -> None:
        """`speed` is seconds of this clock a real second."""
        self.speed = speed
        self._lock = threading.Lock()
        self._mono_ns = time.monotonic_ns()
        self._now_ns = time.time_ns()

    def now_ns(self) -> int:
        """UTC now; never less than what was told before."""
        with self._lock:
            mono_ns = time.monotonic_ns()
            passed_ns = mono_ns - self._mono_ns
            self._mono_ns = mono_ns
            ahead_ns = round(passed_ns * self.speed)
            if self.speed == 1.0:
                ahead_ns += self._correction_ns(passed_ns)
            self._now_ns += ahead_ns
            return self._now_ns

    def not_before(self, time_ns: int) -> None:
        """Go on from this time if it is ahead: what was recorded must not come again."""
        with self._lock:
            self._now_ns = max(self._now_ns, time_ns)

    def behind_ns(self) -> int:
        """How far this clock is behind the machine's UTC (negative: ahead, and waiting for it)."""
        return time.time_ns() - self.now_ns() if self.speed == 1.0 else 0

    def real_s(self, span_ns: int) -> float:
        """Real seconds in which a span of this clock passes."""
        return span_ns / self.speed / 1e9

    def _correction_ns(self, passed_ns: int) -> int:
        error_ns = time.time_ns() - (self._now_ns + passed_ns)
        if error_ns > JUMP_NS:
            return error_ns
        most_ns = int(passed_ns * SLEW)
        return max(-most_ns, min(error_ns, most_ns))
