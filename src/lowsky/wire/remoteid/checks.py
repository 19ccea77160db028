"""What a message cannot be, and what in it is worth noting: on columns of messages of all types.

A message is refused when its bytes cannot be a message of its type (as the reference library opendroneid-core-c refuses
it), and when a value that matters cannot be true, which the reference lets pass: a place off the earth, a time beyond
the hour, a direction or a vertical speed beyond its scale, an identity that is no text. What is only reserved, or text
that nobody is known by, is noted and stays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..problems import RowCheck
from .codes import (
    AUTHENTICATION_TYPES,
    CATEGORIES_EU,
    CLASSES_EU,
    CLASSIFICATIONS,
    DESCRIPTION_TYPES,
    HORIZONTAL_BOUNDS_M,
    ID_TYPES,
    OPERATOR_PLACES,
    PRIVATE_FROM,
    SPEED_BOUNDS_MPS,
    STATUSES,
    VERSIONS,
    VERTICAL_BOUNDS_M,
    IdType,
    MessageType,
)
from .layout import (
    AUTH_FIRST_BYTES,
    AUTH_PAGE_BYTES,
    AUTHENTICATION_FIRST,
    DEGREE,
    ID_BYTES,
    LOCATION,
    MAX_AUTH_PAGES,
    MAX_DIRECTION,
    MAX_TIME,
    MAX_VERTICAL,
    NO_DIRECTION,
    NO_TIME,
    NO_VERTICAL,
    SYSTEM,
    Bools,
    Records,
    seen_as,
    types_of,
)

Raw = NDArray[np.void]
KNOWN_TYPES = np.isin(np.arange(16), [t for t in MessageType if t is not MessageType.PACK])
TEXT_IDS = (IdType.SERIAL_NUMBER, IdType.REGISTRATION)  # the other identities are bytes
AUTH_RESERVED = range(len(AUTHENTICATION_TYPES), 10)  # from ten on they are for private use
_OFF_EARTH = "is not on the earth"


def check_messages(records: Records, check: RowCheck) -> None:
    """Reject the messages (n, 25) that cannot be used, row by row of `check`."""
    types = types_of(records)
    check.reject(~KNOWN_TYPES[types], "message type", types, "is not known")
    for type_, checks in _CHECKS.items():
        rows = np.flatnonzero(types == type_)
        if len(rows):
            checks(records[rows], rows, check)


def notes_of(records: Records) -> dict[str, int]:
    """What is worth noting in messages (n, 25) that can be used, by how often."""
    types = types_of(records)
    found = {"protocol version unknown": int(((records[:, 0] & 15) >= len(VERSIONS)).sum())}
    for type_ in set(types.tolist()):
        rows = records[types == type_]
        for words, beyond in _NOTED.get(type_, ()):
            found[words] = found.get(words, 0) + int(np.count_nonzero(beyond(rows)))
    return {words: count for words, count in found.items() if count}


def after_nul(text: Records) -> Bools:
    """Rows of bytes (n, k) that go on after a NUL byte."""
    ended = np.cumsum(text == 0, axis=1) > 0
    return np.asarray((ended & (text != 0)).any(axis=1))


def unprintable(text: Records) -> Bools:
    """Rows of bytes (n, k) that hold, before the first NUL byte, anything but printable ASCII."""
    before = np.cumsum(text == 0, axis=1) == 0
    return np.asarray((before & ((text < 0x20) | (text > 0x7E))).any(axis=1))


class _Part:
    """Rejects rows of one type among the rows of all."""

    def __init__(self, rows: NDArray[np.int64], check: RowCheck) -> None:
        self._rows, self._check = rows, check

    def reject(self, bad: Bools, name: str, values: NDArray[np.generic], reason: str) -> None:
        if bad.any():
            full = np.zeros(len(self._check.good), dtype=np.bool_)
            full[self._rows[bad]] = True
            self._check.reject(full, name, dict(zip(self._rows.tolist(), values.tolist(), strict=True)), reason)


def _check_place(raw: Raw, part: _Part, whose: str) -> None:
    for name, limit in (("latitude", 90), ("longitude", 180)):
        degrees = raw[name] / DEGREE
        part.reject(np.abs(degrees) > limit, f"{whose}{name}", degrees, _OFF_EARTH)


def _check_location(records: Records, rows: NDArray[np.int64], check: RowCheck) -> None:
    raw, part = seen_as(records, LOCATION), _Part(rows, check)
    _check_place(raw, part, "")
    late = (raw["time"] > MAX_TIME) & (raw["time"] != NO_TIME)
    part.reject(late, "timestamp_s", raw["time"] / 10.0, "is beyond the hour")
    direction, west = raw["direction"], (raw["flags"] >> 1) & 1
    none = (direction == NO_DIRECTION[0]) & (west == NO_DIRECTION[1])
    part.reject((direction > MAX_DIRECTION) & ~none, "direction", direction + 180 * west.astype(int), "is no direction")
    vertical = raw["vertical"].astype(int)
    steep = (np.abs(vertical) > MAX_VERTICAL) & (vertical != NO_VERTICAL)
    part.reject(steep, "vertical_speed_mps", vertical / 2.0, "is beyond the scale")


def _check_system(records: Records, rows: NDArray[np.int64], check: RowCheck) -> None:
    _check_place(seen_as(records, SYSTEM), _Part(rows, check), "operator ")


def _check_authentication(records: Records, rows: NDArray[np.int64], check: RowCheck) -> None:
    raw, part = seen_as(records, AUTHENTICATION_FIRST), _Part(rows, check)
    first = (raw["type_page"] & 15) == 0
    last, length = raw["last_page"].astype(int), raw["length"].astype(int)
    part.reject(first & (last >= MAX_AUTH_PAGES), "last page", last, "is beyond the sixteenth")
    room = AUTH_FIRST_BYTES + AUTH_PAGE_BYTES * last
    part.reject(first & (length > room), "length", length, "is more than the pages hold")


def _check_basic_id(records: Records, rows: NDArray[np.int64], check: RowCheck) -> None:
    text = np.isin(records[:, 1] >> 4, TEXT_IDS)
    _reject_text(text & unprintable(records[:, 2 : 2 + ID_BYTES]), records, rows, check, "UAS ID")


def _check_operator_id(records: Records, rows: NDArray[np.int64], check: RowCheck) -> None:
    _reject_text(unprintable(records[:, 2 : 2 + ID_BYTES]), records, rows, check, "operator ID")


def _reject_text(bad: Bools, records: Records, rows: NDArray[np.int64], check: RowCheck, name: str) -> None:
    if bad.any():
        said = np.array([bytes(row).hex() for row in records[:, 2 : 2 + ID_BYTES]])
        _Part(rows, check).reject(bad, name, said, "is not printable ASCII")


_CHECKS: dict[MessageType, Callable[[Records, NDArray[np.int64], RowCheck], None]] = {
    MessageType.BASIC_ID: _check_basic_id,
    MessageType.LOCATION: _check_location,
    MessageType.AUTHENTICATION: _check_authentication,
    MessageType.SYSTEM: _check_system,
    MessageType.OPERATOR_ID: _check_operator_id,
}


def _beyond(byte: int, shift: int, bits: int, words: tuple[object, ...]) -> Callable[[Records], Bools]:
    """Whether a field of some bits has a number that no word stands for."""
    return lambda records: np.asarray(((records[:, byte] >> shift) & ((1 << bits) - 1)) >= len(words))


def _private_or_beyond(words: int) -> Callable[[Records], Bools]:
    return lambda records: np.asarray((records[:, 1] >= words) & (records[:, 1] < PRIVATE_FROM))


_NOTED: dict[int, tuple[tuple[str, Callable[[Records], Bools]], ...]] = {
    MessageType.BASIC_ID: (
        ("ID type reserved", _beyond(1, 4, 4, ID_TYPES)),
        ("text after its end", lambda r: np.isin(r[:, 1] >> 4, TEXT_IDS) & after_nul(r[:, 2 : 2 + ID_BYTES])),
    ),
    MessageType.LOCATION: (
        ("status reserved", _beyond(1, 4, 4, STATUSES)),
        ("horizontal accuracy reserved", _beyond(19, 0, 4, HORIZONTAL_BOUNDS_M)),
        ("vertical accuracy reserved", _beyond(19, 4, 4, VERTICAL_BOUNDS_M)),
        ("speed accuracy reserved", _beyond(20, 0, 4, SPEED_BOUNDS_MPS)),
        ("pressure accuracy reserved", _beyond(20, 4, 4, VERTICAL_BOUNDS_M)),
    ),
    MessageType.AUTHENTICATION: (
        ("authentication type reserved", lambda r: np.isin(r[:, 1] >> 4, tuple(AUTH_RESERVED))),
    ),
    MessageType.SELF_ID: (
        ("description type reserved", _private_or_beyond(len(DESCRIPTION_TYPES))),
        ("text not ASCII", lambda r: unprintable(r[:, 2:])),
        ("text after its end", lambda r: after_nul(r[:, 2:])),
    ),
    MessageType.SYSTEM: (
        ("operator place type reserved", _beyond(1, 0, 2, OPERATOR_PLACES)),
        ("classification reserved", _beyond(1, 2, 3, CLASSIFICATIONS)),
        ("EU category reserved", _beyond(17, 4, 4, CATEGORIES_EU)),
        ("EU class reserved", _beyond(17, 0, 4, CLASSES_EU)),
    ),
    MessageType.OPERATOR_ID: (
        ("operator ID type reserved", _private_or_beyond(1)),
        ("text after its end", lambda r: after_nul(r[:, 2 : 2 + ID_BYTES])),
    ),
}
"""By message type: what is noted, and whether a message (n, 25) is so."""
