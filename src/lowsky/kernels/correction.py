"""What is in force of a sensor's lasting errors is taken off its reports, looks and place.

Reports keep what was stated, so that they can be corrected again otherwise; times of reports and looks are compared
between sensors by `valid_ns` only. What remains uncertain goes into the variances of corrected reports (after Schmidt
1966; see `widen`). Sensors of which nothing is in force are untouched to the last bit.
"""

from __future__ import annotations

import math

from .background import use_variances
from .borrow import bare, bare_inlined
from .cache import jit
from .errors import AZIMUTH, CLOCK, EAST, ELEVATION, NORTH, RANGE, SCALE
from .measurement import wrap_pi

AVERAGED = 3.0  # reports over which a track averages: an error that stays counts as much after them
SPEED_MPS = 20.0  # of a usual object, for what a clock's doubt means in metres


@bare_inlined
def valid_ns(w, sensor_row, stated_ns):
    """The time of validity of what a sensor says is of `stated_ns`: its clock as far as it is known to be wrong."""
    return stated_ns - w.corrections[sensor_row].clock_ns


@bare_inlined
def is_aside(w, sensor_row):
    """Is a sensor set aside?"""
    return w.corrections[sensor_row].aside != 0


@jit
def put_place(w, sensor_row):
    """Let a sensor's place be the one in force. It is derived, so whoever uses it calls this first."""
    correction, sensor = w.corrections[sensor_row], w.sensors[sensor_row]
    for c in range(3):
        sensor.place_m[c] = sensor.stated_m[c]
    if correction.in_force:
        sensor.place_m[0] -= correction.force[EAST]
        sensor.place_m[1] -= correction.force[NORTH]


@bare
def widen(correction, report):
    """Add the doubt about a sensor's errors to a report's variances.

    An error that stays does not average out over reports. A track averages about AVERAGED of them, so that much of
    its variance on each leaves the right variance after them (instead of Schmidt's cross-covariances a track).
    """
    doubt, r = correction.doubt, max(report.stated[0], 1.0)
    place = 0.5 * (doubt[EAST, EAST] + doubt[NORTH, NORTH]) + doubt[CLOCK, CLOCK] * SPEED_MPS * SPEED_MPS
    if report.parts & 1:
        scale = doubt[RANGE, RANGE] + 2.0 * r * doubt[RANGE, SCALE] + r * r * doubt[SCALE, SCALE]
        report.variance[0] += AVERAGED * (scale + place)
        report.variance[1] += AVERAGED * (doubt[AZIMUTH, AZIMUTH] + place / (r * r))
    else:
        report.variance[1] += AVERAGED * doubt[AZIMUTH, AZIMUTH]
    report.variance[2] += AVERAGED * doubt[ELEVATION, ELEVATION]


@bare_inlined
def correct_report(w, sensor_row, report, scale):
    """Take the errors in force off a report's values, or put back what was stated if none are.

    Variances are those told, times the factors learnt of the sensor's accuracy (3,), and what the errors add.
    """
    use_variances(report, scale)
    correction = w.corrections[sensor_row]
    if not report.touched:
        if not correction.in_force:
            return
        report.touched = 1
        for c in range(3):
            report.stated[c] = report.values[c]
    for c in range(3):
        report.values[c] = report.stated[c]
    if not correction.in_force:
        return
    b = correction.force
    if report.parts & 1:
        report.values[0] = max(report.stated[0] * (1.0 - b[SCALE]) - b[RANGE], 1.0)
    report.values[1] = wrap_pi(report.stated[1] - b[AZIMUTH])
    if report.parts & 4:
        report.values[2] = min(max(report.stated[2] - b[ELEVATION], -0.5 * math.pi), 0.5 * math.pi)
    widen(correction, report)
