"""Routes about the own login: logging in and out, who one is, the own password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lowsky.model.errors import InputError
from lowsky.serve.dispatch import problem
from lowsky.serve.errors import ApiError
from lowsky.serve.route import Query, query_of

from .accounts import Accounts
from .cookie import clear_cookie, cookie_name, set_cookie
from .passwords import BusyError
from .rules import check_password, lookup_name
from .types import LoginGiven, OwnPasswordGiven, RoleWord, SessionAnswer
from .visitor import Proof, Visitor

LOGOUT_QUERY = (Query("everywhere", int, "1: end all of one's logins, not only this one", 0),)
MAX_LOGIN_BYTES = 8_192
NOT_RIGHT = "name or password is not right"
BUSY = "many are logging in at this moment; try again in a few seconds"


@dataclass(frozen=True, slots=True)
class Door:
    """What a handler of accounts needs of a request: parts of its state, as the guard left them."""

    accounts: Accounts
    visitor: Visitor
    address: str
    key: str  # under which what this client does is counted
    scheme: str
    audit: dict[str, Any]


def door_of(request: Request) -> Door:
    """The door through which a request came."""
    state = request.state
    return Door(
        state.accounts, state.visitor, state.client.address, state.client.key, request.scope["scheme"], state.audit
    )


async def get_session(request: Request, given: None) -> SessionAnswer:
    """Who is logged in here."""
    door = door_of(request)
    return session_answer(door.accounts, door.visitor)


async def post_session(request: Request, given: LoginGiven) -> Response:
    """Log in: a new session in a cookie, and the proof that goes with what it changes."""
    door = door_of(request)
    if not door.accounts.on:
        raise ApiError(409, "there are no accounts here; everybody at this machine is let in")
    name = lookup_name(given.user)
    known = door.accounts.users.password_of(name)[1] is not None
    door.audit.update(action="login", outcome="refused", target=name if known else "(unknown name)")
    wait_s = door.accounts.logins.wait_s(door.key, name)
    if wait_s > 0.0:
        sentence = f"too many wrong logins; the next one is looked at in {wait_s:.0f} s"
        return problem(429, sentence, {"retry-after": str(int(wait_s) + 1)})
    try:
        old = request.cookies.get(cookie_name(door.scheme), "")
        secret = await door.accounts.log_in(given.user, given.password, door.address, old)
    except BusyError:
        door.accounts.logins.undone(door.key, name)
        return problem(503, BUSY, {"retry-after": "3"})
    if secret is None:
        return problem(401, NOT_RIGHT)
    door.accounts.logins.succeeded(door.key, name)
    return logged_in(door, secret, Response(media_type="application/json"))


def logged_in(door: Door, secret: str, response: Response) -> Response:
    """Put a new session into an answer: its cookie, and for programs who it is."""
    visitor = door.accounts.by_cookie(secret)
    door.audit.update(who=visitor.who, role=visitor.role.value, outcome="done", target=visitor.who)
    if response.media_type == "application/json":
        response.body = msgspec.json.encode(session_answer(door.accounts, visitor))
        response.headers["content-length"] = str(len(response.body))
    set_cookie(response, door.scheme, secret, door.accounts.settings.session_h * 3600.0)
    return response


async def delete_session(request: Request, given: None) -> Response:
    """Log out, here or everywhere."""
    door = door_of(request)
    if door.visitor.proof is not Proof.SESSION:
        raise ApiError(409, "only a login in a browser can be ended; a token is removed by an administrator")
    everywhere, sessions = query_of(request, LOGOUT_QUERY)["everywhere"], door.accounts.sessions
    if everywhere:
        await door.accounts.store.write_soon(lambda: sessions.end_all(door.visitor.who))
    else:
        await door.accounts.store.write_soon(lambda: sessions.end(door.visitor.hash))
    door.audit.update(action="logout", target=door.visitor.who, everywhere=bool(everywhere))
    response = Response(status_code=204)
    clear_cookie(response, door.scheme)
    return response


async def put_own_password(request: Request, given: OwnPasswordGiven) -> None:
    """Change the own password; all other logins of this user end."""
    door = door_of(request)
    accounts, name = door.accounts, door.visitor.who
    door.audit.update(action="password", target=name)
    if door.visitor.proof is not Proof.SESSION:
        raise ApiError(409, "only who is logged in by name has a password")
    checked(lambda: check_password(given.password, name))
    wait_s = accounts.logins.wait_s(door.key, name)
    if wait_s > 0.0:
        raise ApiError(429, f"too many wrong passwords; the next one is looked at in {wait_s:.0f} s")
    try:
        right, _ = await accounts.passwords.verify_soon(accounts.users.password_of(name)[1], given.current)
        if not right:
            raise ApiError(403, "the current password is not right")
        accounts.logins.succeeded(door.key, name)
        fresh = await accounts.passwords.make_soon(given.password)
    except BusyError:
        accounts.logins.undone(door.key, name)
        raise ApiError(503, BUSY) from None
    await accounts.store.write_soon(lambda: accounts.users.set_password(name, fresh, keep=door.visitor.hash))


def session_answer(accounts: Accounts, visitor: Visitor) -> SessionAnswer:
    """A visitor as the pages know it."""
    expires_ms = None if visitor.expires_s is None else visitor.expires_s * 1e3
    role: RoleWord = visitor.role.value  # type: ignore[assignment]
    return SessionAnswer(visitor.who, role, visitor.csrf, accounts.on, expires_ms)


def checked(work: Any) -> Any:
    """Do what refuses input, and answer 422 with its sentence.

    Raises:
        ApiError: 422.
    """
    try:
        return work()
    except InputError as error:
        raise ApiError(422, str(error)) from None
