"""Frames: every damage shows, nothing newer is guessed at."""

from __future__ import annotations

import struct
import zlib
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.record.frames import (
    COMPRESS_FROM_BYTES,
    FRAME_HEAD,
    LARGEST_PAYLOAD_BYTES,
    MARK,
    SEGMENT_HEAD,
    VERSION,
    ZSTD,
    DamageError,
    Frame,
    FrameKind,
    check_segment_head,
    frame_bytes,
    frame_of,
    segment_head,
    unpacked,
)

payloads = st.binary(max_size=300) | st.builds(lambda b, n: b * n, st.binary(min_size=1, max_size=8), st.just(400))


def _read(data: bytes) -> Frame:
    return frame_of(data[: FRAME_HEAD.size], 0, data[FRAME_HEAD.size :])


@given(st.sampled_from(FrameKind), st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1), payloads)
def test_a_frame_comes_back(kind: FrameKind, sequence: int, time_ns: int, payload: bytes) -> None:
    data = frame_bytes(kind, sequence, time_ns, payload)
    frame = _read(data)
    assert (frame.kind, frame.sequence, frame.time_ns) == (kind, sequence, time_ns)
    assert frame.payload() == payload
    assert frame.end == len(data)
    if len(payload) >= COMPRESS_FROM_BYTES:
        assert frame.coding == ZSTD  # these repeat themselves
        assert len(data) < len(payload)


@given(payloads, st.data())
def test_every_flipped_bit_shows(payload: bytes, data: st.DataObject) -> None:
    whole = bytearray(frame_bytes(FrameKind.INPUT, 7, 1_760_000_000_000_000_000, payload))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamageError):
        _read(bytes(whole))


def test_no_two_bits_turn_one_kind_into_another() -> None:
    assert all((a ^ b).bit_count() >= 4 for a, b in combinations(FrameKind, 2))


def test_the_mark_is_in_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        MARK.decode()


def test_the_crc_is_that_of_the_page() -> None:
    """As docs/recordings.md tells it, computed by hand."""
    data = frame_bytes(FrameKind.MARK, 258, 5, b"abc")
    assert data[12:16] == struct.pack("<I", zlib.crc32(data[4:12] + data[16:32] + b"abc"))
    assert data[:4] == b"\xf5LSF"
    assert data[16:18] == b"\x02\x01"


def test_a_newer_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    head = segment_head(3)
    check_segment_head(head, tmp_path)
    body = struct.pack("<HHQ", VERSION + 1, 0, 3)
    newer = SEGMENT_HEAD.pack(head[:12], VERSION + 1, 0, zlib.crc32(body), 3)
    with pytest.raises(InputError, match=r"a\.log was recorded by a newer lowsky \(format 2\); this one reads up to"):
        check_segment_head(newer, Path("a.log"))


@given(st.binary(max_size=40))
def test_what_is_no_segment_is_not_taken_for_one(data: bytes) -> None:
    with pytest.raises(DamageError):
        check_segment_head(data, Path("x"))


@given(st.binary(max_size=64), st.integers(0, 255))
def test_garbage_is_not_unpacked(stored: bytes, coding: int) -> None:
    try:
        assert unpacked(stored, coding) is not None
    except DamageError:
        assert coding != 0


def test_a_payload_that_claims_to_be_huge_is_refused() -> None:
    with pytest.raises(DamageError, match="bytes"):
        unpacked(struct.pack("<Q", LARGEST_PAYLOAD_BYTES + 1) + b"x", ZSTD)
