"""Writing the audit: one file that is only appended to, rotated by size, shared between processes.

What is written is on the disk when `Audit.write` returns; many at once share one fsync. The command line writes to
the same file while the server runs: each append holds a lock, and goes on from what others have written.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from lowsky.model.errors import InputError

from .chain import LINE_BEGINS, LONGEST_LINE_BYTES, Chain, Entry, end_of_chain

if sys.platform != "win32":
    import fcntl

FILE_NAME = "audit.jsonl"
ROTATE_BYTES = 16 << 20
MOST_WAITING = 1_000  # entries on their way to the disk
FILE_MODE = 0o600
log = structlog.get_logger("lowsky.serve.audit")


class FullError(Exception):
    """So much waits for the disk that this entry is not taken; what it is about must not be answered as done."""


class Audit:
    """The audit of a site: `folder/audit.jsonl`, and the full files before it, numbered."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time, rotate_bytes: int = ROTATE_BYTES) -> None:
        """Open or begin the file; a line torn by a crash is cut off, and that is audited.

        Raises:
            InputError: if what is there does not end with a line of an audit.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE_NAME
        self._clock = clock
        self._rotate_bytes = rotate_bytes
        self._writing = threading.Lock()
        self._waiting: list[tuple[Entry, float, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")  # its own: nobody else's work delays it
        self._chain = Chain()
        self._size = 0  # of the file when this process wrote last
        if not self.path.exists() and (aside := sorted(folder.glob("audit-*.jsonl"))):
            self._chain = end_of_chain(aside[-1].read_bytes(), aside[-1])  # a crash between putting aside and going on
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
        self._append([])

    @property
    def head(self) -> str:
        """Hash of the last line written."""
        return self._chain.hash

    @property
    def number(self) -> int:
        """Number of the last line written."""
        return self._chain.number

    async def write(self, entry: Entry) -> None:
        """Append, and return when it is on the disk.

        Raises:
            FullError: if `MOST_WAITING` entries wait.
            OSError: if the disk does not take it.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise FullError
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, self._clock(), written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        await written

    async def _write_waiting(self) -> None:
        """Write what waits, together, until nothing does."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                entries = [(entry, when) for entry, when, _ in batch]
                await asyncio.get_running_loop().run_in_executor(self._thread, self._append, entries)
            except (OSError, InputError) as error:
                failure = error if isinstance(error, OSError) else OSError(str(error))
                log.error("audit cannot be written", entries=len(batch), error=str(error))
            for _, _, written in batch:
                if written.done():
                    continue  # who waited for it has gone; it is written all the same
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(failure)

    def write_now(self, *entries: Entry) -> None:
        """Append and wait for the disk: for the command line.

        Raises:
            OSError: if the disk does not take it.
        """
        now = self._clock()
        self._append([(entry, now) for entry in entries])

    def close(self) -> None:
        """Close the file, when what is under way is written."""
        self._thread.shutdown()
        with self._writing:
            os.close(self._file)
            self._file = -1

    def _append(self, entries: list[tuple[Entry, float]]) -> None:
        with self._writing:
            self._lock()
            try:
                torn = self._catch_up()
                if torn:
                    entries = [(_torn(torn), self._clock()), *entries]
                if entries and self._size >= self._rotate_bytes:
                    self._rotate()
                self._put(b"".join(self._chain.next_line(*entry) for entry in entries))
            finally:
                self._unlock()

    def _put(self, lines: bytes) -> None:
        before = Chain(self._chain.number, self._chain.hash)
        view = memoryview(lines)
        while view:
            try:
                view = view[os.write(self._file, view) :]
            except OSError:
                self._size, self._chain = -1, before  # read on from the file the next time
                raise
        os.fsync(self._file)
        self._size += len(lines)

    def _catch_up(self) -> int:
        """Go on from what is in the file, if another process wrote; the bytes of a torn line that were cut off."""
        size = os.fstat(self._file).st_size
        if size == self._size:
            return 0
        tail = os.pread(self._file, LONGEST_LINE_BYTES, max(0, size - LONGEST_LINE_BYTES))
        whole = tail.rfind(b"\n") + 1
        torn = len(tail) - whole
        if tail[whole : whole + len(LINE_BEGINS)] != LINE_BEGINS[:torn] or (size > torn and not whole):
            raise InputError(f"{self.path}: does not end with a line of an audit")
        if whole:
            self._chain = end_of_chain(tail[:whole], self.path)
        if torn:
            os.ftruncate(self._file, size - torn)
        self._size = size - torn
        return torn

    def _rotate(self) -> None:
        """Put the full file aside and begin the next with the last hash of this one.

        The next file is locked before it has its name, so that nobody else writes its first line.
        """
        aside, fresh = self.path.with_name(f"audit-{self._chain.number:010d}.jsonl"), self.path.with_suffix(".next")
        full, self._file = self._file, os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, FILE_MODE)
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._size = 0
        detail = {"after": aside.name, "previous": self._chain.hash}
        self._put(self._chain.next_line(Entry("system", "", "", "audit continues", "done", "", detail), self._clock()))
        os.rename(self.path, aside)
        os.rename(fresh, self.path)
        os.close(full)

    def _lock(self) -> None:
        """Keep other processes out; if one of them has rotated meanwhile, take the new file."""
        if sys.platform == "win32":
            return
        while True:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                mine, theirs = os.fstat(self._file), os.stat(self.path)
            except FileNotFoundError:
                return  # taken away by hand: goes on in the file that is open
            if mine.st_ino == theirs.st_ino:
                return
            os.close(self._file)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND, FILE_MODE)
            self._size = -1

    def _unlock(self) -> None:
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_UN)


def _torn(torn_bytes: int) -> Entry:
    return Entry("system", "", "", "audit repaired", "done", "", {"torn_bytes": str(torn_bytes)})
