"""What a transport speaks to: senders begin, bytes come, senders end; and the decoders behind it.

A transport brings bytes and knows no format. Bytes are stamped when they come and decoded a few milliseconds' worth at
a time. Each sender of a stream has a decoder of its own; datagrams of one port share one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol

import structlog

from lowsky.wire.decoded import Decoder, FrameDecoder
from lowsky.wire.names import MAX_UNKNOWN

from .contract import Sink
from .shift import shifted

TAKE_S = 0.004  # what came within this time is decoded together

MakeDecoder = Callable[[bool], Decoder]  # asked whether what is pushed at once ends with a whole message

log = structlog.get_logger("lowsky.sources")


class Sender(Protocol):
    """Somebody who sends."""

    def push(self, data: bytes, at_ns: int | None = None) -> None:
        """Bytes came; `at_ns`: then, by the recording that they are from, and not now."""
        ...

    def push_frame(self, link_type: int, frame: bytes, at_ns: int) -> None:
        """A frame of a radio's link layer came, out of a capture."""
        ...

    def close(self) -> None: ...


class Intake(Protocol):
    """Where a transport puts what it has."""

    def begin(self, shift_ns: int = 0, datagrams: bool | None = None) -> Sender:
        """Somebody begins to send: datagrams or a stream, if not as the transport says.

        What comes of it is handed on `shift_ns` later than it says (recordings).
        """
        ...

    def now_ns(self) -> int: ...
    def say(self, state: str, message: str = "") -> None: ...
    def fault(self, kind: str, sentence: str, count: int = 1) -> None: ...


class Transport(Protocol):
    """One way for bytes to come."""

    datagrams: bool  # what is pushed at once ends with a whole message

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled; return when there will be no more; raise OSError if it broke."""
        ...


class WireSource:
    """A source of a format: a transport and the decoders of its senders."""

    def __init__(self, name: str, kind: str, via: str, transport: Transport, make: MakeDecoder) -> None:
        self.name, self.kind, self.via, self.transport = name, kind, via, transport
        self._make = make
        self._named = Named()

    def unknown_sensors(self) -> dict[str, int]:
        """Names that the site does not have."""
        return self._named.unknown()

    async def run(self, sink: Sink) -> None:
        """Receive until cancelled."""
        await self.transport.run(Decoding(sink, self._make, self.transport.datagrams, self._named))


class Decoding:
    """An intake that decodes into a sink."""

    def __init__(self, sink: Sink, make: MakeDecoder, datagrams: bool, named: Named) -> None:
        self._sink, self._make, self._datagrams, self._named = sink, make, datagrams, named
        self.now_ns, self.say, self.fault = sink.now_ns, sink.say, sink.fault

    def begin(self, shift_ns: int = 0, datagrams: bool | None = None) -> Taker:
        """A decoder for somebody new."""
        whole = self._datagrams if datagrams is None else datagrams
        return Taker(self._sink, lambda: self._make(whole), self._named, shift_ns)


class Taker:
    """Pushes bytes into a decoder as they come and takes what is complete a moment later, all at once."""

    def __init__(self, sink: Sink, make: Callable[[], Decoder], named: Named, shift_ns: int = 0) -> None:
        self._sink, self._make, self._named, self._shift_ns = sink, make, named, shift_ns
        self._timer: asyncio.TimerHandle | None = None
        self._last_ns = sink.now_ns()
        self._decoder = self._begin()

    def push(self, data: bytes, at_ns: int | None = None) -> None:
        """Bytes came."""
        self._sink.received(len(data))
        self._last_ns = self._sink.now_ns() if at_ns is None else at_ns
        self._try(lambda: self._decoder.push(data, self._last_ns))
        self._take_soon()

    def push_frame(self, link_type: int, frame: bytes, at_ns: int) -> None:
        """A frame came; a format that is not sent so counts it as a fault of the line."""
        self._sink.received(len(frame))
        self._last_ns, decoder = at_ns, self._decoder
        if isinstance(decoder, FrameDecoder):
            self._try(lambda: decoder.push_frame(link_type, frame, at_ns))
            self._take_soon()
        else:
            self._sink.fault("frame of a radio", f"a frame of link type {link_type}, which holds no such format")

    def take(self) -> None:
        """Hand on what is complete."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            decoded = self._decoder.take()
        except Exception as error:
            self._broke(error)
            return
        self._sink.decoded(shifted(decoded, self._shift_ns) if self._shift_ns else decoded)

    def close(self) -> None:
        """The sender has ended."""
        self._try(lambda: self._decoder.close(self._last_ns))
        self.take()
        self._named.end(self._decoder)

    def _take_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TAKE_S, self.take)

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:
            self._broke(error)

    def _begin(self) -> Decoder:
        decoder = self._make()
        self._named.begin(decoder)
        return decoder

    def _broke(self, error: Exception) -> None:
        """A decoder never raises; one that does has a defect, which must not end the source: another goes on."""
        log.exception("a decoder failed by a defect")
        self._sink.fault("decoder failed", f"a defect of ours: {type(error).__name__}: {error}")
        self._named.end(self._decoder)
        self._decoder = self._begin()


class Named:
    """Names that the decoders of one source, present and past, did not find."""

    def __init__(self) -> None:
        self._decoders: list[Decoder] = []
        self._past: Counter[str] = Counter()

    def begin(self, decoder: Decoder) -> None:
        """A sender has come."""
        self._decoders.append(decoder)

    def end(self, decoder: Decoder) -> None:
        """A sender has gone; what it named is remembered, up to `MAX_UNKNOWN` names."""
        self._decoders.remove(decoder)
        for name, count in decoder.names.unknown.items():
            if name in self._past or len(self._past) < MAX_UNKNOWN:
                self._past[name] += count

    def unknown(self) -> dict[str, int]:
        """All names and counts."""
        found = self._past.copy()
        for decoder in self._decoders:
            found.update(decoder.names.unknown)
        return dict(found)
