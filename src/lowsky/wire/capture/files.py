"""Capture files cut into packets, of whichever format: pcap (with its four magic numbers) or pcapng.

A stream object: bytes go in, in any pieces, packets come out; a file that is still being written is read as it grows.
A file that is broken gives what could be read, and then one sentence in `broken`; nothing raises.

Not read: compressed captures, name resolution and statistics blocks (skipped), decryption secrets (skipped).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .blocks import PcapngBlocks

MAX_PACKET = 1 << 18  # bytes of one; what is said to be longer is a broken file
MAX_BLOCK = 1 << 24  # bytes of a block of pcapng, which may be a list of names
PCAPNG = b"\x0a\x0d\x0d\x0a"
PCAP: dict[bytes, tuple[str, int]] = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""Magic number to byte order, and nanoseconds that the fraction of a second counts."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame of a capture."""

    time_ns: int  # UTC
    link_type: int
    data: bytes
    cut: bool  # the capture kept only its beginning


def is_capture(head: bytes) -> bool:
    """Whether a file that begins so is a capture."""
    return head[:4] in PCAP or head[:4] == PCAPNG


class Splitter:
    """Reads one capture."""

    def __init__(self) -> None:
        self.broken = ""  # why the rest cannot be read
        self.packets = 0
        self._buffer = bytearray()
        self._offset = 0  # of the buffer's first byte in the file
        self._step: Callable[[], Packet | bool] = self._begin
        self._order, self._fraction_ns, self._link_type = "<", 1000, 0
        self._blocks = PcapngBlocks()

    def push(self, data: bytes) -> Iterator[Packet]:
        """The packets that `data` completes."""
        if self.broken:
            return
        self._buffer += data
        while not self.broken:
            done = self._step()
            if isinstance(done, Packet):
                self.packets += 1
                yield done
            elif not done:
                return

    def close(self) -> None:
        """The file has ended; what is left over is said in `broken`."""
        if self._buffer and not self.broken:
            self._break(f"the file ends in the middle of packet {self.packets + 1}")

    def _begin(self) -> bool:
        if len(self._buffer) < 24:
            return False
        magic = bytes(self._buffer[:4])
        if magic == PCAPNG:
            self._step = self._block
            return True
        if magic not in PCAP:
            self._break("the file is neither pcap nor pcapng")
            return False
        self._order, self._fraction_ns = PCAP[magic]
        self._link_type = struct.unpack_from(self._order + "I", self._buffer, 20)[0] & 0xFFFF
        self._take(24)
        self._step = self._record
        return True

    def _record(self) -> Packet | bool:
        if len(self._buffer) < 16:
            return False
        seconds, fraction, kept, length = struct.unpack_from(self._order + "IIII", self._buffer)
        if kept > MAX_PACKET:
            self._break(f"packet {self.packets + 1} is said to have {kept} bytes")
            return False
        if len(self._buffer) < 16 + kept:
            return False
        data = self._take(16 + kept)[16:]
        return Packet(seconds * 1_000_000_000 + fraction * self._fraction_ns, self._link_type, data, kept < length)

    def _block(self) -> Packet | bool:
        if len(self._buffer) < 12:
            return False
        if self._buffer[:4] == PCAPNG:
            self._order = "<" if self._buffer[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(self._order + "II", self._buffer)
        if not 12 <= size <= MAX_BLOCK or size % 4:
            self._break(f"a block is said to have {size} bytes")
            return False
        if len(self._buffer) < size:
            return False
        try:
            found = self._blocks.read(kind, self._take(size)[8:-4], self._order)
        except (struct.error, IndexError, ValueError, OverflowError):
            self._break(f"a block of type {kind} is not as it should be")
            return False
        if found is None:
            return True
        time_ns, link_type, data, length = found
        return Packet(time_ns, link_type, data, len(data) < length)

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._offset += count
        return data

    def _break(self, why: str) -> None:
        self.broken = f"at byte {self._offset}: {why}; what comes after cannot be read"
        self._buffer.clear()
