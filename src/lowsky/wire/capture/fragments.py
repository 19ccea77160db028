"""Fragments of IPv4 put together (RFC 791, 3.2). Of two that overlap, the one that came first counts."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from .headers import IpPacket

MAX_PENDING = 64  # packets that wait for their parts
MAX_PARTS = 100  # of one
MAX_WHOLE = 65_535  # bytes
PATIENCE_NS = 30_000_000_000


@dataclass(slots=True)
class _Parts:
    first_ns: int
    parts: dict[int, bytes] = field(default_factory=dict)  # by offset
    total: int = -1  # known with the last part

    def whole(self) -> bytes | None:
        """All of it, if nothing is missing."""
        if self.total < 0:
            return None
        data = bytearray()
        for offset in sorted(self.parts):
            if offset > len(data):
                return None
            data += self.parts[offset][len(data) - offset :]
        return bytes(data[: self.total]) if len(data) >= self.total else None


class Fragments:
    """Those that wait for their others."""

    def __init__(self) -> None:
        self._pending: OrderedDict[tuple[str, str, int, int], _Parts] = OrderedDict()
        self._lost = 0

    def push(self, ip: IpPacket, time_ns: int) -> IpPacket | None:
        """The whole packet that a fragment completes."""
        self._forget(time_ns)
        key = (ip.source, ip.target, ip.protocol, ip.identification)
        found = self._pending.setdefault(key, _Parts(time_ns))
        if ip.offset + len(ip.data) > MAX_WHOLE or len(found.parts) >= MAX_PARTS:
            self._lost += len(self._pending.pop(key).parts) + 1
            return None
        if ip.offset in found.parts:
            self._lost += 1
        else:
            found.parts[ip.offset] = ip.data
        if not ip.more:
            found.total = ip.offset + len(ip.data)
        data = found.whole()
        if data is None:
            return None
        del self._pending[key]
        return replace(ip, data=data, fragment=False)

    def given_up(self) -> int:
        """Fragments that were given up since the last time."""
        lost, self._lost = self._lost, 0
        return lost

    def close(self) -> int:
        """Those that still wait."""
        waiting = sum(len(parts.parts) for parts in self._pending.values())
        self._pending.clear()
        return waiting + self.given_up()

    def _forget(self, time_ns: int) -> None:
        while self._pending:
            oldest = next(iter(self._pending))
            parts = self._pending[oldest]
            if len(self._pending) < MAX_PENDING and time_ns - parts.first_ns < PATIENCE_NS:
                return
            self._lost += len(self._pending.pop(oldest).parts)
