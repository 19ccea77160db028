"""What a route is: path, method, least role, and the types that go in and out.

The table itself is `lowsky.serve.routes.ROUTES`; routing, the guard that checks roles, the OpenAPI document and the
test over all routes are made from it. A handler is `async def handler(request, given) -> answer`: `given` is the
decoded body (None for routes without one), the answer a value of the route's answer type or a Starlette `Response` of
its own making. Whoever asks has been checked before the handler runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from .errors import ApiError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


class Role(StrEnum):
    """Roles of people and tokens; on a route the least one that may use it."""

    PUBLIC = "public"  # anybody, without login
    VIEWER = "viewer"
    OFFICER = "officer"
    INTEGRATOR = "integrator"
    ADMINISTRATOR = "administrator"


MAY: dict[Role, frozenset[Role]] = {
    Role.PUBLIC: frozenset(Role),
    Role.VIEWER: frozenset({Role.VIEWER, Role.OFFICER, Role.INTEGRATOR, Role.ADMINISTRATOR}),
    Role.OFFICER: frozenset({Role.OFFICER, Role.ADMINISTRATOR}),
    Role.INTEGRATOR: frozenset({Role.INTEGRATOR, Role.ADMINISTRATOR}),
    Role.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
}
"""Whose role suffices for a route that asks for the key."""

Handler = Callable[..., Awaitable[Any]]
MAX_BODY_BYTES = 1 << 20  # of a request, unless its route says otherwise
WEBSOCKET = "WEBSOCKET"
"""The method of a route that is a WebSocket."""


@dataclass(frozen=True, slots=True)
class Query:
    """One parameter in the query of an address."""

    name: str
    kind: type[int] | type[float] | type[str]
    summary: str
    default: int | float | str | None = None  # None: it must be given


@dataclass(frozen=True, slots=True)
class Route:
    """One way into the server."""

    path: str
    method: str  # GET, POST, PUT, DELETE or WEBSOCKET
    role: Role
    summary: str
    handler: Handler
    request: Any = None  # type of the body, None: there is none
    answer: Any = None  # type of the answer, None: nothing (204), bytes: not JSON
    query: tuple[Query, ...] = ()
    media: str = "application/json"
    max_body_bytes: int = MAX_BODY_BYTES
    status: int = field(default=200)
    cost: float = 1.0  # how many requests it counts for against a client's rate: what takes long takes more

    @property
    def changes(self) -> bool:
        """Whether it changes something, so that it needs the proof that the page itself asks (CSRF)."""
        return self.method not in ("GET", WEBSOCKET)


def query_of(request: HTTPConnection, route_query: tuple[Query, ...]) -> dict[str, Any]:
    """The parameters of the address by name, as declared.

    Raises:
        ApiError: 422, naming parameter and value.
    """
    found: dict[str, Any] = {}
    for query in route_query:
        text = request.query_params.get(query.name)
        if text is None:
            if query.default is None:
                raise ApiError(422, f"the address needs {query.name}: {query.summary}")
            found[query.name] = query.default
            continue
        try:
            found[query.name] = value = query.kind(text)
        except ValueError:
            raise ApiError(422, f"{query.name}: {text[:40]!r} is not a number") from None
        if isinstance(value, float) and not abs(value) < 1e15:
            raise ApiError(422, f"{query.name}: {text[:40]!r} is out of range")
    return found
