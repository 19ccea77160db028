"""The picture to detection reports of a fusion node, one for each object.

    teller = Teller(node_id, ids)
    for message in teller.reports(air, drill=False): ...     SapientMessages without timestamp, to be stamped when sent

An object keeps its `object_id` for life: the ULID of its public number and the time of its first report. Positions are
degrees and metres above the WGS-84 ellipsoid, errors one standard deviation in metres and m/s, east-north-up at the
object. `detection_confidence` is the probability that it exists. `state` is empty while an object is seen, "coasting"
while it is only predicted, and "lost" once, when it has left the picture. While a drill is on every message says so in
`additional_information`. Which detections of other nodes an object was made of is not told: reports do not keep them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status

from .ids import Ids
from .messages import SapientMessage
from .positions import DEGREES, WGS84_E
from .taxonomy import put_class

COASTING, LOST = "coasting", "lost"
STATES = {Status.COASTING: COASTING, Status.ENDED: LOST}
EXERCISE = "EXERCISE: this message is part of a drill"


class Teller:
    """Tells the pictures of one node. Not thread-safe: report ids count."""

    def __init__(self, node_id: str, ids: Ids) -> None:
        self._node_id, self._ids = node_id, ids

    def object_id(self, number: int, first_report_ns: int) -> str:
        """The ULID of an object."""
        return self._ids.of("object", number, first_report_ns)

    def reports(self, air: Air, *, least_existence: float = 0.0, drill: bool = False) -> Iterator[SapientMessage]:
        """A message for each object that exists with at least this probability, and for each that has ended."""
        for row in range(len(air)):
            ended = air.status[row] == Status.ENDED
            if ended or air.existence[row] >= least_existence:
                message = SapientMessage(node_id=self._node_id)
                self._fill(message.detection_report, air, row)
                if drill:
                    message.additional_information = EXERCISE
                yield message

    def _fill(self, report: Any, air: Air, row: int) -> None:
        number = int(air.number[row])
        report.report_id = self._ids.next("report", air.time_ns)
        report.object_id = self.object_id(number, int(air.first_report_ns[row]))
        state = STATES.get(Status(air.status[row]), "")
        if state:
            report.state = state
        _put_place(report.location, air, row)
        if all(map(math.isfinite, air.velocity_mps[row, :2])):
            _put_velocity(report.enu_velocity, air, row)
        report.detection_confidence = min(max(float(air.existence[row]), 0.0), 1.0)
        put_class(report, Kind(air.kind[row]), float(air.kind_probability[row]))
        if air.identity[row]:
            report.id = air.identity[row]


def _put_place(location: Any, air: Air, row: int) -> None:
    location.x, location.y = float(air.longitude_deg[row]), float(air.latitude_deg[row])
    location.coordinate_system, location.datum = DEGREES, WGS84_E
    _put(location, "z", float(air.height_m[row]))
    for axis, name in enumerate(("x_error", "y_error", "z_error")):
        _put(location, name, _sigma(air, row, axis))


def _put_velocity(velocity: Any, air: Air, row: int) -> None:
    for axis, name in enumerate(("east_rate", "north_rate", "up_rate")):
        _put(velocity, name, float(air.velocity_mps[row, axis]))
        _put(velocity, f"{name}_error", _sigma(air, row, axis + 3))


def _sigma(air: Air, row: int, axis: int) -> float:
    variance = float(air.covariance[row, axis, axis])
    return math.sqrt(variance) if variance >= 0.0 else math.nan


def _put(message: Any, name: str, value: float) -> None:
    """What is not known is left out."""
    if math.isfinite(value):
        setattr(message, name, value)
