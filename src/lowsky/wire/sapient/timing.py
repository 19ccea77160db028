"""The rules of time that the standard's middleware holds one connection to, and that a sender must keep.

A message is sent when it says so: its timestamp lies between 0.9 s before and 0.1 s after its receipt. Detections of
one connection go forward: each has the timestamp of the one before it, or one at least 80 ms later, and never an
earlier one. (Measured of Dstl's middleware 4.2.0; a sender gives all detections of one scan one timestamp.)

    Timing(policy).faults(message, received_ns) -> tuple[Fault, ...]     one `Timing` a connection
"""

from __future__ import annotations

from dataclasses import dataclass

from .messages import NS_PER_S, SapientMessage, timestamp_ns
from .validate import Fault

LATE, EARLY, SPACING, BACKWARD = KINDS = (
    "message too old",
    "message from the future",
    "detections too close in time",
    "detections going back in time",
)
"""All that a `Fault` of time can be of."""


@dataclass(frozen=True, slots=True)
class TimePolicy:
    """What is demanded; infinity demands nothing."""

    oldest_s: float = 0.9
    newest_s: float = 0.1  # ahead of the receipt
    spacing_s: float = 0.080  # between detections of different times
    monotone: bool = True


STRICT = TimePolicy()
MERGED = TimePolicy(spacing_s=0.0, monotone=False)
"""Over a middleware: the detections of several nodes come in between each other."""
FREE = TimePolicy(float("inf"), float("inf"), 0.0, monotone=False)
"""Nothing is demanded; the reports of a clock that is wrong are still refused, as those of any source are."""


class Timing:
    """The times of one connection."""

    def __init__(self, policy: TimePolicy = STRICT) -> None:
        self._policy = policy
        self._last_ns: int | None = None

    def faults(self, message: SapientMessage, received_ns: int) -> tuple[Fault, ...]:
        """What is wrong with the time of a message received at `received_ns` (UTC); remembers that of a detection."""
        sent_ns = timestamp_ns(message.timestamp)
        found = self._age(sent_ns - received_ns)
        if message.WhichOneof("content") == "detection_report":
            found += self._order(sent_ns)
            self._last_ns = sent_ns
        return tuple(found)

    def _age(self, ahead_ns: int) -> list[Fault]:
        ahead_s, policy = ahead_ns / NS_PER_S, self._policy
        if ahead_s < -policy.oldest_s:
            words = f"is {-ahead_s:.3f} s before the receipt, more than {policy.oldest_s:g} s"
            return [Fault("timestamp", LATE, words)]
        if ahead_s > policy.newest_s:
            words = f"is {ahead_s:.3f} s after the receipt, more than {policy.newest_s:g} s"
            return [Fault("timestamp", EARLY, words)]
        return []

    def _order(self, sent_ns: int) -> list[Fault]:
        if self._last_ns is None:
            return []
        step_ns, policy = sent_ns - self._last_ns, self._policy
        if step_ns < 0 and policy.monotone:
            words = f"is {-step_ns / NS_PER_S:.3f} s before that of the detection before it"
            return [Fault("timestamp", BACKWARD, words)]
        if 0 < step_ns < round(policy.spacing_s * NS_PER_S):
            words = f"is {step_ns / 1e6:.3f} ms after that of the detection before it, less than the "
            return [Fault("timestamp", SPACING, f"{words}{policy.spacing_s * 1000:g} ms of two scans")]
        return []
