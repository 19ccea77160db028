"""Captures of networks and radios: files of pcap and pcapng, cut into packets, and packets into what they carried.

    Splitter     bytes of a file, in any pieces, to packets
    Dissector    packets to the payloads of UDP and TCP, fragments put together and streams in order

Sources: draft-ietf-opsawg-pcap and -pcapng, tcpdump.org/linktypes, RFC 791, 793, 768, 8200, IEEE 802.1Q.
"""

from .dissect import Dissector, Payload
from .files import Packet, Splitter, is_capture

__all__ = ["Dissector", "Packet", "Payload", "Splitter", "is_capture"]
