"""Ways for bytes to come, by the scheme of their address. None knows a format."""

from __future__ import annotations

from ...net.link import Link
from ..intake import Transport


def transport_of(link: Link) -> Transport:
    """The transport of a link, not started. What it needs of others is imported only now."""
    scheme = link.address.scheme
    if scheme == "udp":
        from .udp import UdpTransport

        return UdpTransport(link)
    if link.address.listens:
        from .streams import ListenTransport

        return ListenTransport(link)
    from .streams import ConnectTransport

    return ConnectTransport(link)
