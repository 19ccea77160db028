"""Routes about sensors, their reports and the sources they come from."""

from __future__ import annotations

import msgspec
from starlette.requests import Request

from lowsky.model.action import ActionKind

from ..answers.objects import ReportInfo
from ..answers.sensors import Horizon, RegistrationHistory, SensorInfo, SourceList
from ..engine.registration import registration_history
from ..errors import ApiError
from ..horizons import as_action, checked
from ..route import Query, query_of
from ..sources.keeper import source_list
from .request import runtime_of, who_asks

REPORTS_QUERY = (
    Query("sensor", str, "id of a sensor; empty: of all", ""),
    Query("limit", int, "how many at most, up to 1000", 100),
)
MAX_REPORTS = 1000


class SensorList(msgspec.Struct, frozen=True):
    """All sensors of the site."""

    sensors: tuple[SensorInfo, ...]


class ReportList(msgspec.Struct, frozen=True):
    """Reports, newest first."""

    reports: tuple[ReportInfo, ...]


async def list_sensors(request: Request, given: None) -> SensorList:
    """Every sensor with its health and what it delivers."""
    return SensorList(runtime_of(request).board.sensors)


async def list_reports(request: Request, given: None) -> ReportList:
    """The last reports, of one sensor or of all."""
    runtime, query = runtime_of(request), query_of(request, REPORTS_QUERY)
    if not 1 <= query["limit"] <= MAX_REPORTS:
        raise ApiError(422, f"limit: {query['limit']} is not between 1 and {MAX_REPORTS}")
    index = None if not query["sensor"] else _sensor(request, query["sensor"])
    return ReportList(runtime.provenance.last_reports(index, query["limit"]))


async def list_sources(request: Request, given: None) -> SourceList:
    """Every source of reports with its counters."""
    return source_list(runtime_of(request).keepers)


async def get_registration(request: Request, given: None) -> RegistrationHistory:
    """The history of a sensor's lasting errors: range, azimuth, elevation, clock and place, oldest first."""
    return registration_history(runtime_of(request).board.registration, _sensor(request, _sensor_id(request)))


async def get_horizon(request: Request, given: None) -> Horizon:
    """The horizon mask of a sensor; empty: it sees down to its lowest elevation all round."""
    return runtime_of(request).horizons.get(_sensor_id(request))


async def put_horizon(request: Request, given: Horizon) -> Horizon:
    """Replace the horizon mask of a sensor; empty lists open it."""
    runtime, name = runtime_of(request), _sensor_id(request)
    try:
        checked(given)
    except ValueError as error:
        raise ApiError(422, str(error)) from None
    value = as_action(given)
    await runtime.actions.act(ActionKind.SET_HORIZON, runtime.sensor_index[name], value, who_asks(request))
    try:
        runtime.horizons.keep(name, given)
    except OSError as error:
        raise ApiError(503, f"in force, but not kept over the next start: {error.strerror or error}") from None
    return given


def _sensor_id(request: Request) -> str:
    name = str(request.path_params["id"])
    _sensor(request, name)
    return name


def _sensor(request: Request, name: str) -> int:
    index = runtime_of(request).sensor_index.get(name)
    if index is None:
        raise ApiError(404, f"sensor {name[:40]!r} is no sensor of this site")
    return index
