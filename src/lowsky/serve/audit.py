"""The audit: who did what, when, from where, with what outcome; append-only JSON lines, each bound to the one before.

A line is a JSON object that ends with `hash`: the SHA-256 over the hash of the line before and the line without it. So
a line cannot be changed, left out or moved without every later hash changing. Whoever can write the file can still
write a whole new one, or cut its end off: keep the last hash elsewhere (`lowsky audit verify` prints it and takes it
with `--head`, the server logs it at every start). Files are rotated by size; the first line of
the next file carries the last hash on.

What is written is on the disk when `Audit.write` returns; many at once share one fsync. The command line writes to
the same file while the server runs: each append holds a lock, and goes on from what others have written. Reading and
verifying are in `audit_reading`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from lowsky.model.errors import InputError

if sys.platform != "win32":
    import fcntl

FILE_NAME = "audit.jsonl"
ROTATE_BYTES = 16 << 20
LONGEST_TEXT = 512  # characters of any one field: what strangers send ends up here
MOST_DETAILS = 16
MOST_WAITING = 1_000  # entries on their way to the disk
LONGEST_LINE_BYTES = 1 << 16
START = "0" * 64  # the hash before the first line of all
LINE_BEGINS = b'{"number":'
HASH_BYTES = len(',"hash":""}') + 64
FILE_MODE = 0o600
log = structlog.get_logger(__name__)


class FullError(Exception):
    """So much waits for the disk that this entry is not taken; what it is about must not be answered as done."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done or tried."""

    who: str  # user, "token:name", "local", "system"; "" for nobody
    role: str
    address: str
    action: str  # method and route, or a word such as "login"
    outcome: str  # "done", "refused" (the guard or the rules said no), "failed" (could not be done)
    target: str = ""  # the path asked for, or the name acted on
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Chain:
    """Where a chain of lines stands."""

    number: int = 0  # of the last line
    hash: str = START  # of the last line

    def next_line(self, entry: Entry, time_s: float) -> bytes:
        """The entry as the next line of the chain, newline included."""
        self.number += 1
        when = datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = msgspec.json.encode({"number": self.number, "time": when} | _shortened(asdict(entry)))
        self.hash = link(self.hash, body)
        return body[:-1] + b',"hash":"' + self.hash.encode() + b'"}\n'


def link(before: str, body: bytes) -> str:
    """The hash of a line: of the hash before it and of its bytes without its own hash."""
    return hashlib.sha256(before.encode() + b"\n" + body).hexdigest()


def split_line(line: bytes) -> tuple[bytes, str]:
    """A line without its newline as (bytes that were hashed, hash); the hash is "" if the line has none."""
    body, tail = line[:-HASH_BYTES], line[-HASH_BYTES:]
    if len(tail) != HASH_BYTES or not tail.startswith(b',"hash":"') or not tail.endswith(b'"}'):
        return line, ""
    return body + b"}", tail[9:-2].decode("latin-1")


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
            self._chain = _end_of_chain(aside[-1].read_bytes(), aside[-1])  # a crash between putting aside and going on
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
            self._chain = _end_of_chain(tail[:whole], self.path)
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


def _end_of_chain(lines: bytes, path: Path) -> Chain:
    last = lines[:-1].rpartition(b"\n")[2]
    _, hashed = split_line(last)
    try:
        number = msgspec.json.decode(last)["number"]
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError):
        number = None
    if not isinstance(number, int) or not hashed:
        raise InputError(f"{path}: does not end with a line of an audit: {last[:80]!r}")
    return Chain(number, hashed)


def _shortened(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts cut to `LONGEST_TEXT` and free of what JSON cannot hold."""
    short = {name: _text(value) for name, value in fields.items() if name != "detail"}
    detail = dict(list(fields["detail"].items())[:MOST_DETAILS])
    return short | {"detail": {_text(name): _text(value) for name, value in detail.items()}}


def _text(value: object) -> str:
    text = str(value)
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")
