"""Sights: reports that surely belong to a track, kept a while, and paired with those of other sensors.

Crooked sensors build their own tracks of one object, so pairs must not depend on the tracker having joined them: a
report of one sensor is paired with every report of another at about the same time whose track is near and
flies alike. Wrong pairs are left to the estimator, which expects them. On busy sites only part of the ground is
sampled, the same part for all sensors, and another one every few seconds.
"""

from __future__ import annotations

import math

from .borrow import bare, bare_inlined
from .cache import jit
from .errors import DECLARED, HAS_AZIMUTH, HAS_ELEVATION, HAS_RANGE
from .layout import LINKS, NEVER_NS, PAIRS, SIGHTS
from .measurement import polar
from .sensing import COOPERATIVE

BEARING = 4  # model.sensor.SensorKind; after it those whose reports are of another time
SURE = 0.8  # association of a report that is kept
LEAST_HITS = 4.0  # reports of a track whose velocity means something
LARGEST_SPEED_VARIANCE = 150.0  # m^2/s^2, sum of all axes
EPOCH_NS = 8_000_000_000  # how long one part of the ground is sampled
SAMPLE_M = 2000.0
NEAR_M = 700.0  # tracks further apart are not of one object, however crooked the sensors
TOGETHER_NS = 1_000_000_000  # reports further apart in time are not compared
OLD_NS = 4_000_000_000  # a report so old has met all it could
RIVALS = 8  # reports of one sensor that may be of the object of one report of another
PAIRS_A_ROUND = 48  # of a sensor with all others at one renewal
ALIKE = 16.0  # squared distance of velocities in standard deviations
ALIKE_MPS = 4.0  # added to those


@bare
def sampled(east_m, north_m, time_ns, share):
    """Is a place on ground among the share of it that is looked at in this epoch?"""
    if share >= 1.0:
        return True
    e, n = int(math.floor(east_m / SAMPLE_M)), int(math.floor(north_m / SAMPLE_M))
    mixed = (e * 73856093) ^ (n * 19349663) ^ ((time_ns // EPOCH_NS) * 83492791)
    return ((mixed * 2654435761) >> 8) % 1024 < share * 1024.0


@bare
def fill_polar(sight, t, sensor, report, scale, work):
    """What a radar or a line said, as it said it; where elevation is missing, that of the track."""
    sight.parts = report.parts & (HAS_RANGE | HAS_AZIMUTH | HAS_ELEVATION)
    for c in range(3):
        sight.polar[c] = report.stated[c] if report.touched else report.values[c]
        sight.variance[c] = report.told[c] * scale[c]
    if not sight.parts & HAS_ELEVATION:
        z = work.vector[2]
        polar(sensor.place_m, sensor.rotation, t.centre, z)
        sight.polar[2], sight.variance[2] = z[2], t.p[0, 2, 2] / (z[0] * z[0])


@bare_inlined
def note_sight(w, t, sensor_row, edge):
    """Keep the report of an edge that is surely track t's."""
    if w.sensors[sensor_row].kind > BEARING:
        return  # sound comes from where an object was
    if edge.beta < SURE or t.hits < LEAST_HITS or t.spread[2] > LARGEST_SPEED_VARIANCE:
        return
    correction, sensor = w.corrections[sensor_row], w.sensors[sensor_row]
    report = w.pool[w.plots[edge.plot].report]
    correction.offered += 1
    if not sampled(t.centre[0], t.centre[1], report.time_ns, correction.kept):
        return
    sight = w.sights[sensor_row, correction.next_sight]
    correction.next_sight = (correction.next_sight + 1) % SIGHTS
    sight.time_ns, sight.uid, sight.identity = report.time_ns, t.uid, report.identity
    if sensor.kind == COOPERATIVE:
        sight.parts = DECLARED
        for c in range(3):
            sight.place[c], sight.variance[c] = report.values[c], report.variance[c]
    else:
        fill_polar(sight, t, sensor, report, w.scores[sensor_row].variance_scale, w.work)
        for c in range(3):
            sight.place[c] = t.centre[c]
    for c in range(3):
        sight.velocity[c] = t.centre[3 + c]
    sight.velocity_variance = max(0.5 * t.spread[2], 0.01)


@bare
def fly_alike(a, b):
    """Are two sights near, and do they move alike?"""
    e, n = a.place[0] - b.place[0], a.place[1] - b.place[1]
    dt_s = (b.time_ns - a.time_ns) * 1e-9
    e, n = e + a.velocity[0] * dt_s, n + a.velocity[1] * dt_s
    if e * e + n * n > NEAR_M * NEAR_M:
        return False
    x, y = a.velocity[0] - b.velocity[0], a.velocity[1] - b.velocity[1]
    return x * x + y * y < ALIKE * (a.velocity_variance + b.velocity_variance) + ALIKE_MPS * ALIKE_MPS


@bare
def rivals_of(a, others, since_ns, out):
    """Rows of the sights (n,) that may be of a's object, into out (RIVALS,): of each track the one nearest in time.

    Pairs of which both are older than `since_ns` have been met. Returns how many.
    """
    n = 0
    for k in range(len(others)):
        b = others[k]
        apart = abs(b.time_ns - a.time_ns)
        if b.time_ns == NEVER_NS or apart > TOGETHER_NS or (b.time_ns <= since_ns and a.time_ns <= since_ns):
            continue
        if not fly_alike(a, b):
            continue
        at = n
        for q in range(n):
            if others[out[q]].uid == b.uid:
                at = q
        if at == n and n < RIVALS:
            out[n] = k
            n += 1
        elif at < n and apart < abs(others[out[at]].time_ns - a.time_ns):
            out[at] = k
    return n


@bare
def owner(s, q):
    """Which of two sensors keeps their pairs: about half of them each."""
    return s if (s + q) % 2 == 0 else q


@jit
def keep_pair(w, s, q, one, two, first):
    """Write a pair into its owner's ring; returns its row there."""
    correction = w.corrections[owner(s, q)]
    at = correction.next_pair
    correction.next_pair = (at + 1) % PAIRS
    pair = w.pairs[owner(s, q), at]
    pair.first = first
    pair.sensor[0], pair.sensor[1] = s, q
    pair.side[0], pair.side[1] = one, two
    return at


@bare
def quota(w, s, q):
    """How many pairs two sensors may give at one renewal: what the owner has is shared out among its links."""
    used = 0
    for k in range(LINKS):
        used += w.links[owner(s, q), k].used
    return max(4, PAIRS_A_ROUND // max(used, 1))
