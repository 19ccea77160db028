"""Notices to alerts (BSI Flex 335 v2.0, Alert): one alert a notice, told again when its level or standing changes.

The alert's id is the notice's for life: it is drawn from the notice's number and time, so that an answer finds its
notice also after a restart. A new connection is told everything that stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lowsky.model.notice import NO_TIME_NS, Level

from ..ids import Ids
from ..messages import Alert, SapientMessage
from .envelope import envelope

MAX_ALERTS = 1_000  # told and kept in mind at once; the most urgent notices go first
TYPES = {Level.WATCH: "INFORMATION", Level.WARNING: "WARNING", Level.IMMINENT: "CRITICAL"}
PRIORITIES = {Level.WATCH: "LOW", Level.WARNING: "MEDIUM", Level.IMMINENT: "HIGH"}
WORDS = {Level.WATCH: "may come to", Level.WARNING: "probably comes to", Level.IMMINENT: "is about to be at"}


@dataclass(frozen=True, slots=True)
class Warned:
    """A notice as it stands now, with where its object is."""

    notice: int
    track: int
    level: Level  # CLEAR: it has ended
    place_name: str
    probability: float
    raised_ns: int
    arrival_ns: int  # NO_TIME_NS: not known
    acknowledged: bool
    object_id: str = ""  # "": it is no longer told
    latitude_deg: float = math.nan
    longitude_deg: float = math.nan
    height_m: float = math.nan


class AlertDesk:
    """What one listener has been told of notices."""

    def __init__(self, node_id: str, ids: Ids) -> None:
        self._node_id, self._ids = node_id, ids
        self._told: dict[int, tuple[Level, str]] = {}  # notice to level and status
        self._notices: dict[str, int] = {}  # alert id to notice
        self._unanswered: set[int] = set()

    @property
    def unanswered(self) -> int:
        """Alerts that nobody answered."""
        return len(self._unanswered)

    def begin(self) -> None:
        """A new connection: it knows nothing."""
        self._told.clear()

    def due(self, notices: Sequence[Warned], drill: bool) -> list[SapientMessage]:
        """The alerts that are to be told now, of all notices that stand or ended lately, the most urgent first."""
        messages = []
        for one in notices[:MAX_ALERTS]:
            status = "CLEAR" if one.level is Level.CLEAR else "ACKNOWLEDGE" if one.acknowledged else "ACTIVE"
            state = (one.level, status)
            if self._told.get(one.notice) == state or (status == "CLEAR" and one.notice not in self._told):
                continue
            self._told[one.notice] = state
            messages.append(self._message(one, status, drill))
        self._forget({one.notice for one in notices})
        return messages

    def untold(self, message: SapientMessage) -> None:
        """An alert did not leave: it is due again."""
        self._told.pop(self._notices.get(message.alert.alert_id, 0), None)

    def answered(self, alert_id: str) -> int:
        """An alert was answered: the number of its notice, 0 if it is none of ours."""
        notice = self._notices.get(alert_id, 0)
        self._unanswered.discard(notice)
        return notice

    def _forget(self, standing: set[int]) -> None:
        """Forget notices that are no longer shown."""
        for notice in self._told.keys() - standing:
            del self._told[notice]
        if len(self._notices) > 2 * MAX_ALERTS:
            self._notices = {alert: notice for alert, notice in self._notices.items() if notice in standing}
        self._unanswered &= standing

    def _message(self, one: Warned, status: str, drill: bool) -> SapientMessage:
        message = envelope(self._node_id)
        alert = message.alert
        alert.alert_id = self._ids.of("alert", one.notice, one.raised_ns)
        self._notices[alert.alert_id] = one.notice
        if status == "ACTIVE":
            self._unanswered.add(one.notice)
        alert.status = Alert.AlertStatus.Value(f"ALERT_STATUS_{status}")
        alert.alert_type = Alert.AlertType.Value(f"ALERT_TYPE_{TYPES.get(one.level, 'INFORMATION')}")
        alert.priority = Alert.DiscretePriority.Value(f"DISCRETE_PRIORITY_{PRIORITIES.get(one.level, 'LOW')}")
        alert.description = ("EXERCISE: " if drill else "") + _text(one)
        if 0.0 <= one.probability <= 1.0:
            alert.confidence = one.probability
        if one.object_id:
            alert.associated_detection.add(node_id=self._node_id, object_id=one.object_id)
        if math.isfinite(one.latitude_deg):
            place = alert.location
            place.x, place.y, place.z = one.longitude_deg, one.latitude_deg, one.height_m
            place.coordinate_system = place.datum = 1  # degrees and metres above the WGS-84 ellipsoid
        return message


def _text(one: Warned) -> str:
    if one.level is Level.CLEAR:
        return f"Object {one.track} is no longer a danger to {one.place_name}"
    text = f"Object {one.track} {WORDS[one.level]} {one.place_name}"
    if one.arrival_ns != NO_TIME_NS:
        text += f", about {datetime.fromtimestamp(one.arrival_ns / 1e9, UTC):%H:%M:%S} UTC"
    return text
