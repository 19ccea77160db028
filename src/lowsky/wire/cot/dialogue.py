"""What both ends of a stream say about the stream itself: which protocol they speak, and that they live.

A stream begins as XML. A server may offer version 1 of the TAK protocol (`t-x-takp-v`); a client may ask for it
(`t-x-takp-q`) and from then on sends no XML; the server answers (`t-x-takp-r`), and after "true" both ends send frames
only. A client that gets no answer within a minute must end the connection, since nobody knows what it now speaks.
The three events share one uid that the server makes up. A server answers pings (`t-x-c-t`) with `t-x-c-t-r`.

    XML --offer heard--> ASKED --true--> TAK
     ^------------false----'              a server goes from XML to TAK with its answer

Not done: the `<auth>` message of old servers (certificates do that), and extensions of the detail, which need to be
asked for. Holds no socket and no clock.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto

from lowsky.model.timebase import NS_PER_S

from . import protobuf, xml
from .event import Event
from .tree import Element

OFFER, REQUEST, RESPONSE = "t-x-takp-v", "t-x-takp-q", "t-x-takp-r"
PING, PONG = "t-x-c-t", "t-x-c-t-r"
CONTROL = frozenset({OFFER, REQUEST, RESPONSE, PING, PONG})
ANSWER_NS = 60 * NS_PER_S  # that a client waits for the answer to its request
STALE_NS = 60 * NS_PER_S  # of events about the stream
MAX_HELD = 2_000  # events that wait for the answer; the oldest go first
VERSION = str(protobuf.VERSION)


class Mode(Enum):
    """What we send."""

    XML = auto()
    ASKED = auto()  # nothing: the answer is awaited
    TAK = auto()


class NoAnswerError(EOFError):
    """The server did not say which protocol it speaks from now on."""


class Dialogue:
    """One end of one stream."""

    def __init__(self, uid: str, server: bool, protobuf: bool = True) -> None:
        """`uid` is our own; with `protobuf`, version 1 is offered (by a server) or asked for when offered."""
        self.mode = Mode.XML
        self.lost = 0  # events that waited too long for the answer
        self._uid, self._server, self._protobuf = uid, server, protobuf
        self._asked_ns = 0
        self._held: deque[Event] = deque()

    def open(self, now_ns: int) -> bytes:
        """What is said first about the stream: a server's offer."""
        if not (self._server and self._protobuf):
            return b""
        support = Element("TakProtocolSupport", {"version": VERSION})
        return self._said(OFFER, f"{self._uid}.protocol", now_ns, support)

    def tell(self, event: Event) -> bytes:
        """An event as it is to be sent now; nothing while an answer is awaited, after which it is sent."""
        if self.mode is Mode.ASKED:
            self._held.append(event)
            if len(self._held) > MAX_HELD:
                self._held.popleft()
                self.lost += 1
            return b""
        if self.mode is Mode.TAK:
            return protobuf.stream_frame(protobuf.encode(event))
        return xml.encode(event)

    def heard(self, event: Event, now_ns: int) -> bytes:
        """What is to be sent because of an event that came."""
        if self._server:
            if event.type == PING:
                return self.tell(control_event(PONG, "takPong", now_ns))
            return self._requested(event, now_ns) if event.type == REQUEST else b""
        if event.type == OFFER:
            return self._offered(event, now_ns)
        return self._answered(event) if event.type == RESPONSE else b""

    def check(self, now_ns: int) -> None:
        """Give up when no answer has come.

        Raises:
            NoAnswerError: the connection has to be ended.
        """
        if self.mode is Mode.ASKED and now_ns - self._asked_ns > ANSWER_NS:
            raise NoAnswerError("the server did not answer which protocol it speaks")

    def _offered(self, event: Event, now_ns: int) -> bytes:
        offered = [e.get("version") for e in _controls(event) if e.name == "TakProtocolSupport"]
        if not self._protobuf or self.mode is not Mode.XML or VERSION not in offered:
            return b""
        asked = self._said(REQUEST, event.uid, now_ns, Element("TakRequest", {"version": VERSION}))
        self.mode, self._asked_ns = Mode.ASKED, now_ns
        return asked

    def _answered(self, event: Event) -> bytes:
        status = next((e.get("status") for e in _controls(event) if e.name == "TakResponse"), "")
        if self.mode is not Mode.ASKED or status not in ("true", "false"):
            return b""
        self.mode = Mode.TAK if status == "true" else Mode.XML
        held, self._held = self._held, deque()
        return b"".join(map(self.tell, held))

    def _requested(self, event: Event, now_ns: int) -> bytes:
        wanted = next((e.get("version") for e in _controls(event) if e.name == "TakRequest"), "")
        # what cannot be understood is not answered: the client then stays as it is, or goes
        if self.mode is not Mode.XML or not wanted.isdigit():
            return b""
        granted = self._protobuf and wanted == VERSION
        answer = self._said(RESPONSE, event.uid, now_ns, Element("TakResponse", {"status": str(granted).lower()}))
        if granted:
            self.mode = Mode.TAK
        return answer

    def _said(self, kind: str, uid: str, now_ns: int, control: Element) -> bytes:
        return xml.encode(control_event(kind, uid, now_ns, (Element("TakControl", {}, "", (control,)),)))


def control_event(kind: str, uid: str, now_ns: int, detail: tuple[Element, ...] = ()) -> Event:
    """An event about the stream: it is nowhere."""
    return Event(uid, kind, now_ns, now_ns, now_ns + STALE_NS, "m-g", 0.0, 0.0, 0.0, math.nan, math.nan, detail)


def _controls(event: Event) -> tuple[Element, ...]:
    control = event.find("TakControl")
    return () if control is None else control.inside
