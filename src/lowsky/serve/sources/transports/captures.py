"""A capture played by its own times, all moved to now: what belongs together in it stays together."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable

from lowsky.wire.capture import Dissector, Packet, Payload, Splitter
from lowsky.wire.capture.dissect import MAX_FLOWS

from ..intake import Intake, Sender

LEAD_NS = 200_000_000  # from the start of the source to the first packet
LONGEST_SLEEP_S = 1.0
LONGEST_GAP_NS = 3600 * 1_000_000_000  # a pause beyond this, or a leap back, is not waited for: times begin anew
LINK_LAYERS = (105, 119, 127, 163, 187, 201, 251, 256)
"""Link types whose frames are the message: IEEE 802.11 and Bluetooth."""


class CapturePlayer:
    """Plays one capture into an intake: datagrams together, every stream by itself, frames of radios as they are."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._shift_ns: int | None = None
        self._last_ns = 0
        self._dissector = Dissector()
        self._senders: OrderedDict[object, Sender] = OrderedDict()
        self._told: Counter[str] = Counter()

    async def play(self, pieces: Iterable[bytes]) -> None:
        """Play the pieces of a file."""
        splitter = Splitter()
        try:
            for piece in pieces:
                for packet in splitter.push(piece):
                    await self._wait_for(packet)
                    self._give(packet)
                await asyncio.sleep(0)
            splitter.close()
            self._dissector.close()
        finally:
            for sender in self._senders.values():
                sender.close()
            self._senders.clear()
        self._count()
        if splitter.broken:
            self._intake.fault("capture broken", splitter.broken)

    async def _wait_for(self, packet: Packet) -> None:
        if self._shift_ns is None or not -LONGEST_GAP_NS < packet.time_ns - self._last_ns < LONGEST_GAP_NS:
            self._begin_anew(packet)
        self._last_ns = packet.time_ns
        assert self._shift_ns is not None
        while (left_s := (packet.time_ns + self._shift_ns - self._intake.now_ns()) / 1e9) > 0.0:
            self._count()
            await asyncio.sleep(min(left_s, LONGEST_SLEEP_S))

    def _begin_anew(self, packet: Packet) -> None:
        """Times are moved so that this packet comes in a moment; decoders that know the old ones end."""
        self._shift_ns = self._intake.now_ns() + LEAD_NS - packet.time_ns
        for sender in self._senders.values():
            sender.close()
        self._senders.clear()

    def _give(self, packet: Packet) -> None:
        if packet.link_type in LINK_LAYERS:
            self._sender("frames").push_frame(packet.link_type, packet.data, packet.time_ns)
            return
        for payload in self._dissector.push(packet):
            self._sender(_who(payload)).push(payload.data, payload.time_ns)

    def _sender(self, who: object) -> Sender:
        found = self._senders.get(who)
        if found is None:
            found = self._senders[who] = self._intake.begin(self._shift_ns or 0, datagrams=not isinstance(who, tuple))
            if len(self._senders) > MAX_FLOWS:
                self._senders.popitem(last=False)[1].close()
        self._senders.move_to_end(who)
        return found

    def _count(self) -> None:
        """Tell what was no payload since the last time."""
        new, self._told = self._dissector.ignored - self._told, self._dissector.ignored.copy()
        for kind, count in new.items():
            self._intake.fault(kind, f"{count} × {kind}", count)


def _who(payload: Payload) -> object:
    """What shares a decoder: all datagrams, and each stream."""
    return "datagrams" if payload.datagram else payload.flow
