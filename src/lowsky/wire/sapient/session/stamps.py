"""The times that the detections of one connection bear.

A middleware refuses detections whose time is off its own clock (Apex 4.2: older than 0.9 s, or 0.1 s ahead) and those
less than 80 ms after the ones before, unless the time is the very same. So all detections of one picture get one time,
that of sending, in whole milliseconds rounded down (receivers cut finer digits off, and a gap must stay one); the next
picture waits until the gap has passed. A picture that takes long to send is cut off before its time grows old.
"""

from __future__ import annotations

GAP_NS = 80_000_000
TOO_OLD_NS = 500_000_000  # after its time no more of a picture is sent: the way to the receiver takes time too
STEP_BACK_NS = 2_000_000_000  # a clock that was set back by more: what is sent would be refused until it caught up
NS_PER_MS = 1_000_000


class ClockError(ValueError):
    """The clock was set back: the other side would take nothing on this connection for a long time."""


class Stamps:
    """The times of one connection."""

    def __init__(self) -> None:
        self._last_ns = 0

    def wait_ns(self, now_ns: int) -> int:
        """How long until a picture may be stamped; 0: it may be now.

        Raises:
            ClockError: if the clock was set back.
        """
        if now_ns < self._last_ns - STEP_BACK_NS:
            raise ClockError(f"the clock was set back by {(self._last_ns - now_ns) / 1e9:.1f} s")
        return max(self._last_ns + GAP_NS - now_ns // NS_PER_MS * NS_PER_MS, 0)

    def take(self, now_ns: int) -> int:
        """The time of a picture that is sent from now on.

        Raises:
            ValueError: if it may not be yet.
        """
        if self.wait_ns(now_ns):
            raise ValueError(f"detections {(now_ns - self._last_ns) / 1e6:.1f} ms after the ones before")
        self._last_ns = now_ns // NS_PER_MS * NS_PER_MS
        return self._last_ns

    @staticmethod
    def is_old(stamp_ns: int, now_ns: int) -> bool:
        """Whether no more may be sent under this time."""
        return now_ns - stamp_ns > TOO_OLD_NS
