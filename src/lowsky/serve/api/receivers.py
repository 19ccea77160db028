"""Routes about who is told: how each receiver does, and alerts for who polls."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ..delivery import ReceiverStatus
from ..errors import ApiError
from .request import runtime_of
from .unchanged import answer_if_changed

ATOM, CAP = "application/atom+xml", "application/cap+xml"
SUFFIX = ".xml"


class ReceiverList(msgspec.Struct, frozen=True):
    """All receivers."""

    receivers: tuple[ReceiverStatus, ...]


async def list_receivers(request: Request, given: None) -> ReceiverList:
    """How every receiver does."""
    return ReceiverList(tuple(runtime_of(request).deliveries.status()))


async def get_feed(request: Request, given: None) -> Response:
    """The last alerts as an Atom feed, with an entity tag for who polls."""
    runtime = runtime_of(request)
    address = str(request.url.replace(query=""))
    title = runtime.config.site.name or runtime.config.site.id
    return answer_if_changed(request, runtime.deliveries.feed.atom(title, address), ATOM)


async def get_alert(request: Request, given: None) -> Response:
    """One alert as CAP."""
    name = str(request.path_params["name"])
    found = runtime_of(request).deliveries.feed.document(name.removesuffix(SUFFIX)) if name.endswith(SUFFIX) else None
    if found is None:
        raise ApiError(404, "there is no such alert, or it is no longer kept")
    return Response(found, media_type=CAP)
