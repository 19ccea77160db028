"""From a declared route to a Starlette route: body in, answer out, errors as {"error": sentence}.

Bodies are read up to the route's limit and decoded by type; whatever is wrong is one sentence naming the field.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as StarletteRoute

from .answers.result import Problem
from .errors import ApiError
from .route import WEBSOCKET, Route

Endpoint = Callable[[Request], Awaitable[Response]]
STATUS_WORDS = {
    401: "log in first",
    403: "your role does not allow this",
    404: "there is nothing under this address",
    405: "this address does not take this method",
}


def starlette_routes(table: tuple[Route, ...]) -> list[BaseRoute]:
    """Routes for Starlette, in the table's order; methods of one path are told apart by it."""
    made: list[BaseRoute] = []
    for route in table:
        if route.method == WEBSOCKET:
            made.append(WebSocketRoute(route.path, route.handler))
        else:
            made.append(StarletteRoute(route.path, _endpoint(route), methods=[route.method]))
    return made


def _endpoint(route: Route) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            given = None if route.request is None else await _decoded(request, route)
            answer = await route.handler(request, given)
        except ApiError as error:
            return problem(error.status, error.sentence)
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(status_code=204)
        return Response(encode_json(answer), route.status, media_type="application/json")

    return endpoint


def encode_json(answer: Any) -> bytes:
    """An answer as JSON; NaN and infinities, which JSON has not, become null."""
    return msgspec.json.encode(answer)


def problem(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """An error as every route answers it."""
    body = msgspec.json.encode(Problem(sentence))
    return Response(body, status, headers=headers, media_type="application/json")


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request.

    Raises:
        ApiError: 413 if it is longer than `limit`, 400 if the caller went away within it.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise ApiError(413, f"the body is longer than {limit} bytes")
    except ClientDisconnect:
        raise ApiError(400, "the body is not complete") from None
    return bytes(body)


async def _decoded(request: Request, route: Route) -> Any:
    body = await read_body(request, route.max_body_bytes)
    try:
        return msgspec.json.decode(body, type=route.request)
    except msgspec.MsgspecError as error:
        raise ApiError(422, f"the body cannot be used: {error}") from None
    except (UnicodeDecodeError, RecursionError):
        raise ApiError(422, "the body cannot be used: it is not JSON") from None


async def on_http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses (no such address, no such method)."""
    assert isinstance(error, HTTPException)
    sentence = STATUS_WORDS.get(error.status_code, error.detail)
    return problem(error.status_code, sentence, dict(error.headers or {}))


async def on_defect(request: Request, error: Exception) -> Response:
    """A defect of ours: logged with its traceback by the server, told without."""
    return problem(500, "the server failed at this; its log says why")
