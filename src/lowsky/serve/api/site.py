"""Routes about the server as a whole: site, health, metrics, exercise."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lowsky import __version__
from lowsky.model.action import ActionKind
from lowsky.model.errors import InputError

from ..answers.reload import Reloaded
from ..answers.result import Done
from ..answers.site import DrillGiven, SiteAnswer, View
from ..engine.inbox import InboxFullError
from ..errors import ApiError
from ..feed.columns import COLUMNS
from ..route import Role
from .request import runtime_of, who_asks

LANGUAGES = ("en", "ko")


async def get_site(request: Request, given: None) -> SiteAnswer:
    """What a page needs first."""
    runtime = runtime_of(request)
    site, origin = runtime.config.site, runtime.site.origin
    return SiteAnswer(
        id=site.id,
        name=site.name or site.id,
        origin={"lat": origin.latitude_deg, "lon": origin.longitude_deg, "height_m": origin.height_m},
        view=View(*runtime.view),
        version=__version__,
        drill=runtime.board.drill,
        language=site.language,
        languages=LANGUAGES,
        units=site.units,
        recording=await runtime.past.span(),
        overlay="/api/overlay" if runtime.overlay is not None else None,
        columns=COLUMNS,
    )


async def get_overlay(request: Request, given: None) -> Response:
    """The site's own map layer."""
    overlay = runtime_of(request).overlay
    if overlay is None:
        raise ApiError(404, "this site has no map layer of its own")
    return Response(overlay, media_type="application/geo+json", headers={"cache-control": "no-cache"})


async def get_health(request: Request, given: None) -> Response:
    """200 while the server does what it is for, else 503; the reasons, which name sensors, are for who is logged in."""
    health = runtime_of(request).health()
    if not request.state.visitor.may(Role.VIEWER):
        health = msgspec.structs.replace(health, reasons=(), version="")
    status = 503 if health.status == "degraded" else 200
    return Response(msgspec.json.encode(health), status, media_type="application/json")


async def get_metrics(request: Request, given: None) -> Response:
    """Counters and gauges in Prometheus' text format."""
    from prometheus_client import CONTENT_TYPE_LATEST

    return Response(runtime_of(request).metrics.render(), headers={"content-type": CONTENT_TYPE_LATEST})


async def post_drill(request: Request, given: DrillGiven) -> Done:
    """Mark everything from now on as exercise, or as earnest again."""
    runtime = runtime_of(request)
    return await runtime.actions.act(ActionKind.DRILL, value="on" if given.on else "off", who=who_asks(request))


async def reload(request: Request, given: None) -> Reloaded:
    """Read site.toml anew; one with an error changes nothing."""
    try:
        return await runtime_of(request).reloader.reload(who_asks(request))
    except InputError as error:
        raise ApiError(422, str(error)) from None
    except InboxFullError:
        raise ApiError(503, "the server does not keep up; not everything was done") from None
    except OSError as error:
        raise ApiError(503, f"the roster of sensors cannot be kept: {error.strerror or error}") from None
