"""Accounts as the server uses them: who a cookie or a token stands for, login, logout, whether there are any.

Without accounts (see `are_on`) everybody who reaches the server is "local", with the role of an officer; the server
then listens on loopback only, which `lowsky.serve.guard.listen` enforces.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from lowsky.serve.route import Role

from .first import FirstLink
from .logins import Logins
from .passwords import Cost, Passwords
from .secret import LONGEST_SECRET, bound_to, new_secret
from .sessions import Session, Sessions
from .settings import AccountSettings
from .store import Store
from .tokens import Token, Tokens
from .users import Users
from .visitor import NOBODY, Proof, Visitor

FILE_NAME = "accounts.sqlite"
CSRF = "csrf"
log = structlog.get_logger(__name__)


class Accounts:
    """All of a site's accounts, on one store."""

    def __init__(
        self,
        path: Path,
        settings: AccountSettings | None = None,
        clock: Callable[[], float] = time.time,
        cost: Cost | None = None,
    ) -> None:
        """Open or make the store.

        Raises:
            InputError: if the file is not a usable store.
        """
        self.settings = settings or AccountSettings()
        self.store = Store(path)
        self.users = Users(self.store, clock)
        self.sessions = Sessions(self.store, self.settings, clock)
        self.tokens = Tokens(self.store, clock)
        self.first = FirstLink(self.store, self.settings, clock)
        self.passwords = Passwords(cost)
        self.logins = Logins()
        self.on = True
        self._local = Visitor("local", Role.OFFICER, Proof.LOOPBACK, bound_to(new_secret(), CSRF))
        self._touching: dict[bytes, asyncio.Task[None]] = {}

    def are_on(self, loopback: bool) -> bool:
        """Whether visitors must log in: as set; else yes, unless bound to loopback and without any user."""
        if self.settings.on is not None:
            return self.settings.on
        return not loopback or self.users.any()

    @property
    def local(self) -> Visitor:
        """The visitor of a server without accounts. The proof against CSRF is new at every start."""
        return self._local

    def by_cookie(self, secret: str) -> Visitor:
        """Who holds this session; `NOBODY` if it is none or over."""
        session = self.sessions.find(secret) if 0 < len(secret) <= LONGEST_SECRET else None
        if session is None:
            return NOBODY
        if self.sessions.is_touch_due(session):
            self._touch_soon(session)
        return _of_session(session, bound_to(secret, CSRF))

    def by_token(self, secret: str) -> Visitor:
        """Who holds this API token; `NOBODY` if it is none or over."""
        token = self.tokens.find(secret) if 0 < len(secret) <= LONGEST_SECRET else None
        if token is None:
            return NOBODY
        if self.tokens.is_touch_due(token):
            self._touch_soon(token)
        return _of_token(token)

    def again(self, visitor: Visitor) -> Visitor:
        """The visitor as of now: what was good when a connection began may be over, or have another role."""
        if visitor.proof is Proof.SESSION:
            session = self.sessions.find_hash(visitor.hash)
            if session is None:
                return NOBODY
            if self.sessions.is_touch_due(session):  # an open map is in use
                self._touch_soon(session)
            return _of_session(session, visitor.csrf)
        if visitor.proof is Proof.TOKEN:
            token = self.tokens.find_hash(visitor.hash)
            return NOBODY if token is None else _of_token(token)
        return visitor if visitor.proof is Proof.LOOPBACK and not self.on else NOBODY

    async def log_in(self, name: str, password: str, address: str, replaces: str = "") -> str | None:
        """Check name and password; the secret for the cookie, None if they are not right.

        An unknown name costs the same hash as a known one.

        Raises:
            BusyError: if too many logins are being checked.
        """
        normal, stored = self.users.password_of(name)
        right, renew = await self.passwords.verify_soon(stored, password)
        if not right or stored is None:
            return None
        current = await self._renewed(normal, stored, password) if renew else stored
        return await self.store.write_soon(lambda: self.sessions.begin(normal, address, current, replaces))

    async def _renewed(self, name: str, stored: str, password: str) -> str:
        fresh = await self.passwords.make_soon(password)
        await self.store.write_soon(lambda: self.users.renew_hash(name, stored, fresh))
        return fresh

    def _touch_soon(self, used: Session | Token) -> None:
        """Write the use down in a thread, once at a time for each."""
        if used.hash in self._touching:
            return

        def touch() -> None:
            self.sessions.touch(used) if isinstance(used, Session) else self.tokens.touch(used)

        def done(future: asyncio.Task[None]) -> None:
            self._touching.pop(used.hash, None)
            if not future.cancelled() and (error := future.exception()) is not None:
                log.warning("use of a login could not be written down", error=str(error))

        self._touching[used.hash] = asyncio.create_task(self.store.write_soon(touch))
        self._touching[used.hash].add_done_callback(done)

    def close(self) -> None:
        """End the threads and close the store."""
        self.passwords.close()
        self.store.close()


def _of_session(session: Session, csrf: str) -> Visitor:
    return Visitor(session.user, session.role, Proof.SESSION, csrf, session.hash, session.expires_s)


def _of_token(token: Token) -> Visitor:
    return Visitor(f"token:{token.name}", token.role, Proof.TOKEN, "", token.hash, token.expires_s)
