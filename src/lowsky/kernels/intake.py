"""Intake: which of the pool's reports are one frame, and its preparation.

Within a frame reports are sorted canonically by their values, so the order of arrival never shows; exact repeats are
dropped.
"""

from __future__ import annotations

import math

import numpy as np

from .background import cell_of
from .borrow import bare, bare_inlined
from .cache import jit
from .cells import appearance_rate, undetected
from .clues import direction_density
from .correction import correct_report, put_place
from .gating import index_azimuths
from .layout import PARTS, PLACED
from .measurement import polar
from .motion import ellipsoid_height
from .pool import comes_before
from .posts import post_density
from .sensing import CAMERA, COOPERATIVE, POST, camera_false_density, gives_lines, radar_densities

PICTURE_NS = 4_000_000  # bearings of one picture; cameras give up to 120 a second
DECLARED_BOX_M = 10_000.0  # tracks last seen this near a declared position are compared: 40 s of an airliner
DECLARED_FALSE = 0.05  # false declarations, as a share of new objects
DECLARED_BAND = 1e-3  # density of a new object's height, 1/m, and (next) of each velocity component, s/m
DECLARED_SPEED = 0.01


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
def report_place(sensor, report, out):
    """Rough region position of a radar report into out (3,); elevation missing counts as level."""
    v, r = report.values, sensor.rotation
    el = v[2] if report.parts & 4 else 0.0
    flat, up = v[0] * math.cos(el), v[0] * math.sin(el)
    e, n = flat * math.sin(v[1]), flat * math.cos(v[1])
    for c in range(3):
        out[c] = sensor.place_m[c] + r[0, c] * e + r[1, c] * n + r[2, c] * up


@bare_inlined
def describe_radar(w, sensor_row, plot, report, rate, time_ns):
    """Range and densities of one radar plot."""
    there, sensor = w.work.vector[0], w.sensors[sensor_row]
    plot.cell = cell_of(sensor, report.values[0], report.values[1])
    learnt = w.background[sensor_row, plot.cell]
    report_place(sensor, report, there)
    undetected_m2, appeared = undetected(w, rate, there[0], there[1], time_ns, PLACED)
    height_m = ellipsoid_height(there, w.rules.origin_height_m)
    false, new = radar_densities(sensor, report, undetected_m2, w.rules, height_m)
    false, new = false * learnt.false_scale, new * learnt.seen_scale
    plot.density = max(false + new, 1e-300)
    plot.new, plot.appeared, plot.distance = new / plot.density, appeared / undetected_m2, report.values[0]
    w.frame.sigma_azimuth = max(w.frame.sigma_azimuth, math.sqrt(report.variance[1]))
    w.frame.sigma_range = max(w.frame.sigma_range, math.sqrt(report.variance[0]))


@bare
def widen(box, at):
    """Widen the box (4,) so that what was last seen near a declared position (3,) is within."""
    for c in range(2):
        box[c] = min(box[c], at[c] - DECLARED_BOX_M)
        box[2 + c] = max(box[2 + c], at[c] + DECLARED_BOX_M)


@jit
def describe_declared(w, sensor, plot, report, rate, time_ns):
    """Distance and densities of one declared position: false ones are rare, new ones come from the undetected."""
    v, place = report.values, sensor.place_m
    d = math.sqrt((v[0] - place[0]) ** 2 + (v[1] - place[1]) ** 2 + (v[2] - place[2]) ** 2)
    sigma = math.sqrt(max(report.variance[0], report.variance[2]))
    undetected_m2, _ = undetected(w, rate, v[0], v[1], time_ns, PLACED)
    new = max(undetected_m2, 1e-9) * DECLARED_BAND
    for c in range(3, PARTS):
        if report.parts & (1 << c):
            new *= DECLARED_SPEED
    plot.distance, plot.density = max(d, 1e-3), new * (1.0 + DECLARED_FALSE)
    plot.new, plot.appeared = 1.0 / (1.0 + DECLARED_FALSE), 1.0
    w.frame.sigma_azimuth = math.pi if sigma > 0.3 * d else max(w.frame.sigma_azimuth, sigma / d)
    w.frame.sigma_range = max(w.frame.sigma_range, sigma)
    widen(w.frame.box, v)


@jit
def prepare(w, sensor_row, time_ns, rows):
    """Sort and describe the frame of the given pool rows (n,) into w.plots."""
    put_place(w, sensor_row)
    sensor = w.sensors[sensor_row]
    if sensor.kind != COOPERATIVE:
        for j in rows:
            correct_report(w, sensor_row, w.pool[j], w.scores[sensor_row].variance_scale)
    sort_frame(w, rows, frame_azimuths(w, sensor, rows))
    place, reach, rate = sensor.place_m, sensor.reach_m[1], appearance_rate(w.rules, w.tally)
    declared = sensor.kind == COOPERATIVE
    for c in range(2):
        wide = 3.0 * reach if sensor.kind == POST else reach  # what is only known roughly may be within
        w.frame.box[c] = math.inf if declared else place[c] - wide
        w.frame.box[2 + c] = -math.inf if declared else place[c] + wide
    w.frame.sigma_azimuth, w.frame.sigma_range = 0.0, 0.0
    for f in range(w.frame.plots):
        plot = w.plots[f]
        report = w.pool[plot.report]
        plot.tracks, plot.hidden = 0, 0.0
        if sensor.kind == CAMERA:
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = camera_false_density(sensor)
            sigma = math.sqrt(report.variance[1]) / max(math.cos(report.values[2]), 0.05)
            w.frame.sigma_azimuth = max(w.frame.sigma_azimuth, sigma)
        elif gives_lines(sensor.kind):
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = direction_density(w, sensor_row)
            w.frame.sigma_azimuth = max(w.frame.sigma_azimuth, math.sqrt(report.variance[1]))
        elif sensor.kind == POST:
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = post_density(sensor, report)
            w.frame.sigma_azimuth = math.pi
        elif declared:
            describe_declared(w, sensor, plot, report, rate, time_ns)
        else:
            describe_radar(w, sensor_row, plot, report, rate, time_ns)
