"""Gating: which reports of a frame could be which track's, and how likely each is under each motion model.

A track first meets only the reports in its wedge of azimuth (reports are sorted by it) and range, by a bound on its
predicted spread; only a track that meets any is predicted in full and compared by Mahalanobis distance in sensor
coordinates. Extended Kalman linearisation with the second-order terms of range and range rate added to the innovation
covariance (Bar-Shalom et al. 2001, section 10.3.2, as a bound rather than exactly).
"""

from __future__ import annotations

import math

from .borrow import bare, bare_inlined
from .layout import AZIMUTH_BINS, MODELS, PARTS, STEP_SLOTS
from .linalg import cholesky
from .measurement import wrap_pi
from .motion import fill_step, local_vertical, mix, noise_spectrum, predict_covariance, predict_mean, transition

AGILE = 60.0  # m^2/s^3: 5 m/s^2 kept for a second
ROUGH_NOISE = 2.0  # m^2/s^3 on top for what only posts hear: it has one model, and a minute to turn between two of them
HOVER_MPS = 20.0  # nothing faster comes to hover between two looks


@bare_inlined
def step_slot(rules, work, dt_s):
    """Slot of the step table for dt_s in the work space; fills it if it holds another time step."""
    slot = int(abs(dt_s) * 1e6) % STEP_SLOTS
    if work.step_dt[slot] != dt_s:
        work.step_dt[slot] = dt_s
        fill_step(rules.models, dt_s, work.steps[slot])
        transition(rules.rates, abs(dt_s), work.switching[slot], work.small[0, :MODELS, :MODELS])
    return slot


@bare
def agile_noise(spread_m2):
    """Acceleration spectrum m^2/s^3 that every model is given on top while a track is known to a metre or better.

    Such sensors resolve each jerk of a small drone, which the models' noises, made for metres, average over.
    """
    if spread_m2 > 10.0:
        return 0.0
    return AGILE / (1.0 + spread_m2 * spread_m2)


@bare
def add_agile(agile, spectrum):
    """Add isotropic noise to a spectrum (3, 3)."""
    for c in range(3):
        spectrum[c, c] += agile


@bare
def predict_track(t, time_ns, rules, work, x_out, p_out, mu_out):
    """Predict track t's models to time_ns into x_out (M, 6), p_out (M, 6, 6), mu_out (M,): mixing, then each motion.

    Returns the number of models; uses work.mixed_*, small[0], vector[0].
    """
    slot = step_slot(rules, work, (time_ns - t.state_ns) * 1e-9)
    steps, vertical, spectrum = work.steps[slot], work.vector[0], work.small[0]
    local_vertical(t.centre, vertical)
    agile = agile_noise(t.spread[0]) + (ROUGH_NOISE if t.rough_m > 0.0 else 0.0)
    if t.models == 1:
        mu_out[0] = 1.0
        predict_mean(steps[0], t.x[0], x_out[0])
        noise_spectrum(steps[0], vertical, t.x[0, 3:], spectrum)
        add_agile(agile, spectrum)
        predict_covariance(steps[0], spectrum, t.p[0], p_out[0])
        return 1
    x, p, n = work.mixed_x, work.mixed_p, live_models(t)
    mix(t.mu, t.x, t.p, work.switching[slot], n, mu_out, x, p)
    for m in range(n):
        predict_mean(steps[m], x[m], x_out[m])
        noise_spectrum(steps[m], vertical, x[m, 3:], spectrum)
        add_agile(agile, spectrum)
        predict_covariance(steps[m], spectrum, p[m], p_out[m])
    return n


@bare
def live_models(t):
    """How many models of track t are worked out: the last, hovering, only for what is not too fast for it."""
    if t.models < MODELS:
        return t.models
    speed2 = t.centre[3] * t.centre[3] + t.centre[4] * t.centre[4]
    return MODELS if speed2 < HOVER_MPS * HOVER_MPS else MODELS - 1


@bare_inlined
def project_polar(h, p, range_m, hp, s):
    """H P into hp (4, 6) and H P H' into s (4, 4) for the polar Jacobian h (4, 6), with second-order terms."""
    for r in range(3):
        h0, h1, h2 = h[r, 0], h[r, 1], h[r, 2]
        for c in range(6):
            hp[r, c] = h0 * p[0, c] + h1 * p[1, c] + h2 * p[2, c]
        for q in range(r + 1):
            s[r, q] = hp[r, 0] * h[q, 0] + hp[r, 1] * h[q, 1] + hp[r, 2] * h[q, 2]
    h0, h1, h2, h3, h4, h5 = h[3, 0], h[3, 1], h[3, 2], h[3, 3], h[3, 4], h[3, 5]
    for c in range(6):
        hp[3, c] = h0 * p[0, c] + h1 * p[1, c] + h2 * p[2, c] + h3 * p[3, c] + h4 * p[4, c] + h5 * p[5, c]
    for q in range(3):
        s[3, q] = hp[3, 0] * h[q, 0] + hp[3, 1] * h[q, 1] + hp[3, 2] * h[q, 2]
    a0, a1, a2 = hp[3, 0], hp[3, 1], hp[3, 2]
    s[3, 3] = a0 * h0 + a1 * h1 + a2 * h2 + hp[3, 3] * h3 + hp[3, 4] * h4 + hp[3, 5] * h5
    across = p[0, 0] + p[1, 1] + p[2, 2]
    moving = p[3, 3] + p[4, 4] + p[5, 5]
    s[0, 0] += 0.125 * across * across / (range_m * range_m)
    s[3, 3] += 0.25 * across * moving / (range_m * range_m)


@bare
def project_declared(x, p, z, hp, s):
    """Predicted declared position and velocity: z (6,) is x, H P is P, H P H' is P."""
    for r in range(6):
        z[r] = x[r]
        for c in range(6):
            hp[r, c] = p[r, c]
            s[r, c] = p[r, c]


@bare
def note_parts(report, edge):
    """Note in the edge which parts of a measurement the report has."""
    n = 0
    for c in range(PARTS):
        if report.parts & (1 << c):
            edge.part[n] = c
            n += 1
    edge.n = n


@bare_inlined
def innovation(report, z, s, polar_kind, edge, nu, l):
    """Innovation nu (n,) of a report against one model, and the lower triangle of its covariance in l (n, n)."""
    for a in range(edge.n):
        c = edge.part[a]
        d = report.values[c] - z[c]
        nu[a] = wrap_pi(d) if polar_kind and c == 1 else d
        for b in range(a + 1):
            l[a, b] = s[c, edge.part[b]]
        l[a, a] += report.variance[c]


@bare_inlined
def whiten_four(nu, l):
    """`whiten` for the four parts of a 3-D radar, the hot path, with everything in registers."""
    d0 = l[0, 0]
    if not d0 > 0.0:
        return math.inf, 1.0
    r0 = math.sqrt(d0)
    l10, l20, l30 = l[1, 0] / r0, l[2, 0] / r0, l[3, 0] / r0
    d1 = l[1, 1] - l10 * l10
    if not d1 > 0.0:
        return math.inf, 1.0
    r1 = math.sqrt(d1)
    l21, l31 = (l[2, 1] - l20 * l10) / r1, (l[3, 1] - l30 * l10) / r1
    d2 = l[2, 2] - l20 * l20 - l21 * l21
    if not d2 > 0.0:
        return math.inf, 1.0
    r2 = math.sqrt(d2)
    l32 = (l[3, 2] - l30 * l20 - l31 * l21) / r2
    d3 = l[3, 3] - l30 * l30 - l31 * l31 - l32 * l32
    if not d3 > 0.0:
        return math.inf, 1.0
    r3 = math.sqrt(d3)
    n0 = nu[0] / r0
    n1 = (nu[1] - l10 * n0) / r1
    n2 = (nu[2] - l20 * n0 - l21 * n1) / r2
    n3 = (nu[3] - l30 * n0 - l31 * n1 - l32 * n2) / r3
    nu[0], nu[1], nu[2], nu[3] = n0, n1, n2, n3
    l[0, 0], l[1, 0], l[1, 1], l[2, 0], l[2, 1], l[2, 2] = r0, l10, r1, l20, l21, r2
    l[3, 0], l[3, 1], l[3, 2], l[3, 3] = l30, l31, l32, r3
    return n0 * n0 + n1 * n1 + n2 * n2 + n3 * n3, r0 * r1 * r2 * r3


@bare
def whiten(nu, l, n):
    """Replace the covariance in l (n, n) by its Cholesky factor and innovation nu (n,) by L^-1 nu.

    Returns the squared Mahalanobis distance and the square root of the determinant; infinity and 1 if l is not
    positive definite.
    """
    if n == 4:
        return whiten_four(nu, l)
    if not cholesky(l, n):
        return math.inf, 1.0
    d2, root = 0.0, 1.0
    for i in range(n):
        s = nu[i]
        for k in range(i):
            s -= l[i, k] * nu[k]
        s /= l[i, i]
        nu[i] = s
        d2 += s * s
        root *= l[i, i]
    return d2, root


@bare
def azimuth_bin(azimuth_rad):
    """Bin of an azimuth in [-pi, pi]."""
    return min(max(int((azimuth_rad + math.pi) * (AZIMUTH_BINS / (2.0 * math.pi))), 0), AZIMUTH_BINS - 1)


@bare
def index_azimuths(plots, n, bins):
    """Write into bins (AZIMUTH_BINS + 1,) the index of the first of n plots, sorted by azimuth, of each bin."""
    f = 0
    for b in range(AZIMUTH_BINS):
        while f < n and azimuth_bin(plots[f].azimuth) < b:
            f += 1
        bins[b] = f
    bins[AZIMUTH_BINS] = n


@bare_inlined
def wedge(plots, n, bins, centre_rad, half_rad):
    """First index and number of the n plots, sorted by azimuth, within half_rad of a centre; indices wrap round n."""
    if half_rad >= math.pi or n == 0:
        return 0, n
    low = wrap_pi(centre_rad - half_rad)
    high = wrap_pi(centre_rad + half_rad)
    a, b = lower_bound(plots, n, bins, low), lower_bound(plots, n, bins, high)
    if low <= high:
        return a, b - a
    return (a if a < n else 0), n - a + b


@bare
def lower_bound(plots, n, bins, azimuth):
    """Index of the first of n plots whose azimuth is not below the given one."""
    f = bins[azimuth_bin(azimuth)]
    while f < n and plots[f].azimuth < azimuth:
        f += 1
    return f
