"""The files of a recording that is being written: segments one after the other, and what is retired of them.

Not thread-safe: one thread writes. Whatever the disk refuses is an `OSError`, after which the segment ends with the
last whole frame.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from lowsky.model.errors import InputError

from .frames import FRAME_HEAD, SUFFIX, Frame, frame_of, segment_head, segment_path
from .index import SegmentIndex, index_path, read_index, write_index

if sys.platform != "win32":
    import fcntl

LOCK_NAME = "recording.lock"


class FolderLock:
    """Keeps a second process from recording into the same folder; goes with the process."""

    def __init__(self, folder: Path) -> None:
        """Take it.

        Raises:
            InputError: if another process records there.
            OSError: if the folder cannot be written.
        """
        self._fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._fd)
                raise InputError(f"{folder}: another process records there") from None

    def release(self) -> None:
        """Give it back."""
        os.close(self._fd)


def segments_of(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of every segment in a folder, in order.

    Raises:
        OSError: if the folder cannot be read.
    """
    found = [(int(p.stem), p) for p in folder.iterdir() if p.suffix == SUFFIX and p.stem.isascii() and p.stem.isdigit()]
    return sorted(found)


class SegmentWriter:
    """Appends frames to the newest segment."""

    def __init__(self, folder: Path, number: int) -> None:
        """`number` is that of the first segment to write."""
        self.folder = folder
        self.number = number - 1
        self.index = SegmentIndex()
        self.finished: list[int] = []  # open descriptors of ended segments, for whoever syncs to sync and close
        self.fd = -1
        self.begun = self.written = 0  # segments; bytes in all
        self._end = 0  # bytes that are whole frames

    @property
    def path(self) -> Path:
        """The segment that is being written."""
        return segment_path(self.folder, self.number)

    def begin(self, frames: list[bytes]) -> None:
        """End the segment, if there is one, and begin the next with these frames.

        Raises:
            OSError: if it cannot be made or written; then nothing stays of it.
        """
        self.end()
        path = segment_path(self.folder, self.number + 1)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        fd = os.open(path, flags, 0o600)
        self.fd, self.number, self.index, self._end = fd, self.number + 1, SegmentIndex(), 0
        try:
            self._write(segment_head(self.number))
            self.index.size = self._end
            self.append(frames)
        except OSError:
            self.fd, self.number = -1, self.number - 1
            os.close(fd)
            path.unlink(missing_ok=True)
            raise
        self.begun += 1

    def append(self, frames: list[bytes]) -> None:
        """Append whole frames in one write.

        Raises:
            OSError: if not all of them could be written; then none of them counts.
        """
        offset = self._end
        self._write(b"".join(frames))
        for data in frames:
            self.index.note(_frame_at(data, offset))
            offset += len(data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.fd, view) :]
        except OSError:
            with contextlib.suppress(OSError):  # a reader cuts what stays of it
                os.ftruncate(self.fd, self._end)
                os.lseek(self.fd, self._end, os.SEEK_SET)
            raise
        self._end += len(data)
        self.written += len(data)

    def end(self) -> None:
        """End the segment: keep its index, hand its descriptor over. A missing index costs only time."""
        if self.fd < 0:
            return
        self.finished.append(self.fd)
        self.fd = -1
        with contextlib.suppress(OSError):
            write_index(self.path, self.index)


def _frame_at(data: bytes, offset: int) -> Frame:
    return frame_of(data[: FRAME_HEAD.size], offset, data[FRAME_HEAD.size :])


def retire(folder: Path, current: int, keep_bytes: int, keep_ns: int, now_ns: int) -> list[Path]:
    """Remove the oldest segments beyond a total size, and those whose last input is older than `keep_ns`.

    Whole segments only, from the oldest on, never the current one: what is left begins with a checkpoint. Returns
    what was removed.

    Raises:
        OSError: if a file cannot be removed.
    """
    segments = [(number, path, path.stat()) for number, path in segments_of(folder)]
    total = sum(stat.st_size for _, _, stat in segments)
    removed = []
    for number, path, stat in segments:
        if number >= current or (total <= keep_bytes and _last_ns(path, stat) >= now_ns - keep_ns):
            break
        index_path(path).unlink(missing_ok=True)
        path.unlink()
        removed.append(path)
        total -= stat.st_size
    return removed


def _last_ns(path: Path, stat: os.stat_result) -> int:
    """Time of a segment's last frame, by its index where it has one, else by its file."""
    index = read_index(path)
    return index.last_ns if index else stat.st_mtime_ns
