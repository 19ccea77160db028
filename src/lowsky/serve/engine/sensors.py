"""Health of sensors: who looks when it should, who is late, silent or faulty; and what each delivers.

A sensor is *well* while looks or reports come as its period promises; *late* when they come, but with more delay than
`LATE_S` or after a pause; *silent* when nothing came for long; *faulty* when it says so itself or most of what it
sends cannot be used; *unknown* before anything came. What sees only what emits (receivers, direction finders,
microphones) may have nothing to report: for those a look tells, and without looks silence stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Sensor

from ..answers.words import SensorState

LATE_S = 2.5  # delay from validity to receipt, or pause beyond the period, that is no longer well
PAUSES_LATE, PAUSES_SILENT = 3.0, 10.0  # periods without a look until late and silent ...
LEAST_LATE_S, LEAST_SILENT_S = 2.0, 10.0  # ... but never sooner than this
FAULTY_SHARE = 0.5  # of what came lately that could not be used
FAULTY_LEAST = 5.0  # faults before that is judged
MEMORY_S = 10.0  # over which rates are averaged
NS = 1e9


@dataclass(slots=True)
class SensorWatch:
    """Running figures of all sensors (S,), fed with every turn."""

    sensors: tuple[Sensor, ...]
    last_look_ns: NDArray[np.int64] = field(init=False)
    last_report_ns: NDArray[np.int64] = field(init=False)
    lag_s: NDArray[np.float64] = field(init=False)
    faults: NDArray[np.int64] = field(init=False)
    said: dict[int, tuple[str, str]] = field(default_factory=dict)  # what it says of itself, and its words
    _reports: NDArray[np.float64] = field(init=False)
    _faults: NDArray[np.float64] = field(init=False)
    _decayed_ns: int = 0

    def __post_init__(self) -> None:
        n = len(self.sensors)
        self.last_look_ns, self.last_report_ns, self.faults = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.lag_s = np.full(n, np.nan)
        self._reports, self._faults = np.zeros(n), np.zeros(n)

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew: rows stay, and what is new has done nothing yet."""
        fresh = SensorWatch(sensors)
        for name in (f.name for f in fields(self)):
            figures = getattr(self, name)
            if isinstance(figures, np.ndarray):
                getattr(fresh, name)[: len(figures)] = figures
                setattr(self, name, getattr(fresh, name))
        self.sensors = sensors

    def consumed(self, reports: ReportBatch, looks: LookBatch, now_ns: int) -> None:
        """Take the reports and looks of a turn into account."""
        self._decay(now_ns)
        n = len(self.sensors)
        if len(reports):
            self._reports += np.bincount(reports.sensor, minlength=n)
            np.maximum.at(self.last_report_ns, reports.sensor, reports.received_ns)
            self._lag(reports.sensor, reports.received_ns - reports.time_ns)
        real = looks.take(~looks.assumed)
        if len(real):
            np.maximum.at(self.last_look_ns, real.sensor, real.received_ns)
            self._lag(real.sensor, real.received_ns - real.time_ns)

    def faulted(self, sensor: int, count: int = 1) -> None:
        """Something a sensor sent could not be used."""
        self.faults[sensor] += count
        self._faults[sensor] += count

    def reports_per_s(self) -> NDArray[np.float64]:
        """Rates over the last seconds (S,)."""
        return self._reports / MEMORY_S

    def state(self, sensor: int, now_ns: int) -> tuple[SensorState, str]:
        """How a sensor does, and why it is not well (empty: it is)."""
        said, words = self.said.get(sensor, ("well", ""))
        if said == "faulty":
            return "faulty", words or "it says that it is faulty"
        if said == "off":
            return "silent", words or "it says that it is off"
        faults, reports = self._faults[sensor], self._reports[sensor]
        if faults > FAULTY_LEAST and faults > FAULTY_SHARE * (faults + reports):
            return "faulty", "most of what it sends cannot be used"
        last_ns = max(int(self.last_look_ns[sensor]), int(self.last_report_ns[sensor]))
        if last_ns == 0:
            return "unknown", "nothing has come yet"
        return self._by_pause(sensor, (now_ns - last_ns) / NS, words)

    def _by_pause(self, sensor: int, pause_s: float, words: str) -> tuple[SensorState, str]:
        period_s = self.sensors[sensor].period_s
        if pause_s > max(PAUSES_SILENT * period_s, LEAST_SILENT_S):
            return "silent", f"nothing for {pause_s:.0f} s"
        if pause_s > max(PAUSES_LATE * period_s, LEAST_LATE_S):
            return "late", f"nothing for {pause_s:.0f} s"
        if self.lag_s[sensor] > LATE_S:
            return "late", f"what it sends is {self.lag_s[sensor]:.1f} s old when it comes"
        return "well", words

    def _lag(self, sensor: NDArray[np.int32], delay_ns: NDArray[np.int64]) -> None:
        """Blend the mean delay of each sensor into its running figure."""
        count = np.bincount(sensor, minlength=len(self.sensors))
        total = np.bincount(sensor, weights=delay_ns / NS, minlength=len(self.sensors))
        seen = count > 0
        mean = total[seen] / count[seen]
        old = np.where(np.isnan(self.lag_s[seen]), mean, self.lag_s[seen])
        self.lag_s[seen] = old + 0.2 * (mean - old)

    def _decay(self, now_ns: int) -> None:
        if self._decayed_ns:
            kept = np.exp(-max(now_ns - self._decayed_ns, 0) / NS / MEMORY_S)
            self._reports *= kept
            self._faults *= kept
        self._decayed_ns = now_ns
