"""Passwords at rest and at the door: argon2id (RFC 9106), off the event loop, a few at a time.

A hash takes some tenths of a second and 64 MiB on purpose. At most `CONCURRENT` run at once and `WAITING` wait;
whoever comes after that is told to come again, so that a flood of logins takes neither the memory nor, as the threads
have a low priority, the picture's time. For a name that does not exist a hash of the same cost is verified, so that
the answer takes as long as for one that does.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from .rules import LONGEST_PASSWORD

CONCURRENT = 2
WAITING = 16  # more than these are refused
NICE = 10  # of the threads that hash: about a tenth of the time of those that keep the picture live
T = TypeVar("T")


class BusyError(Exception):
    """So many passwords are being checked that this one is not."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one hash; the defaults are the second recommended option of RFC 9106 section 4."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


class Passwords:
    """Makes and verifies hashes. The event loop uses `make_soon` and `verify_soon`, the command line `make`."""

    def __init__(self, cost: Cost | None = None) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes, type=Type.ID)
        self._nobody = self._hasher.hash("nobody has this password")
        self._pool: ThreadPoolExecutor | None = None
        self._asked = 0
        self._counting = threading.Lock()

    def make(self, password: str) -> str:
        """The hash to store, with its parameters and salt in it."""
        return self._hasher.hash(_normal(password))

    def verify(self, stored: str | None, password: str) -> tuple[bool, bool]:
        """Whether it is the password, and whether the hash should be made anew (its cost is no longer today's).

        Args:
            stored: the hash; None when there is no such user, which takes as long and is never right.
            password: what was given; what is longer than any password can be is wrong whatever it is.
        """
        try:
            self._hasher.verify(self._nobody if stored is None else stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False, False
        right = stored is not None and len(password) <= LONGEST_PASSWORD
        return right, right and self._hasher.check_needs_rehash(stored or "")

    async def make_soon(self, password: str) -> str:
        """As `make`, in a thread.

        Raises:
            BusyError: if too many wait.
        """
        return await self._soon(lambda: self.make(password))

    async def verify_soon(self, stored: str | None, password: str) -> tuple[bool, bool]:
        """As `verify`, in a thread.

        Raises:
            BusyError: if too many wait.
        """
        return await self._soon(lambda: self.verify(stored, password))

    async def _soon(self, work: Callable[[], T]) -> T:
        if self._asked >= CONCURRENT + WAITING:
            raise BusyError
        if self._pool is None:
            self._pool = ThreadPoolExecutor(CONCURRENT, "passwords", _step_back)
        self._count(1)
        future = self._pool.submit(work)
        # Counted down when the work has ended, not when the visitor has gone: hanging up must not make room for more.
        future.add_done_callback(lambda _: self._count(-1))
        return await asyncio.wrap_future(future)

    def _count(self, change: int) -> None:
        with self._counting:
            self._asked += change

    def close(self) -> None:
        """End the threads; what runs is finished first."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _step_back() -> None:
    """Let everything else have the processors first. On Linux a thread has a priority of its own, which the threads
    that it starts inherit; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))


def _normal(password: str) -> str:
    """The same password from every keyboard (NFKC), without half characters that UTF-8 cannot write."""
    normal = unicodedata.normalize("NFKC", password[: LONGEST_PASSWORD + 1])
    return normal.encode("utf-8", "replace").decode("utf-8")
