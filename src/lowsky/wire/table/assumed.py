"""Assumed looks: when a source does not say that it looked, its period says it for it.

A comb of one tooth a period is laid on the times of a sensor's reports as they come in. A sensor whose reports of one
look share a time (a snapshot) is followed tooth by tooth; one whose reports are spread over the period (a rotating
antenna, vehicles that report when they like) gets a plain comb from its first report. A tooth without any report is
a look that saw nothing, unless the sensor has been giving so many reports a look that silence means an outage.

Causal: a look received at t depends only on reports received by t, so a source that is cut gives the same looks up to
the cut. Every look made here is marked assumed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch, look_batch, no_looks
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S

Longs = NDArray[np.int64]

DELAY_NS = 350_000_000  # a look is taken as finished this long after its time ...
MAX_DELAY_NS = 2 * NS_PER_S  # ... or, if reports have been slower than that, after the slowest, but never later
SPREAD = 0.25  # of the period: reports of one look spread wider than this tell a rotating sensor
SILENCE_REPORTS = 5.0  # mean reports a look above which a look without any (chance below 1 %) is an outage


def assumed_looks(reports: ReportBatch, site: Site, until_ns: int | None = None) -> LookBatch:
    """Looks of every sensor of the site that has reported, from its first report on.

    Args:
        reports: by receipt.
        site: its sensors' periods are taken as they are said.
        until_ns: no look is received later (None: the last receipt of any report).

    Returns:
        The looks by receipt, time and sensor, all assumed; a sensor that never reported has none.
    """
    if not len(reports):
        return no_looks()
    until = int(reports.received_ns.max()) if until_ns is None else until_ns
    order = np.lexsort((reports.received_ns, reports.time_ns, reports.sensor))
    bounds = np.searchsorted(reports.sensor[order], np.arange(len(site.sensors) + 1))
    sensors, times, receipts = [], [], []
    for index, sensor in enumerate(site.sensors):
        rows = order[bounds[index] : bounds[index + 1]]
        if not len(rows):
            continue
        period_ns = max(round(sensor.period_s * NS_PER_S), 1)
        time, received = _looks_of_one(reports.time_ns[rows], reports.received_ns[rows], period_ns, until)
        sensors.append(np.full(len(time), index, dtype=np.int64))
        times.append(time)
        receipts.append(received)
    sensor_column, time_column, received_column = (np.concatenate(c) for c in (sensors, times, receipts))
    in_order = np.lexsort((sensor_column, time_column, received_column))
    return look_batch(sensor_column[in_order], time_column[in_order], received_column[in_order], assumed=True)


def _looks_of_one(time_ns: Longs, received_ns: Longs, period_ns: int, until_ns: int) -> tuple[Longs, Longs]:
    """Times and receipts of one sensor's looks; its reports come sorted by time."""
    delays = _Delays(time_ns, received_ns)
    first_ns = int(received_ns.min())  # before it nothing is known of the comb
    tooth = int(time_ns[np.argmin(received_ns)])
    last = tooth - period_ns
    looks: list[tuple[int, int]] = []
    swept = reports_seen = teeth = 0
    while True:
        finish = max(tooth + delays.at(tooth + DELAY_NS), first_ns)
        if finish > until_ns:
            break
        low, high = np.searchsorted(time_ns, (max(last, tooth - period_ns // 2), tooth + period_ns // 2), side="right")
        known = time_ns[low:high][received_ns[low:high] <= finish]
        if len(known) > 1:
            swept += 1 if known[-1] - known[0] > SPREAD * period_ns else -1
        silent = not len(known) and reports_seen > SILENCE_REPORTS * teeth
        time = int(known[-1]) if len(known) and swept <= 0 else tooth
        if not silent:
            looks.append((time, max(finish, time)))
            reports_seen, teeth = reports_seen + len(known), teeth + 1
        last, tooth = time, time + period_ns
    found = np.array(looks, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


class _Delays:
    """How long after its time a look may be taken as finished, from the reports received so far."""

    def __init__(self, time_ns: Longs, received_ns: Longs) -> None:
        order = np.argsort(received_ns, kind="stable")
        self._received = received_ns[order]
        slowest = np.maximum.accumulate((received_ns - time_ns)[order])
        self._slowest = np.clip(slowest, DELAY_NS, MAX_DELAY_NS)

    def at(self, now_ns: int) -> int:
        """Delay to use, knowing what was received by `now_ns`."""
        known = int(np.searchsorted(self._received, now_ns, side="right"))
        return int(self._slowest[known - 1]) if known else DELAY_NS
