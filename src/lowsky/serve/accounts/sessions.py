"""Sessions of people: a random secret in a cookie, its hash in the store, two expiries.

A session ends when it has not been used for the idle time, at the absolute time, at logout, when the password changes
and when the user is removed. A login always makes a new session (no fixation), and the one that was presented with it
ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lowsky.serve.route import Role

from .secret import at_rest, new_secret
from .settings import AccountSettings
from .store import Store

TOUCH_S = 60.0  # use is written down this often at most


@dataclass(frozen=True, slots=True)
class Session:
    """A valid session; times are seconds since 1970 UTC."""

    hash: bytes
    user: str
    role: Role
    used_s: float
    expires_s: float


class Sessions:
    """The sessions of a store."""

    def __init__(self, store: Store, settings: AccountSettings, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._idle_s = settings.idle_h * 3600.0
        self._session_s = settings.session_h * 3600.0
        self._per_user = settings.sessions_per_user

    def begin(self, user: str, address: str, password_hash: str, replaces: str = "") -> str | None:
        """A new session for a user whose password was just found right; the secret for the cookie.

        Args:
            password_hash: what was verified; if the password or the user changed since, there is no session (None).
            replaces: the secret of a session that ends with this.
        """
        secret, now = new_secret(), self._clock()
        with self._store.write() as db:
            db.execute("DELETE FROM session WHERE hash = ?", (at_rest(replaces),))
            db.execute(
                "DELETE FROM session WHERE used_s < ? OR created_s < ?", (now - self._idle_s, now - self._session_s)
            )
            changed = db.execute(
                "UPDATE user SET login_s = ? WHERE name = ? AND password = ?", (now, user, password_hash)
            )
            if not changed.rowcount:
                return None
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?)", (at_rest(secret), user, now, now, address[:64]))
            db.execute(
                "DELETE FROM session WHERE user = ? AND hash NOT IN"
                " (SELECT hash FROM session WHERE user = ? ORDER BY created_s DESC, rowid DESC LIMIT ?)",
                (user, user, self._per_user),
            )
        return secret

    def find(self, secret: str) -> Session | None:
        """The session of a cookie, if there is one and it is not over."""
        return self.find_hash(at_rest(secret))

    def find_hash(self, hashed: bytes) -> Session | None:
        """The session by its hash at rest, if there is one and it is not over."""
        rows = self._store.read(
            "SELECT user, role, session.created_s, used_s FROM session JOIN user ON user.name = session.user"
            " WHERE hash = ?",
            hashed,
        )
        if not rows:
            return None
        user, role, created_s, used_s = rows[0]
        expires_s = min(created_s + self._session_s, used_s + self._idle_s)
        if not self._clock() < expires_s:
            return None
        return Session(hashed, user, Role(role), used_s, expires_s)

    def is_touch_due(self, session: Session) -> bool:
        """Whether its use should be written down."""
        return self._clock() - session.used_s > TOUCH_S

    def touch(self, session: Session) -> None:
        """Write down that it was used now."""
        with self._store.write() as db:
            db.execute("UPDATE session SET used_s = ? WHERE hash = ?", (self._clock(), session.hash))

    def end(self, hashed: bytes) -> None:
        """Log out."""
        with self._store.write() as db:
            db.execute("DELETE FROM session WHERE hash = ?", (hashed,))

    def end_all(self, user: str) -> int:
        """Log a user out everywhere; how many sessions that were."""
        with self._store.write() as db:
            return db.execute("DELETE FROM session WHERE user = ?", (user,)).rowcount
