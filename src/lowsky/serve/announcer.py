"""The announcer: what happened to notices, told in order, and nothing of a new danger before it is safe on disk.

A crash must not contradict what somebody was told: an event that tells of a new danger waits until the journal has
brought its input to the disk, which takes milliseconds; a disk that does not answer within `FLUSH_S` holds no warning
back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from lowsky.record.journal import Journal

from .engine.board import Board
from .engine.output import Output
from .feed import texts
from .feed.hub import Hub

FLUSH_S = 1.0
MAX_WAITING = 10_000  # ticks with notices that wait to be told

log = structlog.get_logger("lowsky.announcer")


class Announcer:
    """Takes outputs with ticks; tells the board's book, the feed, and whoever else listens."""

    def __init__(self, board: Board, hub: Hub, offer: Callable[[Output], None]) -> None:
        """`offer` is called with every output whose events have been told."""
        self.journal: Journal | None = None
        self.lost = 0  # ticks whose events were not told
        self.unsafe = 0  # tellings that did not wait for the disk any longer
        self._board, self._hub, self._offer = board, hub, offer
        self._telling = False  # an output is between the queue and the book
        self._waiting: asyncio.Queue[Output] = asyncio.Queue(MAX_WAITING)

    def ticked(self, output: Output) -> None:
        """A tick has passed."""
        if not output.flush_first and not self._telling and self._waiting.empty():
            self._book(output)
        elif self._waiting.full():
            # half an hour behind the disk: what stands is in every later tick, only events are lost
            self.lost += 1
        else:
            self._waiting.put_nowait(output)

    async def run(self) -> None:
        """Tell what waits, in order, until cancelled."""
        while True:
            output = await self._waiting.get()
            self._telling = True
            if output.flush_first and self.journal is not None:
                safe = await asyncio.to_thread(self.journal.flush, FLUSH_S)
                if not safe:
                    self.unsafe += 1
                    log.warning("the disk is slow; a warning did not wait for it")
            self._book(output)
            self._telling = False

    def _book(self, output: Output) -> None:
        """Everything that is told, told."""
        events = output.changes.events
        self._board.book.ticked(output.changes.notices, events, output.time_ns)
        for event in events:
            self._hub.tell(texts.event_text(event, self._board.book.places, self._board.drill))
        self._offer(output)
