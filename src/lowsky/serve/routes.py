"""The table of all routes: routing, role checks, the OpenAPI document and the test over all routes are made from it."""

from __future__ import annotations

import functools

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from .accounts.routes import ROUTES as ACCOUNT_ROUTES
from .answers.books import Books
from .answers.notices import EndGiven
from .answers.objects import KindGiven, ObjectDetails, ObjectList
from .answers.outputs import OutputList
from .answers.past import Density, PastState, RecordingInfo
from .answers.people import FriendList, OperatorList
from .answers.reload import Reloaded
from .answers.result import Done
from .answers.sensors import Horizon, RegistrationHistory, SourceList
from .answers.site import DrillGiven, Health, SiteAnswer
from .answers.tracking import Tracking, TrackingGiven
from .api import (
    books,
    coverage,
    geojson,
    notices,
    objects,
    outputs,
    pages,
    people,
    places,
    receivers,
    recordings,
    sensors,
    site,
    tracking,
)
from .api.feed import feed
from .openapi import document
from .route import WEBSOCKET, Role, Route


async def get_openapi(request: Request, given: None) -> Response:
    """This table as an OpenAPI document."""
    return Response(_document_json(), media_type="application/json")


@functools.cache
def _document_json() -> bytes:
    return msgspec.json.encode(document(ROUTES))


VIEWER, OFFICER, INTEGRATOR, PUBLIC = Role.VIEWER, Role.OFFICER, Role.INTEGRATOR, Role.PUBLIC

ROUTES: tuple[Route, ...] = (
    Route("/", "GET", VIEWER, "the map", pages.get_map, answer=bytes, media="text/html"),
    Route("/login", "GET", PUBLIC, "the login page", pages.get_login, answer=bytes, media="text/html"),
    Route("/static/{path:path}", "GET", PUBLIC, "code, styles and base map of the pages", pages.get_static,
          answer=bytes, media="application/octet-stream", cost=0.1),
    Route("/healthz", "GET", PUBLIC, "whether the server does what it is for; 503 with reasons if not",
          site.get_health, answer=Health),
    Route("/metrics", "GET", VIEWER, "counters and gauges for Prometheus", site.get_metrics,
          answer=bytes, media="text/plain"),
    Route("/openapi.json", "GET", VIEWER, "this description", get_openapi, answer=bytes),
    Route("/feed", WEBSOCKET, VIEWER, "the live picture: a snapshot, then binary changes and text messages", feed),
    Route("/api/site", "GET", VIEWER, "the site, its units and where the map opens", site.get_site, answer=SiteAnswer),
    Route("/api/overlay", "GET", VIEWER, "the site's own map layer", site.get_overlay,
          answer=bytes, media="application/geo+json"),
    Route("/api/drill", "POST", OFFICER, "mark everything as exercise, or as earnest again", site.post_drill,
          DrillGiven, Done),
    Route("/api/objects", "GET", VIEWER, "all objects now", objects.list_objects, answer=ObjectList,
          cost=10),
    Route("/api/objects.geojson", "GET", VIEWER, "objects, and what else is asked for, as GeoJSON; with an entity tag",
          geojson.get_objects, answer=bytes, query=geojson.GEOJSON_QUERY, media=geojson.MEDIA, cost=10),
    Route("/api/objects/{number:int}", "GET", VIEWER, "all that is known of one object", objects.get_object,
          answer=ObjectDetails),
    Route("/api/objects/{number:int}/kind", "POST", OFFICER, "say what an object is", objects.set_kind,
          KindGiven, Done),
    Route("/api/trails", "GET", VIEWER, "the ways of all objects shown now", objects.list_trails,
          answer=objects.TrailList, query=objects.TRAILS_QUERY, cost=20),
    Route("/api/reports", "GET", VIEWER, "the last reports", sensors.list_reports,
          answer=sensors.ReportList, query=sensors.REPORTS_QUERY),
    Route("/api/sensors", "GET", VIEWER, "every sensor with its health", sensors.list_sensors,
          answer=sensors.SensorList),
    Route("/api/sensors/{id}/registration", "GET", VIEWER, "the history of a sensor's lasting errors",
          sensors.get_registration, answer=RegistrationHistory),
    Route("/api/sensors/{id}/horizon", "GET", VIEWER, "the horizon mask of a sensor", sensors.get_horizon,
          answer=Horizon),
    Route("/api/sensors/{id}/horizon", "PUT", INTEGRATOR, "replace the horizon mask of a sensor", sensors.put_horizon,
          Horizon, Horizon),
    Route("/api/tracking", "GET", VIEWER, "how many false tracks an hour the whole site may have",
          tracking.get_tracking, answer=Tracking),
    Route("/api/tracking", "PUT", OFFICER, "turn how many false tracks an hour the whole site may have",
          tracking.put_tracking, TrackingGiven, Tracking),
    Route("/api/sources", "GET", VIEWER, "every source of reports with its counters", sensors.list_sources,
          answer=SourceList),
    Route("/api/books", "GET", VIEWER, "where everything received is, from bytes to the tracker", books.get_books,
          answer=Books),
    Route("/api/outputs", "GET", VIEWER, "every output to another system with its counters", outputs.list_outputs,
          answer=OutputList),
    Route("/api/reload", "POST", INTEGRATOR, "read the configuration anew and put into force what changed",
          site.reload, answer=Reloaded, cost=50),
    Route("/api/coverage", "GET", VIEWER, "what would be seen now at a height, and what not", coverage.get_coverage,
          answer=coverage.CoverageAnswer, query=coverage.COVERAGE_QUERY, cost=50),
    Route("/api/places", "GET", VIEWER, "all protected places", places.list_places, answer=places.PlaceList),
    Route("/api/places", "PUT", OFFICER, "replace all protected places", places.put_places,
          places.PlacesGiven, places.PlaceList),
    Route("/api/operators", "GET", OFFICER, "where operators of drones say that they stand; each look is audited",
          people.list_operators, answer=OperatorList),
    Route("/api/friends", "GET", VIEWER, "where one's own are", people.list_friends, answer=FriendList),
    Route("/api/notices", "GET", VIEWER, "standing notices and those that ended lately", notices.list_notices,
          answer=notices.NoticeList, query=notices.NOTICES_QUERY),
    Route("/api/notices/{number:int}/acknowledge", "POST", OFFICER, "say that a notice was seen", notices.acknowledge,
          answer=Done),
    Route("/api/notices/{number:int}/end", "POST", OFFICER, "end a notice by hand", notices.end, EndGiven, Done),
    Route("/api/calls/{number:int}/acknowledge", "POST", OFFICER, "say that all notices of a call were seen",
          notices.acknowledge_call, answer=Done),
    Route("/api/receivers", "GET", VIEWER, "how every receiver of warnings does", receivers.list_receivers,
          answer=receivers.ReceiverList),
    Route("/api/cap", "GET", VIEWER, "the last alerts as an Atom feed", receivers.get_feed,
          answer=bytes, media=receivers.ATOM),
    Route("/api/cap/{name}", "GET", VIEWER, "one alert as CAP 1.2", receivers.get_alert,
          answer=bytes, media=receivers.CAP),
    Route("/api/recording", "GET", VIEWER, "what of the past is there", recordings.get_recording,
          answer=RecordingInfo),
    Route("/api/recording/density", "GET", VIEWER, "objects and notices over time", recordings.get_density,
          answer=Density, query=recordings.DENSITY_QUERY, cost=20),
    Route("/api/recording/picture", "GET", VIEWER, "the picture at a moment, binary as in the feed",
          recordings.get_picture, answer=bytes, query=recordings.TIME_QUERY, media="application/octet-stream", cost=2),
    Route("/api/recording/state", "GET", VIEWER, "notices and identities at a moment", recordings.get_state,
          answer=PastState, query=recordings.TIME_QUERY, cost=2),
    *ACCOUNT_ROUTES,
)  # fmt: skip
