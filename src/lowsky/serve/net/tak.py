"""One connection of the TAK kind: what comes is decoded and answered, what is sent is bounded.

For the source and the output of this format, which differ in what they do with what comes and in what they tell.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cot.decoder import Decoder
from lowsky.wire.cot.dialogue import Dialogue
from lowsky.wire.cot.event import Event
from lowsky.wire.decoded import Decoded

from .connections import PIECE_BYTES

BEAT_S = 1.0  # between two looks at whether an answer is late
MAX_UNSENT = 4 << 20  # bytes that a peer has not read when more is to be told; then it is let go
ANNOUNCE_S = 30.0  # between two announcements of ourselves


class SlowPeerError(OSError):
    """The peer does not read what it is told."""


class TakLine:
    """A connection and the dialogue on it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, decoder: Decoder, dialogue: Dialogue
    ) -> None:
        self.dialogue = dialogue
        self._reader, self._writer, self._decoder = reader, writer, decoder

    async def listen(
        self,
        now_ns: Callable[[], int],
        taken: Callable[[Decoded], None],
        received: Callable[[int], None] = lambda count: None,
        announce: Callable[[], Event] | None = None,
    ) -> None:
        """Hear and answer until the other side ends; with `announce`, say now and then who we are.

        Raises:
            OSError, EOFError: if the connection broke, or the peer does not read or answer.
        """
        self.write(self.dialogue.open(now_ns()))
        announced_ns = -(1 << 62)
        try:
            while True:
                if announce is not None and now_ns() - announced_ns >= ANNOUNCE_S * NS_PER_S:
                    announced_ns = now_ns()
                    self.write(self.dialogue.tell(announce()))
                data = await self._read()
                if data == b"":
                    return
                if data is not None:
                    received(len(data))
                    self._heard(data, now_ns())
                    taken(self._decoder.take())
                self.dialogue.check(now_ns())
        finally:
            self._decoder.close(now_ns())
            taken(self._decoder.take())

    def write(self, data: bytes) -> int:
        """Send; returns how many bytes.

        Raises:
            SlowPeerError: if too much waits already.
        """
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT:
            raise SlowPeerError("it does not read what it is told")
        if data:
            self._writer.write(data)
        return len(data)

    def abort(self) -> None:
        """End at once, without a good-bye."""
        self._writer.transport.abort()

    async def _read(self) -> bytes | None:
        """What came, b"": the end, None: nothing for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT_S):
                return await self._reader.read(PIECE_BYTES)
        return None

    def _heard(self, data: bytes, now_ns: int) -> None:
        self._decoder.push(data, now_ns)
        for event in self._decoder.take_control():
            self.write(self.dialogue.heard(event, now_ns))
