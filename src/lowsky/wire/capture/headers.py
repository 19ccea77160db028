"""Headers of links and of IP: where the network's packet begins in a frame, and what it says.

Links (tcpdump.org/linktypes): Ethernet with VLAN tags, BSD and OpenBSD loopback, raw IP, Linux cooked (1 and 2).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

NULL, ETHERNET, RAW_OLD, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 0, 1, 12, 101, 108, 113, 228, 229, 276
RAW_TYPES = (RAW_OLD, RAW, IPV4, IPV6, 14)
TYPE_IPV4, TYPE_IPV6 = b"\x08\x00", b"\x86\xdd"
VLAN_TAGS = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
MAX_TAGS = 4
EXTENSIONS = (0, 43, 60)  # IPv6 headers to step over: hop-by-hop, routing, destination options
MAX_EXTENSIONS = 8


@dataclass(frozen=True, slots=True)
class IpPacket:
    """One packet of IPv4 or IPv6."""

    source: str
    target: str
    protocol: int
    data: bytes  # behind the header
    fragment: bool = False
    identification: int = 0
    offset: int = 0  # bytes before it in the whole
    more: bool = False  # fragments follow


def network_of(link_type: int, frame: bytes) -> bytes | None:
    """The network's packet in a frame; None: it holds no IP, or its link is not read."""
    if link_type == ETHERNET:
        return _behind_types(frame, 12)
    if link_type in RAW_TYPES:
        return frame
    if link_type in (NULL, LOOP):
        return frame[4:]
    if link_type == SLL:
        return _behind_types(frame, 14)
    if link_type == SLL2 and frame[:2] in (TYPE_IPV4, TYPE_IPV6):
        return frame[20:]
    return None


def _behind_types(frame: bytes, at: int) -> bytes | None:
    """Behind the type at `at`, and the VLAN tags before it."""
    for _ in range(MAX_TAGS):
        kind = frame[at : at + 2]
        if kind in (TYPE_IPV4, TYPE_IPV6):
            return frame[at + 2 :]
        if kind not in VLAN_TAGS:
            return None
        at += 4
    return None


def ip_of(data: bytes) -> IpPacket | None:
    """What a packet of IP says; None: its header is broken."""
    version = data[0] >> 4 if data else 0
    if version == 4:
        return _ipv4(data)
    return _ipv6(data) if version == 6 else None


def _ipv4(data: bytes) -> IpPacket | None:
    """RFC 791, 3.1."""
    header, total = (data[0] & 15) * 4, int.from_bytes(data[2:4], "big")
    if total == 0:
        total = len(data)  # a card that cuts large packets itself leaves it open
    if not 20 <= header <= total <= len(data):
        return None
    place = int.from_bytes(data[6:8], "big")
    more, offset = bool(place & 0x2000), (place & 0x1FFF) * 8
    return IpPacket(
        source=str(ipaddress.IPv4Address(data[12:16])),
        target=str(ipaddress.IPv4Address(data[16:20])),
        protocol=data[9],
        data=data[header:total],
        fragment=more or offset > 0,
        identification=int.from_bytes(data[4:6], "big"),
        offset=offset,
        more=more,
    )


def _ipv6(data: bytes) -> IpPacket | None:
    """RFC 8200, 3 and 4."""
    if len(data) < 40:
        return None
    size = int.from_bytes(data[4:6], "big")
    if 40 + size > len(data):
        return None
    end = 40 + size if size else len(data)
    protocol, at = data[6], 40
    for _ in range(MAX_EXTENSIONS):
        if protocol not in EXTENSIONS or at + 8 > end:
            break
        protocol, at = data[at], at + (data[at + 1] + 1) * 8
    if at > end:
        return None
    source, target = (str(ipaddress.IPv6Address(data[i : i + 16])) for i in (8, 24))
    return IpPacket(source, target, protocol, data[at:end])
