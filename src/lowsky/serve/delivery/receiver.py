"""A receiver as configured, and how it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lowsky.model.notice import Level
from lowsky.wire.cap import Audience


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told of what, how, and how often that we live."""

    id: str
    kind: str  # webhook, cap-file, feed
    level: Level  # from which on a call is told
    places: frozenset[str]  # ids, empty: all
    audience: Audience
    heartbeat_s: float = 60.0
    url: str = ""
    json: bool = False  # JSON in place of XML
    secret: bytes = field(default=b"", repr=False)
    ca_file: Path | None = None
    folder: Path | None = None

    def wants(self, place: str) -> bool:
        """Whether calls for a place are told at all."""
        return not self.places or place in self.places


class ReceiverStatus(msgspec.Struct):
    """How a receiver does: counts since start, times in milliseconds since 1970 of the server's clock."""

    id: str
    kind: str
    to: str  # where, without what may be secret
    state: str = "idle"  # idle (nothing was sent yet), well, failing
    pending: int = 0  # calls that wait to be told
    delivered: int = 0
    attempts_failed: int = 0
    failing_since: int = 0  # attempts that failed since the last that did not
    expired: int = 0  # messages given up because what they say was over
    superseded: int = 0  # messages replaced by newer ones before they were confirmed
    unflushed: int = 0  # messages sent though journal or outbox could not be written
    defects: int = 0  # times that a fault of ours held up deliveries
    crowded: int = 0  # times that a call had to wait outside a full queue
    heartbeats: int = 0
    heartbeats_failed: int = 0
    heartbeats_withheld: int = 0  # because the picture stood still
    last_success_ms: float | None = None
    last_failure_ms: float | None = None
    last_error: str = ""
