"""Addresses as items: the transports that sources have, with readers behind them instead of decoders."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable

from lowsky.model.errors import InputError
from lowsky.serve.net.link import Link
from lowsky.serve.sources.transports import transport_of
from lowsky.wire.decoded import FrameReader, Reader

from .items import Item, Place, Readers

MAX_WAITING = 10_000  # items read and not yet printed; those beyond are counted


class _Sender:
    def __init__(self, intake: Incoming, datagrams: bool) -> None:
        self._intake, self._datagrams = intake, datagrams
        self._reader: tuple[str, Reader] | None = None

    def push(self, data: bytes, at_ns: int | None = None) -> None:
        """Bytes came."""
        place = Place(time_ns=time.time_ns() if at_ns is None else at_ns)
        if self._reader is None:
            try:
                self._reader = self._intake.readers.of(data, self._datagrams)
            except InputError as error:
                self._intake.notes["message that looks like no format"] += 1
                self._intake.say("running", str(error))
                return
        name, reader = self._reader
        self._intake.put(self._intake.readers.items_of(name, place, reader.push(data)))

    def push_frame(self, link_type: int, frame: bytes, at_ns: int) -> None:
        """A frame of a radio came, out of a capture."""
        if self._reader is None:
            self._reader = self._intake.readers.of(frame, self._datagrams)
        name, reader = self._reader
        if isinstance(reader, FrameReader):
            found = reader.push_frame(link_type, frame)
            self._intake.put(self._intake.readers.items_of(name, Place(time_ns=at_ns), found))

    def close(self) -> None:
        """No more comes."""
        if self._reader is not None:
            name, reader = self._reader
            self._intake.put(self._intake.readers.items_of(name, Place(time_ns=time.time_ns()), reader.close()))


class Incoming:
    """An intake that reads into a queue."""

    def __init__(self, readers: Readers, notes: Counter[str], datagrams: bool, told: list[str]) -> None:
        self.readers, self.notes = readers, notes
        self.queue: asyncio.Queue[Item] = asyncio.Queue(MAX_WAITING)
        self.told, self._last = told, ""
        self._datagrams = datagrams

    def begin(self, shift_ns: int = 0, datagrams: bool | None = None) -> _Sender:
        """Somebody begins to send."""
        return _Sender(self, self._datagrams if datagrams is None else datagrams)

    def now_ns(self) -> int:
        """The machine's time."""
        return time.time_ns()

    def say(self, state: str, message: str = "") -> None:
        """Where the transport stands."""
        if message and message != self._last:
            self._last = message
            self.told.append(message)

    def fault(self, kind: str, sentence: str, count: int = 1) -> None:
        """Something went wrong with the line."""
        self.notes[kind] += count

    def put(self, items: Iterable[Item]) -> None:
        """Queue items; those without room are counted."""
        for item in items:
            try:
                self.queue.put_nowait(item)
            except asyncio.QueueFull:
                self.notes["item read faster than it was printed"] += 1


async def items_of_link(
    link: Link, readers: Readers, notes: Counter[str], seconds: float | None, told: list[str]
) -> AsyncIterator[Item]:
    """What comes over a link, for so many seconds, until it ends, or until cancelled. `told` gets what the transport
    says of itself.

    Raises:
        OSError, EOFError: if the link broke.
    """
    transport = transport_of(link)
    incoming = Incoming(readers, notes, transport.datagrams, told)
    loop = asyncio.get_running_loop()
    end_s = None if seconds is None else loop.time() + seconds
    running = asyncio.ensure_future(transport.run(incoming))
    try:
        while True:
            getting = asyncio.ensure_future(incoming.queue.get())
            left_s = None if end_s is None else max(end_s - loop.time(), 0.0)
            done, _ = await asyncio.wait({getting, running}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            if getting in done:
                yield getting.result()
                continue
            getting.cancel()
            while not incoming.queue.empty():
                yield incoming.queue.get_nowait()
            if running in done:
                running.result()
            return
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError, EOFError):
            await running
