"""A serial line: opened and set by pyserial, read by the event loop."""

from __future__ import annotations

import asyncio
import os

import serial

from ...net.connections import PIECE_BYTES, why
from ...net.link import Link
from ..intake import Intake

PARITY = {"none": "N", "even": "E", "odd": "O", "mark": "M", "space": "S"}
DEFAULT_BAUD = 9600


class SerialTransport:
    """One line, which nobody else may open meanwhile."""

    datagrams = False

    def __init__(self, link: Link) -> None:
        self.address = link.address

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled; a line that is pulled out is an error."""
        try:
            line = await asyncio.to_thread(self._open)
        except (OSError, ValueError) as error:
            raise OSError(f"{self.address.path} cannot be opened: {why(error)}") from None
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        sender = intake.begin()

        def read() -> None:
            try:
                data = os.read(line.fileno(), PIECE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                sender.push(data)
            else:
                loop.remove_reader(line.fileno())
                gone.set()

        loop.add_reader(line.fileno(), read)
        intake.say("running", f"reading {self.address.path} at {line.baudrate} baud")
        try:
            await gone.wait()
        finally:
            loop.remove_reader(line.fileno())
            line.close()
            sender.close()
        raise OSError(f"{self.address.path} is gone")

    def _open(self) -> serial.Serial:
        """The line as the address sets it.

        Raises:
            OSError: if it cannot be opened; serial.SerialException is one.
        """
        number = self.address.number
        return serial.Serial(
            port=self.address.path,
            baudrate=int(number("baud", DEFAULT_BAUD)),
            bytesize=int(number("bits", 8)),
            parity=PARITY[self.address.word("parity", "none")],
            stopbits=number("stop", 1),
            timeout=0,
            exclusive=True,
        )
