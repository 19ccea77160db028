"""Assumed looks, live: when a sensor never says that it looked, its period says it for it.

As `lowsky.wire.table.assumed` does for recordings: a comb of one tooth a period is laid on the times of a sensor's
reports. A sensor whose reports of one look share a time is followed tooth by tooth, one whose reports are spread over
the period gets a plain comb. A tooth without any report is a look that saw nothing, unless the sensor has been giving
so many reports a look that silence means an outage. Nothing is assumed of a sensor that has been silent for long, nor
ever again of one that has said once itself that it looked.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch, look_batch
from lowsky.model.sensor import Sensor
from lowsky.model.timebase import NS_PER_S

LEAST_DELAY_NS = 500_000_000  # a look is taken as finished this long after its time ...
MOST_DELAY_NS = 2 * NS_PER_S  # ... or, if reports are slower than that, after the slowest, but never later
SPREAD = 0.25  # of the period: reports of one look spread wider than this tell a rotating sensor
SILENCE_REPORTS = 5.0  # mean reports a look above which a look without any is an outage
SILENT_PERIODS, SILENT_NS = 10, 10 * NS_PER_S  # without a report for so long, whichever is more, nothing is assumed
MOST_TIMES = 10_000  # of reports of one sensor that wait for their tooth


@dataclass(slots=True)
class Comb:
    """One sensor's teeth."""

    period_ns: int
    tooth_ns: int
    delay_ns: int = LEAST_DELAY_NS
    times: list[int] = field(default_factory=list)  # of reports, sorted, since the last tooth
    last_ns: int = 0  # of the last tooth
    newest_ns: int = 0  # report
    swept: int = 0
    reports: int = 0
    teeth: int = 0

    def __post_init__(self) -> None:
        """The first tooth is that of the first report."""
        self.last_ns = self.tooth_ns - self.period_ns

    def add(self, times_ns: list[int], delay_ns: int) -> None:
        """Reports came, with these times and this delay of the slowest."""
        self.times = sorted([*self.times, *times_ns])[-MOST_TIMES:]
        self.newest_ns = max(self.newest_ns, self.times[-1])
        self.delay_ns = min(max(self.delay_ns, delay_ns), MOST_DELAY_NS)

    def due(self, now_ns: int) -> list[int]:
        """Times of the looks that are finished now."""
        looks = []
        while self.tooth_ns + self.delay_ns <= now_ns:
            look = self._tooth()
            silent_ns = self.tooth_ns - self.newest_ns
            if look is not None and silent_ns <= max(SILENT_PERIODS * self.period_ns, SILENT_NS):
                looks.append(look)
        return looks

    def _tooth(self) -> int | None:
        """Go on by one tooth; the time of its look, None if it was an outage."""
        half = self.period_ns // 2
        low = bisect_right(self.times, max(self.last_ns, self.tooth_ns - half))
        high = bisect_right(self.times, self.tooth_ns + half)
        known, self.times = self.times[low:high], self.times[high:]
        if len(known) > 1:
            self.swept += 1 if known[-1] - known[0] > SPREAD * self.period_ns else -1
            self.swept = min(max(self.swept, -10), 10)
        silent = not known and self.reports > SILENCE_REPORTS * self.teeth
        time_ns = known[-1] if known and self.swept <= 0 else self.tooth_ns
        if not silent:
            self.reports, self.teeth = self.reports + len(known), self.teeth + 1
        self.last_ns, self.tooth_ns = time_ns, time_ns + self.period_ns
        return None if silent else time_ns


class Assumer:
    """All sensors that have not said yet that they look."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        self._periods_ns: list[int] = []
        self._combs: dict[int, Comb] = {}
        self._tells = np.zeros(0, dtype=np.bool_)
        self.describe(sensors)

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew: rows stay, and a comb whose period changed begins again."""
        before, self._periods_ns = self._periods_ns, [round(sensor.period_s * NS_PER_S) for sensor in sensors]
        for row, (was, now) in enumerate(zip(before, self._periods_ns, strict=False)):
            if was != now:
                self._combs.pop(row, None)
        self._tells = np.append(self._tells, np.zeros(len(sensors) - len(before), dtype=np.bool_))

    def consumed(self, reports: ReportBatch, looks: LookBatch) -> None:
        """Take note of what came."""
        real = looks.sensor[~looks.assumed]
        if len(real):
            self._tells[real] = True
            for sensor in np.unique(real).tolist():
                self._combs.pop(sensor, None)
        mine = np.flatnonzero(~self._tells[reports.sensor])
        for sensor in np.unique(reports.sensor[mine]).tolist():
            self._add(sensor, mine[reports.sensor[mine] == sensor], reports)

    def _add(self, sensor: int, rows: NDArray[np.int64], reports: ReportBatch) -> None:
        times = reports.time_ns[rows]
        comb = self._combs.get(sensor)
        if comb is None or comb.tooth_ns < int(times.min()) - max(SILENT_PERIODS * comb.period_ns, SILENT_NS):
            comb = self._combs[sensor] = Comb(self._periods_ns[sensor], int(times.min()))
        comb.add(times.tolist(), int((reports.received_ns[rows] - times).max()))

    def due(self, now_ns: int) -> LookBatch:
        """The looks that are finished now, received now."""
        found = [(sensor, time_ns) for sensor, comb in self._combs.items() for time_ns in comb.due(now_ns)]
        sensors, times = zip(*sorted(found, key=lambda f: (f[1], f[0])), strict=True) if found else ((), ())
        received = np.full(len(times), now_ns, dtype=np.int64)
        return look_batch(np.array(sensors, dtype=np.int32), np.array(times, dtype=np.int64), received, True)
