"""What cameras need beyond the common update: their errors are not noise, and one of them alone gives no range.

A camera's bearing is wrong by faults of pose, lens and clock that stay for seconds. Each track remembers, for each of
the cameras that see it, a bearing error that fades (a decoupled bias estimate, after Friedland 1969); a bearing that
disagrees with what the others say counts less (a Student-like weight on the innovation). While one camera alone
sees an object, its range is not observed and the linearised filter drifts; as soon as lines of two cameras cross near
an uncertain track, the crossing becomes its position.
"""

from __future__ import annotations

import math

from .cache import jit
from .gating import innovation, whiten
from .layout import MODELS, NEVER_NS, RECENT
from .linalg import cholesky, forward_solve
from .lines import MEETING_GATE, meet
from .measurement import wrap_pi
from .motion import centre_and_spread, combine
from .sensing import CAMERA

BEARING_PARTS = 6  # azimuth and elevation, nothing else
DISAGREEMENT = 0.5  # squared miss, in variances, at which a bearing counts half
ERROR_SHARE = 0.16  # variance of the lasting error, as a share of the described variance
ERROR_LIFE_S = 3.0
ERROR_RATE = 2.0  # share of the miss learnt a second
LONGEST_STEP_S = 0.1
ALONE_NS = 300_000_000
OTHERS_NS = 3_000_000_000
UNSURE_M2 = 2.0  # trace of the position covariance above which a crossing replaces the position
CROSSING_AGE_NS = 100_000_000
CROSSING_GATE = 25.0  # squared distance of a crossing from the track


@jit
def doubt_bearings(w, c):
    """Whiten the bearings of candidate c again, each with the more variance the more it misses its predicted values."""
    for e in range(c.first, c.last):
        edge = w.edges[e]
        report = w.pool[w.plots[edge.plot].report]
        if report.parts != BEARING_PARTS:
            continue
        for m in range(c.models):
            nu, l = edge.nu[m], edge.l[m]
            innovation(report, c.z[m], c.s[m], True, edge, nu, l)
            across = nu[0] * math.cos(c.z[m, 2])
            doubt = (across * across + nu[1] * nu[1]) / (DISAGREEMENT * report.variance[2])
            for a in range(edge.n):
                l[a, a] += doubt * report.variance[edge.part[a]]
            d2, _ = whiten(nu, l, edge.n)
            if not d2 < math.inf:
                edge.like[m] = 0.0


@jit
def error_slot(t, sensor_row):
    """Place of a sensor among the track's recent ones, -1 if it is not there."""
    for q in range(RECENT):
        if t.recent_sensor[q] == sensor_row:
            return q
    return -1


@jit
def expect_error(c, t, sensor_row, time_ns):
    """Add the remembered, faded error of this camera to the predicted bearings of candidate c of track t."""
    q = error_slot(t, sensor_row)
    if q < 0:
        return
    left = math.exp(-max(0.0, (time_ns - t.recent_ns[q]) * 1e-9) / ERROR_LIFE_S)
    for m in range(c.models):
        c.z[m, 1] += left * t.recent_error[q, 0] / max(math.cos(c.z[m, 2]), 0.05)
        c.z[m, 2] += left * t.recent_error[q, 1]


@jit
def learn_error(w, c, t, sensor_row, time_ns, edge):
    """Take a share of the miss of a bearing into the remembered error, as far as the track's place is surer than it."""
    report = w.pool[w.plots[edge.plot].report]
    q = error_slot(t, sensor_row)
    if q < 0 or report.parts != BEARING_PARTS:
        return
    gap_s = max(0.0, (time_ns - t.recent_ns[q]) * 1e-9)
    left = math.exp(-gap_s / ERROR_LIFE_S)
    rate = min(1.0, ERROR_RATE * min(gap_s, LONGEST_STEP_S)) * edge.beta
    lasting = ERROR_SHARE * report.variance[2]
    t.recent_error[q, 0] *= left
    t.recent_error[q, 1] *= left
    for m in range(c.models):
        cosine = math.cos(c.z[m, 2])
        s = 0.5 * (c.s[m, 1, 1] * cosine * cosine + c.s[m, 2, 2])
        share = rate * c.mu[m] * lasting / (lasting + s + report.variance[2])
        t.recent_error[q, 0] += share * wrap_pi(report.values[1] - c.z[m, 1]) * cosine
        t.recent_error[q, 1] += share * (report.values[2] - c.z[m, 2])


@jit
def alone(t, sensor_row, time_ns, within_ns):
    """Has no other sensor had a report in the gate of track t within this time?"""
    for q in range(RECENT):
        if t.recent_sensor[q] >= 0 and t.recent_sensor[q] != sensor_row and time_ns - t.recent_ns[q] < within_ns:
            return False
    return True


@jit
def seen_by_others(w, t, time_ns):
    """Had sensors other than cameras reports in the gate of track t lately? Then velocity is known better than a
    crossing tells, and nothing has drifted."""
    for q in range(RECENT):
        k = t.recent_sensor[q]
        if k >= 0 and w.sensors[k].kind != CAMERA and time_ns - t.recent_ns[q] < OTHERS_NS:
            return True
    return False


@jit
def hold_range(c, t, place_m):
    """Take back what an update by one camera alone changed along its line of sight: state, and covariance accordingly.

    With the gain K projected to M K, M = I - N, N along the line, the covariance is P - W + N W N, W = P - P_updated.
    """
    for m in range(c.models):
        ux, uy, uz = c.x[m, 0] - place_m[0], c.x[m, 1] - place_m[1], c.x[m, 2] - place_m[2]
        length = max(math.sqrt(ux * ux + uy * uy + uz * uz), 1e-3)
        u = (ux / length, uy / length, uz / length)
        for part in range(2):
            along = 0.0
            for a in range(3):
                along += u[a] * (t.x[m, 3 * part + a] - c.x[m, 3 * part + a])
            for a in range(3):
                t.x[m, 3 * part + a] -= along * u[a]
        pp, pv, vv = along_line(c.p[m], t.p[m], u)
        for a in range(3):
            for b in range(3):
                t.p[m, a, b] += pp * u[a] * u[b]
                t.p[m, a, 3 + b] += pv * u[a] * u[b]
                t.p[m, 3 + a, b] += pv * u[a] * u[b]
                t.p[m, 3 + a, 3 + b] += vv * u[a] * u[b]


@jit
def along_line(before, after, u):
    """What covariance `after` (6, 6) has less than `before` along u (3,): of position, between both, of velocity.

    Never less than nothing: doubt about which report was the object's adds to a covariance, and that stays.
    """
    pp, pv, vv = 0.0, 0.0, 0.0
    for a in range(3):
        for b in range(3):
            uu = u[a] * u[b]
            pp += uu * (before[a, b] - after[a, b])
            pv += uu * (before[a, 3 + b] - after[a, 3 + b])
            vv += uu * (before[3 + a, 3 + b] - after[3 + a, 3 + b])
    pp, vv = max(pp, 0.0), max(vv, 0.0)
    most = math.sqrt(pp * vv)
    return pp, min(max(pv, -most), most), vv


@jit
def crossing(w, sensor_row, time_ns, report, x, covariance):
    """The best meeting of a bearing with a recent line of another camera, whosever it is: position into x (6,),
    covariance (3, 3); False if none meets."""
    place, trial = w.work.vector[4], w.work.small[3]
    best = MEETING_GATE
    for q in range(len(w.lines)):
        line = w.lines[q]
        if line.time_ns == NEVER_NS:
            continue
        age_ns = abs(time_ns - line.time_ns)
        if age_ns > CROSSING_AGE_NS or line.sensor == sensor_row:
            continue
        extra = (w.rules.speed_slow_mps * age_ns * 1e-9) ** 2
        one, two = w.sensors[sensor_row], w.sensors[line.sensor]
        misfit, _ = meet(one, report.values[1:3], report.variance[1:3], two, line, extra, place, trial, w.work)
        if misfit < best:
            best = misfit
            for a in range(3):
                x[a] = place[a]
                for b in range(3):
                    covariance[a, b] = trial[a, b]
    return best < MEETING_GATE


@jit
def distance_from(c, x, covariance, work):
    """Squared distance of a crossing from the predicted position of candidate c, both uncertain."""
    mean, p = work.vector[0], work.small[0]
    combine(c.mu, c.x, c.p, c.models, mean, p)
    off, s = work.vector[1], work.small[1]
    for a in range(3):
        off[a] = x[a] - mean[a]
        for b in range(a + 1):
            s[a, b] = p[a, b] + covariance[a, b]
    if not cholesky(s, 3):
        return math.inf
    forward_solve(s, off, 3)
    return off[0] * off[0] + off[1] * off[1] + off[2] * off[2]


@jit
def place_again(w, c, t, sensor_row, time_ns, edge):
    """Put an uncertain track where this bearing crosses another camera's; False if there is no such crossing."""
    report = w.pool[w.plots[edge.plot].report]
    if report.parts != BEARING_PARTS:
        return False
    x, covariance = w.work.vector[6], w.work.small[4]
    if t.spread[0] < UNSURE_M2 or not crossing(w, sensor_row, time_ns, report, x, covariance):
        return False
    # in this form what is not a number is refused
    if not covariance[0, 0] + covariance[1, 1] + covariance[2, 2] < 0.25 * t.spread[0]:
        return False
    if not distance_from(c, x, covariance, w.work) < CROSSING_GATE:
        return False
    speed2 = w.rules.speed_slow_mps**2
    for m in range(MODELS):
        t.mu[m] = w.rules.start_mu[m]
        t.p[m, :, :] = 0.0
        for a in range(3):
            t.x[m, a] = x[a]
            t.x[m, 3 + a] = 0.0
            t.p[m, 3 + a, 3 + a] = speed2 if a < 2 else w.rules.speed_up_mps**2
            for b in range(3):
                t.p[m, a, b] = covariance[a, b]
    t.models = MODELS
    centre_and_spread(t.mu, t.x, t.p, MODELS, t.centre, t.spread)
    return True
