"""Captures, pcap and pcapng, and the packets in them: how a file is cut changes nothing, and nothing is made up."""

from __future__ import annotations

from lowsky.wire.capture import Dissector, Packet, Payload, Splitter
from lowsky.wire.formats import Options

OPTIONS = Options()
DICTIONARY = (
    b"\xd4\xc3\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",
    b"\x4d\x3c\x2b\x1a",
    b"\x08\x00\x45\x00",
    b"\x81\x00\x00\x05",
    b"\x86\xdd\x60\x00",
    b"\x01\x00\x00\x00",
    b"\x06\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x20\x00",
)


def one(data: bytes) -> None:
    """One input, whole and in pieces."""
    packets, broken = _split(data, len(data) or 1)
    assert (packets, broken) == _split(data, 7)
    assert sum(len(packet.data) for packet in packets) <= len(data)
    dissector = Dissector()
    payloads = [payload for packet in packets for payload in dissector.push(packet)]
    dissector.close()
    counted = sum(count for kind, count in dissector.ignored.items() if kind != "byte missing in a TCP stream")
    assert all(count > 0 for count in dissector.ignored.values())
    assert len(payloads) + counted <= len(packets)
    _check(payloads, sum(len(packet.data) for packet in packets))


def _split(data: bytes, piece: int) -> tuple[list[Packet], str]:
    splitter = Splitter()
    packets = [p for at in range(0, len(data), piece) for p in splitter.push(data[at : at + piece])]
    splitter.close()
    return packets, splitter.broken


def _check(payloads: list[Payload], captured: int) -> None:
    assert sum(len(payload.data) for payload in payloads) <= captured
    for payload in payloads:
        assert payload.data
        assert 0 <= payload.source[1] <= 65_535
        assert 0 <= payload.target[1] <= 65_535
