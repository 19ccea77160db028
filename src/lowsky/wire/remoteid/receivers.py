"""What receivers write: JSON of several makers, CSV of the Android receiver, hexadecimal; each to what was heard.

    neutral      `{"payload": "<hexadecimal or base64>", "sensor": ..., "mac": ..., "time": ..., "counter": ...}`: any
    dronescout   `{"protocol": 1.0, "data": {"sensor ID", "MAC address", "timestamp", "UASdata", ...}}`, and `"status"`
                 (DroneScout ds230, ds240: MQTT; payloads may be LZMA-compressed, and objects may follow without a gap)
    CSV          `session,timestamp (nanos),transportType,macAddress,msgVersion,rssi,payload,...` (OpenDroneID, Android)

and the shapes of decoded values in `lowsky.wire.remoteid.shapes`. Objects of none of these are told apart from what is
no JSON: receivers also say things that are no Remote ID.
"""

from __future__ import annotations

import base64
import binascii
import lzma
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..jsonl.instants import instant_ns
from .carriers import Carried, advertised, read_frame
from .heard import Heard, Item, Nothing, Said
from .layout import MESSAGE_BYTES
from .packs import BrokenError
from .shapes import messages_of_droneid, messages_of_flat, messages_of_odid, number, whole
from .uasdata import messages_of_structure

MAX_TEXT = 200  # characters of names and words of a receiver
MAX_PARTS = 64  # objects in one list
MAX_UNPACKED_BYTES = 1 << 20  # of a compressed payload
UNPACK_MEMORY_BYTES = 32 << 20
LZMA_HEAD = b"\xfd7zXZ\x00"
CSV_FIELDS = 7  # up to the payload

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[\s:-]?)+")
_BETWEEN = re.compile(rb"\}\s*\{")
_DRONEID_PARTS = ("Basic ID", "Location/Vector Message", "System Message", "Self-ID Message", "Operator ID Message")
_NS_PER_MS = 1_000_000


def read_text(line: bytes) -> list[Item]:
    """What one line, or one message of a broker, says.

    Raises:
        BrokenError: if it is none of what is read here.
    """
    text = line.strip(b" \t\r\n\0")
    if text[:1] in (b"{", b"["):
        return [item for value in _json(text) for item in read_object(value)]
    if _HEX.fullmatch(text):
        payload = _bytes_of(text.decode())
        return [Heard((payload,))]
    fields = text.decode("utf-8", "replace").split(",")
    if len(fields) >= CSV_FIELDS:
        return [_csv(fields)]
    raise BrokenError("line not read", f"line: {text[:40].decode('utf-8', 'replace')!r} is no JSON, CSV or hexadecimal")


def unpacked(data: bytes) -> bytes:
    """A payload as it was before a receiver compressed it.

    Raises:
        BrokenError: if it cannot be unpacked, or becomes longer than `MAX_UNPACKED_BYTES`.
    """
    if not data.startswith(LZMA_HEAD):
        return data
    try:
        unpacker = lzma.LZMADecompressor(memlimit=UNPACK_MEMORY_BYTES)
        found = unpacker.decompress(data, MAX_UNPACKED_BYTES)
    except lzma.LZMAError as error:
        raise BrokenError("payload not unpacked", f"payload: cannot be unpacked: {error}") from None
    if not unpacker.eof:
        raise BrokenError("payload not unpacked", f"payload: is cut or unpacks to over {MAX_UNPACKED_BYTES} bytes")
    return found


def _json(text: bytes) -> list[Any]:
    """The value of a text, or of the objects that follow each other in it."""
    try:
        return [msgspec.json.decode(text)]
    except (ValueError, RecursionError) as error:
        ends = [match.start() + 1 for match in _BETWEEN.finditer(text)][:MAX_PARTS]
        if not ends:
            shown = text[:40].decode("utf-8", "replace")
            raise BrokenError("line not JSON", f"line: {shown!r} is not JSON: {str(error)[:80]}") from None
        pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
        return [value for piece in pieces for value in _one(piece)]


def _one(piece: bytes) -> list[Any]:
    try:
        return [msgspec.json.decode(piece)]
    except (ValueError, RecursionError):
        raise BrokenError("line not JSON", f"line: {piece[:40].decode('utf-8', 'replace')!r} is not JSON") from None


def read_object(value: Any) -> list[Item]:
    """What a JSON value says.

    Raises:
        BrokenError: if it is no object, or what it holds cannot be read.
    """
    parts = value if isinstance(value, list) else [value]
    if not parts or len(parts) > MAX_PARTS or not all(isinstance(part, Mapping) for part in parts):
        raise BrokenError("line no object", f"line: {str(value)[:40]!r} is no object of ours")
    try:
        if any(name in part for part in parts for name in _DRONEID_PARTS):
            return [_droneid(parts)]
        return [item for part in parts for item in _read_part(part)]
    except BrokenError:
        raise
    except ValueError as error:  # a value that no message can say, bytes that are no base64
        raise BrokenError("value not possible", f"line: {str(error)[:120]}") from None


def _read_part(said: Mapping[str, Any]) -> list[Item]:
    for mark, read in _SHAPES:
        if mark in said:
            return read(said)
    return [Nothing("other JSON")]


def _neutral(said: Mapping[str, Any]) -> list[Item]:
    data = _bytes_of(str(said["payload"]))
    link_type = said.get("link_type")
    receiver, time_ns = _word(said.get("sensor")), _instant(said.get("time"))
    if link_type is None:
        counter = whole(said.get("counter"), -1)
        return [Heard((data,), receiver, _word(said.get("mac")), _word(said.get("carrier")), counter, time_ns)]
    found = read_frame(whole(link_type, -1), data)
    return [of_carried(c, receiver, time_ns) for c in found] or [Nothing("no Remote ID")]


def of_carried(carried: Carried, receiver: str = "", time_ns: int = 0) -> Heard:
    """What was heard out of a carrier."""
    return Heard((carried.payload,), receiver, carried.mac, carried.carrier, carried.counter, time_ns)


def _dronescout(said: Mapping[str, Any]) -> list[Item]:
    found: list[Item] = []
    data, status = said.get("data"), said.get("status")
    if isinstance(data, Mapping):
        messages = messages_of_structure(_base64(str(data.get("UASdata"))))
        found.append(
            Heard(
                tuple(messages),
                _word(data.get("sensor ID")),
                _word(data.get("MAC address")),
                _word(data.get("type")),
                time_ns=_milliseconds(data.get("timestamp")),
            )
        )
    if isinstance(status, Mapping):
        text = _word(status.get("status"))
        state = "well" if text == "normal" else "faulty"
        found.append(Said(_word(status.get("sensor ID")), state, text, _milliseconds(status.get("timestamp"))))
    return found or [Nothing("other JSON")]


def _odid(said: Mapping[str, Any]) -> list[Item]:
    inner = said["odid"]
    if not isinstance(inner, Mapping):
        raise BrokenError("line no object", "line: odid is no object")
    receiver = _word(said.get("sensor_id", said.get("sn")))
    return [Heard(tuple(messages_of_odid(inner)), receiver, _word(said.get("mac")), _word(said.get("tech")))]


def _flat(said: Mapping[str, Any]) -> list[Item]:
    return [Heard(tuple(messages_of_flat(said)), mac=_word(said.get("mac")))]


def _droneid(parts: list[Mapping[str, Any]]) -> Item:
    macs = [part.get("MAC") for part in parts]
    macs += [inner.get("MAC") for part in parts for inner in part.values() if isinstance(inner, Mapping)]
    mac = next((str(m) for m in macs if m), "")
    return Heard(tuple(messages_of_droneid(parts)), mac=_word(mac))


_SHAPES: tuple[tuple[str, Callable[[Mapping[str, Any]], list[Item]]], ...] = (
    ("payload", _neutral),
    ("protocol", _dronescout),
    ("odid", _odid),
    ("drone_lat", _flat),
    ("uav latitude", _flat),
)


def _csv(fields: list[str]) -> Item:
    """A line of the Android receiver's log; its times count from when the telephone was switched on."""
    if fields[0] == "session":
        return Nothing("head of a table")
    data, mac, carrier = _bytes_of(fields[6]), _word(fields[3]), fields[2].strip()
    if carrier.startswith("BT"):
        found = advertised(data, mac)
        return of_carried(found[0]) if found else Nothing("no Remote ID")
    if len(data) <= MESSAGE_BYTES:
        raise BrokenError("message cut", f"line: {len(data)} bytes are less than a counter and a message")
    return Heard((data[1:],), mac=mac, carrier=_word(carrier), counter=data[0])


def _bytes_of(text: str) -> bytes:
    """Bytes written as hexadecimal, with or without gaps, or as base64."""
    try:
        return bytes.fromhex(re.sub(r"[\s:-]", "", text))
    except ValueError:
        return _base64(text)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenError("payload no bytes", f"payload: {text[:40]!r} is neither hexadecimal nor base64") from None


def _word(value: Any) -> str:
    return "" if value is None else str(value)[:MAX_TEXT].strip()


def _milliseconds(value: Any) -> int:
    ms = number(value)
    return round(ms * _NS_PER_MS) if 0.0 < ms < 9e12 else 0


def _instant(value: Any) -> int:
    """Nanoseconds of a time in seconds since 1970 or ISO 8601; 0: none."""
    usable = isinstance(value, str | int | float) and not isinstance(value, bool)
    return max(0, instant_ns(value, None)) if usable else 0
