"""Routes for administrators: users, tokens, the audit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request

from lowsky.model.errors import InputError
from lowsky.serve.audit.reading import newest_entries
from lowsky.serve.errors import ApiError
from lowsky.serve.route import Query, query_of

from .handlers import BUSY, Door, checked, door_of
from .passwords import BusyError
from .rules import check_password, lookup_name, role_of
from .tokens import Token
from .types import (
    AuditAnswer,
    Ended,
    TokenAnswer,
    TokenGiven,
    TokenList,
    TokenMade,
    UserAnswer,
    UserChange,
    UserGiven,
    UserList,
)
from .users import User

AUDIT_QUERY = (
    Query("limit", int, "how many lines at most, up to 1000", 100),
    Query("before", int, "only lines with a smaller number; 0: the newest", 0),
)
MOST_ENTRIES = 1_000
T = TypeVar("T")


async def list_users(request: Request, given: None) -> UserList:
    """Everybody, by name."""
    return UserList(tuple(map(_user, door_of(request).accounts.users.all())))


async def post_user(request: Request, given: UserGiven) -> UserAnswer:
    """Make a user."""
    door = door_of(request)
    users = door.accounts.users
    door.audit.update(action="user added", target=lookup_name(given.user), given_role=given.role)
    checked(lambda: users.check_new(given.user, given.password))
    fresh = await _hash(door, given.password)
    name = await _written(door, lambda: users.add(given.user, role_of(given.role), fresh))
    return _named(door, name)


async def put_user(request: Request, given: UserChange) -> UserAnswer:
    """Give a user another role or password; a new password ends the user's logins."""
    door, name = _target(request, "user changed")
    users = door.accounts.users
    if given.password is not None:
        password = given.password
        door.audit.update(password="new")
        checked(lambda: check_password(password, name))
    if given.role is not None:
        role = role_of(given.role)
        door.audit.update(given_role=given.role)
        await _written(door, lambda: users.set_role(name, role))
    if given.password is not None:
        fresh = await _hash(door, given.password)
        keep = door.visitor.hash if name == door.visitor.who else b""
        await _written(door, lambda: users.set_password(name, fresh, keep))
    return _named(door, name)


async def delete_user(request: Request, given: None) -> None:
    """Remove a user; its logins end."""
    door, name = _target(request, "user removed")
    await _written(door, lambda: door.accounts.users.remove(name))


async def delete_user_sessions(request: Request, given: None) -> Ended:
    """Log a user out everywhere."""
    door, name = _target(request, "user logged out")
    return Ended(await _written(door, lambda: door.accounts.sessions.end_all(name)))


async def list_tokens(request: Request, given: None) -> TokenList:
    """Every token, by name."""
    return TokenList(tuple(map(_token, door_of(request).accounts.tokens.all())))


async def post_token(request: Request, given: TokenGiven) -> TokenMade:
    """Make a token; its secret is in this answer and nowhere else."""
    door = door_of(request)
    door.audit.update(action="token added", target=lookup_name(given.name), given_role=given.role, days=given.days)
    role = role_of(given.role)
    secret = await _written(door, lambda: door.accounts.tokens.add(given.name, role, door.visitor.who, given.days))
    return TokenMade(lookup_name(given.name), secret)


async def delete_token(request: Request, given: None) -> None:
    """Revoke a token."""
    door = door_of(request)
    name = lookup_name(str(request.path_params["name"]))
    door.audit.update(action="token removed", target=name)
    await _written(door, lambda: door.accounts.tokens.remove(name), missing=404)


async def get_audit(request: Request, given: None) -> AuditAnswer:
    """The newest lines of the audit, or those before a number."""
    query = query_of(request, AUDIT_QUERY)
    limit, before = min(max(query["limit"], 1), MOST_ENTRIES), query["before"]
    audit = request.state.audit_file
    entries = await asyncio.to_thread(newest_entries, audit.path, limit, before)
    return AuditAnswer(tuple(entries), audit.head)


def _target(request: Request, action: str) -> tuple[Door, str]:
    """The user that the address names, who must be there."""
    door, name = door_of(request), lookup_name(str(request.path_params["user"]))
    door.audit.update(action=action, target=name)
    if door.accounts.users.password_of(name)[1] is None:
        raise ApiError(404, "there is no such user")
    return door, name


async def _hash(door: Door, password: str) -> str:
    try:
        return await door.accounts.passwords.make_soon(password)
    except BusyError:
        raise ApiError(503, BUSY) from None


async def _written(door: Door, work: Callable[[], T], missing: int = 409) -> T:
    """Do what writes to the store in a thread; what its rules refuse is answered with their sentence."""
    try:
        return await door.accounts.store.write_soon(work)
    except InputError as error:
        raise ApiError(missing, str(error)) from None


def _named(door: Door, name: str) -> UserAnswer:
    found = [user for user in door.accounts.users.all() if user.name == name]
    if not found:
        raise ApiError(404, "there is no such user")
    return _user(found[0])


def _user(user: User) -> UserAnswer:
    return UserAnswer(user.name, user.role.value, user.created_s * 1e3, _ms(user.login_s))  # type: ignore[arg-type]


def _token(token: Token) -> TokenAnswer:
    return msgspec.convert(
        {
            "name": token.name,
            "role": token.role.value,
            "made_by": token.made_by,
            "created_ms": token.created_s * 1e3,
            "expires_ms": _ms(token.expires_s),
            "used_ms": _ms(token.used_s),
        },
        TokenAnswer,
    )


def _ms(time_s: float | None) -> float | None:
    return None if time_s is None else time_s * 1e3
