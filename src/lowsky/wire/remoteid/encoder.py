"""Values to messages and packs, rounded as the reference library rounds them: what is beyond the scale is refused.

A direction is rounded to whole degrees, a speed to its step; a vertical speed is cut towards zero to half a unit, a
height down to it; a place is rounded to 1e-7 degree (as opendroneid-core-c, whose rounding all receivers have seen).
NaN is "not known". Authentication data is taken as it is: nothing is signed here.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .codes import MessageType
from .layout import (
    AUTH_FIRST_BYTES,
    AUTH_PAGE_BYTES,
    DEGREE,
    ID_BYTES,
    MAX_AUTH_PAGES,
    MESSAGE_BYTES,
    NO_DIRECTION,
    NO_SPEED,
    NO_TIME,
    NO_VERTICAL,
    TEXT_BYTES,
)
from .packs import messages_of
from .values import FAST_FROM_MPS, FAST_MPS, HEIGHT_M, LOWEST_M, SLOW_MPS, VERTICAL_MPS

VERSION = 2
MAX_SPEED_MPS, MAX_UP_MPS, MAX_HEIGHT_M, MAX_RADIUS_M, MAX_TIME_S = 254.25, 62.0, 31767.5, 2550.0, 3600.0
NAN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """What a Location/Vector message says; numbers in the units of `lowsky.wire.remoteid.values`."""

    status: int = 0
    direction_deg: float = NAN
    speed_mps: float = NAN
    up_mps: float = NAN
    latitude_deg: float = NAN
    longitude_deg: float = NAN
    pressure_height_m: float = NAN
    geodetic_height_m: float = NAN
    height_m: float = NAN
    height_type: int = 0
    horizontal_accuracy: int = 0
    vertical_accuracy: int = 0
    pressure_accuracy: int = 0
    speed_accuracy: int = 0
    time_accuracy: int = 0
    time_s: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What a System message says."""

    operator_place: int = 0
    classification: int = 0
    latitude_deg: float = NAN
    longitude_deg: float = NAN
    count: int = 1
    radius_m: float = 0.0
    ceiling_m: float = NAN
    floor_m: float = NAN
    category: int = 0
    class_: int = 0
    operator_height_m: float = NAN
    time: int = 0


def encode_basic_id(id_type: int, ua_type: int, uas_id: bytes, version: int = VERSION) -> bytes:
    """A Basic ID message.

    Raises:
        ValueError: naming what cannot be said.
    """
    types = _whole("id_type", id_type, 15) << 4 | _whole("ua_type", ua_type, 15)
    return _message(MessageType.BASIC_ID, version, struct.pack("<B20s", types, _fitting("UAS ID", uas_id, ID_BYTES)))


def encode_operator_id(operator_id: bytes, type_: int = 0, version: int = VERSION) -> bytes:
    """An Operator ID message; `ValueError` as above."""
    body = struct.pack("<B20s", _whole("type", type_, 255), _fitting("operator ID", operator_id, ID_BYTES))
    return _message(MessageType.OPERATOR_ID, version, body)


def encode_self_id(text: bytes, type_: int = 0, version: int = VERSION) -> bytes:
    """A Self ID message; `ValueError` as above."""
    body = struct.pack("<B23s", _whole("type", type_, 255), _fitting("text", text, TEXT_BYTES))
    return _message(MessageType.SELF_ID, version, body)


def encode_location(said: Location, version: int = VERSION) -> bytes:
    """A Location/Vector message; `ValueError` as above."""
    direction, west = _direction(said.direction_deg)
    speed, fast = _speed(said.speed_mps)
    flags = _whole("status", said.status, 15) << 4 | _whole("height_type", said.height_type, 1) << 2 | west << 1 | fast
    body = struct.pack(
        "<BBBbiiHHHBBHB",
        flags,
        direction,
        speed,
        _vertical(said.up_mps),
        *_place(said.latitude_deg, said.longitude_deg),
        _height("pressure_height_m", said.pressure_height_m),
        _height("geodetic_height_m", said.geodetic_height_m),
        _height("height_m", said.height_m),
        _two(said, "vertical_accuracy", "horizontal_accuracy"),
        _two(said, "pressure_accuracy", "speed_accuracy"),
        _time(said.time_s),
        _whole("time_accuracy", said.time_accuracy, 15),
    )
    return _message(MessageType.LOCATION, version, body)


def encode_system(said: System, version: int = VERSION) -> bytes:
    """A System message; `ValueError` as above."""
    _within("radius_m", said.radius_m, 0.0, MAX_RADIUS_M)
    body = struct.pack(
        "<BiiHBHHBHI",
        _whole("classification", said.classification, 7) << 2 | _whole("operator_place", said.operator_place, 3),
        *_place(said.latitude_deg, said.longitude_deg),
        _whole("count", said.count, 0xFFFF),
        int(said.radius_m) // 10,
        _height("ceiling_m", said.ceiling_m),
        _height("floor_m", said.floor_m),
        _two(said, "category", "class_"),
        _height("operator_height_m", said.operator_height_m),
        _whole("time", said.time, 0xFFFFFFFF),
    )
    return _message(MessageType.SYSTEM, version, body)


def encode_authentication(type_: int, data: bytes, time: int, version: int = VERSION) -> list[bytes]:
    """The pages that carry authentication data of at most 255 bytes; `ValueError` as above."""
    if len(data) > 255:
        raise ValueError(f"authentication data: {len(data)} bytes are more than 255")
    pages = 1 + max(0, math.ceil((len(data) - AUTH_FIRST_BYTES) / AUTH_PAGE_BYTES))
    first = encode_page(type_, 0, data[:AUTH_FIRST_BYTES], pages - 1, len(data), time, version)
    rest = (data[AUTH_FIRST_BYTES + AUTH_PAGE_BYTES * i :][:AUTH_PAGE_BYTES] for i in range(pages - 1))
    return [first, *(encode_page(type_, i, part, version=version) for i, part in enumerate(rest, 1))]


def encode_page(
    type_: int, page: int, data: bytes, last: int = 0, length: int = 0, time: int = 0, version: int = VERSION
) -> bytes:
    """One Authentication message; of page 0 the last page, the length and the time; `ValueError` as above."""
    head = _whole("type", type_, 15) << 4 | _whole("page", page, MAX_AUTH_PAGES - 1)
    if page:
        body = struct.pack("<B23s", head, _fitting("data", data, AUTH_PAGE_BYTES))
        return _message(MessageType.AUTHENTICATION, version, body)
    _whole("last page", last, MAX_AUTH_PAGES - 1)
    _whole("length", length, min(255, AUTH_FIRST_BYTES + AUTH_PAGE_BYTES * last))
    body = struct.pack("<BBBI17s", head, last, length, time, _fitting("data", data, AUTH_FIRST_BYTES))
    return _message(MessageType.AUTHENTICATION, version, body)


def encode_pack(messages: Sequence[bytes], version: int = VERSION) -> bytes:
    """A pack of messages.

    Raises:
        BrokenError: if it would hold what no pack may.
    """
    pack = bytes([MessageType.PACK << 4 | version, MESSAGE_BYTES, len(messages) & 255]) + b"".join(messages)
    messages_of(pack)
    return pack


def _message(type_: MessageType, version: int, body: bytes) -> bytes:
    return bytes([type_ << 4 | _whole("version", version, 15)]) + body.ljust(MESSAGE_BYTES - 1, b"\0")


def _whole(name: str, value: int, most: int) -> int:
    if not 0 <= value <= most:
        raise ValueError(f"{name}: {value} is not between 0 and {most}")
    return value


def _two(said: Location | System, high: str, low: str) -> int:
    return _whole(high, getattr(said, high), 15) << 4 | _whole(low, getattr(said, low), 15)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name}: {value:.10g} is not between {low:.10g} and {high:.10g}")


def _fitting(name: str, data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise ValueError(f"{name}: {len(data)} bytes are more than {most}")
    return data


def _direction(degrees: float) -> tuple[int, int]:
    if math.isnan(degrees):
        return NO_DIRECTION
    _within("direction_deg", degrees, 0.0, 360.0)
    whole = math.floor(degrees + 0.5) % 360
    return whole % 180, whole // 180


def _speed(mps: float) -> tuple[int, int]:
    if math.isnan(mps):
        return NO_SPEED
    _within("speed_mps", mps, 0.0, MAX_SPEED_MPS)
    if mps <= FAST_FROM_MPS:
        return int(mps / SLOW_MPS + 0.5), 0
    return int((mps - FAST_FROM_MPS) / FAST_MPS + 0.5), 1


def _vertical(mps: float) -> int:
    if math.isnan(mps):
        return NO_VERTICAL
    _within("up_mps", mps, -MAX_UP_MPS, MAX_UP_MPS)
    return int(mps / VERTICAL_MPS)


def _place(latitude: float, longitude: float) -> tuple[int, int]:
    if math.isnan(latitude) and math.isnan(longitude):
        return 0, 0
    _within("latitude_deg", latitude, -90.0, 90.0)
    _within("longitude_deg", longitude, -180.0, 180.0)
    return tuple(int(math.copysign(math.floor(abs(x) * DEGREE + 0.5), x)) for x in (latitude, longitude))  # type: ignore[return-value]


def _height(name: str, metres: float) -> int:
    if math.isnan(metres):
        return 0
    _within(name, metres, LOWEST_M, MAX_HEIGHT_M)
    return int((metres - LOWEST_M) / HEIGHT_M)


def _time(seconds: float) -> int:
    if math.isnan(seconds):
        return NO_TIME
    _within("time_s", seconds, 0.0, MAX_TIME_S)
    return math.floor(seconds * 10.0 + 0.5)
