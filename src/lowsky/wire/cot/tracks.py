"""Tracks of others to reports of the sensor that stands for their network.

A track is declared: its position with an error, its height above the ellipsoid, course and speed. Who feeds ADS-B or
AIS into a TAK network puts the address or ship number into the uid; then that is the identity, as receivers of our own
would say it, and else the whole uid.
"""

from __future__ import annotations

import math
import re

import numpy as np

from lowsky.model.report import ReportBatch, report_batch

from ..decoded import Context
from ..drafts import MAX_IDENTITY, Draft, Finisher
from ..names import SensorNames
from ..problems import MESSAGE_LIMIT, Problems, RowCheck
from .event import Event
from .times import text_from_ns
from .xml import number_of

DIMENSIONS = "AS"  # in the air, on water
FASTEST_MPS = 2_000.0
_TRACK = re.compile(rf"a-[a-z]-[{DIMENSIONS}](-.*)?", re.ASCII)
_IDENTITIES = (
    (re.compile(r"(?i:ICAO)[-.]?([0-9A-Fa-f]{6})", re.ASCII), str.upper),
    (re.compile(r"(?i:MMSI)[-.]?([0-9]{9})", re.ASCII), str),
)


class Tracks:
    """Gathers events; gives out reports."""

    def __init__(self, context: Context, names: SensorNames) -> None:
        self._source, self._names = context.source, names
        self._finisher = Finisher(context.site)
        self._rows: list[tuple[Event, int, int]] = []

    def wants(self, event: Event) -> bool:
        """Whether an event is a track, and somebody configured whose."""
        return self._names.only >= 0 and not event.type.startswith("a-f") and bool(_TRACK.fullmatch(event.type))

    def add(self, event: Event, received_ns: int, number: int) -> None:
        """A track; `number` is for messages."""
        self._rows.append((event, received_ns, number))

    def take(self) -> tuple[ReportBatch, Problems]:
        """Reports of the tracks that can be used, and what was wrong with the others."""
        rows, self._rows = self._rows, []
        if not rows:
            return report_batch(0), Problems()
        events = [event for event, _, _ in rows]
        check = RowCheck(self._source, len(rows), MESSAGE_LIMIT, lambda i: f"event {rows[i][2]}")
        nowhere = np.array([not event.has_place for event in events])
        check.reject(nowhere, "point", ["0 0"] * len(rows), "is no position")
        draft = Draft(
            sensor=[event.uid for event in events],
            index=self._names.find([""] * len(rows)),
            said=[text_from_ns(event.time_ns) for event in events],
            time_ns=np.array([event.time_ns for event in events], dtype=np.int64),
            received_ns=np.array([received for _, received, _ in rows], dtype=np.int64),
            columns=_columns(events),
            identity=[identity_of(event.uid) for event in events],
        )
        return self._finisher.finish(draft, check), check.result()


def _columns(events: list[Event]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    velocity = [velocity_of(event) for event in events]
    rows = {
        "latitude_deg": [e.latitude_deg for e in events],
        "longitude_deg": [e.longitude_deg for e in events],
        "height_m": [e.hae_m for e in events],
        "sigma_position_m": [e.ce_m for e in events],
        "sigma_height_m": [e.le_m for e in events],
        "east_mps": [v[0] for v in velocity],
        "north_mps": [v[1] for v in velocity],
    }
    return {name: np.array(values, dtype=np.float64) for name, values in rows.items()}


def velocity_of(event: Event) -> tuple[float, float]:
    """East and north m/s of an event's course (degrees from true north) and speed; NaN where either is not known."""
    course, speed = (number_of(event.said("track", name)) for name in ("course", "speed"))
    if not (abs(course) <= 360.0 and 0.0 <= speed <= FASTEST_MPS):
        return math.nan, math.nan
    return speed * math.sin(math.radians(course)), speed * math.cos(math.radians(course))


def identity_of(uid: str) -> str | None:
    """The identity that a uid tells; None: it is too long to be any."""
    for pattern, form in _IDENTITIES:
        if found := pattern.fullmatch(uid):
            return form(found[1])
    return uid if len(uid) <= MAX_IDENTITY else None
