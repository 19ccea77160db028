"""An interacting multiple model filter for one object whose reports are known: the kernel of `bench.reference`.

The models are linear motions of (position, velocity) with white acceleration, each with its own strength along the
way, across it and in the vertical, an optional decay of velocity (hovering) and an optional known turn rate. Reports
are taken one after the other as extended Kalman updates in sensor coordinates; the scalars of one report are processed
in sequence round one linearisation point, which equals the joint update. Source: Bar-Shalom, Li, Kirubarajan,
"Estimation with Applications to Tracking and Navigation" (2001), sections 6.2, 6.3.2 (process noise), 10.3 (EKF) and
11.6.6 (IMM). Kept apart from the kernels of the product on purpose, so that each can check the other.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ALONG, ACROSS, VERTICAL, DECAY, TURN = range(5)  # columns of a model's row
COLUMNS = 5
# columns of a measurement's row; a sensor's own place and rotation come beside it
RANGE, AZIMUTH, ELEVATION, RANGE_RATE, EAST, NORTH, UP = range(7)
MEASURED = 7


@numba.njit(cache=True)
def transition(model: Array, dt_s: float) -> Array:
    """(6, 6) transition of a model's row over dt_s; velocity decays at model[DECAY] 1/s or turns at model[TURN] rad/s
    (clockwise from above)."""
    f = np.eye(6)
    decay, turn = model[DECAY], model[TURN]
    keep = math.exp(-decay * dt_s)
    reach = dt_s if decay * dt_s < 1e-6 else (1.0 - keep) / decay
    f[2, 5], f[5, 5] = reach, keep
    angle = turn * dt_s
    if abs(angle) < 1e-9:
        f[0, 3] = f[1, 4] = reach
        f[3, 3] = f[4, 4] = keep
        return f
    s, c = math.sin(angle), math.cos(angle)
    f[3, 3] = f[4, 4] = c
    f[3, 4], f[4, 3] = s, -s
    f[0, 3] = f[1, 4] = s / turn
    f[0, 4], f[1, 3] = (1.0 - c) / turn, -(1.0 - c) / turn
    return f


@numba.njit(cache=True)
def process_noise(model: Array, velocity: Array, dt_s: float) -> Array:
    """(6, 6) covariance that white acceleration adds over dt_s. The densities (m^2/s^3) along and across hold with
    respect to the horizontal velocity (3,); below 1 m/s there is no way to speak of and their mean serves both."""
    q = np.zeros((6, 6))
    along, across = model[ALONG], model[ACROSS]
    speed2 = velocity[0] ** 2 + velocity[1] ** 2
    density = np.zeros((3, 3))
    if speed2 < 1.0:
        density[0, 0] = density[1, 1] = 0.5 * (along + across)
    else:
        e, n = velocity[0] / math.sqrt(speed2), velocity[1] / math.sqrt(speed2)
        density[0, 0] = along * e * e + across * n * n
        density[1, 1] = along * n * n + across * e * e
        density[0, 1] = density[1, 0] = (along - across) * e * n
    density[2, 2] = model[VERTICAL]
    b = model[DECAY]
    if b * dt_s < 1e-2:  # the closed forms of the decaying model cancel there
        xx, xv, vv = dt_s**3 / 3.0, dt_s**2 / 2.0, dt_s
    else:
        k = math.exp(-b * dt_s)
        xx = (2.0 * b * dt_s - 3.0 + 4.0 * k - k * k) / (2.0 * b**3)
        xv = (1.0 - k) ** 2 / (2.0 * b * b)
        vv = (1.0 - k * k) / (2.0 * b)
    q[:3, :3] = density * xx
    q[:3, 3:] = density * xv
    q[3:, :3] = density * xv
    q[3:, 3:] = density * vv
    return q


@numba.njit(cache=True)
def predict(x: Array, p: Array, model: Array, dt_s: float) -> tuple[Array, Array]:
    """State (6,) and covariance (6, 6) of one model, dt_s later."""
    f = transition(model, dt_s)
    return f @ x, f @ p @ f.T + process_noise(model, x[3:], dt_s)


@numba.njit(cache=True)
def expected(x: Array, place: Array, rotation: Array, which: int) -> tuple[float, Array]:
    """What quantity `which` of a sensor at `place` with axes `rotation` (rows: its east, north, up) would read of the
    state x, and its gradient (6,)."""
    h = np.zeros(6)
    if which >= EAST:
        h[which - EAST] = 1.0
        return x[which - EAST], h
    r = rotation @ (x[:3] - place)
    flat2 = max(r[0] ** 2 + r[1] ** 2, 1e-6)
    far2 = flat2 + r[2] ** 2
    far, flat = math.sqrt(far2), math.sqrt(flat2)
    if which == AZIMUTH:
        h[:3] = rotation.T @ np.array([r[1] / flat2, -r[0] / flat2, 0.0])
        return math.atan2(r[0], r[1]), h
    if which == ELEVATION:
        h[:3] = rotation.T @ np.array([-r[0] * r[2], -r[1] * r[2], flat2]) / (far2 * flat)
        return math.atan2(r[2], flat), h
    unit = (x[:3] - place) / far
    if which == RANGE:
        h[:3] = unit
        return far, h
    rate = unit[0] * x[3] + unit[1] * x[4] + unit[2] * x[5]
    h[:3] = (x[3:] - rate * unit) / far
    h[3:] = unit
    return rate, h


@numba.njit(cache=True)
def update(x: Array, p: Array, z: Array, sigma: Array, place: Array, rotation: Array) -> tuple[Array, Array, float]:
    """State and covariance after the finite quantities of z (7,), and the logarithm of their likelihood."""
    x0 = x.copy()
    log_likelihood = 0.0
    for which in range(MEASURED):
        if not math.isfinite(z[which]):
            continue
        value, h = expected(x0, place, rotation, which)
        miss = z[which] - value
        if which == AZIMUTH:
            miss = (miss + math.pi) % (2.0 * math.pi) - math.pi
        miss -= np.dot(h, x - x0)
        ph = p @ h
        s = np.dot(h, ph) + sigma[which] ** 2
        x = x + ph * (miss / s)
        p = p - np.outer(ph, ph) / s
        log_likelihood -= 0.5 * (miss * miss / s + math.log(2.0 * math.pi * s))
    return x, 0.5 * (p + p.T), log_likelihood


@numba.njit(cache=True)
def mix(xs: Array, ps: Array, mu: Array, leave_rate: Array, share: Array, dt_s: float) -> tuple[Array, Array, Array]:
    """The interaction step: model i is left at leave_rate[i] 1/s, for model j by share[i, j]. Returns mixed states
    (m, 6), covariances (m, 6, 6) and predicted model probabilities (m,)."""
    m = len(mu)
    flow = np.zeros((m, m))
    for i in range(m):
        stay = math.exp(-leave_rate[i] * dt_s)
        for j in range(m):
            flow[i, j] = mu[i] * (stay if i == j else (1.0 - stay) * share[i, j])
    after = np.maximum(flow.sum(axis=0), 1e-12)
    out_x, out_p = np.zeros_like(xs), np.zeros_like(ps)
    for j in range(m):
        for i in range(m):
            out_x[j] += flow[i, j] / after[j] * xs[i]
        for i in range(m):
            d = xs[i] - out_x[j]
            out_p[j] += flow[i, j] / after[j] * (ps[i] + np.outer(d, d))
    return out_x, out_p, after / after.sum()


@numba.njit(cache=True)
def combine(xs: Array, ps: Array, mu: Array) -> tuple[Array, Array]:
    """Moment-matched state (6,) and covariance (6, 6) of the models."""
    x = np.zeros(6)
    p = np.zeros((6, 6))
    for i in range(len(mu)):
        x += mu[i] * xs[i]
    for i in range(len(mu)):
        d = xs[i] - x
        p += mu[i] * (ps[i] + np.outer(d, d))
    return x, p


@numba.njit(cache=True)
def follow(
    time_s: Array,
    received_s: Array,
    z: Array,
    sigma: Array,
    place: Array,
    rotation: Array,
    x0: Array,
    p0: Array,
    ticks_s: Array,
    models: Array,
    leave_rate: Array,
    share: Array,
    mu0: Array,
) -> tuple[Array, Array, Array]:
    """One object from its reports (n rows in order of receipt, z (n, 7), place (n, 3), rotation (n, 3, 3)); x0, p0 is
    the belief at the first before it is used. Returns its state (k, 6), covariance (k, 6, 6) and model probabilities
    (k, m) at each tick, from reports received by then; NaN before the first."""
    m = len(mu0)
    xs, ps, mu = np.zeros((m, 6)), np.zeros((m, 6, 6)), mu0.copy()
    for i in range(m):
        xs[i], ps[i] = x0, p0
    out_x = np.full((len(ticks_s), 6), np.nan)
    out_p = np.full((len(ticks_s), 6, 6), np.nan)
    out_mu = np.full((len(ticks_s), m), np.nan)
    at, nxt = time_s[0], 0
    for tick in range(len(ticks_s)):
        while nxt < len(time_s) and received_s[nxt] <= ticks_s[tick]:
            dt = max(time_s[nxt] - at, 0.0)
            if dt > 0:
                xs, ps, mu = mix(xs, ps, mu, leave_rate, share, dt)
            weight = np.zeros(m)
            for i in range(m):
                x, p = predict(xs[i], ps[i], models[i], dt)
                xs[i], ps[i], weight[i] = update(x, p, z[nxt], sigma[nxt], place[nxt], rotation[nxt])
            mu = mu * np.exp(weight - weight.max())
            mu /= mu.sum()
            at = max(at, time_s[nxt])
            nxt += 1
        if nxt == 0:
            continue
        dt = max(ticks_s[tick] - at, 0.0)
        mixed_x, mixed_p, ahead = mix(xs, ps, mu, leave_rate, share, dt)
        for i in range(m):
            mixed_x[i], mixed_p[i] = predict(mixed_x[i], mixed_p[i], models[i], dt)
        out_x[tick], out_p[tick] = combine(mixed_x, mixed_p, ahead)
        out_mu[tick] = ahead
    return out_x, out_p, out_mu
