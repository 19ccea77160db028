"""Reading one segment: whole frames in order, what is damaged named and skipped, a torn end cut.

A file that is still being written is read up to its last whole frame. Nothing here changes a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .frames import FRAME_HEAD, MARK, SEGMENT_HEAD, DamageError, Frame, FrameKind, check_segment_head, frame_of

SEARCH_BYTES = 1 << 20  # read at a time in search of the next frame


@dataclass(frozen=True, slots=True)
class Problem:
    """A stretch of a file that cannot be read."""

    path: Path
    offset: int
    length: int  # bytes
    what: str
    torn: bool = False  # the end of the file: cut off in the middle of a frame, or still being written

    def __str__(self) -> str:
        return f"{self.path.name}, offset {self.offset}: {self.what}; {self.length:,} bytes left out"


class SegmentReader:
    """Iterates over the frames of one segment from an offset on.

    After iteration `problems` holds what was found, and `end` is the offset behind the last whole frame, from where a
    later reader may go on if the file has grown.
    """

    def __init__(self, path: Path, offset: int = 0, skipped: frozenset[FrameKind] = frozenset()) -> None:
        """`offset` is 0 or that of a frame; payloads of the kinds to be skipped are neither read nor checked."""
        self.path = path
        self.end = offset
        self.problems: list[Problem] = []
        self.spared: set[int] = set()  # running numbers of frames that are damaged, but hold no input
        self._skipped = skipped

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order of the file.

        Raises:
            InputError: if the file was written by a newer version.
            OSError: if it cannot be read.
        """
        with self.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._skip_head(file, size)
            yield from self._frames(file, size)

    def _skip_head(self, file: BinaryIO, size: int) -> None:
        if self.end:
            return
        try:
            check_segment_head(file.read(SEGMENT_HEAD.size), self.path)
            self.end = SEGMENT_HEAD.size
        except DamageError as damage:
            found = self._search(file, 0, size)
            self.end = found.offset if found else size
            self.problems.append(Problem(self.path, 0, self.end, str(damage), torn=found is None))

    def _frames(self, file: BinaryIO, size: int) -> Iterator[Frame]:
        last: Frame | None = None  # the one before, whose length may be what is wrong
        while self.end < size:
            try:
                frame = self._frame(file, self.end, size, self._skipped)
            except DamageError as damage:
                offset, found = self._behind(file, last, size, damage)
                if found is None:
                    return
                last, self.end = None, offset
                continue
            last, self.end = frame, frame.end
            yield frame

    def _frame(self, file: BinaryIO, offset: int, size: int, skipped: frozenset[FrameKind] = frozenset()) -> Frame:
        """The frame at an offset.

        Raises:
            DamageError: if there is none, or it is not whole.
        """
        if offset + FRAME_HEAD.size > size:
            raise DamageError("the file ends within the head of a frame")
        file.seek(offset)
        head = file.read(FRAME_HEAD.size)
        frame = frame_of(head, offset, None)
        if frame.end > size:
            raise DamageError("the file ends within a frame")
        return frame if frame.kind in skipped else frame_of(head, offset, file.read(frame.length))

    def _behind(self, file: BinaryIO, last: Frame | None, size: int, damage: DamageError) -> tuple[int, Frame | None]:
        """Note the damage at `self.end`; the next whole frame behind it, or None."""
        start, what = self.end, str(damage)
        if last is not None and last.kind in self._skipped:
            try:
                self._frame(file, last.offset, size)
            except DamageError as other:  # its length led astray
                start, what = last.offset, str(other)
        self._spare(file, start, size)
        found = self._search(file, start + 1, size)
        stop = found.offset if found else size
        self.problems.append(Problem(self.path, start, stop - start, what, torn=found is None))
        if found is None:
            self.end = start
        return stop, found

    def _spare(self, file: BinaryIO, offset: int, size: int) -> None:
        """If it is not an input that is damaged there, replay can do without it."""
        file.seek(offset)
        head = file.read(FRAME_HEAD.size)
        with suppress(DamageError):
            frame = frame_of(head, offset, None) if len(head) == FRAME_HEAD.size else None
            if frame and frame.end <= size and frame.kind is not FrameKind.INPUT:
                self.spared.add(frame.sequence)

    def _search(self, file: BinaryIO, offset: int, size: int) -> Frame | None:
        """The first whole frame at or behind an offset."""
        while offset + FRAME_HEAD.size <= size:
            file.seek(offset)
            data = file.read(SEARCH_BYTES + len(MARK) - 1)
            at = data.find(MARK)
            while at >= 0:
                try:
                    return self._frame(file, offset + at, size)
                except DamageError:
                    at = data.find(MARK, at + 1)
            offset += SEARCH_BYTES
        return None
