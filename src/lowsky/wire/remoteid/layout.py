"""The messages as they lie in memory: 25 bytes each, little-endian (ASTM F3411-22a tables 5 to 13)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MESSAGE_BYTES = 25
ID_BYTES = 20
TEXT_BYTES = 23
PACK_HEAD_BYTES = 3
MAX_PACK_MESSAGES = 9
MAX_AUTH_PAGES = 16
AUTH_FIRST_BYTES, AUTH_PAGE_BYTES = 17, 23  # of authentication data on page 0 and on each other

BASIC_ID = np.dtype([("head", "u1"), ("types", "u1"), ("id", "V20"), ("reserved", "V3")])
LOCATION = np.dtype([
    ("head", "u1"),
    ("flags", "u1"),  # status, reserved, height type, east or west, speed multiplier
    ("direction", "u1"),
    ("speed", "u1"),
    ("vertical", "i1"),
    ("latitude", "<i4"),
    ("longitude", "<i4"),
    ("pressure", "<u2"),
    ("geodetic", "<u2"),
    ("height", "<u2"),
    ("accuracy", "u1"),  # vertical, horizontal
    ("accuracy2", "u1"),  # pressure, speed
    ("time", "<u2"),
    ("time_accuracy", "u1"),
    ("reserved", "u1"),
])  # fmt: skip
AUTHENTICATION = np.dtype([("head", "u1"), ("type_page", "u1"), ("data", "V23")])
AUTHENTICATION_FIRST = np.dtype([
    ("head", "u1"), ("type_page", "u1"), ("last_page", "u1"), ("length", "u1"), ("time", "<u4"), ("data", "V17"),
])  # fmt: skip
SELF_ID = np.dtype([("head", "u1"), ("type", "u1"), ("text", "V23")])
SYSTEM = np.dtype([
    ("head", "u1"),
    ("flags", "u1"),  # reserved, classification, operator's place
    ("latitude", "<i4"),
    ("longitude", "<i4"),
    ("count", "<u2"),
    ("radius", "u1"),
    ("ceiling", "<u2"),
    ("floor", "<u2"),
    ("category", "u1"),  # category, class
    ("altitude", "<u2"),
    ("time", "<u4"),
    ("reserved", "u1"),
])  # fmt: skip
OPERATOR_ID = np.dtype([("head", "u1"), ("type", "u1"), ("id", "V20"), ("reserved", "V3")])

DEGREE = 10_000_000  # of latitude and longitude
NO_TIME = 0xFFFF
MAX_TIME = 36_000  # tenths of a second after the hour; the last is the next hour
NO_DIRECTION = (181, 1)  # byte, west bit: 361 degrees
MAX_DIRECTION = 179  # of the byte
NO_SPEED = (255, 1)  # byte, multiplier bit: 255 m/s
NO_VERTICAL, MAX_VERTICAL = 126, 124  # half m/s: 63 and 62 m/s

Records = NDArray[np.uint8]
Bools = NDArray[np.bool_]


def records_of(messages: bytes) -> Records:
    """Messages one after another as an array (n, 25); what is beyond the last whole one is left out."""
    n = len(messages) // MESSAGE_BYTES
    return np.frombuffer(messages, dtype=np.uint8, count=n * MESSAGE_BYTES).reshape(n, MESSAGE_BYTES)


def types_of(records: Records) -> Records:
    """Message types (n,)."""
    return np.asarray(records[:, 0] >> 4, dtype=np.uint8)


def seen_as(records: Records, layout: np.dtype[np.void]) -> NDArray[np.void]:
    """Messages (n, 25) of one type as records (n,) of its layout."""
    return np.ascontiguousarray(records).view(layout)[:, 0]
