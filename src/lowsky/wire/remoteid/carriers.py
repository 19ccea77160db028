"""What carries Remote ID over the air: out of frames as captures hold them, and into them (ASTM F3411-22a, 5.4.3).

    Wi-Fi beacon             vendor element 221 of OUI FA-0B-BC, type 0x0D: counter, pack (IEEE 802.11-2020, 9.4.2)
    Wi-Fi NAN                service discovery frame, service 88-69-19-9D-92-09: service info is counter, pack
    Bluetooth 4 legacy       service data (AD type 0x16) of UUID 0xFFFA, code 0x0D: counter, one message
    Bluetooth 5 extended     the same, with a pack (Bluetooth Core 5.4, volume 6, part B, section 2.3)

Captures are of link type 105 (IEEE 802.11), 127 (with radiotap), 251 (Bluetooth LE link layer), 256 (with a
pseudo-header). Advertising data that is chained over several packets is not put together: a pack fits into one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .packs import BrokenError, is_pack

OUI, OUI_TYPE = b"\xfa\x0b\xbc", 0x0D
VENDOR_ELEMENT = 221
NAN_SERVICE = bytes.fromhex("8869199d9209")
WFA_OUI, NAN_TYPE = b"\x50\x6f\x9a", 0x13
PUBLIC_ACTION, VENDOR_ACTION = 4, 9
SERVICE_DESCRIPTOR, SERVICE_EXTENSION = 3, 14
SERVICE_DATA = 0x16
SERVICE_HEAD = b"\xfa\xff\x0d"  # UUID 0xFFFA little-endian, application code

BEACON, PROBE_RESPONSE, ACTION = 0x80, 0x50, 0xD0  # first byte of a management frame
MAC_HEAD_BYTES, BEACON_FIXED_BYTES = 24, 12
ADVERTISING_ADDRESS = 0x8E89BED6
LEGACY_TYPES = (0, 2, 4, 6)  # ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND
EXTENDED_TYPE = 7
PSEUDO_HEAD_BYTES = 10
CODED_PHY = 2  # in the topmost bits of the pseudo-header's flags: a coding indicator follows the access address
CRC_BYTES = 3
BEACON_MARK, BLUETOOTH_MARK = OUI + bytes([OUI_TYPE]), bytes([SERVICE_DATA]) + SERVICE_HEAD
ACCESS = ADVERTISING_ADDRESS.to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Carried:
    """One broadcast out of its carrier."""

    mac: str  # of the transmitter
    carrier: str  # "Wi-Fi beacon", "Wi-Fi NAN", "Bluetooth 4" or "Bluetooth 5"
    counter: int
    payload: bytes  # a message or a pack


Reader = Callable[[bytes], Iterator[Carried]]


def read_frame(link_type: int, frame: bytes) -> list[Carried]:
    """The broadcasts in a frame of a capture; empty if it carries none.

    Raises:
        BrokenError: if the link type is none of these, or the frame breaks off within a broadcast.
    """
    reader = _READERS.get(link_type)
    if reader is None:
        known = ", ".join(map(str, LINK_TYPES))
        raise BrokenError("link type not read", f"frame: link type {link_type} is none of {known}")
    return _whole(reader, frame)


def read_bare(data: bytes) -> list[Carried] | None:
    """The broadcasts of a frame whose link type nobody tells, by the marks in it; None: it is no frame.

    Raises:
        BrokenError: if the frame breaks off within a broadcast.
    """
    reader = next((read for is_one, read in _BARE if is_one(data)), None)
    return None if reader is None else _whole(reader, data)


def advertised(data: bytes, mac: str) -> list[Carried]:
    """The broadcasts in advertising data; `BrokenError` as above."""
    return _whole(lambda frame: read_advertising(frame, mac), data)


def _whole(reader: Reader, frame: bytes) -> list[Carried]:
    try:
        return list(reader(frame))
    except (IndexError, struct.error):
        raise BrokenError("frame cut", f"frame: cut after {len(frame)} bytes") from None


def read_80211(frame: bytes) -> Iterator[Carried]:
    """Broadcasts in a management frame of IEEE 802.11."""
    if len(frame) < MAC_HEAD_BYTES:
        return
    head = MAC_HEAD_BYTES + (4 if frame[1] & 0x80 else 0)
    mac = frame[10:16].hex(":")
    if frame[0] in (BEACON, PROBE_RESPONSE):
        for counter, payload in _vendor_elements(frame[head + BEACON_FIXED_BYTES :]):
            yield Carried(mac, "Wi-Fi beacon", counter, payload)
    elif frame[0] == ACTION and frame[head : head + 6] == bytes([PUBLIC_ACTION, VENDOR_ACTION, *WFA_OUI, NAN_TYPE]):
        for info in _service_infos(frame[head + 6 :]):
            yield Carried(mac, "Wi-Fi NAN", info[0], info[1:])


def _vendor_elements(elements: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(elements):
        length = elements[at + 1]
        if elements[at] == VENDOR_ELEMENT and elements[at + 2 : at + 6] == BEACON_MARK:
            yield elements[at + 6], elements[at + 7 : at + 2 + length]
        at += 2 + length


def _service_infos(attributes: bytes) -> Iterator[bytes]:
    at = 0
    while at + 3 <= len(attributes):
        length = int.from_bytes(attributes[at + 1 : at + 3], "little")
        body = attributes[at + 3 : at + 3 + length]
        if attributes[at] == SERVICE_DESCRIPTOR and body[:6] == NAN_SERVICE and len(body) > 9:
            info = _service_info(body)
            if info:
                yield info
        at += 3 + length


def _service_info(body: bytes) -> bytes:
    """The service info of a service descriptor: behind the fields that its control byte announces."""
    control, at = body[8], 9
    if control & 0x40:
        at += 2  # binding bitmap
    for bit in (0x04, 0x08):  # matching filter, service response filter
        if control & bit:
            at += 1 + body[at]
    return body[at + 1 : at + 1 + body[at]] if control & 0x10 else b""


def read_radiotap(frame: bytes) -> Iterator[Carried]:
    """The same behind a radiotap header."""
    (length,) = struct.unpack_from("<H", frame, 2)
    yield from read_80211(frame[length:])


def read_advertising(data: bytes, mac: str) -> Iterator[Carried]:
    """Broadcasts in the advertising data of a Bluetooth device."""
    at = 0
    while at + 1 < len(data) and data[at]:
        end = at + 1 + data[at]
        if data[at + 1] == SERVICE_DATA and data[at + 2 : at + 5] == SERVICE_HEAD:
            payload = data[at + 6 : end]
            yield Carried(mac, "Bluetooth 5" if is_pack(payload) else "Bluetooth 4", data[at + 5], payload)
        at = end


def read_bluetooth(packet: bytes, coded: bool = False) -> Iterator[Carried]:
    """Broadcasts in an advertising packet of the Bluetooth LE link layer, from the access address on."""
    (address,) = struct.unpack_from("<I", packet)
    if address != ADVERTISING_ADDRESS:
        return
    head = 5 if coded else 4
    kind, length = packet[head] & 15, packet[head + 1]
    body = packet[head + 2 : head + 2 + length]
    if kind in LEGACY_TYPES:
        yield from read_advertising(body[6:], body[5::-1].hex(":"))
    elif kind == EXTENDED_TYPE:
        extended, data = body[1 : 1 + (body[0] & 63)], body[1 + (body[0] & 63) :]
        has_address = bool(extended) and extended[0] & 1
        yield from read_advertising(data, extended[6:0:-1].hex(":") if has_address else "")


def _read_pseudo(packet: bytes) -> Iterator[Carried]:
    (flags,) = struct.unpack_from("<H", packet, 8)
    yield from read_bluetooth(packet[PSEUDO_HEAD_BYTES:], coded=flags >> 14 == CODED_PHY)


def _is_80211(data: bytes) -> bool:
    beacon_, action = data[:1] in (bytes([BEACON]), bytes([PROBE_RESPONSE])), data[:1] == bytes([ACTION])
    return (beacon_ and BEACON_MARK in data) or (action and NAN_SERVICE in data)


_READERS: dict[int, Reader] = {
    105: read_80211,
    127: read_radiotap,
    251: read_bluetooth,
    256: _read_pseudo,
}
LINK_TYPES = tuple(_READERS)
"""Link types of captures (tcpdump.org/linktypes.html) that are read."""
_BARE: tuple[tuple[Callable[[bytes], bool], Reader], ...] = (
    (_is_80211, read_80211),
    (lambda data: data[:2] == b"\0\0" and (BEACON_MARK in data or NAN_SERVICE in data), read_radiotap),
    (lambda data: data.startswith(ACCESS), read_bluetooth),
    (lambda data: data[PSEUDO_HEAD_BYTES:].startswith(ACCESS), _read_pseudo),
    (lambda data: BLUETOOTH_MARK in data[:8], lambda data: read_advertising(data, "")),
)


def beacon_element(payload: bytes, counter: int = 0) -> bytes:
    """The vendor element of a Wi-Fi beacon."""
    body = OUI + bytes([OUI_TYPE, counter & 255]) + payload
    return bytes([VENDOR_ELEMENT, len(body)]) + body


def beacon(payload: bytes, mac: bytes, counter: int = 0, ssid: bytes = b"") -> bytes:
    """A Wi-Fi beacon frame from the address `mac` (6 bytes)."""
    head = bytes([BEACON, 0, 0, 0]) + b"\xff" * 6 + mac + mac + bytes(2)
    fixed = bytes(8) + struct.pack("<HH", 100, 0x20)
    return head + fixed + bytes([0, len(ssid)]) + ssid + beacon_element(payload, counter)


def nan_action(payload: bytes, mac: bytes, counter: int = 0) -> bytes:
    """A Wi-Fi NAN service discovery frame from the address `mac` (6 bytes)."""
    head = bytes([ACTION, 0, 0, 0]) + bytes.fromhex("516f9a010000") + mac + bytes.fromhex("506f9a0100ff") + bytes(2)
    info = bytes([counter & 255]) + payload
    service = NAN_SERVICE + bytes([1, 0, 0x10, len(info)]) + info
    attribute = bytes([SERVICE_DESCRIPTOR]) + struct.pack("<H", len(service)) + service
    extension = bytes([SERVICE_EXTENSION, 4, 0, 1, 0, 2, counter & 255])  # ends with which update this is
    return head + bytes([PUBLIC_ACTION, VENDOR_ACTION, *WFA_OUI, NAN_TYPE]) + attribute + extension


def advertising(payload: bytes, counter: int = 0) -> bytes:
    """Bluetooth advertising data: of a message 31 bytes (legacy), of a pack more (extended)."""
    body = bytes([SERVICE_DATA]) + SERVICE_HEAD + bytes([counter & 255]) + payload
    return bytes([len(body)]) + body


def advertising_packet(payload: bytes, mac: bytes, counter: int = 0) -> bytes:
    """A Bluetooth LE link layer packet from the address `mac` (6 bytes, as written), its CRC zero."""
    data, address = advertising(payload, counter), mac[::-1]
    if is_pack(payload):
        body = bytes([7, 1]) + address + data
        head = bytes([EXTENDED_TYPE | 0x40, len(body)])
    else:
        body = address + data
        head = bytes([2 | 0x40, len(body)])
    return struct.pack("<I", ADVERTISING_ADDRESS) + head + body + bytes(CRC_BYTES)
