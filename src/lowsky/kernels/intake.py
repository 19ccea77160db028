"""Intake: the pool of waiting reports and looks, and the preparation of one frame from it.

Reports wait in one linked list a sensor until the watermark (latest receipt minus the lag) passes their time, so
that a frame is complete and frames run in order of validity. Within a frame reports are sorted canonically by
their values, so the order of arrival never shows; exact repeats are dropped and counted.
"""

from __future__ import annotations

import math

import numpy as np

from .background import cell_of
from .cache import jit
from .cells import appearance_rate, undetected
from .clues import direction_density
from .correction import correct_report, put_place, valid_ns
from .gating import index_azimuths
from .layout import FAR_NS, LEARNT, PARTS, PLACED
from .measurement import polar
from .motion import ellipsoid_height
from .posts import post_density
from .sensing import CAMERA, COOPERATIVE, POST, camera_false_density, gives_lines, radar_densities

DECLARED_BOX_M = 10_000.0  # tracks last seen this near a declared position are compared: 40 s of an airliner
DECLARED_FALSE = 0.05  # false declarations, as a share of new objects
DECLARED_BAND = 1e-3  # density of a new object's height, 1/m, and (next) of each velocity component, s/m
DECLARED_SPEED = 0.01


@jit
def enqueue(w, report):
    """Add a copy of a report to its sensor's list. The caller has made sure that there is a free row."""
    w.tally.waiting_free -= 1
    j = w.pool_free[w.tally.waiting_free]
    w.pool[j] = report
    w.pool[j].after, w.pool[j].touched = -1, 0
    for c in range(LEARNT):
        w.pool[j].told[c] = report.variance[c]
    queue = w.queues[report.sensor]
    if queue.tail >= 0:
        w.pool[queue.tail].after = j
    else:
        queue.head = j
    queue.tail = j
    queue.oldest_ns = min(queue.oldest_ns, report.time_ns)
    w.tally.waiting += 1


@jit
def pick_frame(w, queue, from_ns, to_ns):
    """Write the rows of a sensor's waiting reports with from_ns <= time <= to_ns into w.picked; returns how many."""
    n, j = 0, queue.head
    while j >= 0 and n < len(w.picked):
        if from_ns <= w.pool[j].time_ns <= to_ns:
            w.picked[n] = j
            n += 1
        j = w.pool[j].after
    return n


@jit
def discard(w, queue, from_ns, to_ns):
    """Take a sensor's waiting reports with from_ns <= time <= to_ns out of its list and free their rows."""
    before, j, oldest = -1, queue.head, FAR_NS
    while j >= 0:
        after = w.pool[j].after
        if from_ns <= w.pool[j].time_ns <= to_ns:
            if before >= 0:
                w.pool[before].after = after
            else:
                queue.head = after
            w.pool_free[w.tally.waiting_free] = j
            w.tally.waiting_free += 1
            w.tally.waiting -= 1
        else:
            before = j
            oldest = min(oldest, w.pool[j].time_ns)
        j = after
    queue.tail = before
    queue.oldest_ns = oldest


@jit
def comes_before(a, b):
    """Canonical order of two reports of a frame after their azimuth: what they carry, its values, who, when, how sure.

    All that a frame's outcome could depend on is compared, so that the order of arrival never shows.
    """
    if a.parts != b.parts:
        return a.parts < b.parts
    for c in range(PARTS):
        if a.parts & (1 << c) and a.values[c] != b.values[c]:
            return a.values[c] < b.values[c]
    if a.identity != b.identity:
        return a.identity < b.identity
    if a.time_ns != b.time_ns:
        return a.time_ns < b.time_ns
    if a.odds != b.odds:
        return a.odds < b.odds
    for c in range(PARTS):
        if a.parts & (1 << c) and a.variance[c] != b.variance[c]:
            return a.variance[c] < b.variance[c]
    return False


@jit
def sort_frame(w, rows, azimuth, final):
    """Sort the frame of pool rows (n,) by azimuth (n,), ties canonically, drop repeats; fills w.plots, work.plots."""
    order = np.argsort(azimuth, kind="mergesort")
    plots, pool, kept = w.plots, w.pool, 0
    for q in range(len(rows)):
        j, a = rows[order[q]], azimuth[order[q]]
        at = kept
        while at > 0 and plots[at - 1].azimuth == a and comes_before(pool[j], pool[plots[at - 1].report]):
            at -= 1
        if at > 0 and plots[at - 1].azimuth == a and not comes_before(pool[plots[at - 1].report], pool[j]):  # equal
            if final:
                w.tally.duplicate += 1
            continue
        for move in range(kept, at, -1):
            plots[move].azimuth, plots[move].report = plots[move - 1].azimuth, plots[move - 1].report
        plots[at].azimuth, plots[at].report = a, j
        kept += 1
    w.work.plots = kept
    index_azimuths(plots, kept, w.work.bins)


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


@jit
def report_place(sensor, report, out):
    """Rough region position of a radar report into out (3,); elevation missing counts as level."""
    v, r = report.values, sensor.rotation
    el = v[2] if report.parts & 4 else 0.0
    flat, up = v[0] * math.cos(el), v[0] * math.sin(el)
    e, n = flat * math.sin(v[1]), flat * math.cos(v[1])
    for c in range(3):
        out[c] = sensor.place_m[c] + r[0, c] * e + r[1, c] * n + r[2, c] * up


@jit
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
    w.work.sigma_azimuth = max(w.work.sigma_azimuth, math.sqrt(report.variance[1]))
    w.work.sigma_range = max(w.work.sigma_range, math.sqrt(report.variance[0]))


@jit
def describe_declared(w, sensor, plot, report, rate, time_ns):
    """Distance and densities of one declared position: false ones are rare, new ones come from the undetected."""
    v, place, work = report.values, sensor.place_m, w.work
    d = math.sqrt((v[0] - place[0]) ** 2 + (v[1] - place[1]) ** 2 + (v[2] - place[2]) ** 2)
    sigma = math.sqrt(max(report.variance[0], report.variance[2]))
    undetected_m2, _ = undetected(w, rate, v[0], v[1], time_ns, PLACED)
    new = max(undetected_m2, 1e-9) * DECLARED_BAND
    for c in range(3, PARTS):
        if report.parts & (1 << c):
            new *= DECLARED_SPEED
    plot.distance, plot.density = max(d, 1e-3), new * (1.0 + DECLARED_FALSE)
    plot.new, plot.appeared = 1.0 / (1.0 + DECLARED_FALSE), 1.0
    work.sigma_azimuth = math.pi if sigma > 0.3 * d else max(work.sigma_azimuth, sigma / d)
    work.sigma_range = max(work.sigma_range, sigma)
    work.box[0], work.box[1] = min(work.box[0], v[0] - DECLARED_BOX_M), min(work.box[1], v[1] - DECLARED_BOX_M)
    work.box[2], work.box[3] = max(work.box[2], v[0] + DECLARED_BOX_M), max(work.box[3], v[1] + DECLARED_BOX_M)


@jit
def prepare(w, sensor_row, time_ns, rows, final):
    """Sort and describe the frame of the given waiting rows (n,) into w.plots."""
    put_place(w, sensor_row)
    sensor, work = w.sensors[sensor_row], w.work
    if sensor.kind != COOPERATIVE:
        for j in rows:
            correct_report(w, sensor_row, w.pool[j], w.scores[sensor_row].variance_scale)
    sort_frame(w, rows, frame_azimuths(w, sensor, rows), final)
    place, reach, rate = sensor.place_m, sensor.reach_m[1], appearance_rate(w.rules, w.tally)
    declared = sensor.kind == COOPERATIVE
    for c in range(2):
        wide = 3.0 * reach if sensor.kind == POST else reach  # what is only known roughly may be within
        work.box[c] = math.inf if declared else place[c] - wide
        work.box[2 + c] = -math.inf if declared else place[c] + wide
    work.sigma_azimuth, work.sigma_range = 0.0, 0.0
    for f in range(work.plots):
        plot = w.plots[f]
        report = w.pool[plot.report]
        plot.tracks, plot.hidden = 0, 0.0
        if sensor.kind == CAMERA:
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = camera_false_density(sensor)
            sigma = math.sqrt(report.variance[1]) / max(math.cos(report.values[2]), 0.05)
            work.sigma_azimuth = max(work.sigma_azimuth, sigma)
        elif gives_lines(sensor.kind):
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = direction_density(w, sensor_row)
            work.sigma_azimuth = max(work.sigma_azimuth, math.sqrt(report.variance[1]))
        elif sensor.kind == POST:
            plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
            plot.density = post_density(sensor, report)
            work.sigma_azimuth = math.pi
        elif declared:
            describe_declared(w, sensor, plot, report, rate, time_ns)
        else:
            describe_radar(w, sensor_row, plot, report, rate, time_ns)


@jit
def enqueue_look(w, look):
    """Add a copy of a look to the waiting ones. The caller has made sure that there is room."""
    w.looks[w.tally.looks_waiting] = look
    w.tally.looks_waiting += 1


@jit
def earliest_look(w):
    """Row of the waiting look that comes first (time, then sensor), or -1."""
    best, looks, first_ns = -1, w.looks, FAR_NS
    for q in range(w.tally.looks_waiting):
        time_ns = valid_ns(w, looks[q].sensor, looks[q].time_ns)
        earlier = best < 0 or time_ns < first_ns
        if earlier or (time_ns == first_ns and looks[q].sensor < looks[best].sensor):
            best, first_ns = q, time_ns
    return best
