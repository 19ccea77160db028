"""Intake: which of the pool's reports are one frame, and its preparation.

Within a frame reports are sorted canonically by their values, so the order of arrival never shows; exact repeats are
dropped.
"""

from __future__ import annotations

import math

import numpy as np

from .borrow import bare
from .cache import jit
from .correction import correct_report, put_place
from .crew import DESCRIBE, share_out
from .description import describe_plots, distance_to
from .gating import index_azimuths
from .measurement import polar
from .pool import comes_before
from .sensing import CAMERA, COOPERATIVE, POST, gives_lines

PICTURE_NS = 4_000_000  # bearings of one picture; cameras give up to 120 a second
DECLARED_BOX_M = 10_000.0  # tracks last seen this near a declared position are compared: 40 s of an airliner


@jit
def frame_span_ns(w, sensor_row):
    """How long after its first report a frame still takes reports; declared positions come one by one."""
    kind = w.sensors[sensor_row].kind
    if kind == CAMERA:
        return min(w.rules.frame_ns, PICTURE_NS)
    return 0 if kind == COOPERATIVE else w.rules.frame_ns


@jit
def frame_time(w, rows):
    """Middle of the times of validity of a frame's reports (pool rows)."""
    low, high = w.pool[rows[0]].time_ns, w.pool[rows[0]].time_ns
    for j in rows:
        low, high = min(low, w.pool[j].time_ns), max(high, w.pool[j].time_ns)
    return low + (high - low) // 2


@jit
def sort_frame(w, rows, azimuth):
    """Sort pool rows (n,) by azimuth (n,), ties canonically, and drop repeats; fills w.plots and w.frame.plots."""
    order = np.argsort(azimuth, kind="mergesort")
    plots, pool, kept = w.plots, w.pool, 0
    for q in range(len(rows)):
        j, a = rows[order[q]], azimuth[order[q]]
        at = kept
        while at > 0 and plots[at - 1].azimuth == a and comes_before(pool[j], pool[plots[at - 1].report]):
            at -= 1
        if at > 0 and plots[at - 1].azimuth == a and not comes_before(pool[plots[at - 1].report], pool[j]):  # equal
            continue
        for move in range(kept, at, -1):
            plots[move].azimuth, plots[move].report = plots[move - 1].azimuth, plots[move - 1].report
        plots[at].azimuth, plots[at].report = a, j
        kept += 1
    w.frame.plots = kept
    index_azimuths(plots, kept, w.frame.bins)


@jit
def frame_azimuths(w, sensor, rows):
    """Azimuths (n,) by which a frame's reports are sorted and found; declared positions as seen from the sensor."""
    out = np.empty(len(rows))
    z = w.work.vector[0]
    for q in range(len(rows)):
        report = w.pool[rows[q]]
        if sensor.kind == COOPERATIVE:
            polar(sensor.place_m, sensor.rotation, report.values, z)
            out[q] = z[1]
        else:
            out[q] = report.values[1]
    return out


@bare
def widen(box, at):
    """Widen the box (4,) so that what was last seen near a declared position (3,) is within."""
    for c in range(2):
        box[c] = min(box[c], at[c] - DECLARED_BOX_M)
        box[2 + c] = max(box[2 + c], at[c] + DECLARED_BOX_M)


@bare
def declared_error(report, distance_m):
    """Standard deviation m of a declared position, and of its azimuth as seen from so far."""
    sigma = math.sqrt(max(report.variance[0], report.variance[2]))
    return sigma, math.pi if sigma > 0.3 * distance_m else sigma / distance_m


@bare
def line_error(report, kind):
    """Standard deviation of a bearing's azimuth; a camera's is told across its line."""
    sigma = math.sqrt(report.variance[1])
    return sigma / max(math.cos(report.values[2]), 0.05) if kind == CAMERA else sigma


@bare
def bound_frame(w, sensor):
    """Ground that the frame's reports may be about, and their largest errors."""
    frame, place, declared = w.frame, sensor.place_m, sensor.kind == COOPERATIVE
    for c in range(2):
        wide = 3.0 * sensor.reach_m[1] if sensor.kind == POST else sensor.reach_m[1]  # only known roughly: maybe within
        frame.box[c] = math.inf if declared else place[c] - wide
        frame.box[2 + c] = -math.inf if declared else place[c] + wide
    frame.sigma_azimuth, frame.sigma_range = math.pi if sensor.kind == POST else 0.0, 0.0
    for f in range(frame.plots):
        report = w.pool[w.plots[f].report]
        if declared:
            sigma_m, sigma = declared_error(report, distance_to(place, report.values))
            widen(frame.box, report.values)
        elif sensor.kind == CAMERA or gives_lines(sensor.kind):
            sigma_m, sigma = 0.0, line_error(report, sensor.kind)
        elif sensor.kind == POST:
            continue
        else:
            sigma_m, sigma = math.sqrt(report.variance[0]), math.sqrt(report.variance[1])
        frame.sigma_azimuth, frame.sigma_range = max(frame.sigma_azimuth, sigma), max(frame.sigma_range, sigma_m)


@jit
def prepare(w, sensor_row, time_ns, rows):
    """Sort and describe the frame of the given pool rows (n,) into w.plots."""
    put_place(w, sensor_row)
    w.frame.sensor, w.frame.time_ns = sensor_row, time_ns
    sensor = w.sensors[sensor_row]
    if sensor.kind != COOPERATIVE:
        for j in rows:
            correct_report(w, sensor_row, w.pool[j], w.scores[sensor_row].variance_scale)
    sort_frame(w, rows, frame_azimuths(w, sensor, rows))
    bound_frame(w, sensor)
    share_out(w, DESCRIBE, np.int64(w.frame.plots), describe_plots)
