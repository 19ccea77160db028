"""What the routes of accounts take and give. Times are milliseconds since 1970 UTC; None: never, or no end."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

RoleWord = Literal["viewer", "officer", "integrator", "administrator"]


class LoginGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to log in."""

    user: str
    password: str


class SessionAnswer(msgspec.Struct, frozen=True):
    """Who is logged in. `csrf` goes into the header X-CSRF-Token of whatever changes something."""

    user: str
    role: RoleWord
    csrf: str
    accounts: bool  # false: there are none here, and the visitor is whoever sits at this machine
    expires_ms: float | None


class OwnPasswordGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password for oneself."""

    current: str
    password: str


class UserAnswer(msgspec.Struct, frozen=True):
    """A user."""

    user: str
    role: RoleWord
    created_ms: float
    login_ms: float | None


class UserList(msgspec.Struct, frozen=True):
    """Everybody, by name."""

    users: tuple[UserAnswer, ...]


class UserGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new user."""

    user: str
    role: RoleWord
    password: str


class UserChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes different; what is not there stays."""

    role: RoleWord | None = None
    password: str | None = None


class Ended(msgspec.Struct, frozen=True):
    """How many logins were ended."""

    ended: int


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token without its secret."""

    name: str
    role: RoleWord
    made_by: str
    created_ms: float
    expires_ms: float | None
    used_ms: float | None


class TokenList(msgspec.Struct, frozen=True):
    """Every token, by name."""

    tokens: tuple[TokenAnswer, ...]


class TokenGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new token."""

    name: str
    role: RoleWord
    days: float | None = None  # None: good until it is removed


class TokenMade(msgspec.Struct, frozen=True):
    """The secret of a new token, which is shown this once."""

    name: str
    token: str


class AuditAnswer(msgspec.Struct, frozen=True):
    """Lines of the audit, the newest first, and the hash of the last line there is."""

    entries: tuple[dict[str, Any], ...]
    head: str
