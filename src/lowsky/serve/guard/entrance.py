"""The entrance of a server: accounts, audit, TLS and guard opened together, before anything listens."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from starlette.types import ASGIApp

from lowsky.model.errors import InputError
from lowsky.serve.accounts import FILE_NAME, Accounts, AccountSettings
from lowsky.serve.audit import Audit, Entry
from lowsky.serve.route import Route

from .addresses import is_loopback
from .guard import Guard
from .listen import check_listen, tls_context, uvicorn_options
from .settings import GuardSettings

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Entrance:
    """What `open_entrance` has opened."""

    accounts: Accounts
    audit: Audit
    settings: GuardSettings
    tls: ssl.SSLContext | None

    def guarded(self, app: ASGIApp, routes: Iterable[Route], refused: Counter[str]) -> Guard:
        """The application behind its guard, which counts what it refuses, by reason."""
        return Guard(app, routes, self.accounts, self.audit, self.settings, refused=refused)

    def options(self, refused: Counter[str]) -> dict[str, Any]:
        """Options for `uvicorn.Config` that the guard counts on."""
        return uvicorn_options(self.settings, self.tls, refused)

    def first_link(self, address: str) -> str | None:
        """A new link for the first administrator under this address; None where there is one, or no accounts."""
        if not self.accounts.on or self.accounts.users.has_administrator():
            return None
        link = f"{address.rstrip('/')}/first?key={self.accounts.first.make()}"
        self.audit.write_now(Entry("system", "", "", "first link made", "done"))
        return link

    def close(self) -> None:
        """Close the store and the audit."""
        self.accounts.close()
        self.audit.close()


def open_entrance(
    folder: Path,
    host: str,
    accounts: AccountSettings | None = None,
    guard: GuardSettings | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
) -> Entrance:
    """Open accounts and audit in a folder, and decide whether visitors must log in.

    Args:
        host: what the server will listen at; without accounts it must be loopback.
        certificate, key: PEM files for TLS, both or none.

    Raises:
        InputError: if a file cannot be used, or the picture would be open to a network.
    """
    if (certificate is None) != (key is None):
        raise InputError("server: tls_certificate and tls_key belong together; one of them is missing")
    tls = None if certificate is None or key is None else tls_context(certificate, key)
    settings = guard or GuardSettings()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = Accounts(folder / FILE_NAME, accounts)
    held.on = held.are_on(is_loopback(host))
    try:
        check_listen(host, held.on)
        audit = Audit(folder)
    except InputError:
        held.close()
        raise
    log.info("audit", file=str(audit.path), number=audit.number, head=audit.head)
    if tls is None and not is_loopback(host) and not settings.trusted_proxies:
        log.warning("passwords cross the network unencrypted: set server.tls_certificate and tls_key", host=host)
    return Entrance(held, audit, settings, tls)
