"""Messages that keep the rules to reports, looks and statuses of the site's sensors.

    intake = Intake(context, options)
    intake.message(message, received_ns)     # of any content; counted by what became of it
    intake.refuse(kind, sentence)            # one that was not let in, by its first fault
    decoded = intake.take()                  # a few times a second

A node is a sensor of the site by its `node_id`, as the source's `sensors` or `sensor` say. A detection becomes a report
of what that sensor's kind measures: places are turned into ranges and directions from a radar or a camera, ranges and
directions into places for a cooperative sensor. `object_id` is the node's own number of a track and no identity; `id`
("e.g. the tail number of aircraft") is what an object declares. A detection that says its object is lost is none.

A status becomes what the sensor says of itself, with what differs from the configuration. It becomes a look too, if the
node can see (its system works, it tells its field of view) and promises to report as often as the sensor's period: a
rarer status says nothing of each look.

Reports have no column for what a node says of classes, behaviour, confidence or prediction: classes are counted by kind
(`classes`), the rest is read with `lowsky decode`. Velocities are kept as declared; they are a node's own estimate, so
no range rate is made of them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np

from lowsky.model.kinds import Kind
from lowsky.model.report import LookBatch, ReportBatch, look_batch, no_looks, report_batch
from lowsky.model.sensor import Sensor

from ..decoded import Context, Decoded, SensorStatus
from ..drafts import NO_INSTANT, Finisher
from ..names import SensorNames
from ..plausible import LATEST_TIME_S, MAX_AHEAD_S, MAX_DELAY_S
from ..problems import MESSAGE_LIMIT, Problems, RowCheck, join_problems
from . import differences
from .columns import draft_of, norths_of
from .messages import NS_PER_S, SapientMessage, timestamp_ns
from .options import SapientOptions
from .rows import Row, Told, is_lost, row_of, told_by
from .statuses import is_looking, spoken
from .taxonomy import classes_of

MAX_PENDING = 200_000  # detections gathered and not taken: minutes of the fastest node
MAX_STATUSES = 1_000  # not taken
MAX_TEXT = 400  # characters of a status
MAX_NODES = 1_000  # whose units are remembered
LOOK_SLACK = 1.5  # a promised interval of up to so many periods tells looks
NO_REPORTS, NO_LOOKS = report_batch(0), no_looks()
LOST, NOT_TAKEN = "object lost", "detection not taken in time"


class Intake:
    """One source's messages. Not thread-safe."""

    def __init__(self, context: Context, options: SapientOptions, limit: int = MESSAGE_LIMIT) -> None:
        """Raises InputError if the options name a sensor that the site has not."""
        self.names: SensorNames = options.names(context)
        self.classes: dict[str, int] = {}  # detections by the kind that their classes say, "": none that we know
        self._context, self._options, self._limit = context, options, limit
        self._finisher = Finisher(context.site)
        self._norths = norths_of(context.site.sensors, options)
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._number = 0
        self._rows: list[Row] = []
        self._statuses: list[SensorStatus] = []
        self._looks: list[tuple[int, int, int]] = []
        self._ignored: dict[str, int] = {}
        self._refused: list[str] = []
        self._refused_kinds: dict[str, int] = {}

    def message(self, message: SapientMessage, received_ns: int) -> None:
        """One message that keeps the rules, received at `received_ns` (UTC)."""
        self._number += 1
        content = message.WhichOneof("content")
        if content == "detection_report":
            self._detection(message, received_ns)
        elif content == "status_report":
            self._status(message, received_ns)
        else:
            if content == "registration":
                self._registered(message)
            self._ignore(str(content).replace("_", " "))

    def refuse(self, kind: str, sentence: str) -> None:
        """One message that was not let in; `kind` from a fixed stock."""
        self._number += 1
        self._note(kind, sentence)

    def take(self) -> Decoded:
        """What came since the last time."""
        reports, wrong = self._take_reports()
        statuses, self._statuses = tuple(self._statuses), []
        ignored, self._ignored = self._ignored, {}
        refused = Problems(tuple(self._refused), self._refused_kinds, sum(self._refused_kinds.values()))
        self._refused, self._refused_kinds = [], {}
        problems = join_problems([refused, wrong], self._limit)
        used = len(reports) + len(statuses)
        return Decoded(reports, self._take_looks(), statuses, problems, used=used, ignored=ignored)

    def _take_reports(self) -> tuple[ReportBatch, Problems]:
        rows, self._rows = self._rows, []
        if not rows:
            return NO_REPORTS, Problems()
        check = RowCheck(self._context.source, len(rows), self._limit, lambda i: f"message {rows[i].message}")
        draft = draft_of(rows, self._context.site.sensors, self._norths, self._options.errors, check)
        return self._finisher.finish(draft, check), check.result()

    def _take_looks(self) -> LookBatch:
        looks, self._looks = self._looks, []
        if not looks:
            return NO_LOOKS
        sensor, time_ns, received_ns = (np.array(column, dtype=np.int64) for column in zip(*looks, strict=True))
        return look_batch(sensor, time_ns, received_ns)

    def _detection(self, message: Any, received_ns: int) -> None:
        report = message.detection_report
        if is_lost(report.state):
            self._ignore(LOST)
        elif len(self._rows) >= MAX_PENDING:
            self._note(NOT_TAKEN, f"came after {MAX_PENDING} not yet taken")
        else:
            node, sensor = message.node_id, self._sensor(message.node_id)
            told = self._told.get(node) or Told()
            south = sensor >= 0 and self._context.site.sensors[sensor].latitude_deg < 0.0
            time_ns = instant_ns(message)
            self._rows.append(row_of(report, node, sensor, time_ns, received_ns, self._number, told, south))
            self._class(report)

    def _class(self, report: Any) -> None:
        kinds = [found.kind for found in classes_of(report.classification) if found.kind is not Kind.UNKNOWN]
        word = kinds[0].word if kinds else ""
        self.classes[word] = self.classes.get(word, 0) + 1

    def _status(self, message: Any, received_ns: int) -> None:
        node, status = message.node_id, message.status_report
        index = self._sensor(node)
        if index < 0:
            self._note("sensor is no sensor of this site", f"sensor: {node!r} is no sensor of this site")
            return
        if len(self._statuses) >= MAX_STATUSES:
            self._note("status not taken in time", f"status came after {MAX_STATUSES} not yet taken")
            return
        time_ns = instant_ns(message)
        if not received_ns - int(MAX_DELAY_S * NS_PER_S) <= time_ns <= received_ns + int(MAX_AHEAD_S * NS_PER_S):
            said = f"timestamp: {message.timestamp.seconds} s"
            self._note("status of a time that cannot be", f"{said} is no time near that of the receipt")
            return
        sensor, told = self._context.site.sensors[index], self._told.get(node) or Told()
        state, text = spoken(status)
        differs = [*told.differences, *differences.of_status(status, sensor, told.status_zone)]
        text = "; ".join(filter(None, (text, *differs)))[:MAX_TEXT]
        self._statuses.append(SensorStatus(index, time_ns, received_ns, state, text))
        if self._tells_looks(sensor, told) and is_looking(status):
            self._looks.append((index, time_ns, received_ns))

    def _tells_looks(self, sensor: Sensor, told: Told) -> bool:
        return told.interval_s <= LOOK_SLACK * sensor.period_s

    def _registered(self, message: Any) -> None:
        told = self._told[message.node_id] = told_by(message.registration)
        index = self._sensor(message.node_id)
        if index >= 0:
            told.differences = tuple(
                differences.of_registration(message.registration, self._context.site.sensors[index])
            )
        self._told.move_to_end(message.node_id)
        if len(self._told) > MAX_NODES:
            self._told.popitem(last=False)

    def _sensor(self, node: str) -> int:
        return int(self.names.find((node,))[0])

    def _ignore(self, what: str) -> None:
        self._ignored[what] = self._ignored.get(what, 0) + 1

    def _note(self, kind: str, sentence: str) -> None:
        self._refused_kinds[kind] = self._refused_kinds.get(kind, 0) + 1
        if len(self._refused) < self._limit:
            self._refused.append(f"{self._context.source}, message {self._number}, {sentence}")


def instant_ns(message: Any) -> int:
    """The time of a message, `NO_INSTANT` if it is beyond the years that nanoseconds reach (1678 to 2262)."""
    time_ns = timestamp_ns(message.timestamp)
    return time_ns if abs(time_ns) <= LATEST_TIME_S * NS_PER_S else NO_INSTANT
