"""Gating: which reports of a frame could be which track's, and how likely each is under each motion model.

A track first meets only the reports in its wedge of azimuth (reports are sorted by it) and range, by a bound on its
predicted spread; only a track that meets any is predicted in full and compared by Mahalanobis distance in sensor
coordinates. Extended Kalman linearisation with the second-order terms of range and range rate added to the innovation
covariance (Bar-Shalom et al. 2001, section 10.3.2, as a bound rather than exactly).
"""

from __future__ import annotations

import math

from .cache import jit
from .layout import MODELS, PARTS, STEP_SLOTS
from .linalg import cholesky
from .measurement import polar_jacobian, wrap_pi
from .motion import fill_step, local_vertical, mix, noise_spectrum, predict_covariance, predict_mean, transition


@jit
def step_slot(rules, work, dt_s):
    """Slot of the step table for dt_s in the work space; fills it if it holds another time step."""
    slot = int(abs(dt_s) * 1e6) % STEP_SLOTS
    if work.step_dt[slot] != dt_s:
        work.step_dt[slot] = dt_s
        fill_step(rules.models, dt_s, work.steps[slot])
        transition(rules.rates, abs(dt_s), work.switching[slot], work.small[0, :MODELS, :MODELS])
    return slot


@jit
def predict_track(t, time_ns, rules, work, x_out, p_out, mu_out):
    """Predict track t's models to time_ns into x_out (M, 6), p_out (M, 6, 6), mu_out (M,): mixing, then each motion.

    Returns the number of models; uses work.mixed_*, small[0], vector[0].
    """
    slot = step_slot(rules, work, (time_ns - t.state_ns) * 1e-9)
    steps, vertical, spectrum = work.steps[slot], work.vector[0], work.small[0]
    local_vertical(t.mean, vertical)
    if t.models == 1:
        mu_out[0] = 1.0
        predict_mean(steps[0], t.x[0], x_out[0])
        noise_spectrum(steps[0], vertical, t.x[0, 3:], spectrum)
        predict_covariance(steps[0], spectrum, t.p[0], p_out[0])
        return 1
    x, p = work.mixed_x, work.mixed_p
    mix(t.mu, t.x, t.p, work.switching[slot], mu_out, x, p)
    for m in range(MODELS):
        predict_mean(steps[m], x[m], x_out[m])
        noise_spectrum(steps[m], vertical, x[m, 3:], spectrum)
        predict_covariance(steps[m], spectrum, p[m], p_out[m])
    return MODELS


@jit
def project_polar(place_m, rotation, x, p, z, h, hp, s):
    """Predicted polar measurement z (4,), H P into hp (4, 6), H P H' into s (4, 4) with second-order terms."""
    polar_jacobian(place_m, rotation, x, z, h)
    for r in range(3):
        for c in range(6):
            hp[r, c] = h[r, 0] * p[0, c] + h[r, 1] * p[1, c] + h[r, 2] * p[2, c]
    for c in range(6):
        t = h[3, 0] * p[0, c] + h[3, 1] * p[1, c] + h[3, 2] * p[2, c]
        hp[3, c] = t + h[3, 3] * p[3, c] + h[3, 4] * p[4, c] + h[3, 5] * p[5, c]
    for r in range(4):
        for q in range(3):
            s[r, q] = hp[r, 0] * h[q, 0] + hp[r, 1] * h[q, 1] + hp[r, 2] * h[q, 2]
        s[r, 3] = s[3, r] if r < 3 else 0.0
    t = 0.0
    for c in range(6):
        t += hp[3, c] * h[3, c]
    s[3, 3] = t
    for r in range(3):
        s[r, 3] = s[3, r]
    across = p[0, 0] + p[1, 1] + p[2, 2]
    moving = p[3, 3] + p[4, 4] + p[5, 5]
    s[0, 0] += 0.125 * (across / z[0]) ** 2
    s[3, 3] += 0.25 * across * moving / (z[0] * z[0])


@jit
def project_declared(x, p, z, hp, s):
    """Predicted declared position and velocity: z (6,) is x, H P is P, H P H' is P."""
    for r in range(6):
        z[r] = x[r]
        for c in range(6):
            hp[r, c] = p[r, c]
            s[r, c] = p[r, c]


@jit
def innovation(report, z, s, polar_kind, nu, part_of, l):
    """Innovation of one report against one model: nu (n,), its covariance's Cholesky factor in l, parts in part_of.

    Returns the number of parts n, or 0 if the covariance is not positive definite.
    """
    n = 0
    for c in range(PARTS):
        if report.parts & (1 << c):
            part_of[n] = c
            d = report.values[c] - z[c]
            nu[n] = wrap_pi(d) if polar_kind and c == 1 else d
            n += 1
    for a in range(n):
        pa = int(part_of[a])
        for b in range(a + 1):
            l[a, b] = s[pa, int(part_of[b])]
        l[a, a] += report.variance[pa]
    return n if cholesky(l, n) else 0


@jit
def whiten(nu, l, n):
    """Replace innovation nu (n,) by L^-1 nu; returns its squared length (Mahalanobis) and the square root of det S."""
    d2, root = 0.0, 1.0
    for i in range(n):
        s = nu[i]
        for k in range(i):
            s -= l[i, k] * nu[k]
        nu[i] = s / l[i, i]
        d2 += nu[i] * nu[i]
        root *= l[i, i]
    return d2, root


@jit
def wedge(plots, n, centre_rad, half_rad):
    """First index and number of the n plots, sorted by azimuth, within half_rad of a centre; indices wrap round n."""
    if half_rad >= math.pi or n == 0:
        return 0, n
    low = wrap_pi(centre_rad - half_rad)
    high = wrap_pi(centre_rad + half_rad)
    a, b = lower_bound(plots, n, low), lower_bound(plots, n, high)
    return a, (b - a if low <= high else n - a + b)


@jit
def lower_bound(plots, n, azimuth):
    """Index of the first of n plots whose azimuth is not below the given one."""
    a, b = 0, n
    while a < b:
        c = (a + b) // 2
        if plots[c].azimuth < azimuth:
            a = c + 1
        else:
            b = c
    return a
