"""The store of accounts: one SQLite file in WAL mode, readable by its owner only.

Committed changes survive `kill -9` and, with `synchronous = FULL`, loss of power. Reads come from the event loop, take
some tens of microseconds and never wait for a writer; writes wait for the disk and are called in a thread
(`Store.write_soon`) or from the command line, which may work on the same file while the server runs. The schema has a
version in `user_version`; a file of a newer lowsky is refused, an older one is brought up step by step.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog

from lowsky.model.errors import InputError
from lowsky.serve.errors import ApiError

APPLICATION_ID = 0x6C6F7773  # "lows": tells our file from another SQLite file
PATIENCE_S = 5.0  # for the command line's or the server's lock
FILE_MODE = 0o600
T = TypeVar("T")
log = structlog.get_logger(__name__)

SCHEMA = (
    """
    CREATE TABLE user (
        name TEXT PRIMARY KEY, password TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'officer', 'integrator', 'administrator')),
        created_s REAL NOT NULL, changed_s REAL NOT NULL, login_s REAL
    ) STRICT;
    CREATE TABLE session (
        hash BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user(name) ON DELETE CASCADE,
        created_s REAL NOT NULL, used_s REAL NOT NULL, address TEXT NOT NULL
    ) STRICT;
    CREATE INDEX session_of_user ON session(user);
    CREATE TABLE token (
        name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'officer', 'integrator', 'administrator')), made_by TEXT NOT NULL,
        created_s REAL NOT NULL, expires_s REAL, used_s REAL
    ) STRICT;
    CREATE TABLE first_link (hash BLOB PRIMARY KEY, expires_s REAL NOT NULL) STRICT;
    """,
)
"""Each step brings a store from its index to the next version. A step that was in use is never changed."""


class Store:
    """An open store. `read` is for one thread (the event loop's), `write` for any."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if there is none.

        Raises:
            InputError: if it is not a store of accounts, is damaged, or is of a newer lowsky.
        """
        self.path = path
        self._writing = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accounts")
        _make_private(path)
        self._writer = _connect(path)
        try:
            _bring_up(self._writer, path)
            self._reader = _connect(path)
            self._reader.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._writer.close()
            raise InputError(f"{path}: is not a usable store of accounts: {error}") from None
        except InputError:
            self._writer.close()
            raise

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""
        return self._reader.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk afterwards, or nothing."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    async def write_soon(self, work: Callable[[], T]) -> T:
        """Run what writes in a thread, so that the event loop does not wait for the disk.

        Raises:
            ApiError: 503, if the store cannot be written.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            log.error("accounts cannot be written", file=str(self.path), error=str(error))
            raise ApiError(503, f"accounts cannot be written: {error}") from None

    def close(self) -> None:
        """Close the file; the WAL is folded into it."""
        self._thread.shutdown()
        with self._writing:
            self._reader.close()
            self._writer.close()


def _make_private(path: Path) -> None:
    """The file with mode 0600 before anything is in it; SQLite gives its WAL the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE_MODE))
    if path.stat().st_mode & 0o077:
        path.chmod(FILE_MODE)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise InputError(f"{path}: is an SQLite file, but not a store of accounts")
    if version > len(SCHEMA):
        raise InputError(f"{path}: has schema version {version} of a newer lowsky; this one knows {len(SCHEMA)}")
    damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise InputError(f"{path}: is damaged: {damage}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for number, step in enumerate(SCHEMA[version:], version + 1):
        # One transaction a step: a crash in between leaves the old version whole.
        connection.executescript(
            f"BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
        )
