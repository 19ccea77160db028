"""Columns of numbers to bytes and back, bit by bit the same.

Whole numbers are stored as an offset from their least value in as few bytes as do; a column of one value, or one that
counts up by one, is its first value only. Floating columns of one batch are told apart by their bits, so that every
NaN and the sign of zero survive: all missing (not stored), all equal (one value), partly missing (a bit a row and the
others), or plain. The bytes of plain ones are laid out by significance, which is what lets them be compressed at all.

Missing is the NaN that numpy writes (0x7ff8000000000000); another NaN is a value like any other.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .frames import DamageError

MISSING_BITS = int(np.array([np.nan]).view(np.int64)[0])
CONSTANT, COUNTING, RAW = 0, 250, 8  # codings of whole numbers; 1, 2 and 4 are the width of offsets in bytes
ABSENT, EQUAL, PLAIN, PARTLY = range(4)  # codings of floating numbers
PARTLY_FROM = 0.125  # share of missing values from which a bit a row pays
_INTS = struct.Struct("<Bq")
_WIDTHS: tuple[tuple[int, type[np.unsignedinteger]], ...] = ((1, np.uint8), (2, np.uint16), (4, np.uint32))


class Cursor:
    """Takes bytes off a payload in turn and refuses to take more than there are."""

    def __init__(self, payload: bytes) -> None:
        self._view = memoryview(payload)
        self._at = 0

    def take(self, n: int) -> memoryview:
        """The next n bytes.

        Raises:
            DamageError: if there are not so many.
        """
        if n < 0 or self._at + n > len(self._view):
            raise DamageError(f"payload ends {self._at + n - len(self._view)} bytes too early")
        self._at += n
        return self._view[self._at - n : self._at]

    def array(self, dtype: type[np.generic] | str, n: int) -> NDArray[np.generic]:
        """The next n values, little-endian, as a view."""
        kind = np.dtype(dtype).newbyteorder("<")
        return np.frombuffer(self.take(n * kind.itemsize), dtype=kind)

    def unpack(self, form: struct.Struct) -> tuple[int, ...]:
        """The next numbers of a form."""
        return form.unpack(self.take(form.size))

    def done(self) -> None:
        """See that nothing is left.

        Raises:
            DamageError: if something is.
        """
        if self._at != len(self._view):
            raise DamageError(f"payload has {len(self._view) - self._at} bytes too many")


def put_ints(values: NDArray[np.generic]) -> bytes:
    """Whole numbers (n,) of any type within int64; n is not stored."""
    if not len(values):
        return b""
    wide = values.astype(np.int64)
    low, high, first = int(wide.min()), int(wide.max()), int(wide[0])
    if low == high:
        return _INTS.pack(CONSTANT, low)
    if high - low == len(wide) - 1 and first == low and bool((wide[1:] - wide[:-1] == 1).all()):
        return _INTS.pack(COUNTING, low)
    for width, dtype in _WIDTHS:
        if high - low < 1 << 8 * width:
            return _INTS.pack(width, low) + (wide - low).astype(dtype).astype(f"<u{width}").tobytes()
    return _INTS.pack(RAW, 0) + wide.astype("<i8").tobytes()


def take_ints(cursor: Cursor, n: int, dtype: type[np.generic]) -> NDArray[np.generic]:
    """What `put_ints` wrote of n numbers.

    Raises:
        DamageError: if that is not there, or does not fit the type.
    """
    if not n:
        return np.empty(0, dtype=dtype)
    coding, low = cursor.unpack(_INTS)
    if coding == CONSTANT:
        wide = np.full(n, low, dtype=np.int64)
    elif coding == COUNTING:
        wide = np.arange(n, dtype=np.int64) + low
    elif coding == RAW:
        wide = cursor.array(np.int64, n).astype(np.int64)
    elif coding in (1, 2, 4):
        wide = cursor.array(f"u{coding}", n).astype(np.int64) + low
    else:
        raise DamageError(f"column of unknown coding {coding}")
    out = wide.astype(dtype)
    if dtype is not np.int64 and not np.array_equal(out, wide):
        raise DamageError(f"column with values that are no {np.dtype(dtype).name}")
    return out


def put_floats(columns: Sequence[NDArray[np.float64]]) -> bytes:
    """k floating columns (n,) of one batch; k and n are not stored."""
    if not columns or not len(columns[0]):
        return b""
    bits = np.ascontiguousarray(columns, dtype=np.float64).view(np.int64)
    missing = bits == MISSING_BITS
    share = missing.mean(axis=1)
    coding = np.where(share >= PARTLY_FROM, PARTLY, PLAIN).astype(np.uint8)
    coding[(bits == bits[:, :1]).all(axis=1)] = EQUAL
    coding[missing.all(axis=1)] = ABSENT
    parts = [coding.tobytes(), bits[coding == EQUAL, 0].astype("<i8").tobytes()]
    for k in np.flatnonzero(coding == PARTLY):
        parts += [np.packbits(missing[k]).tobytes(), bits[k, ~missing[k]].astype("<i8").tobytes()]
    plain = bits[coding == PLAIN].astype("<i8")
    parts.append(np.ascontiguousarray(plain).view(np.uint8).reshape(*plain.shape, 8).transpose(0, 2, 1).tobytes())
    return b"".join(parts)


def take_floats(cursor: Cursor, k: int, n: int) -> NDArray[np.float64]:
    """What `put_floats` wrote of k columns of n numbers: (k, n).

    Raises:
        DamageError: if that is not there.
    """
    bits = np.full((k, n), MISSING_BITS, dtype=np.int64)
    if not k or not n:
        return bits.view(np.float64)
    coding = cursor.array(np.uint8, k)
    if coding.max() > PARTLY:
        raise DamageError(f"column of unknown coding {coding.max()}")
    equal = np.flatnonzero(coding == EQUAL)
    bits[equal] = cursor.array(np.int64, len(equal)).astype(np.int64)[:, None]
    for column in np.flatnonzero(coding == PARTLY):
        packed = cursor.array(np.uint8, (n + 7) // 8).astype(np.uint8)
        there = np.unpackbits(packed, count=n) == 0
        bits[column, there] = cursor.array(np.int64, int(there.sum()))
    plain = np.flatnonzero(coding == PLAIN)
    laid = cursor.array(np.uint8, len(plain) * 8 * n).reshape(len(plain), 8, n).transpose(0, 2, 1)
    bits[plain] = np.ascontiguousarray(laid).view("<i8").reshape(len(plain), n)
    return bits.view(np.float64)


def put_text(text: bytes) -> bytes:
    """Bytes with their length before them."""
    return struct.pack("<I", len(text)) + text


def take_text(cursor: Cursor) -> bytes:
    """What `put_text` wrote.

    Raises:
        DamageError: if it is not there.
    """
    (length,) = cursor.unpack(struct.Struct("<I"))
    return bytes(cursor.take(length))
