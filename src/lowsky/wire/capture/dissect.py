"""Packets to what they carried: payloads of UDP, and of TCP in the order of their stream.

Every packet is accounted for: it gives a payload, waits for its neighbours (fragments, segments that came early), or is
counted under what it is. Everything that waits has a limit; what is given up is counted.

Not read: tunnels (GRE, VXLAN, MPLS, PPP), IPv6 fragments, checksums (captures of sending machines have none yet).
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass

from .files import Packet
from .fragments import Fragments
from .headers import IpPacket, ip_of, network_of
from .segments import Stream

MAX_FLOWS = 256  # streams that are followed at once
UDP, TCP = 17, 6


@dataclass(frozen=True, slots=True)
class Payload:
    """What one packet, or the segments that were waiting for it, carried."""

    time_ns: int
    datagram: bool  # UDP; otherwise a piece of a TCP stream
    source: tuple[str, int]  # address and port
    target: tuple[str, int]
    data: bytes

    @property
    def flow(self) -> tuple[bool, tuple[str, int], tuple[str, int]]:
        """What belongs to one sender and one receiver."""
        return self.datagram, self.source, self.target


class Dissector:
    """Follows one capture."""

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()  # packets and bytes without use, by what they are
        self._fragments = Fragments()
        self._flows: OrderedDict[tuple[object, ...], Stream] = OrderedDict()

    def push(self, packet: Packet) -> list[Payload]:
        """The payloads that a packet completes."""
        if packet.cut:
            self.ignored["packet cut when it was captured"] += 1
            return []
        network = network_of(packet.link_type, packet.data)
        if network is None:
            self.ignored["packet without IP"] += 1
            return []
        ip = ip_of(network)
        if ip is None:
            self.ignored["packet with a broken IP header"] += 1
            return []
        if ip.fragment:
            whole = self._fragments.push(ip, packet.time_ns)
            self.ignored["fragment without its others"] += self._fragments.given_up()
            if whole is None:
                return []
            ip = whole
        return self._transport(ip, packet.time_ns)

    def close(self) -> None:
        """The capture has ended: what still waits is counted."""
        self.ignored["fragment without its others"] += self._fragments.close()
        for stream in self._flows.values():
            self._count_missing(stream)
        self._flows.clear()
        self.ignored = +self.ignored

    def _transport(self, ip: IpPacket, time_ns: int) -> list[Payload]:
        data = ip.data
        if ip.protocol == UDP and len(data) >= 8:
            size = int.from_bytes(data[4:6], "big")
            if not 8 <= size <= len(data):
                self.ignored["packet with a broken UDP header"] += 1
                return []
            return [self._payload(ip, time_ns, data[8:size], datagram=True)] if size > 8 else self._empty()
        if ip.protocol == TCP and len(data) >= 20:
            return self._segment(ip, time_ns)
        self.ignored["packet without UDP or TCP"] += 1
        return []

    def _segment(self, ip: IpPacket, time_ns: int) -> list[Payload]:
        header = (ip.data[12] >> 4) * 4
        if not 20 <= header <= len(ip.data):
            self.ignored["packet with a broken TCP header"] += 1
            return []
        key = (ip.source, ip.target, ip.data[:4])
        sequence, flags = int.from_bytes(ip.data[4:8], "big"), ip.data[13]
        stream = self._flows.get(key)
        if stream is None:
            stream = self._flows[key] = Stream()
            if len(self._flows) > MAX_FLOWS:
                self._count_missing(self._flows.popitem(last=False)[1])
        self._flows.move_to_end(key)
        ready = stream.push(sequence, flags, ip.data[header:])
        self._count_missing(stream)
        if not ready:
            return self._empty() if len(ip.data) == header else []
        return [self._payload(ip, time_ns, ready, datagram=False)]

    def _count_missing(self, stream: Stream) -> None:
        self.ignored["byte missing in a TCP stream"] += stream.missing()

    def _empty(self) -> list[Payload]:
        self.ignored["packet that carries nothing"] += 1
        return []

    def _payload(self, ip: IpPacket, time_ns: int, data: bytes, datagram: bool) -> Payload:
        source, target = int.from_bytes(ip.data[0:2], "big"), int.from_bytes(ip.data[2:4], "big")
        return Payload(time_ns, datagram, (ip.source, source), (ip.target, target), data)
