"""Azimuths alone: what direction finders and microphones need beyond the common update.

The predicted azimuth is that of the place at which the sound left, for a microphone, with the velocity part of its
derivative (kernels.measurement). A long thin uncertainty bends: the second-order term of an azimuth is added to its
variance. Who hears an object is learnt with each frame (kernels.emission). Tentative tracks that dispute a line among
themselves alone learn nothing from it: the two ghosts of two objects fit as well as the objects do.
"""

from __future__ import annotations

from .borrow import bare
from .cache import jit
from .clues import directs
from .emission import BODY, LEAST, learn_noticed, noticeable
from .measurement import past_jacobian
from .sensing import ACOUSTIC, COOPERATIVE, NOTICEABLE, POST, gives_lines

UNSTEADY = 2.0  # m^2/s^3, a third of the spectrum of acceleration while sound was on its way
GHOSTLY = 0.02  # a tentative track less likely is no other place
DISPUTE_KEPT = 0.85  # of a dispute, after a line that was not disputed
UNDECIDED_LOSS = 0.8  # of existence kept at least after one that was
RIVALLED = 0.25  # a tentative track's report is in dispute if rivals weigh more than this share of it


@jit
def project_line(c, sensor, work):
    """Predicted azimuth of each model of candidate c, of where its sound left it if heard so, into row 1 of z, hp, s.

    With the second-order term of a place that is uncertain along the line and across it.
    """
    h, there = work.small[1], work.vector[5]
    for m in range(c.models):
        gone = past_jacobian(sensor, c.x[m], 0.0, sensor.kind == ACOUSTIC, there, c.z[m], h)
        s = 0.0
        for q in range(6):
            total = 0.0
            for k in range(6):
                total += h[1, k] * c.p[m, k, q]
            c.hp[m, 1, q] = total
        for q in range(6):
            s += c.hp[m, 1, q] * h[1, q]
        c.s[m, 1, 1] = s + bent_line(sensor.place_m, there, c.p[m]) + UNSTEADY * gone**3 * (h[1, 0] ** 2 + h[1, 1] ** 2)


@jit
def bent_line(place_m, there, p):
    """Second-order variance of an azimuth, rad^2: half the trace of (Hessian P)^2 in the two axes over ground
    (Bar-Shalom et al. 2001, section 10.3.2), of which all but the mixed derivative -1 / r^2 vanish."""
    e, n = there[0] - place_m[0], there[1] - place_m[1]
    r2 = max(e * e + n * n, 1.0)
    along = (e * e * p[0, 0] + 2.0 * e * n * p[0, 1] + n * n * p[1, 1]) / r2
    across = (n * n * p[0, 0] - 2.0 * e * n * p[0, 1] + e * e * p[1, 1]) / r2
    both = (e * n * (p[0, 0] - p[1, 1]) + (n * n - e * e) * p[0, 1]) / r2
    return (along * across + both * both) / (r2 * r2)


@bare
def take_part(c, t, sensor, sensor_row, time_ns, taken):
    """Existence, last report and what it emits, of track t that took so much of the frame's reports."""
    if sensor.sense != BODY:
        promised = (1.0 - c.missed) / max(c.existence * max(noticeable(t, sensor), LEAST), 1e-12)
        learn_noticed(t, sensor, min(promised, sensor.detection), taken / max(t.existence, 1e-9))
    if taken > 0.5 * t.existence:
        t.hit_ns, t.misses, t.held = time_ns, 0, sensor.sense
        if sensor.kind != COOPERATIVE and sensor.sense == BODY:
            t.visible = 1.0
        note_support(t, sensor, sensor_row)
        if sensor.kind != POST:
            t.backed = 2
            t.dispute = t.dispute if directs(sensor.kind) else 0.0
        elif t.backer != sensor_row:
            t.backed = min(t.backed + 1, 2)
    elif sensor.sense == BODY or c.detection > NOTICEABLE:
        t.misses += 1


@bare
def note_support(t, sensor, sensor_row):
    """Note a sensor that track t had a report of: two sensors' lines alone may be too few (see `is_one_of_pairs`)."""
    if not gives_lines(sensor.kind):
        t.third = 1 if sensor.kind != POST else t.third
    elif t.supports[0] < 0:
        t.supports[0] = sensor_row
    elif t.supports[0] != sensor_row and t.supports[1] < 0:
        t.supports[1] = sensor_row
    elif t.supports[0] != sensor_row and t.supports[1] != sensor_row:
        t.third = 1


@jit
def is_one_of_pairs(tracks, highest, i):
    """Is track i made of lines of two sensors that make other tentative tracks as well?

    Lines of two objects before two sensors cross at four places, and all fit for ever: nobody can say which two it is.
    """
    t = tracks[i]
    if t.third or t.supports[1] < 0:
        return False
    low, high = min(t.supports[0], t.supports[1]), max(t.supports[0], t.supports[1])
    for k in range(highest):
        other = tracks[k]
        if k == i or not other.used or other.confirmed or other.third or other.existence < GHOSTLY:
            continue
        if min(other.supports[0], other.supports[1]) == low and max(other.supports[0], other.supports[1]) == high:
            return True
    return False


@jit
def note_claims(w):
    """Note in each plot how much tentative tracks and how much confirmed ones claim it, in weights of association."""
    for f in range(w.frame.plots):
        w.plots[f].claims[:] = 0.0
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        who = 1 if w.tracks[c.track].confirmed else 0
        for e in range(c.first, c.last):
            w.plots[w.edges[e].plot].claims[who] += w.edges[e].weight * w.edges[e].back


@jit
def rivalled(w, c):
    """Share of a tentative candidate's reports that only tentative tracks dispute: nobody can tell whose they are."""
    share, total = 0.0, 1e-12
    for e in range(c.first, c.last):
        edge, claims = w.edges[e], w.plots[w.edges[e].plot].claims
        own = edge.weight * edge.back
        total += edge.beta
        if claims[0] + claims[1] - own > RIVALLED * own and claims[1] < RIVALLED * own:
            share += edge.beta
    return share / total


@jit
def settle_dispute(w, c, t):
    """Renew the dispute about tentative track t by a frame of lines; returns the disputed share of its report.

    A line that nobody can tell whose it is raises no existence, and lowers it little.
    """
    undecided = rivalled(w, c)
    t.dispute = max(undecided, DISPUTE_KEPT * t.dispute)
    if undecided > 0.5:
        t.existence = max(min(t.existence, c.existence), UNDECIDED_LOSS * c.existence)
    return undecided
