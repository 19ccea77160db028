"""What any decoder gives out, and the books it keeps: everything that was received is used, ignored or rejected.

The unit of the books is the format's own item: a line's row, a record, a message. An item is *used* when it became a
report, a look, a status or somebody's place; *ignored* when it was understood and says nothing for the picture (by what
it is); *rejected* when it could not be used (by reason). `received == used + ignored + rejected`, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from lowsky.model.people import FriendPlace, OperatorPlace
from lowsky.model.place import Place
from lowsky.model.report import LookBatch, ReportBatch, no_looks, report_batch
from lowsky.model.sensor import Site

from .names import SensorNames
from .problems import Problems

STATES = ("well", "faulty", "off")


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """What a sensor said of itself."""

    sensor: int  # index in the site
    time_ns: int
    received_ns: int
    state: str  # one of STATES
    text: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was complete: in order of receipt, and what could not be used."""

    reports: ReportBatch = field(default_factory=lambda: report_batch(0))
    looks: LookBatch = field(default_factory=no_looks)
    statuses: tuple[SensorStatus, ...] = ()
    problems: Problems = field(default_factory=Problems)
    used: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)  # worth knowing of items in the books, or of what is lost
    operators: tuple[OperatorPlace, ...] = ()
    friends: tuple[FriendPlace, ...] = ()
    places: tuple[Place, ...] = ()  # that somebody drew, to be protected
    gone: tuple[str, ...] = ()  # ids of such places that he took back

    @property
    def received(self) -> int:
        """Items that came."""
        return self.used + sum(self.ignored.values()) + self.problems.rejected


@dataclass(slots=True)
class Weather:
    """What heights by pressure need; whoever knows better changes it, and every decoder goes by it from then on."""

    qnh_hpa: float | None = None  # sea-level pressure of the area, None: not known


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder is told of where it works."""

    site: Site
    source: str  # the sender's name in messages
    weather: Weather = field(default_factory=Weather)
    site_id: str = ""  # by which what we send ourselves is known when it comes back


class Decoder(Protocol):
    """Bytes in, reports out: a stream object without socket or clock. Nothing raises; bad input costs itself."""

    @property
    def names(self) -> SensorNames: ...

    def push(self, data: bytes, received_ns: int) -> None:
        """Any piece of a stream, or one datagram."""
        ...

    def take(self) -> Decoded:
        """What was complete since the last time."""
        ...

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        ...


@runtime_checkable
class FrameDecoder(Protocol):
    """A decoder of what radios broadcast, which captures keep as frames of the link layer (`wire.capture`)."""

    def push_frame(self, link_type: int, frame: bytes, received_ns: int) -> None:
        """A frame of a capture; `link_type` as tcpdump.org/linktypes counts."""
        ...


@runtime_checkable
class FrameReader(Protocol):
    """A reader of the same."""

    def push_frame(self, link_type: int, frame: bytes) -> Iterable[dict[str, Any]]: ...


class Reader(Protocol):
    """Bytes in, items out that people can read: JSON-able, `{"error": sentence}` for what cannot be read."""

    def push(self, data: bytes) -> Iterable[dict[str, Any]]: ...
    def close(self) -> Iterable[dict[str, Any]]: ...
