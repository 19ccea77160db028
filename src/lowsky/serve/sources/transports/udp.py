"""Datagrams to a port of this machine or to a group. What the system lost for want of room is counted too (Linux)."""

from __future__ import annotations

import asyncio
import socket

from ...net.connections import why
from ...net.datagrams import ANCILLARY_BYTES, MOST_BYTES, lost_before, receiving
from ...net.link import Link
from ..intake import Intake, Sender

BURST = 256  # datagrams read at once, so that others get their turn
COUNTER = 1 << 32  # the system's count of lost ones begins anew


class UdpTransport:
    """One socket."""

    datagrams = True

    def __init__(self, link: Link) -> None:
        self.address = link.address
        self.port = link.address.port  # the one bound, if 0 was asked for
        self._lost = 0

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled."""
        loop = asyncio.get_running_loop()
        line = await asyncio.to_thread(receiving, self.address)
        self.port, self._lost = line.getsockname()[1], 0
        sender = intake.begin()
        loop.add_reader(line.fileno(), self._read, line, sender, intake)
        where = f"listening at {self.address.host} UDP {self.port}"
        intake.say("running", where + (", joined the group" if self.address.multicast else ""))
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(line.fileno())
            line.close()
            sender.close()

    def _read(self, line: socket.socket, sender: Sender, intake: Intake) -> None:
        for _ in range(BURST):
            try:
                data, ancillary, _, _ = line.recvmsg(MOST_BYTES, ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                intake.fault("datagram refused", f"a datagram was refused: {why(error)}")
                return
            lost = lost_before(ancillary)
            if lost != self._lost:
                count, self._lost = (lost - self._lost) % COUNTER, lost
                intake.fault("datagrams lost", f"{count} datagrams came faster than they were read", count)
            sender.push(data)
