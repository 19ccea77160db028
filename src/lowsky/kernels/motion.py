"""Motion models and the mixing step of the interacting multiple model estimator (IMM).

Each model moves the state (6,) linearly: the horizontal velocity turns at a fixed rate and decays with a time
constant (infinite for near-constant velocity, seconds for hovering), driven by white acceleration. The models
switch as a continuous-time Markov chain, so any time step, also after missed looks, is exact:
transition(dt) = expm(G dt). Sources: Bar-Shalom, Li and Kirubarajan 2001, sections 6.2 (near-constant velocity),
11.7 (coordinated turn) and 11.6.6 (IMM); Blom and Bar-Shalom 1988.

A `step` table holds everything that depends on dt alone: one row a model, columns as named below. It is made once a
distinct dt and shared by all tracks of a scan.
"""

from __future__ import annotations

import math

from .borrow import bare, bare_inlined

# columns of a model's parameters
DECAY_PER_S, TURN_RADPS, Q_ALONG, Q_ACROSS, Q_UP = 0, 1, 2, 3, 4  # 1/s, rad/s, acceleration spectra m^2/s^3
# columns of a step table row
POS_COS, POS_SIN, VEL_COS, VEL_SIN, POS_UP, VEL_UP = 0, 1, 2, 3, 4, 5
PP, PV, VV = 6, 7, 8  # noise of unit spectrum: position, cross, velocity
ALONG, ACROSS, UP = 9, 10, 11  # spectra
SLOW_MPS = 1.0  # below this speed there is no along and across


@bare
def transition(rates, dt_s, out, work):
    """Write expm(rates * dt_s) into out (n, n): model switching over dt_s >= 0 s.

    `rates` (n, n) 1/s has rows summing to zero; `work` is (n, n) scratch. Scaling and squaring of a second-order
    Taylor step, to 1e-4; rows are renormalised, so they sum to one.
    """
    n = rates.shape[0]
    top = 0.0
    for i in range(n):
        top = max(top, -rates[i, i] * dt_s)
    halvings = 0
    while top > 0.02:
        top *= 0.5
        halvings += 1
    h = dt_s / 2.0**halvings
    for i in range(n):
        for j in range(n):
            s2 = 0.0
            for k in range(n):
                s2 += rates[i, k] * rates[k, j]
            out[i, j] = (1.0 if i == j else 0.0) + h * rates[i, j] + 0.5 * h * h * s2
    for _ in range(halvings):
        for i in range(n):
            for j in range(n):
                s = 0.0
                for k in range(n):
                    s += out[i, k] * out[k, j]
                work[i, j] = s
        for i in range(n):
            for j in range(n):
                out[i, j] = work[i, j]
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += out[i, j]
        for j in range(n):
            out[i, j] /= s


@bare
def fill_step(models, dt_s, out):
    """Fill the step table out (n, layout.STEP_COLUMNS) for models (n, 5) and dt_s s.

    Velocity: rotation by w dt and decay e = exp(-a dt); position gains the integral of velocity. Noise: white
    acceleration of spectrum q through the same decay (the turn is left out): for a = 0 the well-known q dt^3/3,
    q dt^2/2, q dt. Backwards (dt_s < 0) noise adds as well: the covariance is that of F^-1 (P + Q) F^-T.
    """
    for m in range(models.shape[0]):
        a, w = models[m, DECAY_PER_S], models[m, TURN_RADPS]
        e = math.exp(-a * dt_s)
        c, s = math.cos(w * dt_s), math.sin(w * dt_s)
        out[m, VEL_COS], out[m, VEL_SIN] = e * c, e * s
        n2 = a * a + w * w
        if n2 * dt_s * dt_s < 1e-12:
            out[m, POS_COS], out[m, POS_SIN] = dt_s, 0.5 * w * dt_s * dt_s
        else:
            out[m, POS_COS] = (a - e * (a * c - w * s)) / n2
            out[m, POS_SIN] = (w - e * (w * c + a * s)) / n2
        out[m, POS_UP] = dt_s if abs(a * dt_s) < 1e-6 else (1.0 - e) / a
        out[m, VEL_UP] = e
        t, sign = dt_s, 1.0 if dt_s >= 0.0 else -1.0
        if abs(a * t) < 1e-3:
            pp, pv, vv = t * t * t / 3.0, 0.5 * t * t, t
        else:
            vv = (1.0 - e * e) / (2.0 * a)
            pv = (1.0 - e) * (1.0 - e) / (2.0 * a * a)
            pp = (2.0 * a * t - 3.0 + 4.0 * e - e * e) / (2.0 * a * a * a)
        out[m, PP], out[m, PV], out[m, VV] = sign * pp, sign * pv, sign * vv
        out[m, ALONG], out[m, ACROSS], out[m, UP] = models[m, Q_ALONG], models[m, Q_ACROSS], models[m, Q_UP]


@bare
def predict_mean(step, x, out):
    """Write the predicted state of x (6,) under one row of a step table into out (6,). Turn is clockwise positive."""
    pc, ps, vc, vs = step[POS_COS], step[POS_SIN], step[VEL_COS], step[VEL_SIN]
    e, n, u = x[3], x[4], x[5]
    out[0] = x[0] + pc * e + ps * n
    out[1] = x[1] - ps * e + pc * n
    out[2] = x[2] + step[POS_UP] * u
    out[3] = vc * e + vs * n
    out[4] = -vs * e + vc * n
    out[5] = step[VEL_UP] * u


@bare
def noise_spectrum(step, vertical, velocity, out):
    """Write the spectrum (3, 3) of acceleration into out: along and across the horizontal velocity, and vertical.

    What flies turns harder than it speeds up and climbs least: q_along on v v'/|v|^2, q_across on the rest of the
    horizontal, q_up on the local vertical (3,). `velocity` (3,) m/s; below SLOW_MPS the horizontal is isotropic.
    """
    along, across = step[ALONG], step[ACROSS]
    rise = velocity[0] * vertical[0] + velocity[1] * vertical[1] + velocity[2] * vertical[2]
    e, n, u = velocity[0] - rise * vertical[0], velocity[1] - rise * vertical[1], velocity[2] - rise * vertical[2]
    speed2 = e * e + n * n + u * u
    if speed2 < SLOW_MPS * SLOW_MPS:
        across = 0.5 * (along + across)
        along, speed2 = across, 1.0
    k = (along - across) / speed2
    kv = step[UP] - across
    out[0, 0] = across + k * e * e + kv * vertical[0] * vertical[0]
    out[1, 1] = across + k * n * n + kv * vertical[1] * vertical[1]
    out[2, 2] = across + k * u * u + kv * vertical[2] * vertical[2]
    out[1, 0] = k * e * n + kv * vertical[0] * vertical[1]
    out[2, 0] = k * e * u + kv * vertical[0] * vertical[2]
    out[2, 1] = k * n * u + kv * vertical[1] * vertical[2]
    out[0, 1], out[0, 2], out[1, 2] = out[1, 0], out[2, 0], out[2, 1]


@bare_inlined
def predict_covariance(step, spectrum, p, out):
    """Write F p F' + Q into out (6, 6) for one row of a step table and a spectrum (3, 3) of acceleration.

    F = [[I, A], [0, B]] with A and B block diagonal (horizontal 2x2, up 1); Q = spectrum times pp, pv, vv.
    """
    pc, ps, vc, vs = step[POS_COS], step[POS_SIN], step[VEL_COS], step[VEL_SIN]
    pu, vu = step[POS_UP], step[VEL_UP]
    for c in range(6):
        e, n, u = p[3, c], p[4, c], p[5, c]
        out[0, c] = p[0, c] + pc * e + ps * n
        out[1, c] = p[1, c] - ps * e + pc * n
        out[2, c] = p[2, c] + pu * u
        out[3, c] = vc * e + vs * n
        out[4, c] = -vs * e + vc * n
        out[5, c] = vu * u
    for r in range(6):
        e, n, u = out[r, 3], out[r, 4], out[r, 5]
        out[r, 0] += pc * e + ps * n
        out[r, 1] += -ps * e + pc * n
        out[r, 2] += pu * u
        out[r, 3] = vc * e + vs * n
        out[r, 4] = -vs * e + vc * n
        out[r, 5] = vu * u
    for i in range(3):
        for j in range(3):
            out[i, j] += step[PP] * spectrum[i, j]
            out[3 + i, j] += step[PV] * spectrum[i, j]
            out[3 + i, 3 + j] += step[VV] * spectrum[i, j]
    for i in range(6):
        for j in range(i):
            out[j, i] = out[i, j]


@bare_inlined
def mix(mu, x, p, switching, live, mu_out, x_out, p_out):
    """IMM mixing: from model probabilities mu (3,), states x (3, 6) and covariances p (3, 6, 6) to the mixed ones.

    `switching` (3, 3) is the transition over the step; row from, column to. Bar-Shalom et al. 2001, (11.6.6-8). Only
    the first `live` models are worked out; their probabilities are made to sum to one. Written out for three models,
    so that the compiler need not read weights and deviations again after each number that it writes.
    """
    kept = 0.0
    for j in range(live):
        w0, w1, w2 = switching[0, j] * mu[0], switching[1, j] * mu[1], switching[2, j] * mu[2]
        total = max(w0 + w1 + w2, 1e-30)
        mu_out[j] = total
        kept += total
        w0, w1, w2 = w0 / total, w1 / total, w2 / total
        for a in range(6):
            x_out[j, a] = w0 * x[0, a] + w1 * x[1, a] + w2 * x[2, a]
        for a in range(6):
            d0, d1, d2 = w0 * (x[0, a] - x_out[j, a]), w1 * (x[1, a] - x_out[j, a]), w2 * (x[2, a] - x_out[j, a])
            for b in range(a + 1):
                mean = x_out[j, b]
                s = w0 * p[0, a, b] + w1 * p[1, a, b] + w2 * p[2, a, b]
                s += d0 * (x[0, b] - mean) + d1 * (x[1, b] - mean) + d2 * (x[2, b] - mean)
                p_out[j, a, b] = s
                p_out[j, b, a] = s
    for j in range(live):
        mu_out[j] /= kept


@bare
def copy_state(x, p, x_out, p_out):
    """Write a state x (6,), p (6, 6) into another's place, number by number: a bare kernel assigns no arrays."""
    for a in range(6):
        x_out[a] = x[a]
        for b in range(6):
            p_out[a, b] = p[a, b]


@bare
def combine(mu, x, p, n, mean, covariance):
    """Moment-match the first n models into mean (6,) and covariance (6, 6). Bar-Shalom et al. 2001, (11.6.6-14)."""
    for k in range(6):
        s = 0.0
        for i in range(n):
            s += mu[i] * x[i, k]
        mean[k] = s
    for a in range(6):
        for b in range(a + 1):
            s = 0.0
            for i in range(n):
                s += mu[i] * (p[i, a, b] + (x[i, a] - mean[a]) * (x[i, b] - mean[b]))
            covariance[a, b] = s
            covariance[b, a] = s


@bare
def centre_and_spread(mu, x, p, n, centre, spread):
    """Combined mean (6,) of the first n models and traces (3,) of its covariance: position, cross, velocity."""
    for k in range(6):
        s = 0.0
        for i in range(n):
            s += mu[i] * x[i, k]
        centre[k] = s
    pp, pv, vv = 0.0, 0.0, 0.0
    for i in range(n):
        for k in range(3):
            d, v = x[i, k] - centre[k], x[i, 3 + k] - centre[3 + k]
            pp += mu[i] * (p[i, k, k] + d * d)
            pv += mu[i] * (p[i, k, 3 + k] + d * v)
            vv += mu[i] * (p[i, 3 + k, 3 + k] + v * v)
    spread[0], spread[1], spread[2] = pp, pv, vv


@bare
def local_vertical(position_m, out):
    """Write the local vertical (3,) at a region-frame position; the frame's origin is on the ellipsoid.

    Spherical to first order: the tilt at 200 km is 31 mrad, its error 0.1 mrad.
    """
    radius_m = 6371000.0
    e, n = position_m[0] / radius_m, position_m[1] / radius_m
    length = math.sqrt(1.0 + e * e + n * n)
    out[0], out[1], out[2] = e / length, n / length, 1.0 / length


@bare
def ellipsoid_height(position_m, origin_height_m):
    """Height above the ellipsoid m of a region-frame position (3,), spherical to second order (2 m at 200 km)."""
    radius_m = 6371000.0 + origin_height_m
    e, n, u = position_m[0], position_m[1], position_m[2]
    flat2 = e * e + n * n
    return origin_height_m + u + flat2 / (2.0 * (radius_m + u))
