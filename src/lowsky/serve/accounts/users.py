"""Users: name, role and password hash. What is done here is done; who may do it is the guard's and the routes'
matter.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from lowsky.model.errors import InputError
from lowsky.serve.route import Role

from .rules import check_password, lookup_name, normal_name
from .store import Store

MOST_USERS = 10_000


@dataclass(frozen=True, slots=True)
class User:
    """A user without the password; times are seconds since 1970 UTC, None: never."""

    name: str
    role: Role
    created_s: float
    login_s: float | None


class Users:
    """The users of a store."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[User]:
        """Everybody, by name."""
        rows = self._store.read("SELECT name, role, created_s, login_s FROM user ORDER BY name")
        return [User(name, Role(role), created, login) for name, role, created, login in rows]

    def has_administrator(self) -> bool:
        """Whether anybody can manage accounts; until then the first link works."""
        return bool(self._store.read("SELECT 1 FROM user WHERE role = ? LIMIT 1", Role.ADMINISTRATOR.value))

    def any(self) -> bool:
        """Whether there is any user."""
        return bool(self._store.read("SELECT 1 FROM user LIMIT 1"))

    def password_of(self, name: str) -> tuple[str, str | None]:
        """The stored form of a name and its password hash, None where there is no such user."""
        normal = lookup_name(name)
        rows = self._store.read("SELECT password FROM user WHERE name = ?", normal)
        return normal, rows[0][0] if rows else None

    def add(self, name: str, role: Role, password_hash: str) -> str:
        """Make a user and return the stored form of the name. The password has been checked and hashed before.

        Raises:
            InputError: if the name cannot be one or is taken, or there are too many users.
        """
        normal = normal_name(name)
        now = self._clock()
        with self._store.write() as db:
            if db.execute("SELECT count(*) FROM user").fetchone()[0] >= MOST_USERS:
                raise InputError(f"name: there are {MOST_USERS} users already")
            try:
                db.execute(
                    "INSERT INTO user(name, role, password, created_s, changed_s) VALUES (?, ?, ?, ?, ?)",
                    (normal, role.value, password_hash, now, now),
                )
            except sqlite3.IntegrityError:
                raise InputError(f"name: there is a user {normal!r} already") from None
        return normal

    def check_new(self, name: str, password: str) -> None:
        """Refuse early, before time is spent on a hash.

        Raises:
            InputError: as `add`, and if the password would be guessed.
        """
        normal = normal_name(name)
        check_password(password, normal)
        if self._store.read("SELECT 1 FROM user WHERE name = ?", normal):
            raise InputError(f"name: there is a user {normal!r} already")

    def set_role(self, name: str, role: Role) -> None:
        """Give a user another role; what is logged in has it at once.

        Raises:
            InputError: if there is no such user, or it is the last administrator.
        """
        with self._store.write() as db:
            normal = _existing(db, name)
            if role is not Role.ADMINISTRATOR:
                _keep_one_administrator(db, normal)
            db.execute("UPDATE user SET role = ? WHERE name = ?", (role.value, normal))

    def set_password(self, name: str, password_hash: str, keep: bytes = b"") -> None:
        """Set the password and end all of the user's sessions but `keep` (its hash at rest).

        Raises:
            InputError: if there is no such user.
        """
        with self._store.write() as db:
            normal = _existing(db, name)
            db.execute(
                "UPDATE user SET password = ?, changed_s = ? WHERE name = ?", (password_hash, self._clock(), normal)
            )
            db.execute("DELETE FROM session WHERE user = ? AND hash <> ?", (normal, keep))

    def renew_hash(self, name: str, old_hash: str, new_hash: str) -> None:
        """Store the same password at today's cost, unless it was changed meanwhile."""
        with self._store.write() as db:
            db.execute("UPDATE user SET password = ? WHERE name = ? AND password = ?", (new_hash, name, old_hash))

    def remove(self, name: str) -> None:
        """Remove a user with its sessions.

        Raises:
            InputError: if there is no such user, or it is the last administrator.
        """
        with self._store.write() as db:
            normal = _existing(db, name)
            _keep_one_administrator(db, normal)
            db.execute("DELETE FROM user WHERE name = ?", (normal,))


def _existing(db: sqlite3.Connection, name: str) -> str:
    normal = lookup_name(name)
    if not db.execute("SELECT 1 FROM user WHERE name = ?", (normal,)).fetchone():
        raise InputError(f"name: there is no user {name[:64]!r}")
    return normal


def _keep_one_administrator(db: sqlite3.Connection, name: str) -> None:
    administrators = [row[0] for row in db.execute("SELECT name FROM user WHERE role = ?", (Role.ADMINISTRATOR.value,))]
    if administrators == [name]:
        raise InputError(f"name: {name!r} is the last administrator; make another one first")
