"""Measurement functions and their analytic Jacobians: state in the region frame to what a sensor reports.

State is (6,): east, north, up m and m/s in the region frame. A sensor is its place (3,) m in that frame and the
rotation (3, 3) from region axes to the sensor's own east-north-up axes. Azimuth is clockwise from the sensor's
north, elevation above its horizontal, range rate positive when receding. Source: geometry; the Jacobians are
the derivatives of those formulas and are tested against numerical ones. Biases are not applied here.
"""

from __future__ import annotations

import math

from .borrow import bare, bare_inlined

MIN_HORIZONTAL_M = 1e-3  # below this the azimuth of something straight above has no derivative; it is taken here
MIN_RANGE_M = 1e-3


@bare
def wrap_pi(angle_rad):
    """The angle in [-pi, pi)."""
    return angle_rad - 2.0 * math.pi * math.floor((angle_rad + math.pi) / (2.0 * math.pi))


@bare
def local_offset(place_m, rotation, x, out):
    """Write the offset of position x (>=3,) from the sensor, in the sensor's axes, into out (3,)."""
    d0, d1, d2 = x[0] - place_m[0], x[1] - place_m[1], x[2] - place_m[2]
    for i in range(3):
        out[i] = rotation[i, 0] * d0 + rotation[i, 1] * d1 + rotation[i, 2] * d2


@bare
def range_azimuth(place_m, rotation, x, z):
    """Write range m and azimuth rad of position x (>=3,) into z[0:2]: `polar` without the costlier rest.

    Returns the range over the sensor's horizontal, m.
    """
    d0, d1, d2 = x[0] - place_m[0], x[1] - place_m[1], x[2] - place_m[2]
    z[0] = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), MIN_RANGE_M)
    east = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    north = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    z[1] = math.atan2(east, north)
    return math.sqrt(east * east + north * north)


@bare
def polar(place_m, rotation, x, z):
    """Write range m, azimuth rad in (-pi, pi], elevation rad and range rate m/s of state x (6,) into z (>=4,)."""
    d0, d1, d2 = x[0] - place_m[0], x[1] - place_m[1], x[2] - place_m[2]
    east = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    north = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
    range_m = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), MIN_RANGE_M)
    z[0] = range_m
    z[1] = math.atan2(east, north)
    z[2] = math.atan2(up, math.sqrt(east * east + north * north))
    z[3] = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / range_m


@bare_inlined
def small_angle(across, along):
    """atan2(across, along), for small angles by its series to the last bits."""
    if not abs(across) < 0.02 * along:
        return math.atan2(across, along)
    t = across / along
    t2 = t * t
    return t * (1.0 - t2 * (1.0 / 3.0 - t2 * (0.2 - t2 * (1.0 / 7.0 - t2 / 9.0))))


@bare
def polar_beside(place_m, rotation, x, known, z_known, z):
    """`polar` of state x (6,) into z (>=4,) from that of a state `known` (6,) near it, z_known: by two small angles."""
    d0, d1, d2 = x[0] - place_m[0], x[1] - place_m[1], x[2] - place_m[2]
    k0, k1, k2 = known[0] - place_m[0], known[1] - place_m[1], known[2] - place_m[2]
    east = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    north = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
    known_east = rotation[0, 0] * k0 + rotation[0, 1] * k1 + rotation[0, 2] * k2
    known_north = rotation[1, 0] * k0 + rotation[1, 1] * k1 + rotation[1, 2] * k2
    known_up = rotation[2, 0] * k0 + rotation[2, 1] * k1 + rotation[2, 2] * k2
    flat, known_flat = math.sqrt(east * east + north * north), math.sqrt(known_east**2 + known_north**2)
    z[0] = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), MIN_RANGE_M)
    turned = small_angle(east * known_north - north * known_east, east * known_east + north * known_north)
    z[1] = wrap_pi(z_known[1] + turned)
    z[2] = z_known[2] + small_angle(up * known_flat - flat * known_up, flat * known_flat + up * known_up)
    z[3] = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / z[0]


@bare
def polar_jacobian(place_m, rotation, x, z, h):
    """`polar`, and its Jacobian into h (>=4, 6): rows range, azimuth, elevation, range rate; columns the state."""
    d0, d1, d2 = x[0] - place_m[0], x[1] - place_m[1], x[2] - place_m[2]
    east = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    north = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
    range_m = max(math.sqrt(d0 * d0 + d1 * d1 + d2 * d2), MIN_RANGE_M)
    flat_m = max(math.sqrt(east * east + north * north), MIN_HORIZONTAL_M)
    rate = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / range_m
    z[0], z[1], z[2], z[3] = range_m, math.atan2(east, north), math.atan2(up, flat_m), rate
    a_e, a_n = north / (flat_m * flat_m), -east / (flat_m * flat_m)
    k = up / (range_m * range_m * flat_m)
    e_e, e_n, e_u = -east * k, -north * k, flat_m / (range_m * range_m)
    for c in range(3):
        d = d0 if c == 0 else d1 if c == 1 else d2
        h[0, c] = d / range_m
        h[1, c] = a_e * rotation[0, c] + a_n * rotation[1, c]
        h[2, c] = e_e * rotation[0, c] + e_n * rotation[1, c] + e_u * rotation[2, c]
        h[3, c] = (x[3 + c] - rate * d / range_m) / range_m
        h[0, 3 + c] = 0.0
        h[1, 3 + c] = 0.0
        h[2, 3 + c] = 0.0
        h[3, 3 + c] = d / range_m


@bare
def sound_delay(offset, velocity, sound_mps):
    """Seconds since what is heard now left an object at an offset (3,) m that keeps its velocity (>=3,) m/s.

    The positive root of |d - v t| = c t, or (c^2 - v^2) t^2 + 2 d.v t - d^2 = 0. Nothing is taken to outrun its sound.
    """
    dv, d2, v2 = 0.0, 0.0, 0.0
    for c in range(3):
        dv += offset[c] * velocity[c]
        d2 += offset[c] * offset[c]
        v2 += velocity[c] * velocity[c]
    a = max(sound_mps * sound_mps - v2, 0.1 * sound_mps * sound_mps)
    return max((math.sqrt(dv * dv + a * d2) - dv) / a, 0.0)


@bare
def past_jacobian(sensor, x, age_s, sounds, there, z, h):
    """`polar_jacobian` of where an object in state x (6,) was age_s ago or, if it `sounds`, when its sound left it.

    Writes that state into there (6,); of z and h rows 1 and 2 (azimuth, elevation) hold. With q = x - v t and the
    delay t(x, v), a row a = dz/dq gives dz/dx = a - (a.v) q / (c^2 t + q.v) and dz/dv = -t dz/dx. Returns the time
    gone since, s.
    """
    gone = age_s
    for c in range(3):
        there[c], there[3 + c] = x[c] - age_s * x[3 + c], x[3 + c]
    delay = 0.0
    if sounds:
        offset = z[:3]
        for c in range(3):
            offset[c] = there[c] - sensor.place_m[c]
        delay = sound_delay(offset, x[3:], sensor.sound_mps)
        gone += delay
        for c in range(3):
            there[c] -= delay * x[3 + c]
    polar_jacobian(sensor.place_m, sensor.rotation, there, z, h)
    for r in range(1, 3):
        if sounds:
            along, qv = 0.0, 0.0
            for c in range(3):
                along += h[r, c] * x[3 + c]
                qv += (there[c] - sensor.place_m[c]) * x[3 + c]
            along /= max(sensor.sound_mps**2 * delay + qv, 1e-6)
            for c in range(3):
                h[r, c] -= along * (there[c] - sensor.place_m[c])
        for c in range(3):
            h[r, 3 + c] = -gone * h[r, c]
    return gone
