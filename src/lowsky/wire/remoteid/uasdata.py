"""The C structure `ODID_UAS_Data` of opendroneid-core-c, as receivers hand it on (DroneScout: base64 in `UASdata`).

It holds decoded values of all kinds with a flag for each that says whether it was heard; little-endian, 64-bit layout,
916 bytes and padding. They become messages again, so that everything goes one way through the decoder.
"""

from __future__ import annotations

import math
import struct

from .encoder import (
    Location,
    System,
    encode_basic_id,
    encode_location,
    encode_operator_id,
    encode_page,
    encode_self_id,
    encode_system,
)
from .layout import AUTH_FIRST_BYTES, AUTH_PAGE_BYTES, ID_BYTES, MAX_AUTH_PAGES, TEXT_BYTES
from .packs import BrokenError

BASIC_ID = struct.Struct("<II20s")
LOCATION = struct.Struct("<IfffddffIfIIIIIf")
PAGE = struct.Struct("<BxxxIBBxxI23s")
SELF_ID = struct.Struct("<I23s")
SYSTEM = struct.Struct("<IIddHHffIIfI")
OPERATOR_ID = struct.Struct("<I20s")

BASIC_ID_AT, LOCATION_AT, PAGES_AT, SELF_ID_AT, SYSTEM_AT, OPERATOR_ID_AT, FLAGS_AT = 0, 64, 136, 776, 808, 864, 892
BASIC_ID_BYTES, PAGE_BYTES = 32, 40
FLAGS = struct.Struct("<2BB16BBBB")
STRUCTURE_BYTES = FLAGS_AT + FLAGS.size

UNKNOWN_DIRECTION, UNKNOWN_SPEED, UNKNOWN_UP, UNKNOWN_HEIGHT, UNKNOWN_TIME = 361.0, 255.0, 63.0, -1000.0, 65535.0


def messages_of_structure(data: bytes) -> list[bytes]:
    """The messages that a structure holds.

    Raises:
        BrokenError: if it is too short.
        ValueError: if a value in it is beyond what a message can say.
    """
    if len(data) < STRUCTURE_BYTES:
        raise BrokenError("UASdata cut", f"UASdata: {len(data)} bytes are less than {STRUCTURE_BYTES}")
    flags = FLAGS.unpack_from(data, FLAGS_AT)
    found = [_basic_id(data, i) for i in range(2) if flags[i]]
    if flags[2]:
        found.append(encode_location(_location(data)))
    found += [_page(data, page) for page in range(MAX_AUTH_PAGES) if flags[3 + page]]
    if flags[19]:
        type_, text = SELF_ID.unpack_from(data, SELF_ID_AT)
        found.append(encode_self_id(text[:TEXT_BYTES], type_))
    if flags[20]:
        found.append(encode_system(_system(data)))
    if flags[21]:
        type_, operator = OPERATOR_ID.unpack_from(data, OPERATOR_ID_AT)
        found.append(encode_operator_id(operator[:ID_BYTES], type_))
    return found


def _basic_id(data: bytes, number: int) -> bytes:
    ua_type, id_type, uas_id = BASIC_ID.unpack_from(data, BASIC_ID_AT + BASIC_ID_BYTES * number)
    return encode_basic_id(id_type, ua_type, uas_id)


def _location(data: bytes) -> Location:
    (
        status, direction, speed, up, latitude, longitude, pressure, geodetic, height_type, height,
        horizontal, vertical, pressure_accuracy, speed_accuracy, time_accuracy, time,
    ) = LOCATION.unpack_from(data, LOCATION_AT)  # fmt: skip
    return Location(
        status=status,
        direction_deg=_known(direction, UNKNOWN_DIRECTION),
        speed_mps=_known(speed, UNKNOWN_SPEED),
        up_mps=_known(up, UNKNOWN_UP),
        latitude_deg=latitude,
        longitude_deg=longitude,
        pressure_height_m=_known(pressure, UNKNOWN_HEIGHT),
        geodetic_height_m=_known(geodetic, UNKNOWN_HEIGHT),
        height_type=height_type,
        height_m=_known(height, UNKNOWN_HEIGHT),
        horizontal_accuracy=horizontal,
        vertical_accuracy=vertical,
        pressure_accuracy=pressure_accuracy,
        speed_accuracy=speed_accuracy,
        time_accuracy=time_accuracy,
        time_s=_known(time, UNKNOWN_TIME),
    )


def _page(data: bytes, page: int) -> bytes:
    number, type_, last, length, time, body = PAGE.unpack_from(data, PAGES_AT + PAGE_BYTES * page)
    size = AUTH_PAGE_BYTES if number else AUTH_FIRST_BYTES
    return encode_page(type_, number, body[:size], last, length, time)


def _system(data: bytes) -> System:
    place, classification, latitude, longitude, count, radius, ceiling, floor, category, class_, height, time = (
        SYSTEM.unpack_from(data, SYSTEM_AT)
    )
    return System(
        operator_place=place,
        classification=classification,
        latitude_deg=latitude,
        longitude_deg=longitude,
        count=count,
        radius_m=radius,
        ceiling_m=_known(ceiling, UNKNOWN_HEIGHT),
        floor_m=_known(floor, UNKNOWN_HEIGHT),
        category=category,
        class_=class_,
        operator_height_m=_known(height, UNKNOWN_HEIGHT),
        time=time,
    )


def _known(value: float, unknown: float) -> float:
    return math.nan if value == unknown else value
