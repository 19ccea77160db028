"""Blocks of pcapng: sections, interfaces with their clocks, packets (draft-ietf-opsawg-pcapng, 4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SECTION, INTERFACE, PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
END_OF_OPTIONS, IF_TSRESOL, IF_TSOFFSET = 0, 9, 14
MAX_INTERFACES = 1000
NS = 1_000_000_000

Found = tuple[int, int, bytes, int]  # time_ns, link type, data, length before the capture cut it


@dataclass(frozen=True, slots=True)
class Interface:
    """Where packets were captured, and how its clock counts."""

    link_type: int
    snap_length: int
    ticks_per_s: int = 1_000_000
    offset_s: int = 0

    def time_ns(self, high: int, low: int) -> int:
        """UTC of a time stamp in two halves."""
        ticks = high << 32 | low
        return self.offset_s * NS + ticks * NS // self.ticks_per_s


class PcapngBlocks:
    """Remembers the interfaces of a section, and the last time for packets without one."""

    def __init__(self) -> None:
        self._interfaces: list[Interface] = []
        self._last_ns = 0

    def read(self, kind: int, body: bytes, order: str) -> Found | None:
        """The packet of a block; None: it holds none.

        Raises:
            struct.error, IndexError, ValueError: if the block is broken.
        """
        if kind == SECTION:
            self._interfaces = []
        elif kind == INTERFACE:
            if len(self._interfaces) >= MAX_INTERFACES:
                raise ValueError("too many interfaces")
            self._interfaces.append(_interface(body, order))
        elif kind == ENHANCED:
            interface, high, low, kept, length = struct.unpack_from(order + "IIIII", body)
            return self._packet(interface, high, low, body[20:], kept, length)
        elif kind == PACKET:  # obsolete, still met
            interface, _, high, low, kept, length = struct.unpack_from(order + "HHIIII", body)
            return self._packet(interface, high, low, body[20:], kept, length)
        elif kind == SIMPLE:
            first = self._interfaces[0]
            (length,) = struct.unpack_from(order + "I", body)
            kept = min(length, len(body) - 4, first.snap_length or length)
            return self._last_ns, first.link_type, body[4 : 4 + kept], length
        return None

    def _packet(self, interface: int, high: int, low: int, data: bytes, kept: int, length: int) -> Found:
        if kept > len(data):
            raise ValueError("a packet is longer than its block")
        found = self._interfaces[interface]
        self._last_ns = found.time_ns(high, low)
        return self._last_ns, found.link_type, data[:kept], length


def _interface(body: bytes, order: str) -> Interface:
    link_type, _, snap_length = struct.unpack_from(order + "HHI", body)
    ticks_per_s, offset_s, at = 1_000_000, 0, 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == END_OF_OPTIONS:
            break
        value = body[at + 4 : at + 4 + size]
        if code == IF_TSRESOL and size == 1:
            power = value[0] & 0x7F
            if power > 62:
                raise ValueError("the clock counts too finely")
            ticks_per_s = 2**power if value[0] & 0x80 else 10 ** min(power, 18)
        elif code == IF_TSOFFSET and size == 8:
            (offset_s,) = struct.unpack(order + "q", value)
            if abs(offset_s) > 1 << 33:
                raise ValueError("the clock's offset is beyond all time")
        at += 4 + (size + 3) // 4 * 4
    return Interface(link_type, snap_length, ticks_per_s, offset_s)
