"""Where a request comes from, and which names the server answers to.

The peer of the connection is the client, unless it is one of the proxies that the settings name: only then is
`X-Forwarded-For` read, from the right, up to the first address that is not such a proxy (what stands further left can
be made up by anybody), and `X-Forwarded-Proto`. Rates are counted for an IPv6 client by its /64, which is one
household.

The Host header must be an address, "localhost" or a name from the settings: a web page that lets its own name point at
this server (DNS rebinding) is refused. A server without accounts is stricter still: only a client, an address and a
name of loopback will do, and a request that passed a proxy is refused, since behind a proxy everybody looks local.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from lowsky.model.errors import InputError

from .refusal import Head, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_HOPS = 16
HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?\.?)(?::([0-9]{1,5}))?")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    address: str  # as text; "unknown" where the connection has none
    key: str  # for counting
    scheme: str  # "http" or "https", as the client sees it
    loopback: bool


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks out of the settings.

    Raises:
        InputError: naming the text that is neither.
    """
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise InputError(f"trusted_proxies: {error}") from None


def own_names() -> tuple[str, ...]:
    """What this machine calls itself, if that can be a host name: a stranger's page cannot be under it."""
    name = socket.gethostname()
    match = HOST.fullmatch(name)
    if match is None or match[3]:
        return ()
    return (name,) if "." in name else (name, f"{name}.local")


def address_of(text: str) -> Address | None:
    """An address, IPv4 in its own form also where it was written inside IPv6; None for anything else."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is bound to this host."""
    address = address_of(host.strip("[]"))
    return host.lower().rstrip(".") == "localhost" if address is None else address.is_loopback


def client_of(peer: str | None, scheme: str, head: Head, trusted: tuple[Network, ...]) -> Client:
    """The client of a request.

    Args:
        peer: address of the other end of the connection.
        scheme: of the connection.

    Raises:
        Refused: 400, if a trusted proxy sends what cannot be read.
    """
    address = address_of(peer) if peer else None
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    if address is None or not _within(address, trusted):
        return _client(address, scheme)
    hops = head.all("x-forwarded-for")
    for hop in reversed(hops[-MOST_HOPS:]):
        address = address_of(_without_port(hop))
        if address is None:
            raise Refused(400, "forwarded", f"X-Forwarded-For: {hop[:40]!r} is not an address")
        if not _within(address, trusted):
            break
    told = head.all("x-forwarded-proto")[-1:]
    if told and told[0].lower() not in ("http", "https"):
        raise Refused(400, "forwarded", f"X-Forwarded-Proto: {told[0][:40]!r} is not http or https")
    return _client(address, told[0].lower() if told else scheme)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _client(address: Address | None, scheme: str) -> Client:
    if address is None:
        return Client("unknown", "unknown", scheme, False)
    key = str(address)
    if isinstance(address, ipaddress.IPv6Address):
        key = str(ipaddress.ip_network((address, 64), strict=False))
    return Client(str(address), key, scheme, address.is_loopback)


class Hosts:
    """The names a server answers to."""

    def __init__(self, names: Iterable[str], loopback_only: bool) -> None:
        """Take names from the settings.

        Raises:
            InputError: naming what is not a host name.
        """
        self._loopback_only = loopback_only
        self._names = {"localhost"}
        for name in names:
            match = HOST.fullmatch(name)
            if match is None or match[3]:
                raise InputError(f"hosts: {name!r} is not a host name (without scheme and port)")
            self._names.add(name.lower().rstrip("."))

    def check(self, head: Head, scheme: str) -> str:
        """The server's own origin as this client names it, for example "https://sky.example:8443".

        Raises:
            Refused: 400 without a readable Host, 421 for a name that is not ours.
        """
        given = head.one("host")
        match = HOST.fullmatch(given or "")
        if match is None:
            raise Refused(400, "host", "the header Host is missing or not a host name")
        host = match[1].lower().rstrip(".")
        if not self._is_ours(host):
            raise Refused(
                421, "host", f"this server does not answer to the name {host[:100]!r}; the setting is hosts in [guard]"
            )
        port = int(match[3] or 0)
        return origin(scheme, host, port)

    def _is_ours(self, host: str) -> bool:
        if self._loopback_only:
            return is_loopback(host)
        return host in self._names or address_of(host.strip("[]")) is not None


def origin(scheme: str, host: str, port: int) -> str:
    """An origin without the port that its scheme implies (RFC 6454)."""
    implied = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" if port in (0, implied) else f"{scheme}://{host}:{port}"


def origin_of(text: str) -> str:
    """What a browser sent as Origin in the same form; "" for "null" and whatever is not one."""
    scheme, sign, rest = text.partition("://")
    match = HOST.fullmatch(rest)
    if not sign or match is None or scheme.lower() not in ("http", "https"):
        return ""
    return origin(scheme.lower(), match[1].lower().rstrip("."), int(match[3] or 0))


def came_through_a_proxy(head: Head) -> bool:
    """Whether anything on the way says that it passed the request on."""
    return head.has(*FORWARDED)
