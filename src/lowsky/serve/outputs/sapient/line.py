"""Writing to one SAPIENT connection: every message is counted as sent once the system has taken it, else as dropped.

Nothing waits for a slow receiver but the pictures meant for it: a picture goes out in pieces, each when the one before
was taken, and ends when its time has grown old. What the system took may still wait at the other side, who then finds
it too old and says so: it is told less often, until it complains no more. Answers and statuses go out at once; a
receiver that takes nothing at all is given up.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from itertools import islice

from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.session.edge import EdgeSession
from lowsky.wire.sapient.session.envelope import stamped
from lowsky.wire.sapient.session.stamps import Stamps

from ..contract import Books

PIECE = 64  # detections that are written together
SOCKET_BYTES = 1 << 16  # send buffer asked of the system: what waits there grows old
STALL_S = 30.0  # that a receiver may take nothing
MAX_UNSENT = 4 << 20  # bytes of answers that wait for a receiver
FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0  # between pictures for a receiver that complains
RECOVERY = 0.9  # of the rest is left after a picture without a complaint
SLOW = "the other side reads too slowly: a picture was cut off"


class Line:
    """One connection."""

    def __init__(self, session: EdgeSession, writer: asyncio.StreamWriter, books: Books) -> None:
        self.session, self.writer = session, writer
        self.waiting_since_s = 0.0  # 0: nobody waits
        self.rest_s = 0.0  # between two pictures
        self._complained = False  # since the last picture
        self._books = books
        writer.transport.set_write_buffer_limits(high=0)  # what `drain` has seen off is with the system
        line = writer.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)

    def flush(self) -> None:
        """Send what the session has to say.

        Raises:
            OSError: if the other side has read nothing for too long.
        """
        data, messages = self.session.out()
        if not data:
            return
        if self.writer.transport.get_write_buffer_size() > MAX_UNSENT:
            self._books.dropped(messages, "the other side does not read")
            raise OSError("the other side does not read")
        self.writer.write(data)
        self._books.sent(len(data), messages)

    async def picture(self, messages: Iterator[SapientMessage], count: int) -> int:
        """Send the `count` detections of one picture under one time; how many left before that grew old.

        They are made a piece at a time, so that others get their turn in between.

        Raises:
            OSError: if the connection broke or the other side has read nothing for too long; what did not leave is
                counted then.
        """
        await asyncio.sleep(self._rest())
        while wait_ns := self.session.stamps.wait_ns(time.time_ns()):
            await asyncio.sleep(wait_ns / 1e9)
        stamp_ns = self.session.stamps.take(time.time_ns())
        done = 0
        try:
            while done < count and not Stamps.is_old(stamp_ns, time.time_ns()):
                piece = [stamped(message, stamp_ns) for message in islice(messages, PIECE)]
                data = b"".join(piece)
                self.writer.write(data)
                await self._taken()
                self._books.sent(len(data), len(piece))
                done += len(piece)
                await asyncio.sleep(0)
        finally:
            if done < count:
                self._books.dropped(count - done, SLOW)
        return done

    def complained(self) -> None:
        """The other side would not take a detection."""
        self._complained = True

    def _rest(self) -> float:
        """Seconds to wait before the next picture."""
        if self._complained:
            self.rest_s = min(max(2.0 * self.rest_s, FIRST_REST_S), LONGEST_REST_S)
        elif self.rest_s:
            self.rest_s = RECOVERY * self.rest_s if self.rest_s > 0.1 * FIRST_REST_S else 0.0
        self._complained = False
        return self.rest_s

    async def _taken(self) -> None:
        """Wait until the system has taken what was written."""
        self.waiting_since_s = time.monotonic()
        try:
            async with asyncio.timeout(STALL_S):
                await self.writer.drain()
        except TimeoutError:
            raise OSError(f"the other side has read nothing for {STALL_S:g} s") from None
        finally:
            self.waiting_since_s = 0.0
