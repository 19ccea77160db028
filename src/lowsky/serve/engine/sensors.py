"""Health of sensors: who looks when it should, and how well; and what each delivers.

A sensor is, by the first of these that holds,
- *faulty* when it says so itself, *silent* when it says that it is off,
- *silent* when the line that only it comes over is broken,
- *off in time* when what it sends is from another time: refused for that, or steadily ahead of the clock or behind it,
- *garbled* when a good part of what it sends cannot be used,
- *unknown* before anything came,
- *silent* when nothing came for long, *late* after a pause or when things are old when they come,
- *well* while looks or reports come as its period promises.
What sees only what emits (receivers, direction finders, microphones) may have nothing to report: for those a look
tells, and without looks silence stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Sensor

from ..answers.words import SensorState

LATE_S = 2.5  # delay from validity to receipt, or pause beyond the period, that is no longer well
PAUSES_LATE, PAUSES_SILENT = 3.0, 10.0  # periods without a look until late and silent ...
LEAST_LATE_S, LEAST_SILENT_S = 2.0, 10.0  # ... but never sooner than this
GARBLED_SHARE = 0.2  # of what came lately that could not be used
GARBLED_LEAST = 5.0  # faults before that is judged
UNTIMELY = "time is over "  # faults of this kind are of the clock
AHEAD_S = 0.25  # nothing can be known so long before it happens
STEADY_S, STEADY_SHARE = 0.3, 0.2  # spread of a delay, and its share, up to which it is a clock and not a line
BLEND = 0.2  # of the newest turn in running figures of delay
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
    cut_off: dict[int, str] = field(default_factory=dict)  # whose line is broken, and how
    _reports: NDArray[np.float64] = field(init=False)
    _faults: NDArray[np.float64] = field(init=False)
    _untimely: NDArray[np.float64] = field(init=False)  # of the faults
    _spread_s: NDArray[np.float64] = field(init=False)  # mean deviation of the delay
    _kind: dict[int, str] = field(default_factory=dict)  # of the last fault
    _decayed_ns: int = 0

    def __post_init__(self) -> None:
        n = len(self.sensors)
        self.last_look_ns, self.last_report_ns, self.faults = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.lag_s = np.full(n, np.nan)
        self._reports, self._faults, self._untimely, self._spread_s = (np.zeros(n) for _ in range(4))

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

    def faulted(self, sensor: int, counts: Mapping[str, int]) -> None:
        """Things that a sensor sent could not be used, by kind."""
        total = sum(counts.values())
        self.faults[sensor] += total
        self._faults[sensor] += total
        self._untimely[sensor] += sum(count for kind, count in counts.items() if kind.startswith(UNTIMELY))
        if counts:
            self._kind[sensor] = max(counts, key=lambda kind: counts[kind])

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
        if sensor in self.cut_off:
            return "silent", self.cut_off[sensor]
        faults = self._faults[sensor]
        if faults > GARBLED_LEAST and faults > GARBLED_SHARE * (faults + self._reports[sensor]):
            return self._unusable(sensor)
        last_ns = max(int(self.last_look_ns[sensor]), int(self.last_report_ns[sensor]))
        if last_ns == 0:
            return "unknown", "nothing has come yet"
        return self._by_pause(sensor, (now_ns - last_ns) / NS) or self._by_delay(sensor) or ("well", words)

    def _unusable(self, sensor: int) -> tuple[SensorState, str]:
        """Why much of what a sensor sends cannot be used."""
        faults, kind = self._faults[sensor], self._kind.get(sensor, "")
        if self._untimely[sensor] > 0.5 * faults:
            return "off_in_time", f"its clock is wrong: {kind}"
        share = round(100.0 * faults / (faults + self._reports[sensor]))
        return "garbled", f"{share} % of what it sends cannot be used: {kind}"

    def _by_pause(self, sensor: int, pause_s: float) -> tuple[SensorState, str] | None:
        period_s = self.sensors[sensor].period_s
        if pause_s > max(PAUSES_SILENT * period_s, LEAST_SILENT_S):
            return "silent", f"nothing for {pause_s:.0f} s"
        if pause_s > max(PAUSES_LATE * period_s, LEAST_LATE_S):
            return "late", f"nothing for {pause_s:.0f} s"
        return None

    def _by_delay(self, sensor: int) -> tuple[SensorState, str] | None:
        lag_s, spread_s = float(self.lag_s[sensor]), float(self._spread_s[sensor])
        if lag_s < -AHEAD_S:
            return "off_in_time", f"its clock is {-lag_s:.1f} s ahead of ours"
        if lag_s <= LATE_S:  # also while it is not known
            return None
        if spread_s < max(STEADY_S, STEADY_SHARE * lag_s):
            return "off_in_time", f"its clock is behind ours: what it sends is always {lag_s:.1f} s old when it comes"
        return "late", f"what it sends is {lag_s:.1f} s old when it comes"

    def _lag(self, sensor: NDArray[np.int32], delay_ns: NDArray[np.int64]) -> None:
        """Blend mean delay and mean deviation of each sensor into its running figures."""
        n, delay_s = len(self.sensors), delay_ns / NS
        count = np.bincount(sensor, minlength=n)
        seen = count > 0
        mean = np.bincount(sensor, weights=delay_s, minlength=n)[seen] / count[seen]
        fresh = np.isnan(self.lag_s[seen])
        old = np.where(fresh, mean, self.lag_s[seen])
        self.lag_s[seen] = old + BLEND * (mean - old)
        from_old = np.zeros(n)
        from_old[seen] = old
        deviation = np.bincount(sensor, weights=np.abs(delay_s - from_old[sensor]), minlength=n)[seen] / count[seen]
        self._spread_s[seen] += np.where(fresh, 1.0, BLEND) * (deviation - self._spread_s[seen])

    def _decay(self, now_ns: int) -> None:
        if self._decayed_ns:
            kept = np.exp(-max(now_ns - self._decayed_ns, 0) / NS / MEMORY_S)
            self._reports *= kept
            self._faults *= kept
            self._untimely *= kept
        self._decayed_ns = now_ns
