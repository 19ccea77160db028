"""Provenance: which reports an object rests on, and where it has been; the last of everything, bounded.

Associations come from the core's trace, one row each; they and the reports themselves are kept in rings that overwrite
their oldest. Reports by sensor are counted for as long as an object is remembered. Lives in the event loop's thread.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from lowsky.core import Changes, CoreInput
from lowsky.model.report import REPORT_COLUMNS, ReportBatch, report_batch
from lowsky.model.sensor import Sensor

from ..answers.objects import History, ObjectInfo, ReportInfo, Trail
from ..feed.columns import Table
from .history import Histories
from .object_info import object_info
from .report_info import report_infos
from .rings import Ring

MAX_REPORTS = 200_000  # remembered
MAX_ASSOCIATIONS = 400_000
MAX_BIRTHS = 50_000  # objects and attempts at one whose reports are counted
MAX_ENDED = 5_000  # objects remembered after they are gone
SHOWN_REPORTS = 50
SURE = 0.5  # association from which on a report counts as the object's


@dataclass(slots=True)
class Birth:
    """One birth of a track: the number it got (0: none yet) and its reports by sensor."""

    number: int = 0
    sensors: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Details:
    """What is remembered of one object."""

    last: ObjectInfo | None
    sensors: dict[str, int]
    reports: tuple[ReportInfo, ...]
    history: History


class Provenance:
    """Fed with every turn; asked by number."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        dtypes = {name: getattr(report_batch(0), name).dtype for name in REPORT_COLUMNS}
        self._sensors = sensors
        self.identities: list[str] = []  # that pictures point into
        self._reports = Ring(MAX_REPORTS, **dtypes)
        self._names: OrderedDict[str, int] = OrderedDict()
        self._associations = Ring(MAX_ASSOCIATIONS, uid=np.int64, raw=np.int64, association=np.float32)
        self._births: OrderedDict[int, Birth] = OrderedDict()
        self._births_of: OrderedDict[int, list[int]] = OrderedDict()
        self._ended: OrderedDict[int, ObjectInfo] = OrderedDict()
        self._table: Table | None = None
        self.histories = Histories()

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew: rows stay."""
        self._sensors = sensors

    def consumed(self, given: CoreInput, changes: Changes) -> None:
        """Remember the reports of a turn and what they were taken for."""
        self._remember_reports(given.reports)
        trace = changes.trace
        n = len(trace.uid)
        if not n:
            return
        self._associations.add(n, uid=trace.uid, raw=trace.raw, association=trace.association)
        for uid, number, sensor, association in zip(
            trace.uid.tolist(), trace.number.tolist(), trace.sensor.tolist(), trace.association.tolist(), strict=True
        ):
            birth = self._birth(uid)
            if association > SURE:
                birth.sensors[sensor] = birth.sensors.get(sensor, 0) + 1
            if number and not birth.number:
                birth.number = number
                self._births_of.setdefault(number, []).append(uid)

    def shown(self, table: Table, picture_ms: float) -> None:
        """Remember where everything is, and what was there for the last time."""
        self.histories.add(table, picture_ms)
        if self._table is not None:
            gone = np.flatnonzero(~np.isin(self._table["number"], table["number"], assume_unique=True))
            for row in gone.tolist():
                info = object_info(self._table, row, self.identities)
                self._ended[info.number] = info
            while len(self._ended) > MAX_ENDED:
                self._ended.popitem(last=False)
        self._table = table

    def details(self, number: int) -> Details | None:
        """What is remembered of an object; None: nothing."""
        way = self.histories.way(number)
        births = self._births_of.get(number, [])
        last = self._ended.get(number)
        if not len(way.time_ms) and not births and last is None:
            return None
        counts: dict[str, int] = {}
        for uid in births:
            for sensor, count in self._births[uid].sensors.items() if uid in self._births else ():
                name = self._sensors[sensor].id
                counts[name] = counts.get(name, 0) + count
        columns = (way.time_ms, way.lat, way.lon, way.height_m, way.speed_mps)
        return Details(last, counts, self._reports_of(births), History(*(tuple(c.tolist()) for c in columns)))

    def trail(self, number: int, since_ms: float) -> Trail:
        """The way of an object from `since_ms` on."""
        way = self.histories.way(number, since_ms)
        return Trail(number, *(tuple(c.tolist()) for c in (way.time_ms, way.lat, way.lon, way.height_m)))

    def last_reports(self, sensor: int | None, limit: int) -> tuple[ReportInfo, ...]:
        """The last reports, newest first, of one sensor (its row) or of all (None)."""
        column = self._reports.column("sensor")
        at = np.arange(len(column)) if sensor is None else np.flatnonzero(column == sensor)
        at = self._reports.newest_first(at)[:limit]
        return report_infos(self._reports.rows(at), self._sensors, tuple(self._names), None)

    def _reports_of(self, births: list[int]) -> tuple[ReportInfo, ...]:
        """The last reports near an object, newest first, with how probably they are its own."""
        of = np.flatnonzero(np.isin(self._associations.column("uid"), births))
        found = self._associations.rows(self._associations.newest_first(of)[:SHOWN_REPORTS])
        behind = self._reports.written - found["raw"] + self._first_raw()
        kept = (behind > 0) & (behind <= len(self._reports))
        at = (found["raw"][kept] - self._first_raw()) % self._reports.size
        return report_infos(
            self._reports.rows(at), self._sensors, tuple(self._names), found["association"][kept].tolist()
        )

    def _first_raw(self) -> int:
        """Running number of the first report that ever came here: not 0 after a restart."""
        return self._offset

    _offset = 0

    def _remember_reports(self, reports: ReportBatch) -> None:
        if not len(reports):
            return
        if not self._reports.written:
            self._offset = int(reports.raw[0])
        columns = {name: getattr(reports, name) for name in REPORT_COLUMNS}
        columns["identity"] = np.array(
            [-1 if i < 0 else self._name(reports.identities[i]) for i in reports.identity.tolist()], dtype=np.int32
        )
        self._reports.add(len(reports), **columns)

    def _name(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def _birth(self, uid: int) -> Birth:
        birth = self._births.get(uid)
        if birth is None:
            birth = self._births[uid] = Birth()
            if len(self._births) > MAX_BIRTHS:
                _, old = self._births.popitem(last=False)
                self._births_of.pop(old.number, None)
        else:
            self._births.move_to_end(uid)
        return birth
