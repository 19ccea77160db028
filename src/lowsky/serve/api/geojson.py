"""The route that gives the picture as GeoJSON."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from lowsky.wire.geojson import MEDIA

from ..outputs.features import document, located
from ..route import Query, query_of
from .request import runtime_of
from .unchanged import answer_if_changed

__all__ = ["GEOJSON_QUERY", "MEDIA", "get_objects"]

GEOJSON_QUERY = (
    Query("ellipses", int, "1: also where each object is with 95 percent", 0),
    Query("places", int, "1: also the protected places", 0),
    Query("bearings", int, "1: also the directions heard in the last ten seconds", 0),
)


async def get_objects(request: Request, given: None) -> Response:
    """The picture of the last tick."""
    runtime, wanted = runtime_of(request), query_of(request, GEOJSON_QUERY)
    board, shown = runtime.board, runtime.shown
    body = await asyncio.to_thread(
        document,
        shown.air(),
        board.drill,
        bool(wanted["ellipses"]),
        located(board.book.places, board.places) if wanted["places"] else (),
        shown.bearings(0) if wanted["bearings"] else (),
        runtime.site.sensors,
    )
    return answer_if_changed(request, body, MEDIA)
