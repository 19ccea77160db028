"""What a frame's plots may be else than a track's: the densities of false reports and of new objects at each, which may
be asked by several threads at once (kernels.crew)."""

from __future__ import annotations

import math

from .background import cell_of
from .borrow import bare
from .cells import appearance_rate, undetected
from .clues import direction_density
from .layout import PARTS, PLACED
from .motion import ellipsoid_height
from .posts import post_density
from .sensing import CAMERA, COOPERATIVE, POST, camera_false_density, gives_lines, radar_densities

DECLARED_FALSE = 0.05  # false declarations, as a share of new objects
DECLARED_BAND = 1e-3  # density of a new object's height, 1/m, and (next) of each velocity component, s/m
DECLARED_SPEED = 0.01


@bare
def report_place(sensor, report, out):
    """Rough region position of a radar report into out (3,); elevation missing counts as level."""
    v, r = report.values, sensor.rotation
    el = v[2] if report.parts & 4 else 0.0
    flat, up = v[0] * math.cos(el), v[0] * math.sin(el)
    e, n = flat * math.sin(v[1]), flat * math.cos(v[1])
    for c in range(3):
        out[c] = sensor.place_m[c] + r[0, c] * e + r[1, c] * n + r[2, c] * up


@bare
def distance_to(place_m, there_m):
    """Metres between two places in the region (3,), and never quite none."""
    e, n, u = there_m[0] - place_m[0], there_m[1] - place_m[1], there_m[2] - place_m[2]
    return max(math.sqrt(e * e + n * n + u * u), 1e-3)


@bare
def describe_radar(w, sensor, plot, report, rate):
    """Range and densities of one radar plot."""
    there, time_ns = w.work.vector[0], w.frame.time_ns
    plot.cell = cell_of(sensor, report.values[0], report.values[1])
    learnt = w.background[w.frame.sensor, plot.cell]
    report_place(sensor, report, there)
    undetected_m2, appeared = undetected(w, rate, there[0], there[1], time_ns, PLACED)
    height_m = ellipsoid_height(there, w.rules.origin_height_m)
    false, new = radar_densities(sensor, report, undetected_m2, w.rules, height_m)
    false, new = false * learnt.false_scale, new * learnt.seen_scale
    plot.density = max(false + new, 1e-300)
    plot.new, plot.appeared, plot.distance = new / plot.density, appeared / undetected_m2, report.values[0]


@bare
def describe_declared(w, sensor, plot, report, rate):
    """Distance and densities of one declared position: false ones are rare, new ones come from the undetected."""
    v = report.values
    undetected_m2, _ = undetected(w, rate, v[0], v[1], w.frame.time_ns, PLACED)
    new = max(undetected_m2, 1e-9) * DECLARED_BAND
    for c in range(3, PARTS):
        if report.parts & (1 << c):
            new *= DECLARED_SPEED
    plot.distance, plot.density = distance_to(sensor.place_m, v), new * (1.0 + DECLARED_FALSE)
    plot.new, plot.appeared = 1.0 / (1.0 + DECLARED_FALSE), 1.0


@bare
def describe_placeless(w, sensor, plot, report):
    """Density of what places no object alone: bearings, lines, or a post's word."""
    plot.distance, plot.new, plot.appeared = 0.0, 0.0, 0.0
    if sensor.kind == CAMERA:
        plot.density = camera_false_density(sensor)
    elif sensor.kind == POST:
        plot.density = post_density(sensor, report)
    else:
        plot.density = direction_density(w, w.frame.sensor)


@bare
def describe_plots(w, first, last):
    """Describe the plots from first to before last."""
    sensor, rate = w.sensors[w.frame.sensor], appearance_rate(w.rules, w.tally)
    for f in range(first, last):
        plot = w.plots[f]
        report = w.pool[plot.report]
        plot.tracks, plot.hidden = 0, 0.0
        if sensor.kind in (CAMERA, POST) or gives_lines(sensor.kind):
            describe_placeless(w, sensor, plot, report)
        elif sensor.kind == COOPERATIVE:
            describe_declared(w, sensor, plot, report, rate)
        else:
            describe_radar(w, sensor, plot, report, rate)
