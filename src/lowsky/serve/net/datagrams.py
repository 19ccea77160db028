"""UDP sockets: addresses of this machine, groups that are joined, and how much the system lost for want of room."""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys

from .address import Address
from .connections import why

SOCKET_BYTES = 4 << 20  # receive buffer asked of the system: a second of a busy site; it gives what it allows
MOST_BYTES = 65_535  # of a datagram
SO_RXQ_OVFL = 40 if sys.platform == "linux" else None  # the system tells with a datagram how many it lost before it
ANCILLARY_BYTES = 64


def receiving(address: Address) -> socket.socket:
    """A socket that receives what is sent to an address; a group is joined, at `?interface=` or where the system says.

    Raises:
        OSError: if the address cannot be had; its text is for people.
    """
    try:
        return _receiving(address)
    except OSError as error:
        raise OSError(f"cannot listen at {address}: {why(error)}") from None


def _receiving(address: Address) -> socket.socket:
    family, where = resolved(address)
    line = socket.socket(family, socket.SOCK_DGRAM)
    try:
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        if SO_RXQ_OVFL is not None:
            line.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        if address.multicast:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # several may hear one group
        line.bind(where)
        if address.multicast:
            _join(line, family, where[0], address.word("interface"))
    except BaseException:
        line.close()
        raise
    return line


def sending(address: Address) -> socket.socket:
    """A socket connected to an address; datagrams to a group go out at `?interface=` over at most `?ttl=` hops.

    Raises:
        OSError: if it cannot be had; its text is for people.
    """
    try:
        family, where = resolved(address)
        line = socket.socket(family, socket.SOCK_DGRAM)
        try:
            line.setblocking(False)
            if address.multicast:
                _aim(line, family, address)
            line.connect(where)
        except BaseException:
            line.close()
            raise
    except OSError as error:
        raise OSError(f"{address}: {why(error)}") from None
    return line


def resolved(address: Address) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Family and socket address; the first that the name has."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
    family, _, _, _, where = found[0]
    return family, (str(where[0]), int(where[1]))


def lost_before(ancillary: list[tuple[int, int, bytes]]) -> int:
    """How many datagrams the system lost at a socket since it was opened, as said with one; 0: it did not say."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_RXQ_OVFL:
            return int(struct.unpack("=I", data[:4])[0])
    return 0


def _join(line: socket.socket, family: int, group: str, interface: str) -> None:
    packed = socket.inet_pton(family, group)
    if family == socket.AF_INET6:
        index = struct.pack("@I", _index(interface))
        line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, packed + index)
    else:
        line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, packed + _request(interface))


def _aim(line: socket.socket, family: int, address: Address) -> None:
    interface, hops = address.word("interface"), int(address.number("ttl", 1))
    if family == socket.AF_INET6:
        line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack("@I", _index(interface)))
        return
    line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, hops)
    if interface:
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, bytes(4) + _request(interface))


def _request(interface: str) -> bytes:
    """Address and index of an interface, as `struct ip_mreqn` ends."""
    try:
        return ipaddress.IPv4Address(interface or "0.0.0.0").packed + struct.pack("@i", 0)
    except ValueError:
        return bytes(4) + struct.pack("@i", _index(interface))


def _index(interface: str) -> int:
    try:
        return socket.if_nametoindex(interface) if interface else 0
    except OSError:
        raise OSError(f"there is no network interface {interface!r}") from None
