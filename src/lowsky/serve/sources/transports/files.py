"""Files as if they happened now: captures by their own times, other recordings at a steady pace, pipes as they come."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from lowsky.wire.capture import is_capture

from ...net.connections import PIECE_BYTES
from ...net.link import Link
from ..intake import Intake
from .captures import CapturePlayer

BYTES_PER_S = 1_000_000.0  # of a recording that knows no times: about what a busy site sends
TURN_S = 0.05


class FileTransport:
    """One file, named from the folder of the site's file."""

    datagrams = False

    def __init__(self, link: Link) -> None:
        self._address = link.address
        self._path = link.folder / link.address.path

    async def run(self, intake: Intake) -> None:
        """Play it once, or again and again; a pipe is read until cancelled."""
        if stat.S_ISFIFO(self._path.stat().st_mode):
            await self._read_pipe(intake)
            return
        while True:
            with self._path.open("rb") as file:
                intake.say("running", f"playing {self._path}")
                if is_capture(file.read(4)):
                    await CapturePlayer(intake).play(_pieces(file))
                else:
                    await self._play(file, intake)
            if self._address.word("repeat") != "yes":
                return

    async def _play(self, file: BinaryIO, intake: Intake) -> None:
        """Bytes at a steady pace."""
        rate = self._address.number("bytes_per_s", BYTES_PER_S)
        file.seek(0)
        sender = intake.begin()
        try:
            while data := file.read(max(round(rate * TURN_S), 1)):
                sender.push(data)
                await asyncio.sleep(len(data) / rate)
        finally:
            sender.close()

    async def _read_pipe(self, intake: Intake) -> None:
        """Bytes as others write them; they may come and go."""
        loop, broken = asyncio.get_running_loop(), asyncio.Event()
        pipe = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)  # also writing: it does not end when a writer does
        sender = intake.begin()

        def read() -> None:
            try:
                sender.push(os.read(pipe, PIECE_BYTES))
            except BlockingIOError:
                return
            except OSError:
                broken.set()

        loop.add_reader(pipe, read)
        intake.say("running", f"reading the pipe {self._path}")
        try:
            await broken.wait()
        finally:
            loop.remove_reader(pipe)
            os.close(pipe)
            sender.close()
        raise OSError(f"the pipe {self._path} broke")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while data := file.read(PIECE_BYTES):
        yield data
