"""Text messages of the feed: JSON with a `type`, the rest as the REST answers."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lowsky.model.notice import Event
from lowsky.model.place import Place
from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Sensor, SensorKind

from ..answers.notices import Notice
from ..answers.people import FriendInfo, OperatorInfo
from ..answers.sensors import SensorInfo
from ..answers.site import PlaceInfo
from ..answers.words import LEVELS

BEARING_KINDS = (SensorKind.BEARING, SensorKind.ACOUSTIC)
MAX_BEARINGS = 200
MAX_PEOPLE = 1_000  # told of each sort; the API gives all


def text(kind: str, **fields: Any) -> str:
    """One message."""
    return msgspec.json.encode({"type": kind, **fields}).decode()


def notices_text(notices: tuple[Notice, ...]) -> str:
    """All notices shown."""
    return text("notices", notices=notices)


def sensors_text(sensors: tuple[SensorInfo, ...]) -> str:
    """All sensors."""
    return text("sensors", sensors=sensors)


def places_text(places: tuple[PlaceInfo, ...]) -> str:
    """All places."""
    return text("places", places=places)


def operators_text(operators: tuple[OperatorInfo, ...]) -> str:
    """Operators of drones, newest first."""
    return text("operators", operators=operators[:MAX_PEOPLE])


def friends_text(friends: tuple[FriendInfo, ...]) -> str:
    """One's own, newest first."""
    return text("friends", friends=friends[:MAX_PEOPLE])


def event_text(event: Event, places: tuple[Place, ...], drill: bool) -> str:
    """Something that happened to a notice, as it happens."""
    place = places[event.place] if 0 <= event.place < len(places) else None
    return text(
        "event",
        event=event.kind.word,
        time_ms=event.time_ns / 1e6,
        notice=event.notice,
        call=event.call,
        track=event.track,
        place=place.id if place else "",
        place_name=place.name if place else "",
        level=LEVELS[event.level],
        who=event.who,
        drill=drill,
    )


def direction_rows(kinds: NDArray[np.int64], reports: ReportBatch) -> NDArray[np.int64]:
    """Rows of reports from sensors that know a direction and nothing else."""
    return np.flatnonzero(np.isin(kinds[reports.sensor], BEARING_KINDS))


def bearings_text(reports: list[ReportBatch], sensors: tuple[Sensor, ...]) -> str:
    """The latest directions heard, newest first."""
    lines = [
        {
            "sensor": sensors[sensor].id,
            "azimuth_deg": math.degrees(azimuth),
            "sigma_deg": math.degrees(sensors[sensor].sigma_azimuth_rad if math.isnan(sigma) else sigma),
            "time_ms": time_ns / 1e6,
        }
        for batch in reversed(reports)
        for sensor, azimuth, sigma, time_ns in zip(
            batch.sensor.tolist(), batch.azimuth_rad.tolist(), batch.sigma_azimuth_rad.tolist(),
            batch.time_ns.tolist(), strict=True,
        )
    ]  # fmt: skip
    return text("bearings", lines=lines[:MAX_BEARINGS])
