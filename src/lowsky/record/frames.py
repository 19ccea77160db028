"""Frames: how a recording stands in its files, byte by byte.

A recording is a folder of segment files. A segment begins with a head (magic, version, number) and goes on with frames,
one after the other: mark, kind, coding, length, CRC-32, running number, time, payload. Everything is little-endian.
The CRC is that of IEEE 802.3 (zlib's) over the frame's head without mark and CRC, then over the payload as stored.

A reader needs nothing but the bytes: what is damaged is found by mark, CRC and running number, and reading goes on at
the next frame that is whole. Payloads are `lowsky.record.payloads`'s.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import pyarrow as pa

from lowsky.model.errors import InputError

MAGIC = b"lowsky\0log\r\n"  # line ends in it show a file that was moved as text
VERSION = 1
MARK = b"\xf5LSF"  # 0xf5 is in no UTF-8 text, so a text is never taken for a frame
SUFFIX = ".lowskylog"
SEGMENT_HEAD = struct.Struct("<12sHHIQ4x")  # magic, version, 0, CRC-32 of the rest, number of the segment
FRAME_HEAD = struct.Struct("<4sBBHIIQq")  # mark, kind, coding, 0, length, CRC-32, running number, time ns
COMPRESS_FROM_BYTES = 512  # shorter payloads gain less than they cost
LARGEST_PAYLOAD_BYTES = 1 << 31  # unpacked; a length beyond it is damage
PLAIN, ZSTD = 0, 1  # codings
_ZSTD_LEVEL = 1  # level 3 gains 2 % on checkpoints and nothing on reports
_UNPACKED = struct.Struct("<Q")


class FrameKind(IntEnum):
    """What a frame holds. Four bits differ between any two, so that damage does not turn one into another."""

    HEADER = 0x0F  # versions, site, places, rules, settings; the first of each segment
    CHECKPOINT = 0x33  # the core's state; the second of each segment, and again within it
    INPUT = 0x3C  # one input of the core
    PULSE = 0x55  # hash of the picture, and what there was to see
    RESERVE = 0x5A  # public numbers up to this one may be in use
    MARK = 0x66  # start, stop, restart, loss


class DamageError(Exception):
    """Bytes that are not what was written; the message says what is wrong with them, without naming the file."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it stands in a file."""

    kind: FrameKind
    sequence: int  # running number in the recording
    time_ns: int  # of the last event in it
    offset: int  # of the frame's head in its file
    length: int  # of the payload as stored
    coding: int
    stored: bytes = b""  # the payload as stored, empty where only heads were read

    @property
    def end(self) -> int:
        """Offset of the byte after the frame."""
        return self.offset + FRAME_HEAD.size + self.length

    def payload(self) -> bytes:
        """The payload, unpacked.

        Raises:
            DamageError: if it cannot be unpacked.
        """
        return unpacked(self.stored, self.coding)


def segment_path(folder: Path, number: int) -> Path:
    """Name of segment `number` (from 1); names sort as numbers do."""
    return folder / f"{number:08d}{SUFFIX}"


def segment_head(number: int) -> bytes:
    """The first bytes of a segment."""
    crc = zlib.crc32(struct.pack("<HHQ", VERSION, 0, number))
    return SEGMENT_HEAD.pack(MAGIC, VERSION, 0, crc, number)


def check_segment_head(data: bytes, path: Path) -> None:
    """See that a file is a segment that can be read.

    Raises:
        InputError: if it was written by a newer version.
        DamageError: if it is no segment, or its head is not what was written.
    """
    if len(data) < SEGMENT_HEAD.size:
        raise DamageError("the file ends within its head")
    magic, version, zero, crc, number = SEGMENT_HEAD.unpack(data[: SEGMENT_HEAD.size])
    if magic != MAGIC:
        raise DamageError("the file does not begin as a segment of a recording does")
    if crc != zlib.crc32(struct.pack("<HHQ", version, zero, number)):
        raise DamageError("the head of the file is damaged")
    if version > VERSION:
        raise InputError(
            f"{path} was recorded by a newer lowsky (format {version}); this one reads up to format {VERSION}"
        )


def packed(payload: bytes) -> tuple[int, bytes]:
    """Coding and stored form of a payload: compressed where that makes it smaller."""
    if len(payload) >= COMPRESS_FROM_BYTES:
        stored = _UNPACKED.pack(len(payload)) + _codec().compress(payload, asbytes=True)
        if len(stored) < len(payload):
            return ZSTD, stored
    return PLAIN, payload


def unpacked(stored: bytes, coding: int) -> bytes:
    """The payload of its stored form.

    Raises:
        DamageError: if that is impossible.
    """
    if coding == PLAIN:
        return stored
    if coding != ZSTD or len(stored) < _UNPACKED.size:
        raise DamageError(f"payload of unknown coding {coding}")
    (size,) = _UNPACKED.unpack_from(stored)
    if size > LARGEST_PAYLOAD_BYTES:
        raise DamageError(f"payload of {size} bytes")
    try:
        payload: bytes = _codec().decompress(stored[_UNPACKED.size :], decompressed_size=size, asbytes=True)
    except (pa.ArrowException, OSError) as error:
        raise DamageError(f"payload cannot be unpacked: {error}") from None
    if len(payload) != size:
        raise DamageError(f"payload of {len(payload)} bytes, not {size}")
    return payload


def _codec() -> pa.Codec:
    return pa.Codec("zstd", compression_level=_ZSTD_LEVEL)


def frame_bytes(kind: FrameKind, sequence: int, time_ns: int, payload: bytes) -> bytes:
    """A whole frame, ready to be appended."""
    coding, stored = packed(payload)
    crc = _crc(kind, coding, 0, len(stored), sequence, time_ns, stored)
    return FRAME_HEAD.pack(MARK, kind, coding, 0, len(stored), crc, sequence, time_ns) + stored


def _crc(kind: int, coding: int, zero: int, length: int, sequence: int, time_ns: int, stored: bytes) -> int:
    return zlib.crc32(stored, zlib.crc32(struct.pack("<BBHIQq", kind, coding, zero, length, sequence, time_ns)))


def frame_of(head: bytes, offset: int, stored: bytes | None) -> Frame:
    """The frame of a head; with `stored`, the bytes after it, the CRC is checked.

    Raises:
        DamageError: if this is no frame, or not what was written.
    """
    mark, kind, coding, zero, length, crc, sequence, time_ns = FRAME_HEAD.unpack(head)
    if mark != MARK or zero or kind not in FrameKind._value2member_map_ or coding not in (PLAIN, ZSTD):
        raise DamageError("no frame begins here")
    if stored is not None and crc != _crc(kind, coding, zero, length, sequence, time_ns, stored):
        raise DamageError(f"the {FrameKind(kind).name.lower()} frame is not what was written (CRC-32)")
    return Frame(FrameKind(kind), sequence, time_ns, offset, length, coding, stored or b"")
