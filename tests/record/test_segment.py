"""Reading segments: torn ends are cut, damage is named with file and offset, the rest is read; garbage harms nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowsky.record.files import segments_of
from lowsky.record.frames import FRAME_HEAD, MARK, SEGMENT_HEAD, Frame, FrameKind, frame_bytes, segment_head
from lowsky.record.index import SegmentIndex, index_path, read_index, scan, write_index
from lowsky.record.segment import SegmentReader

from .nights import record

PAYLOADS = [np.random.default_rng(k).bytes(17 * k) for k in range(12)]
KINDS = [FrameKind.HEADER, FrameKind.MARK, *[FrameKind.INPUT] * 10]


def _segment() -> tuple[bytes, list[int]]:
    """A segment of twelve frames, and where each begins."""
    data, offsets = segment_head(1), []
    for k, payload in enumerate(PAYLOADS):
        offsets.append(len(data))
        data += frame_bytes(KINDS[k], k + 1, k, payload)
    return data, offsets


WHOLE, OFFSETS = _segment()
ENDS = [*OFFSETS[1:], len(WHOLE)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example overwrites."""
    return tmp_path_factory.mktemp("segments") / "00000001.lowskylog"


def _read(file: Path, data: bytes) -> tuple[list[Frame], SegmentReader]:
    file.write_bytes(data)
    reader = SegmentReader(file)
    return list(reader), reader


def test_a_whole_segment_is_read(file: Path) -> None:
    frames, reader = _read(file, WHOLE)
    assert [f.payload() for f in frames] == PAYLOADS
    assert [f.offset for f in frames] == OFFSETS
    assert (reader.problems, reader.end) == ([], len(WHOLE))


@pytest.mark.parametrize("size", range(0, len(WHOLE), 7))
def test_a_torn_end_is_cut_and_named(file: Path, size: int) -> None:
    frames, reader = _read(file, WHOLE[:size])
    whole = [k for k, frame in enumerate(OFFSETS) if ENDS[k] <= size]
    assert [f.sequence - 1 for f in frames] == whole
    if size < SEGMENT_HEAD.size:
        assert reader.problems[0].torn
        return
    rest = size - reader.end
    assert [(p.offset, p.length, p.torn) for p in reader.problems] == ([(reader.end, rest, True)] if rest else [])
    assert all("00000001.lowskylog, offset" in str(p) for p in reader.problems)


@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_costs_one_frame_and_is_named(file: Path, at: int, bit: int) -> None:
    data = bytearray(WHOLE)
    data[at] ^= 1 << bit
    frames, reader = _read(file, bytes(data))
    hit = max((k for k, offset in enumerate(OFFSETS) if offset <= at), default=-1)
    assert [f.sequence - 1 for f in frames] == [k for k in range(len(PAYLOADS)) if k != hit]
    (problem,) = reader.problems
    assert problem.offset == (OFFSETS[hit] if hit >= 0 else 0)
    assert problem.torn == (hit == len(PAYLOADS) - 1)


@given(cuts=st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=60)), max_size=4))
def test_frames_among_rubbish_are_found(file: Path, cuts: list[tuple[int, int, bytes]]) -> None:
    """Stretches replaced, removed, inserted: what is read is always what was written, in order."""
    data = WHOLE
    for at, length, other in cuts:
        data = data[:at] + other + data[at + length :]
    frames, reader = _read(file, data)
    assert all(f.payload() == PAYLOADS[f.sequence - 1] for f in frames)
    untouched = [k for k, offset in enumerate(OFFSETS) if data.find(WHOLE[offset : ENDS[k]]) >= 0]
    assert {f.sequence - 1 for f in frames} >= set(untouched)
    assert sum(p.length for p in reader.problems) <= len(data)


@given(st.binary(max_size=400), st.booleans(), st.integers(0, 3))
def test_garbage_files_give_problems_and_nothing_else(file: Path, data: bytes, headed: bool, marks: int) -> None:
    data = (segment_head(1) if headed else b"") + data + MARK * marks
    frames, reader = _read(file, data)
    assert frames == []
    assert reader.problems or len(data) == SEGMENT_HEAD.size


def test_a_length_that_leads_astray_is_found_without_reading_payloads(file: Path) -> None:
    data = bytearray(WHOLE)
    data[OFFSETS[5] + 8] ^= 0x10  # the sixth frame's length
    file.write_bytes(bytes(data))
    reader = SegmentReader(file, skipped=frozenset(FrameKind))
    assert [f.sequence for f in reader] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]  # its head still tells of it
    assert [p.offset for p in reader.problems] == [OFFSETS[5]]
    assert [f.sequence for f in SegmentReader(file)] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]


def test_damage_of_a_frame_without_input_can_be_done_without(file: Path) -> None:
    data = bytearray(WHOLE)
    data[OFFSETS[1] + FRAME_HEAD.size] ^= 1
    data[OFFSETS[6] + FRAME_HEAD.size] ^= 1
    _, reader = _read(file, bytes(data))
    assert reader.spared == {2}


def test_reading_goes_on_where_it_ended_in_a_file_that_grows(file: Path) -> None:
    frames, reader = _read(file, WHOLE[: OFFSETS[7] + 5])
    assert len(frames) == 7
    file.write_bytes(WHOLE)
    assert [f.sequence for f in SegmentReader(file, reader.end)] == [8, 9, 10, 11, 12]


def test_an_index_is_what_a_scan_finds_and_is_used_only_where_it_fits(tmp_path: Path) -> None:
    night = record(tmp_path, until_s=9.0)
    ((_, path),) = segments_of(night.folder)
    kept = read_index(path)
    assert kept is not None
    assert scan(path) == (kept, [])
    assert len(kept.pulse_ns) == 10  # the first tick, and that of each second
    assert len(kept.checkpoint_ns) == 3  # the first, at 7 s, at the end
    assert kept.inputs == len(night.seen)
    with path.open("ab") as stream:
        stream.write(frame_bytes(FrameKind.INPUT, kept.last_sequence + 1, 0, b""))
    assert read_index(path) is None
    grown, _ = scan(path, kept)
    assert grown.inputs == len(night.seen) + 1
    for text in (b"", b"{}", b'{"version": 99}', b"\xff"):
        index_path(path).write_bytes(text)
        assert read_index(path) is None
    write_index(path, SegmentIndex(size=path.stat().st_size, version=2))
    assert read_index(path) is None
