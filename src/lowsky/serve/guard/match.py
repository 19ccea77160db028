"""From a method and a path to the declared route: the same patterns, in the same order, as the dispatcher's."""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern

from starlette.routing import compile_path

from lowsky.serve.route import WEBSOCKET, Route

from .refusal import Refused


class Table:
    """The routes that there are."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: list[tuple[Pattern[str], Route]] = [(compile_path(route.path)[0], route) for route in routes]

    def find(self, kind: str, method: str, path: str) -> Route:
        """The route for a request; HEAD is a GET whose answer has no body.

        Args:
            kind: "http" or "websocket".

        Raises:
            Refused: 404 for a path that no route of this kind has, 405 for a method that the path's routes have not.
        """
        found = [route for pattern, route in self._routes if pattern.match(path) and _kind(route) == kind]
        if not found:
            raise Refused(404, "unknown", "there is nothing under this address")
        for route in found:
            if kind == "websocket" or route.method == ("GET" if method == "HEAD" else method):
                return route
        allowed = ", ".join(sorted({route.method for route in found}))
        raise Refused(405, "method", f"this address takes {allowed}", {"allow": allowed})


def _kind(route: Route) -> str:
    return "websocket" if route.method == WEBSOCKET else "http"
