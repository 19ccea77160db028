"""Ways for bytes to come, by the scheme of their address. None knows a format."""

from __future__ import annotations

from importlib import import_module

from ...net.link import Link
from ..intake import Transport

_HOMES: dict[str, tuple[str, str]] = {
    "udp": ("udp", "UdpTransport"),
    "tcp": ("streams", "ConnectTransport"),
    "tls": ("streams", "ConnectTransport"),
    "tcp-listen": ("streams", "ListenTransport"),
    "tls-listen": ("streams", "ListenTransport"),
    "serial": ("serial_line", "SerialTransport"),
    "file": ("files", "FileTransport"),
    "mqtt": ("mqtt", "MqttTransport"),
    "mqtts": ("mqtt", "MqttTransport"),
    "http": ("polling", "PollingTransport"),
    "https": ("polling", "PollingTransport"),
}
"""Scheme to module and class; imported when a site has one, with what they need of others."""


def transport_of(link: Link) -> Transport:
    """The transport of a link, not started."""
    module, name = _HOMES[link.address.scheme]
    made: Transport = getattr(import_module(f"{__name__}.{module}"), name)(link)
    return made
