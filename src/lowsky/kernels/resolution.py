"""Resolution of a radar: objects too near each other for it give one report at their mean.

A radar whose description states its resolution reports two objects as one where they differ by less than that in
range, azimuth and (if stated) range rate at once: a box (Koch and van Keuk, IEEE TAES 33, 1997, section III, take a
Gaussian for it). Here are the probabilities of that, taken over the uncertainty of two predictions. Which sets of
tracks a report may be of is in `kernels.clusters`, whose it is in `kernels.sharing`, which are two and
which one in `kernels.pairs`.
"""

from __future__ import annotations

import math

from .cache import jit
from .candidates import NORMAL
from .gating import whiten
from .measurement import wrap_pi
from .sensing import RADAR_2D, normal_share

SOFT = 0.05  # of the stated resolution: no real one is a sharp edge
POLAR_PARTS = 4


@jit
def merges(sensor):
    """Does a sensor report objects that it cannot resolve as one?"""
    return sensor.kind <= RADAR_2D and sensor.resolution[0] > 0.0 and sensor.resolution[1] > 0.0


@jit
def clear_mean(mean, cov):
    """Begin a mean (P,) and its covariance (P, P) anew."""
    mean[:] = 0.0
    cov[:, :] = 0.0


@jit
def add_member(z, s, share, turn, mean, cov):
    """Add `share` of a predicted measurement z (P,) with covariance s (P, P, lower triangle) to a mean; its azimuth is
    taken within half a turn of `turn`."""
    for a in range(POLAR_PARTS):
        mean[a] += share * (turn + wrap_pi(z[a] - turn) if a == 1 else z[a])
        for b in range(a + 1):
            cov[a, b] += share * s[a, b]


@jit
def fit(report, edge, mean, cov, nu, l):
    """Squared distance of a report from a mean (P,), in the parts of an edge, and the inverse of the density there:
    covariance is cov (P, P, lower triangle) and the report's variance. Whitened innovation and factor into nu, l."""
    for i in range(edge.n):
        a = edge.part[i]
        nu[i] = report.values[a] - mean[a]
        nu[i] = wrap_pi(nu[i]) if a == 1 else nu[i]
        for j in range(i + 1):
            l[i, j] = cov[a, edge.part[j]]
        l[i, i] += report.variance[a]
    d2, root = whiten(nu, l, edge.n)
    return d2, NORMAL[edge.n] * root


@jit
def blend(c):
    """Moment-matched predicted measurement of candidate c over its models into c.z_mean, c.s_mean."""
    clear_mean(c.z_mean, c.s_mean)
    for m in range(c.models):
        add_member(c.z[m], c.s[m], c.mu[m], c.z[0, 1], c.z_mean, c.s_mean)
    for m in range(c.models):
        for a in range(POLAR_PARTS):
            da = c.z[m, a] - c.z_mean[a]
            da = wrap_pi(da) if a == 1 else da
            for b in range(a + 1):
                db = c.z[m, b] - c.z_mean[b]
                db = wrap_pi(db) if b == 1 else db
                c.s_mean[a, b] += c.mu[m] * da * db


@jit
def unresolved(sensor, a, b):
    """Probability that a radar cannot resolve candidates a and b (blended): all stated differences are too small."""
    p = 1.0
    for q in range(3):
        width = sensor.resolution[q]
        if width <= 0.0:
            continue
        part = q if q < 2 else 3
        d = a.z_mean[part] - b.z_mean[part]
        d = wrap_pi(d) if part == 1 else d
        sigma = math.sqrt(a.s_mean[part, part] + b.s_mean[part, part] + (SOFT * width) ** 2)
        if abs(d) > width + 4.0 * sigma:
            return 0.0
        p *= normal_share((-width - d) / sigma, (width - d) / sigma)
    return p


@jit
def note_nearest(sensor, a, b, of_a, of_b):
    """Note candidate b, at of_b, as a's partner and the other way round, where it is the nearest so far."""
    dr = (a.z_mean[0] - b.z_mean[0]) / sensor.resolution[0]
    da = wrap_pi(a.z_mean[1] - b.z_mean[1]) / sensor.resolution[1]
    d2 = dr * dr + da * da
    if d2 < a.partner_at:
        a.partner, a.partner_at = of_b, d2
    if d2 < b.partner_at:
        b.partner, b.partner_at = of_a, d2


@jit
def together(near, members, size):
    """Probability that a set is one cluster: that of its best middle, given those of the pairs `near` (n, n)."""
    best = 0.0
    for p in range(size):
        share = 1.0
        for q in range(size):
            if q != p:
                share *= near[members[p], members[q]]
        best = max(best, share)
    return best


@jit
def companion_density(sensor, edge, c, report, nu, l):
    """Density of a report of an object that flies beside candidate c, too near for the sensor to resolve always."""
    cov = c.s_mean.copy()
    for a in range(POLAR_PARTS):
        width = sensor.resolution[0] if a == 0 else sensor.resolution[1] if a < 3 else sensor.resolution[2]
        cov[a, a] += width * width
    d2, inverse = fit(report, edge, c.z_mean, cov, nu, l)
    return math.exp(-0.5 * d2) / inverse
