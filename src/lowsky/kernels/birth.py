"""Births: a report that belongs to no track may be the first of a new one.

The probability of that is the density of new objects over that of new objects and false reports (the Poisson part
of the multi-Bernoulli mixture, Williams 2015, equation 35). Position comes from the report with its covariance; a
2-D radar's missing height from the height prior by quadrature; velocity from range rate and a two-part prior of slow
and fast objects. Lines of sight start nothing alone: see kernels.lines.
"""

from __future__ import annotations

import math

from .cache import jit
from .layout import PARTS
from .lifecycle import start_track, take_row
from .numbers import number_again
from .sensing import normal_density

NODES = (-1.7320508075688772, 0.0, 1.7320508075688772)  # three-point Gauss-Hermite for a normal variable
WEIGHTS = (1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0)
EARTH_RADIUS_M = 6371000.0
MAYBE_VISIBLE = 0.7  # something that declares itself may be nothing for radars: a ship, a drone behind trees


@jit
def slow_share(range_rate_mps, measured, rules):
    """Probability that a new object is of the slow part of the velocity prior, given its range rate if measured."""
    if not measured:
        return 0.5
    slow = normal_density(range_rate_mps, rules.speed_slow_mps)
    return slow / (slow + normal_density(range_rate_mps, rules.speed_fast_mps))


@jit
def start_velocity(x, p, unit, range_rate_mps, variance, measured, rules):
    """Fill the velocity part of x (6,) and p (6, 6): prior, then the range rate along unit (3,) in region axes."""
    share = slow_share(range_rate_mps, measured, rules)
    flat = share * rules.speed_slow_mps ** 2 + (1.0 - share) * rules.speed_fast_mps ** 2
    for c in range(3):
        x[3 + c] = 0.0
        for d in range(3):
            p[3 + c, 3 + d] = 0.0
        p[3 + c, 3 + c] = flat if c < 2 else rules.speed_up_mps ** 2
    if not measured:
        return
    measure_velocity(x, p, unit, range_rate_mps, variance)


@jit
def measure_velocity(x, p, unit, range_rate_mps, variance):
    """Kalman update of the velocity part of x (6,) and p (6, 6), diagonal so far, by a range rate along unit (3,)."""
    s, off = variance, range_rate_mps
    for c in range(3):
        s += unit[c] * p[3 + c, 3 + c] * unit[c]
        off -= unit[c] * x[3 + c]
    g0, g1, g2 = p[3, 3] * unit[0] / s, p[4, 4] * unit[1] / s, p[5, 5] * unit[2] / s
    x[3], x[4], x[5] = x[3] + g0 * off, x[4] + g1 * off, x[5] + g2 * off
    for c in range(3):
        gc = g0 if c == 0 else g1 if c == 1 else g2
        for d in range(3):
            gd = g0 if d == 0 else g1 if d == 1 else g2
            p[3 + c, 3 + d] -= gc * gd * s


@jit
def start_beside(x, p, unit, range_rate_mps, variance, measured, centre, sigma_mps):
    """Fill the velocity part of x (6,) and p (6, 6): about that of a neighbour's state `centre` (6,)."""
    for c in range(3):
        x[3 + c] = centre[3 + c]
        for d in range(3):
            p[3 + c, 3 + d] = sigma_mps * sigma_mps if c == d else 0.0
    if measured:
        measure_velocity(x, p, unit, range_rate_mps, variance)


@jit
def add_axis(p, rotation, a0, a1, a2, variance):
    """Add variance along the sensor-frame axis (a0, a1, a2), turned into region axes, to the position part of p."""
    e = rotation[0, 0] * a0 + rotation[1, 0] * a1 + rotation[2, 0] * a2
    n = rotation[0, 1] * a0 + rotation[1, 1] * a1 + rotation[2, 1] * a2
    u = rotation[0, 2] * a0 + rotation[1, 2] * a1 + rotation[2, 2] * a2
    for r in range(3):
        vr = e if r == 0 else n if r == 1 else u
        for c in range(3):
            vc = e if c == 0 else n if c == 1 else u
            p[r, c] += variance * vr * vc


@jit
def to_region(place_m, rotation, e, n, u, x):
    """Write the region position of sensor-frame offset (e, n, u) into x (>=3,)."""
    for c in range(3):
        x[c] = place_m[c] + rotation[0, c] * e + rotation[1, c] * n + rotation[2, c] * u


@jit
def place_3d(place_m, rotation, values, variance, x, p, unit):
    """Position of a report with range, azimuth, elevation into x, p and the line of sight (region axes) into unit."""
    r, az, el = values[0], values[1], values[2]
    ce, se, ca, sa = math.cos(el), math.sin(el), math.cos(az), math.sin(az)
    to_region(place_m, rotation, r * ce * sa, r * ce * ca, r * se, x)
    p[:, :] = 0.0
    add_axis(p, rotation, ce * sa, ce * ca, se, variance[0])
    add_axis(p, rotation, ca, -sa, 0.0, variance[1] * (r * ce) ** 2)
    add_axis(p, rotation, -se * sa, -se * ca, ce, variance[2] * r * r)
    for c in range(3):
        unit[c] = (x[c] - place_m[c]) / r


@jit
def place_2d(place_m, rotation, values, variance, rules, x, p, unit):
    """Position of a report without elevation: height from the prior, by quadrature; see `place_3d` for the rest."""
    r, az = values[0], values[1]
    ca, sa = math.cos(az), math.sin(az)
    base = rules.height_mean_m - (place_m[2] + rules.origin_height_m) - r * r / (2.0 * EARTH_RADIUS_M)
    flat_mean, up_mean, flat_2, up_2, cross = 0.0, 0.0, 0.0, 0.0, 0.0
    for q in range(3):
        up = min(max(base + NODES[q] * rules.height_sigma_m, -0.9 * r), 0.9 * r)
        flat = math.sqrt(r * r - up * up)
        flat_mean += WEIGHTS[q] * flat
        up_mean += WEIGHTS[q] * up
        flat_2 += WEIGHTS[q] * flat * flat
        up_2 += WEIGHTS[q] * up * up
        cross += WEIGHTS[q] * flat * up
    to_region(place_m, rotation, flat_mean * sa, flat_mean * ca, up_mean, x)
    p[:, :] = 0.0
    v_flat, v_up = flat_2 - flat_mean**2, max(up_2 - up_mean**2, 1.0)
    slope = (cross - flat_mean * up_mean) / v_up
    add_axis(p, rotation, slope * sa, slope * ca, 1.0, v_up)
    add_axis(p, rotation, sa, ca, 0.0, max(v_flat - slope * slope * v_up, 0.0) + variance[0])
    add_axis(p, rotation, ca, -sa, 0.0, variance[1] * flat_mean**2)
    for c in range(3):
        unit[c] = (x[c] - place_m[c]) / r


@jit
def birth_polar(w, sensor_row, time_ns):
    """Start a track from each radar report of the frame that is likely enough alone. Enough rows are free."""
    rules, unit, sensor = w.rules, w.work.vector[0], w.sensors[sensor_row]
    for f in range(w.frame.plots):
        plot = w.plots[f]
        if plot.alone < rules.birth_alone:
            continue
        report = w.pool[plot.report]
        i = take_row(w)
        x, p = w.tracks[i].x[0], w.tracks[i].p[0]
        if report.parts & 4:
            place_3d(sensor.place_m, sensor.rotation, report.values, report.variance, x, p, unit)
        else:
            place_2d(sensor.place_m, sensor.rotation, report.values, report.variance, rules, x, p, unit)
        told = (report.parts & 8) != 0
        if plot.hidden > plot.new:
            beside = w.tracks[w.candidates[plot.beside].track].centre
            start_beside(x, p, unit, report.values[3], report.variance[3], told, beside, rules.companion_speed_mps)
        else:
            start_velocity(x, p, unit, report.values[3], report.variance[3], told, rules)
        existence = plot.alone * (plot.new + plot.hidden) / (1.0 + plot.hidden)
        start_track(w, i, sensor_row, time_ns, report.identity, existence, plot.appeared, 1.0, 1.0)
        number_again(w, i, report.serial)
        if plot.hidden > plot.new:
            w.tracks[i].parent = w.candidates[plot.beside].track
            w.tracks[i].parent_uid = w.tracks[w.tracks[i].parent].uid


@jit
def birth_declared(w, sensor_row, time_ns):
    """Start a track from each declared position that is likely enough alone. Enough rows are free."""
    rules, unit = w.rules, w.work.vector[0]
    for f in range(w.frame.plots):
        plot = w.plots[f]
        if plot.alone < rules.birth_alone:
            continue
        report = w.pool[plot.report]
        i = take_row(w)
        x, p = w.tracks[i].x[0], w.tracks[i].p[0]
        p[:, :] = 0.0
        start_velocity(x, p, unit, 0.0, 1.0, False, rules)
        for c in range(PARTS):
            if report.parts & (1 << c):
                x[c] = report.values[c]
                p[c, c] = report.variance[c]
        existence = plot.alone * plot.new
        start_track(w, i, sensor_row, time_ns, report.identity, existence, plot.appeared, 1.0, MAYBE_VISIBLE)
        number_again(w, i, report.serial)
