"""API tokens: for machines, sent as `Authorization: Bearer`, shown once, stored as a hash, with role and expiry."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lowsky.model.errors import InputError
from lowsky.serve.route import Role

from .rules import lookup_name, normal_name
from .secret import TOKEN_PREFIX, at_rest, new_secret
from .store import Store

MOST_TOKENS = 1_000
LONGEST_DAYS = 3650.0
DAY_S = 86_400.0
TOUCH_S = 60.0  # use is written down this often at most


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; times are seconds since 1970 UTC, None: never."""

    name: str
    role: Role
    made_by: str
    created_s: float
    expires_s: float | None
    used_s: float | None
    hash: bytes


class Tokens:
    """The tokens of a store."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Token]:
        """Every token, by name, also those that are over."""
        return [_token(row) for row in self._store.read(f"SELECT {_COLUMNS} FROM token ORDER BY name")]

    def add(self, name: str, role: Role, made_by: str, days: float | None) -> str:
        """Make a token and return its secret, which nobody can read again.

        Args:
            days: how long it is good; None: until it is removed.

        Raises:
            InputError: if the name cannot be one or is taken, the days are none, or there are too many tokens.
        """
        normal, secret, now = normal_name(name), new_secret(TOKEN_PREFIX), self._clock()
        if days is not None and not 0.0 < days <= LONGEST_DAYS:
            raise InputError(f"days: {days} is not more than 0 and at most {LONGEST_DAYS:g}")
        expires_s = None if days is None else now + days * DAY_S
        with self._store.write() as db:
            if db.execute("SELECT count(*) FROM token").fetchone()[0] >= MOST_TOKENS:
                raise InputError(f"name: there are {MOST_TOKENS} tokens already")
            try:
                db.execute(
                    "INSERT INTO token(name, hash, role, made_by, created_s, expires_s) VALUES (?, ?, ?, ?, ?, ?)",
                    (normal, at_rest(secret), role.value, made_by, now, expires_s),
                )
            except sqlite3.IntegrityError:
                raise InputError(f"name: there is a token {normal!r} already") from None
        return secret

    def find(self, secret: str) -> Token | None:
        """The token with this secret, if there is one and it is not over."""
        return self.find_hash(at_rest(secret))

    def find_hash(self, hashed: bytes) -> Token | None:
        """The token by its hash at rest, if there is one and it is not over."""
        rows = self._store.read(f"SELECT {_COLUMNS} FROM token WHERE hash = ?", hashed)
        token = _token(rows[0]) if rows else None
        if token is None or (token.expires_s is not None and not self._clock() < token.expires_s):
            return None
        return token

    def is_touch_due(self, token: Token) -> bool:
        """Whether its use should be written down."""
        return token.used_s is None or self._clock() - token.used_s > TOUCH_S

    def touch(self, token: Token) -> None:
        """Write down that it was used now."""
        with self._store.write() as db:
            db.execute("UPDATE token SET used_s = ? WHERE hash = ?", (self._clock(), token.hash))

    def remove(self, name: str) -> None:
        """Revoke a token: it is good for nothing from now on.

        Raises:
            InputError: if there is no such token.
        """
        with self._store.write() as db:
            if not db.execute("DELETE FROM token WHERE name = ?", (lookup_name(name),)).rowcount:
                raise InputError(f"name: there is no token {name[:64]!r}")


_COLUMNS = "name, role, made_by, created_s, expires_s, used_s, hash"


def _token(row: tuple[Any, ...]) -> Token:
    name, role, made_by, created_s, expires_s, used_s, hashed = row
    return Token(name, Role(role), made_by, created_s, expires_s, used_s, hashed)
