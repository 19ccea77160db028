"""Routes about the past: what is recorded, its density, and the picture at any moment of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ..errors import ApiError
from ..route import Query, query_of
from .request import runtime_of

DENSITY_QUERY = (Query("bins", int, "how many, at most 2000", 400),)
TIME_QUERY = (Query("time_ms", float, "the moment, milliseconds since 1970 UTC"),)
MAX_BINS = 2000


async def get_recording(request: Request, given: None) -> Response:
    """From when to when there is a recording, and where it has gaps."""
    return _json(await runtime_of(request).past.info())


async def get_density(request: Request, given: None) -> Response:
    """Objects per bin of time, and when notices were raised."""
    bins = query_of(request, DENSITY_QUERY)["bins"]
    if not 1 <= bins <= MAX_BINS:
        raise ApiError(422, f"bins: {bins} is not between 1 and {MAX_BINS}")
    return _json(await runtime_of(request).past.density(bins))


async def get_picture(request: Request, given: None) -> Response:
    """The picture at a moment, as a binary snapshot of the feed."""
    time_ms = query_of(request, TIME_QUERY)["time_ms"]
    past = await runtime_of(request).past.at(time_ms)
    return Response(past.snapshot, media_type="application/octet-stream")


async def get_state(request: Request, given: None) -> Response:
    """Notices and identities at a moment."""
    time_ms = query_of(request, TIME_QUERY)["time_ms"]
    past = await runtime_of(request).past.at(time_ms)
    return _json(past.state)


def _json(answer: bytes) -> Response:
    return Response(answer, media_type="application/json")
