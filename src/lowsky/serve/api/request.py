"""What handlers read off a request besides its body and query."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from ..runtime import Runtime


def runtime_of(request: HTTPConnection) -> Runtime:
    """The server's parts, from any request or WebSocket."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def who_asks(request: HTTPConnection) -> str:
    """The name under which an action is journalled: the user's or token's, as the guard left it."""
    return str(getattr(request.state, "user", "") or "local")
