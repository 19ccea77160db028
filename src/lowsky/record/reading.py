"""A recording that is read: its segments, from when to when it is, what is missing, where a replay can begin.

Reading is safe while the recording is being written: what is not yet a whole frame is not there yet.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lowsky.model.errors import InputError

from .files import LOCK_NAME, segments_of
from .frames import DamageError, FrameKind, segment_path
from .header import Header, take_header
from .index import SegmentIndex, read_index, scan
from .segment import Problem, SegmentReader

if sys.platform != "win32":
    import fcntl

Gap = tuple[int, int]  # from, to in ns: input between them is missing


@dataclass(slots=True)
class Segment:
    """One file of a recording."""

    number: int
    path: Path
    index: SegmentIndex
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay can begin: the checkpoint at `offset` of a segment, made at `time_ns`."""

    segment: int  # number
    offset: int
    time_ns: int


class Recording:
    """The segments of a folder, as they were at the last `refresh`."""

    def __init__(self, folder: Path) -> None:
        """Open it.

        Raises:
            InputError: if there is no recording, or it was made by a newer version.
            OSError: if it cannot be read.
        """
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder" if folder.exists() else f"{folder} does not exist")
        self.folder = folder
        self.segments: list[Segment] = []
        self.refresh()
        if not self.segments:
            raise InputError(f"{folder} holds no recording")

    def refresh(self) -> None:
        """See what was written, and removed, since."""
        known = {segment.number: segment for segment in self.segments}
        found = []
        for number, path in segments_of(self.folder):
            with suppress(FileNotFoundError):  # retired meanwhile
                found.append(_grown(known[number]) if number in known else _opened(number, path))
        self.segments = found

    @property
    def usable(self) -> list[Segment]:
        """The segments that hold a checkpoint."""
        return [s for s in self.segments if s.index.checkpoint_at]

    @property
    def from_ns(self) -> int:
        """Time of the first checkpoint.

        Raises:
            InputError: if there is none in the whole recording.
        """
        if not self.usable:
            raise InputError(f"{self.folder} holds no checkpoint that a replay could begin with")
        return self.usable[0].index.checkpoint_ns[0]

    @property
    def to_ns(self) -> int:
        """Time of the last frame."""
        return max(self.from_ns, *(s.index.last_ns for s in self.usable))

    @property
    def gaps(self) -> list[Gap]:
        """From when to when input is known to be missing, in order."""
        marks = (m for s in self.segments for m in s.index.marks)
        return sorted((m.missing_from_ns, m.time_ns) for m in marks if 0 < m.missing_from_ns < m.time_ns)

    @property
    def problems(self) -> list[Problem]:
        """What cannot be read, as far as it shows without reading every byte; the end of a file that is being written
        is none."""
        last = self.segments[-1].number if self.segments else 0
        live = is_recorded(self.folder)
        return [p for s in self.segments for p in s.problems if not (p.torn and s.number == last and live)]

    @property
    def size(self) -> int:
        """Bytes of all segments that can be read."""
        return sum(s.index.size for s in self.segments)

    def header(self, segment: Segment | None = None) -> Header:
        """The header of a segment, by default of the newest that has one.

        Raises:
            InputError: if there is none.
        """
        for candidate in [segment] if segment else reversed(self.usable):
            first = next(iter(SegmentReader(candidate.path)), None)
            if first is None or first.kind is not FrameKind.HEADER:
                continue
            try:
                return take_header(first.payload(), str(candidate.path))
            except DamageError as damage:
                raise InputError(f"{candidate.path}: {damage}") from None
        raise InputError(f"{segment.path if segment else self.folder} has no header that can be read")

    def path(self, number: int) -> Path:
        """The file of segment `number`."""
        return segment_path(self.folder, number)

    def place_before(self, time_ns: int) -> Place:
        """The last checkpoint at or before a time, else the first.

        Raises:
            InputError: if there is no checkpoint at all.
        """
        _ = self.from_ns
        return next(self.places_before(time_ns), None) or next(self.places())

    def places(self) -> Iterator[Place]:
        """All checkpoints in order."""
        for segment in self.usable:
            for offset, time_ns in zip(segment.index.checkpoint_at, segment.index.checkpoint_ns, strict=True):
                yield Place(segment.number, offset, time_ns)

    def places_before(self, time_ns: int) -> Iterator[Place]:
        """All checkpoints at or before a time, the last one first."""
        for segment in reversed(self.usable):
            index = segment.index
            for k in range(bisect_right(index.checkpoint_ns, time_ns) - 1, -1, -1):
                yield Place(segment.number, index.checkpoint_at[k], index.checkpoint_ns[k])


def _opened(number: int, path: Path) -> Segment:
    index = read_index(path)
    return Segment(number, path, index) if index else Segment(number, path, *scan(path))


def _grown(segment: Segment) -> Segment:
    """A segment that may have grown since it was read."""
    if segment.path.stat().st_size <= segment.index.size:
        return segment
    index, problems = scan(segment.path, segment.index)
    return Segment(segment.number, segment.path, index, [p for p in segment.problems if not p.torn] + problems)


def is_recorded(folder: Path) -> bool:
    """Is a process recording into this folder now? (Where the system cannot tell, it is taken for no.)"""
    if sys.platform == "win32" or not (folder / LOCK_NAME).exists():
        return False
    with (folder / LOCK_NAME).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def open_recording(folder: Path | str) -> Recording:
    """The recording in a folder.

    Raises:
        InputError: if there is none, or it was made by a newer version.
        OSError: if it cannot be read.
    """
    return Recording(Path(folder))
