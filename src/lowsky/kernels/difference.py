"""The difference of two reports of one object, and what lasting errors of the two sensors make of it.

Each report is put into the region frame with its sensor's errors taken off, and moved by the track's velocity to a
common time. The difference of the two is zero but for noise if the errors are right; it is linear in small changes of
them. Source: Zhou, Leung and Blanchette 1999 (exact likelihood registration, both sensors in one plane); Lin,
Bar-Shalom and Kirubarajan 2004 (pairs of local estimates as pseudo-measurements of the biases); a clock that is ahead
by c shifts an object along its velocity by v c (Okello and Ristic 2003, in which time is registered the same way).

Derivatives are taken at the middle of both tracks' places and not at what was measured, or the measured noise would
stand in the difference and in its derivative, and every error that makes the picture smaller would look like a better
one (an instrumental variable; Söderström 2018, section 4).
"""

from __future__ import annotations

import math

from .borrow import bare
from .errors import AZIMUTH, CLOCK, DECLARED, EAST, ELEVATION, HAS_ELEVATION, HAS_RANGE, NORTH, RANGE, SCALE
from .linalg import cholesky

FREE_VARIANCE_M2 = 2.5e5  # of what a line of sight does not measure: tracks are seldom 500 m off along it
TURN_NOISE = 8.0  # m^2/s^3 of white acceleration between two reports: small drones turn


@bare
def to_axes(rotation, e, n, u, out):
    """Turn a vector of a sensor's own axes (e, n, u) into region axes, into out (3,)."""
    for c in range(3):
        out[c] = rotation[0, c] * e + rotation[1, c] * n + rotation[2, c] * u


@bare
def add_outer(cov, axis, variance):
    """Add a variance along axis (3,) to cov (3, 3)."""
    for r in range(3):
        for c in range(3):
            cov[r, c] += variance * axis[r] * axis[c]


@bare
def seen_from(sensor, b, place, out):
    """Range, azimuth and elevation of a place (3,) as seen from a sensor whose errors are b, into out (3,)."""
    d0 = place[0] - sensor.stated_m[0] + b[EAST]
    d1 = place[1] - sensor.stated_m[1] + b[NORTH]
    d2 = place[2] - sensor.stated_m[2]
    east = sensor.rotation[0, 0] * d0 + sensor.rotation[0, 1] * d1 + sensor.rotation[0, 2] * d2
    north = sensor.rotation[1, 0] * d0 + sensor.rotation[1, 1] * d1 + sensor.rotation[1, 2] * d2
    up = sensor.rotation[2, 0] * d0 + sensor.rotation[2, 1] * d1 + sensor.rotation[2, 2] * d2
    flat = max(math.sqrt(east * east + north * north), 1.0)
    out[0], out[1], out[2] = math.sqrt(flat * flat + up * up), math.atan2(east, north), math.atan2(up, flat)


@bare
def set_axes(sensor, az, el, axis):
    """Region axes along a line of sight, across it and upwards, into axis (3, 3)."""
    ce, se, ca, sa = math.cos(el), math.sin(el), math.cos(az), math.sin(az)
    to_axes(sensor.rotation, ce * sa, ce * ca, se, axis[0])
    to_axes(sensor.rotation, ca, -sa, 0.0, axis[1])
    to_axes(sensor.rotation, -se * sa, -se * ca, ce, axis[2])


@bare
def clear(d, j, cov):
    """Set d (3,), j (2, 3, 7) and cov (3, 3) to zero."""
    for r in range(3):
        d[r] = 0.0
        for c in range(3):
            cov[r, c] = 0.0
        for c in range(j.shape[2]):
            j[0, r, c], j[1, r, c] = 0.0, 0.0


@bare
def put_sight(sensor, sight, b, middle, sign, d, j, cov, axis):
    """Add `sign` times a report's place, corrected by errors b (7,), to d (3,); its derivatives to j (3, 7).

    Its covariance is added to cov (3, 3). `middle` (3,) is about where the object is; a missing range or elevation
    is taken from there and is as good as unknown. `axis` is (4, 3) work space.
    """
    if sight.parts & DECLARED:
        for c in range(3):
            d[c] += sign * sight.place[c]
            cov[c, c] += sight.variance[c]
        return
    about = axis[3]
    seen_from(sensor, b, middle, about)
    r, el, az = about[0], about[2], sight.polar[1] - b[AZIMUTH]
    var_r, var_el = FREE_VARIANCE_M2, FREE_VARIANCE_M2 / (r * r)
    if sight.parts & HAS_RANGE:
        r, var_r = sight.polar[0] * (1.0 - b[SCALE]) - b[RANGE], sight.variance[0]
        el, var_el = sight.polar[2], sight.variance[2]
    if sight.parts & HAS_ELEVATION:
        el, var_el = sight.polar[2] - b[ELEVATION], sight.variance[2]
    set_axes(sensor, az, el, axis)
    for c in range(3):
        d[c] += sign * (sensor.stated_m[c] + r * axis[0, c])
    d[0] -= sign * b[EAST]
    d[1] -= sign * b[NORTH]
    r, ce = about[0], math.cos(about[2])
    set_axes(sensor, about[1], about[2], axis)
    for c in range(3):
        if sight.parts & HAS_RANGE:
            j[c, RANGE] -= sign * axis[0, c]
            j[c, SCALE] -= sign * r * axis[0, c]
        j[c, AZIMUTH] -= sign * r * ce * axis[1, c]
        if sight.parts & HAS_ELEVATION:
            j[c, ELEVATION] -= sign * r * axis[2, c]
    j[0, EAST] -= sign
    j[1, NORTH] -= sign
    add_outer(cov, axis[0], var_r)
    add_outer(cov, axis[1], r * r * ce * ce * sight.variance[1])
    add_outer(cov, axis[2], r * r * var_el)


@bare
def difference(pair, sensors, b0, b1, extra_m, d, j, cov, axis):
    """The whitened difference d (3,) of a pair under errors b0, b1 (7,), and its whitened derivatives j (2, 3, 7).

    `extra_m` is a standard deviation added to both horizontal axes, a third of it upwards: a wide search begins so.
    Returns the squared Mahalanobis distance and the square root of the determinant; inf if that is not positive.
    """
    one, two = pair.side[0], pair.side[1]
    clear(d, j, cov)
    middle = axis[4]
    for c in range(3):
        middle[c] = 0.5 * (one.place[c] + two.place[c])
    put_sight(sensors[pair.sensor[0]], one, b0, middle, 1.0, d, j[0], cov, axis)
    put_sight(sensors[pair.sensor[1]], two, b1, middle, -1.0, d, j[1], cov, axis)
    c0 = 0.0 if one.parts & DECLARED else b0[CLOCK]
    c1 = 0.0 if two.parts & DECLARED else b1[CLOCK]
    dt_s = (two.time_ns - one.time_ns) * 1e-9 + c0 - c1  # from the first to the second, true times
    share = one.velocity_variance / (one.velocity_variance + two.velocity_variance)
    speed2 = one.velocity_variance * (1.0 - share)  # variance of the mean of both velocities
    for c in range(3):
        v = one.velocity[c] + share * (two.velocity[c] - one.velocity[c])
        d[c] += v * dt_s
        if not one.parts & DECLARED:
            j[0, c, CLOCK] = v
        if not two.parts & DECLARED:
            j[1, c, CLOCK] = -v
        extra = extra_m if c < 2 else extra_m / 3.0
        cov[c, c] += dt_s * dt_s * (speed2 + TURN_NOISE * abs(dt_s) / 3.0) + extra * extra
    return whitened(d, j, cov)


@bare
def whitened(d, j, cov):
    """Whiten d (3,) and j (2, 3, 7) by cov (3, 3), which becomes its factor; distance and root of the determinant."""
    if not cholesky(cov, 3):
        return math.inf, 1.0
    d2, root = 0.0, 1.0
    for i in range(3):
        for k in range(i):
            d[i] -= cov[i, k] * d[k]
        d[i] /= cov[i, i]
        d2 += d[i] * d[i]
        root *= cov[i, i]
        for side in range(2):
            for c in range(j.shape[2]):
                value = j[side, i, c]
                for k in range(i):
                    value -= cov[i, k] * j[side, k, c]
                j[side, i, c] = value / cov[i, i]
    return d2, root
