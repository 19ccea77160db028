"""Clues: recent directions that belong to no track, each sensor's latest look, and how many such it gives.

Candidates for new objects are looked for among them (kernels.crossings). A sensor's clues count while its look is its
latest; one that has looked since and gave none was silent. How many directions of a look belong to nothing known is a
running mean: it stands for false ones and for those of objects not yet found, so that what crosses by
chance among many is not believed.
"""

from __future__ import annotations

import math

from .borrow import bare
from .cache import jit
from .layout import NEVER_NS
from .sensing import ACOUSTIC, BEARING, CAMERA, CAMERA_BAND_RAD, LEAST_FALSE

LEAST_WEIGHT = 0.05  # a direction that is likelier a track's starts nothing
LOOSE_GAIN = 0.15  # of half a dozen looks
MOST_LOOSE = 12.0  # expected at first at most
LATE_PERIODS = 1.3  # a sensor that has not looked for so many of its periods says nothing
LEAST_WINDOW_S, MOST_WINDOW_S = 0.7, 4.0


@bare
def directs(kind):
    """Does a sensor of this kind give directions without a range?"""
    return kind in (BEARING, ACOUSTIC, CAMERA)


@jit
def window_ns(sensor):
    """How long the latest look of a sensor counts."""
    return int(min(max(LATE_PERIODS * sensor.period_s, LEAST_WINDOW_S), MOST_WINDOW_S) * 1e9)


@jit
def loose_reports(w, sensor_row):
    """Expected reports of a look of a sensor that belong to no track: learnt, or at first the false ones and those of
    the objects that may be within its reach."""
    sensor, loose = w.sensors[sensor_row], w.queues[sensor_row].loose
    if loose < 0.0:
        area_m2 = 0.5 * sensor.view_rad[1] * sensor.reach_m[1] ** 2
        loose = min(w.rules.start_density_m2 * area_m2 * sensor.share * sensor.detection, MOST_LOOSE)
    return max(loose, sensor.false_plots, LEAST_FALSE)


@jit
def learn_loose(w, sensor_row, found):
    """Renew the mean number of reports a look that belong to no track by those of one look."""
    queue = w.queues[sensor_row]
    if queue.loose < 0.0:
        queue.loose = loose_reports(w, sensor_row)
    queue.loose += LOOSE_GAIN * (found - queue.loose)


@jit
def direction_density(w, sensor_row):
    """Density of directions of a sensor that belong to nothing known, 1/rad; of a camera 1/rad^2."""
    sensor = w.sensors[sensor_row]
    density = loose_reports(w, sensor_row) / sensor.view_rad[1]
    return density / CAMERA_BAND_RAD if sensor.kind == CAMERA else density


@jit
def note_clues(w, sensor_row, time_ns):
    """Put the directions of a settled frame that may belong to nothing known into the ring, over the oldest ones."""
    found = 0.0
    for f in range(w.frame.plots):
        found += w.plots[f].alone
        if w.plots[f].alone < LEAST_WEIGHT:
            continue
        report, clue = w.pool[w.plots[f].report], w.clues[w.tally.next_clue % len(w.clues)]
        w.tally.next_clue += 1
        clue.serial = report.serial
        clue.time_ns, clue.sensor, clue.parts, clue.weight = time_ns, sensor_row, report.parts, w.plots[f].alone
        for c in range(2):
            clue.angles[c], clue.variance[c] = report.values[1 + c], report.variance[1 + c]
    learn_loose(w, sensor_row, found)
    w.queues[sensor_row].frame_ns = time_ns


@jit
def note_look(w, sensor_row, time_ns):
    """Note a finished look of a sensor for directions; one without reports had none that belong to no track."""
    queue = w.queues[sensor_row]
    if queue.frame_ns <= queue.looked_ns:
        learn_loose(w, sensor_row, 0.0)
    queue.looked_ns = max(time_ns, queue.looked_ns)


@jit
def last_look_ns(queue):
    """Time of a sensor's latest look, with reports or without; NEVER_NS if it has not looked."""
    return max(queue.frame_ns, queue.looked_ns)


@jit
def looks_now(w, sensor_row, time_ns):
    """Has a sensor for directions looked lately?"""
    sensor, last_ns = w.sensors[sensor_row], last_look_ns(w.queues[sensor_row])
    if not directs(sensor.kind) or last_ns == NEVER_NS:
        return False
    return abs(time_ns - last_ns) <= window_ns(sensor)


@jit
def is_current(w, clue, time_ns):
    """Is a clue of its sensor's latest look, and free enough to start something?"""
    if clue.weight < LEAST_WEIGHT:
        return False
    queue = w.queues[clue.sensor]
    if clue.time_ns != queue.frame_ns or queue.looked_ns > queue.frame_ns:
        return False
    return looks_now(w, clue.sensor, time_ns)


@jit
def current_clues(w, time_ns, out):
    """Write the ring rows of the current clues into out (n,), by sensor, then age; returns how many, at most n."""
    n = 0
    for k in range(max(0, w.tally.next_clue - len(w.clues)), w.tally.next_clue):
        row = k % len(w.clues)
        if n >= len(out) or not is_current(w, w.clues[row], time_ns):
            continue
        at = n
        while at > 0 and w.clues[out[at - 1]].sensor > w.clues[row].sensor:
            out[at] = out[at - 1]
            at -= 1
        out[at] = row
        n += 1
    return n


@jit
def clue_direction(rotation, azimuth_rad):
    """East and north of the unit vector of an azimuth over ground, in region axes."""
    s, c = math.sin(azimuth_rad), math.cos(azimuth_rad)
    east = rotation[0, 0] * s + rotation[1, 0] * c
    north = rotation[0, 1] * s + rotation[1, 1] * c
    length = math.sqrt(east * east + north * north)
    return east / length, north / length
