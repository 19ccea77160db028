"""The first administrator: a link printed at the first start, good once and only while there is no administrator.

Each start without an administrator prints a new link, and the one before is good for nothing from then on.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from lowsky.model.errors import InputError
from lowsky.serve.route import Role

from .rules import normal_name
from .secret import at_rest, new_secret
from .settings import AccountSettings
from .store import Store

USED = "the link is used, over, or not the one printed last; a new start of the server prints a new one"


class FirstLink:
    """The link of a store."""

    def __init__(self, store: Store, settings: AccountSettings, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._link_s = settings.first_link_h * 3600.0

    def make(self) -> str:
        """A new secret for the link; earlier ones end."""
        secret = new_secret()
        with self._store.write() as db:
            db.execute("DELETE FROM first_link")
            db.execute("INSERT INTO first_link VALUES (?, ?)", (at_rest(secret), self._clock() + self._link_s))
        return secret

    def is_good(self, secret: str) -> bool:
        """Whether the link would make an administrator now."""
        return bool(
            self._store.read(
                "SELECT 1 FROM first_link WHERE hash = ? AND expires_s > ?"
                " AND NOT EXISTS (SELECT 1 FROM user WHERE role = ?)",
                at_rest(secret),
                self._clock(),
                Role.ADMINISTRATOR.value,
            )
        )

    def use(self, secret: str, name: str, password_hash: str) -> str:
        """Make the first administrator and spend the link, in one transaction; the stored form of the name.

        Raises:
            InputError: if the link is not good, or the name cannot be one or is taken.
        """
        normal, now = normal_name(name), self._clock()
        with self._store.write() as db:
            spent = db.execute("DELETE FROM first_link WHERE hash = ? AND expires_s > ?", (at_rest(secret), now))
            taken = db.execute("SELECT 1 FROM user WHERE role = ?", (Role.ADMINISTRATOR.value,)).fetchone()
            if not spent.rowcount or taken:
                raise InputError(USED)
            try:
                db.execute(
                    "INSERT INTO user(name, role, password, created_s, changed_s) VALUES (?, ?, ?, ?, ?)",
                    (normal, Role.ADMINISTRATOR.value, password_hash, now, now),
                )
            except sqlite3.IntegrityError:
                raise InputError(f"name: there is a user {normal!r} already") from None
        return normal
