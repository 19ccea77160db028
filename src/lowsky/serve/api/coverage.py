"""What would be seen now and what not, at a height, from the sensors that are alive."""

from __future__ import annotations

import asyncio
import base64
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from starlette.requests import Request

from lowsky.model.horizon import horizon_from_degrees
from lowsky.model.sensor import Site
from lowsky.sensing.coverage import coverage

from ..errors import ApiError
from ..route import Query, query_of
from .request import runtime_of

if TYPE_CHECKING:
    from ..runtime import Runtime

COVERAGE_QUERY = (Query("height_m", float, "of what flies, above the ground, 1 to 20000", 100.0),)
LOWEST_M, HIGHEST_M = 1.0, 20_000.0
THREAD = ThreadPoolExecutor(1, thread_name_prefix="coverage")
BLIND = ("silent", "faulty", "unknown")


class CoverageAnswer(msgspec.Struct, frozen=True):
    """A grid, row 0 in the north, cells equal in latitude and longitude; bounds in degrees."""

    height_m: float
    west: float
    south: float
    east: float
    north: float
    columns: int
    rows: int
    data: str  # base64 of bytes: probability of a report within ten seconds, times 255


async def get_coverage(request: Request, given: None) -> CoverageAnswer:
    """What would be seen now at a height."""
    height_m = query_of(request, COVERAGE_QUERY)["height_m"]
    if not LOWEST_M <= height_m <= HIGHEST_M:
        raise ApiError(422, f"height_m: {height_m:g} is not between {LOWEST_M:g} and {HIGHEST_M:g}")
    runtime = runtime_of(request)
    site = _site_now(runtime)
    infos = {sensor.id: sensor for sensor in runtime.board.sensors}
    alive = [sensor.id in infos and infos[sensor.id].state not in BLIND for sensor in site.sensors]
    live = [infos[sensor.id].detection.live if sensor.id in infos else None for sensor in site.sensors]
    detection = np.array([math.nan if value is None else value for value in live])
    ground_m = min(sensor.height_m for sensor in site.sensors)
    # In a thread, as it takes longer than the event loop may stand still; in one of its own, as others need theirs.
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(THREAD, coverage, site, alive, detection, height_m, ground_m)
    rows, columns = found.seen.shape
    return CoverageAnswer(
        height_m=found.height_m,
        west=found.west_deg,
        south=found.south_deg,
        east=found.east_deg,
        north=found.north_deg,
        columns=columns,
        rows=rows,
        data=base64.b64encode(np.rint(found.seen * 255.0).astype(np.uint8).tobytes()).decode(),
    )


def _site_now(runtime: Runtime) -> Site:
    """The site with the horizons that are in force."""
    drawn = runtime.horizons.drawn
    sensors = tuple(
        replace(s, horizon=horizon_from_degrees(list(drawn[s.id].azimuth_deg), list(drawn[s.id].elevation_deg)))
        if s.id in drawn
        else s
        for s in runtime.site.sensors
    )
    return replace(runtime.site, sensors=sensors)
