"""Tracks from lines of sight alone: a line starts one only where it meets a recent line of another camera.

Each camera report that belongs to no track is compared with the recent ones of other cameras. The meeting point is
the weighted least-squares intersection (Gauss-Newton on the angles); its weight is the expected number of new
objects that would give both lines, over the density of two unrelated false lines: Laplace's approximation of the
integral of both likelihoods over the place. No range is ever invented for a single line.
"""

from __future__ import annotations

import math

from .birth import start_velocity
from .cache import jit
from .cells import appearance_rate, undetected
from .layout import NEVER_NS, SIGHTED
from .lifecycle import start_track, take_row
from .linalg import cholesky, inverse_from_cholesky
from .measurement import polar_jacobian, wrap_pi
from .motion import ellipsoid_height
from .numbers import number_again
from .sensing import camera_false_density, normal_density

MEETING_GATE = 16.0  # squared misfit of two lines, one degree of freedom left
MIN_ANGLE_COS = 0.9998  # lines nearer to parallel than one degree do not place anything
ITERATIONS = 3
TWO_PI_3_2 = 15.749609945722419  # (2 pi)^(3/2)
LEAST_WEIGHT = 0.01  # a remembered line that is surely a track's starts nothing
UNCLAIMED = 0.2  # nor does a new one that is likelier a track's


@jit
def line_direction(rotation, azimuth_rad, elevation_rad, out):
    """Write the unit vector (3,) in region axes of a sensor's azimuth and elevation."""
    ce = math.cos(elevation_rad)
    e, n, u = ce * math.sin(azimuth_rad), ce * math.cos(azimuth_rad), math.sin(elevation_rad)
    for c in range(3):
        out[c] = rotation[0, c] * e + rotation[1, c] * n + rotation[2, c] * u


@jit
def closest_point(place_a, along_a, place_b, along_b, out):
    """Middle of the shortest segment between two rays into out (>=3,); False if near parallel or behind a sensor."""
    dot, da, db = 0.0, 0.0, 0.0
    for c in range(3):
        d = place_b[c] - place_a[c]
        dot += along_a[c] * along_b[c]
        da += along_a[c] * d
        db += along_b[c] * d
    if abs(dot) > MIN_ANGLE_COS:
        return False
    ta = (da - dot * db) / (1.0 - dot * dot)
    tb = (dot * da - db) / (1.0 - dot * dot)
    if ta <= 0.0 or tb <= 0.0:
        return False
    for c in range(3):
        out[c] = 0.5 * (place_a[c] + ta * along_a[c] + place_b[c] + tb * along_b[c])
    return True


@jit
def add_line(sensor, angles, variance, extra_m2, x, z, h, information, pull):
    """Add one line's information (3, 3) and weighted innovation pull (3,) at x; returns its misfit and density.

    extra_m2 is the variance across the line that motion between the two times adds.
    """
    polar_jacobian(sensor.place_m, sensor.rotation, x, z, h)
    misfit, density = 0.0, 1.0
    for c in range(2):
        flat = math.cos(z[2]) * z[0] if c == 0 else z[0]
        v = variance[c] + extra_m2 / max(flat * flat, 1.0)
        nu = wrap_pi(angles[c] - z[1 + c])
        misfit += nu * nu / v
        density *= math.exp(-0.5 * nu * nu / v) / math.sqrt(2.0 * math.pi * v)
        for a in range(3):
            pull[a] += h[1 + c, a] * nu / v
            for b in range(3):
                information[a, b] += h[1 + c, a] * h[1 + c, b] / v
    return misfit, density


@jit
def meet(one, angles, variance, two, line, extra_m2, x, covariance, work):
    """Intersect a line of sensor `one` with a remembered `line` of sensor `two`: position into x, covariance (3, 3).

    Returns (misfit, integral of both densities over the place); an infinite misfit says that they do not meet.
    """
    along_a, along_b, z, pull = work.vector[0], work.vector[1], work.vector[2], work.vector[3]
    information, h = work.small[1], work.small[2]
    line_direction(one.rotation, angles[0], angles[1], along_a)
    line_direction(two.rotation, line.angles[0], line.angles[1], along_b)
    x[:] = 0.0
    if not closest_point(one.place_m, along_a, two.place_m, along_b, x):
        return math.inf, 0.0
    misfit, density = math.inf, 0.0
    for _ in range(ITERATIONS):
        information[:, :] = 0.0
        pull[:] = 0.0
        first, p_first = add_line(one, angles, variance, 0.0, x, z, h, information, pull)
        second, p_second = add_line(two, line.angles, line.variance, extra_m2, x, z, h, information, pull)
        misfit, density = first + second, p_first * p_second
        if not cholesky(information, 3):
            return math.inf, 0.0
        inverse_from_cholesky(information, covariance, 3)
        for a in range(3):
            x[a] += covariance[a, 0] * pull[0] + covariance[a, 1] * pull[1] + covariance[a, 2] * pull[2]
    root = information[0, 0] * information[1, 1] * information[2, 2]
    return misfit, density * TWO_PI_3_2 / root


@jit
def meeting_odds(one, two, x, integral, undetected_m2, rules):
    """Odds that two meeting lines are a new object and not two false lines."""
    height_m = ellipsoid_height(x, rules.origin_height_m)
    odds = undetected_m2 * normal_density(height_m - rules.height_mean_m, 2.0 * rules.height_sigma_m) * integral
    odds *= one.detection / camera_false_density(one)
    return odds * two.detection / camera_false_density(two)


@jit
def best_meeting(w, sensor_row, time_ns, report, undetected_m2, x, covariance):
    """The remembered line of another camera that meets this one with the best odds: (its row or -1, odds).

    Writes the place into x (6,) and its covariance into covariance[:3, :3].
    """
    work, place, trial = w.work, w.work.vector[4], w.work.small[3]
    angles, variance = report.values[1:3], report.variance[1:3]
    best, best_odds = -1, 0.0
    for q in range(len(w.lines)):
        line = w.lines[q]
        if line.time_ns == NEVER_NS:
            continue
        age_ns = abs(time_ns - line.time_ns)
        if line.weight < LEAST_WEIGHT or line.sensor == sensor_row or age_ns > w.rules.line_age_ns:
            continue
        one, two = w.sensors[sensor_row], w.sensors[line.sensor]
        extra = (w.rules.speed_slow_mps * age_ns * 1e-9) ** 2
        misfit, integral = meet(one, angles, variance, two, line, extra, place, trial, work)
        if misfit > MEETING_GATE:
            continue
        odds = meeting_odds(one, two, place, integral, undetected_m2, w.rules) * line.weight
        if odds > best_odds:
            best, best_odds = q, odds
            x[:] = place
            covariance[:3, :3] = trial[:3, :3]
    return best, best_odds


@jit
def remember_line(w, sensor_row, time_ns, report, weight):
    """Put a line into the ring over the oldest one."""
    line = w.lines[w.tally.next_line % len(w.lines)]
    w.tally.next_line += 1
    line.time_ns, line.sensor, line.weight = time_ns, sensor_row, weight
    line.angles[0], line.angles[1] = report.values[1], report.values[2]
    line.variance[0], line.variance[1] = report.variance[1], report.variance[2]


@jit
def preview_lines(w, sensor_row, time_ns):
    """Remember the lines of a frame that is worked provisionally; they start no track (see `forget_lines`)."""
    for f in range(w.frame.plots):
        remember_line(w, sensor_row, time_ns, w.pool[w.plots[f].report], 0.0)


@jit
def forget_lines(w, next_line):
    """Forget the lines remembered since the counter stood at next_line."""
    for k in range(next_line, w.tally.next_line):
        w.lines[k % len(w.lines)].time_ns = NEVER_NS
        w.lines[k % len(w.lines)].weight = 0.0
    w.tally.next_line = next_line


@jit
def birth_cameras(w, sensor_row, time_ns):
    """Start a track where an unclaimed line of this frame meets a recent one; keep the others for later ones."""
    rules, x, p = w.rules, w.work.vector[6], w.work.small[4]
    rate = appearance_rate(rules, w.tally)
    place = w.sensors[sensor_row].place_m
    undetected_m2, appeared = undetected(w, rate, place[0], place[1], time_ns, SIGHTED)
    for f in range(w.frame.plots):
        plot = w.plots[f]
        report = w.pool[plot.report]
        if plot.alone < UNCLAIMED:
            remember_line(w, sensor_row, time_ns, report, 0.0)
            continue
        q, odds = best_meeting(w, sensor_row, time_ns, report, undetected_m2, x, p)
        existence = plot.alone * odds / (1.0 + odds)
        if q >= 0:
            i = take_row(w)
            t = w.tracks[i]
            t.p[0] = 0.0
            start_velocity(t.x[0], t.p[0], x, 0.0, 1.0, False, rules)
            t.x[0, :3] = x[:3]
            t.p[0, :3, :3] = p[:3, :3]
            start_track(w, i, sensor_row, time_ns, report.identity, existence, appeared / undetected_m2, 2.0, 1.0)
            number_again(w, i, report.serial)
            t.recent_sensor[1], t.recent_ns[1], t.recent_at = w.lines[q].sensor, w.lines[q].time_ns, 2
            w.lines[q].weight *= 1.0 - existence
        remember_line(w, sensor_row, time_ns, report, plot.alone * (1.0 - existence))
