"""Tracks from directions alone: where lines of different sensors cross, as far as all sensors bear it out.

Each line of a frame that may belong to nothing known is crossed with the latest such lines of other sensors. A crossing
is scored by everybody who looked lately: with a flat density u of undetected objects over the ground, the
odds of an object there are

    u * prod over senses of (h Q + 1 - h),   Q = prod over sensors of (p l / f  or  1 - p),

where p is a sensor's detection probability there, l the predicted density of its line given the lines before (an
extended Kalman filter over position and velocity, started flat, so that the product is the integral over both), f its
density of lines that belong to nothing known, 1 - p if it was silent, and h the share of objects a sense notices. Odds
of other crossings of either line count against it: lines of two objects before two direction finders cross at four
places, and nothing there is sure. Ghosts are borne out by the two lines that make them and by chance; they starve.
Sound is allowed for by the filter: velocity, as yet unknown, is correlated with what was heard seconds ago.

Poisson prior after Williams 2015; the rest is Bayes' rule. No range is ever invented for a single line.
"""

from __future__ import annotations

import math

import numpy as np

from .azimuths import note_support
from .birth import start_velocity
from .cache import jit
from .cells import appearance_rate, undetected
from .clues import clue_direction, current_clues, direction_density, last_look_ns, looks_now
from .emission import BODY, SUREST
from .layout import PLACED
from .lifecycle import start_track, take_row
from .measurement import past_jacobian, wrap_pi
from .numbers import number_again
from .sensing import ACOUSTIC, CAMERA, detection_probability

LOW_M, LOW_SIGMA_M = 120.0, 100.0  # height of what nothing measures the height of, above the sensor
FLAT_M = 5000.0  # standard deviation of the flat start: much more than lines leave open
LEAST_SINE = 0.17  # lines nearer to parallel than ten degrees place nothing
CROSSING_GATE = 16.0  # squared misfit of a third line
LEAST_EXISTENCE = 0.1  # a crossing less likely waits for more lines
MOST_CLUES = 128  # current lines that are crossed
MOST_LINES = 24  # of one frame that are crossed
CROSSED = 1 << 60  # added to the serial of a line: the birth is not that of the pair of cameras it also made
SAME_SIGMAS = 4.0  # crossings so near one another are one


@jit
def ground_crossing(one, clue, two, other, out):
    """Where two lines cross over ground, into out (>=2,); False if they do not, or too flatly."""
    ae, an = clue_direction(one.rotation, clue.angles[0])
    be, bn = clue_direction(two.rotation, other.angles[0])
    sine = ae * bn - an * be
    if abs(sine) < LEAST_SINE:
        return False
    de, dn = two.place_m[0] - one.place_m[0], two.place_m[1] - one.place_m[1]
    along, beyond = (de * bn - dn * be) / sine, (de * an - dn * ae) / sine
    if not (0.0 < along < one.reach_m[1] and 0.0 < beyond < two.reach_m[1]):
        return False
    out[0], out[1] = one.place_m[0] + along * ae, one.place_m[1] + along * an
    return True


@jit
def start_flat(w, one, clue, two, other, x, p):
    """State x (6,) and covariance p (6, 6) before the lines: flat over ground round the crossing x[:2], height by a
    camera's elevation or low. Returns how much less likely the height is than a low one."""
    p[:, :] = 0.0
    start_velocity(x, p, x, 0.0, 1.0, False, w.rules)
    low = one.place_m[2] + LOW_M
    x[2] = low
    for k in range(2):
        sensor, seen = (one, clue) if k == 0 else (two, other)
        if sensor.kind == CAMERA:
            flat = math.hypot(x[0] - sensor.place_m[0], x[1] - sensor.place_m[1])
            x[2] = sensor.place_m[2] + flat * math.tan(seen.angles[1])
    p[0, 0] = p[1, 1] = FLAT_M * FLAT_M
    p[2, 2] = LOW_SIGMA_M * LOW_SIGMA_M
    return math.exp(-0.5 * ((x[2] - low) / LOW_SIGMA_M) ** 2)


@jit
def expect_line(sensor, x, p, age_s, work, s):
    """Predicted direction of a sensor into work.vector[2] (range, azimuth, elevation), H P into rows 1 and 2 of
    work.small[1] and H P H' into s (3,): azimuth, both, elevation. The place then is in work.vector[3]."""
    z, h, hp = work.vector[2], work.small[2], work.small[1]
    past_jacobian(sensor, x, age_s, sensor.kind == ACOUSTIC, work.vector[3], z, h)
    for r in range(1, 3):
        for c in range(6):
            total = 0.0
            for k in range(6):
                total += h[r, k] * p[k, c]
            hp[r, c] = total
    s[:] = 0.0
    for k in range(6):
        s[0] += hp[1, k] * h[1, k]
        s[1] += hp[1, k] * h[2, k]
        s[2] += hp[2, k] * h[2, k]


@jit
def line_likelihood(z, s, clue, both):
    """Density of a clue given the prediction, and its squared misfit; `both`: with the elevation."""
    nu = wrap_pi(clue.angles[0] - z[1])
    a = s[0] + clue.variance[0]
    if not both:
        d2 = nu * nu / a
        return math.exp(-0.5 * d2) / math.sqrt(2.0 * math.pi * a), d2
    b, c, up = s[1], s[2] + clue.variance[1], clue.angles[1] - z[2]
    determinant = max(a * c - b * b, 1e-30)
    d2 = (c * nu * nu - 2.0 * b * nu * up + a * up * up) / determinant
    return math.exp(-0.5 * d2) / (2.0 * math.pi * math.sqrt(determinant)), d2


@jit
def use_line(x, p, work, s, clue, both):
    """Update x (6,) and p (6, 6) by a clue whose prediction `expect_line` made."""
    z, hp = work.vector[2], work.small[1]
    nu = wrap_pi(clue.angles[0] - z[1])
    a = s[0] + clue.variance[0]
    b, c, up = 0.0, 1.0, 0.0
    if both:
        b, c, up = s[1], s[2] + clue.variance[1], clue.angles[1] - z[2]
    determinant = max(a * c - b * b, 1e-30)
    for r in range(6):
        h1, h2 = hp[1, r], hp[2, r] if both else 0.0
        k1, k2 = (c * h1 - b * h2) / determinant, (a * h2 - b * h1) / determinant
        work.vector[0, r], work.vector[1, r] = k1, k2
        x[r] += k1 * nu + k2 * up
    for r in range(6):
        for q in range(6):
            p[r, q] -= work.vector[0, r] * hp[1, q]
            if both:
                p[r, q] -= work.vector[1, r] * hp[2, q]


@jit
def add_pair_line(w, row, time_ns, x, p, s):
    """Take one of the two lines of a crossing into x and p; returns its factor of the odds."""
    clue = w.clues[row]
    sensor, both = w.sensors[clue.sensor], w.sensors[clue.sensor].kind == CAMERA
    expect_line(sensor, x, p, (time_ns - clue.time_ns) * 1e-9, w.work, s)
    like, _ = line_likelihood(w.work.vector[2], s, clue, both)
    use_line(x, p, w.work, s, clue, both)
    return sensor.detection * like / direction_density(w, clue.sensor)


@jit
def ask_sensor(w, sensor_row, time_ns, found, n, x, p, s):
    """What a third sensor says of a crossing: (factor of the odds, row of the clue it used or -1); x, p updated."""
    sensor, z = w.sensors[sensor_row], w.work.vector[2]
    queue, both = w.queues[sensor_row], sensor.kind == CAMERA
    age_s = (time_ns - last_look_ns(queue)) * 1e-9
    expect_line(sensor, x, p, age_s, w.work, s)
    detection = detection_probability(sensor, z, math.sqrt((p[0, 0] + p[1, 1] + p[2, 2]) / 3.0))
    if detection < 0.01:
        return 1.0, -1
    best, best_like = -1, 0.0
    for k in range(n):
        if w.clues[found[k]].sensor != sensor_row:
            continue
        like, d2 = line_likelihood(z, s, w.clues[found[k]], both)
        like *= w.clues[found[k]].weight
        if d2 < CROSSING_GATE and like > best_like:
            best, best_like = found[k], like
    missed, hit = 1.0 - detection, detection * best_like / direction_density(w, sensor_row)
    if hit <= missed:
        return missed + hit, -1
    use_line(x, p, w.work, s, w.clues[best], both)
    return missed + hit, best


@jit
def crossing_odds(w, row, other, time_ns, found, n, x, p, used, noticed):
    """Odds that clues `row` and `other` are of one new object, as all sensors see it; 0 if they do not cross.

    Writes its state into x (6,), p (6, 6), the clues that bear it out into used (S,), -1 elsewhere, and the probability
    that each sense notices it into noticed (3,).
    """
    one, two = w.sensors[w.clues[row].sensor], w.sensors[w.clues[other].sensor]
    if not ground_crossing(one, w.clues[row], two, w.clues[other], x):
        return 0.0
    s = w.work.vector[4, :3]
    odds = 2.0 * math.pi * FLAT_M * FLAT_M * start_flat(w, one, w.clues[row], two, w.clues[other], x, p)
    rate = appearance_rate(w.rules, w.tally)
    undetected_m2, _ = undetected(w, rate, x[0], x[1], time_ns, PLACED)
    odds *= undetected_m2 * w.clues[row].weight * w.clues[other].weight
    odds *= add_pair_line(w, row, time_ns, x, p, s) * add_pair_line(w, other, time_ns, x, p, s)
    used[:] = -1
    used[w.clues[row].sensor], used[w.clues[other].sensor] = row, other
    noticed[:] = 1.0  # first the product Q of each sense
    for k in range(len(w.sensors)):
        if used[k] < 0 and looks_now(w, k, time_ns):
            factor, used[k] = ask_sensor(w, k, time_ns, found, n, x, p, s)
            noticed[w.sensors[k].sense] *= factor
    for sense in range(3):
        share, sure = sense_share(w, sense, one, two)
        whole = share * noticed[sense] + (0.0 if sure else 1.0 - share)
        odds *= whole
        noticed[sense] = min(share * noticed[sense] / max(whole, 1e-300), SUREST)
    return odds


@jit
def sense_share(w, sense, one, two):
    """Share of objects that a sense notices, and whether the crossing itself says that it does."""
    if one.sense == sense or two.sense == sense:
        return (one.share if one.sense == sense else two.share), True
    share = 0.0
    for k in range(len(w.sensors)):
        if w.sensors[k].sense == sense:
            share = max(share, w.sensors[k].share)
    return share, False


@jit
def may_cross(w, row, other):
    """Are two clues of different sensors, not both cameras? Those meet in kernels.lines."""
    one, two = w.clues[row].sensor, w.clues[other].sensor
    return one != two and not (w.sensors[one].kind == CAMERA and w.sensors[two].kind == CAMERA)


@jit
def all_crossings(w, row, time_ns, found, n, x, p, used, noticed, places):
    """Odds of `row` with each of the n found clues into places (n, 4): east, north, spread m, odds; 0: no crossing."""
    for k in range(n):
        places[k, 3] = 0.0
        if may_cross(w, row, found[k]):
            places[k, 3] = crossing_odds(w, row, found[k], time_ns, found, n, x, p, used, noticed)
            places[k, 0], places[k, 1], places[k, 2] = x[0], x[1], math.sqrt(max(p[0, 0] + p[1, 1], 0.0))


@jit
def odds_elsewhere(places, n, east, north, spread):
    """Sum of the odds of the n crossings that are not at a place."""
    others = 0.0
    for k in range(n):
        if places[k, 3] > 0.0:
            apart = math.hypot(places[k, 0] - east, places[k, 1] - north)
            others += places[k, 3] if apart > SAME_SIGMAS * max(places[k, 2], spread) else 0.0
    return others


@jit
def best_crossing(w, row, time_ns, found, n, x, p, used, noticed, places):
    """The other clue that crosses `row` with the best odds and the odds of other crossings of either line: (row or -1,
    odds, sum).

    Writes state, covariance, clues and senses of the best as `crossing_odds` does.
    """
    all_crossings(w, row, time_ns, found, n, x, p, used, noticed, places)
    best = -1
    for k in range(n):
        if places[k, 3] > 0.0 and (best < 0 or places[k, 3] > places[best, 3]):
            best = k
    if best < 0:
        return -1, 0.0, 0.0
    east, north, spread, odds = places[best, 0], places[best, 1], places[best, 2], places[best, 3]
    others = odds_elsewhere(places, n, east, north, spread)
    if odds > LEAST_EXISTENCE:
        all_crossings(w, found[best], time_ns, found, n, x, p, used, noticed, places)
        others += odds_elsewhere(places, n, east, north, spread)
    crossing_odds(w, row, found[best], time_ns, found, n, x, p, used, noticed)
    return found[best], odds, others


@jit
def start_crossing(w, row, time_ns, existence, dispute, x, p, used, noticed):
    """Start a track where a clue crosses others; the clues that bear it out are spent as far as it exists."""
    sensor_row, i = w.clues[row].sensor, take_row(w)
    t = w.tracks[i]
    t.x[0], t.p[0] = x, p
    lines = 0.0
    for k in range(len(used)):
        if used[k] >= 0:
            lines += w.clues[used[k]].weight
    rate = appearance_rate(w.rules, w.tally)
    undetected_m2, appeared = undetected(w, rate, x[0], x[1], time_ns, PLACED)
    start_track(w, i, sensor_row, time_ns, -1, existence, appeared / undetected_m2, lines, noticed[BODY])
    number_again(w, i, CROSSED + w.clues[row].serial)
    t.heard[0], t.heard[1], t.dispute = noticed[1], noticed[2], dispute
    for k in range(len(used)):
        if used[k] < 0:
            continue
        w.clues[used[k]].weight *= 1.0 - existence
        if k != sensor_row:
            t.recent_sensor[t.recent_at], t.recent_ns[t.recent_at] = k, w.clues[used[k]].time_ns
            t.recent_at = (t.recent_at + 1) % len(t.recent_sensor)
        note_support(t, w.sensors[k], k)


@jit
def birth_crossings(w, sensor_row, time_ns):
    """Start tracks where lines of the frame just settled cross those of others. Enough rows are free."""
    found = np.empty(MOST_CLUES, np.int64)
    n = current_clues(w, time_ns, found)
    own = 0
    for k in range(n):
        own += 1 if w.clues[found[k]].sensor == sensor_row else 0
    if own == 0 or own == n:
        return
    x, p = w.work.vector[6], w.work.small[4]
    used, noticed, places = np.empty(len(w.sensors), np.int64), np.empty(3), np.empty((n, 4))
    tried = 0
    for k in range(n):
        row = found[k]
        if w.clues[row].sensor != sensor_row or w.clues[row].weight < 0.05 or tried >= MOST_LINES:
            continue
        tried += 1
        other, odds, others = best_crossing(w, row, time_ns, found, n, x, p, used, noticed, places)
        existence = odds / (1.0 + odds + others)
        if other >= 0 and existence > LEAST_EXISTENCE:
            start_crossing(w, row, time_ns, existence, others / (odds + others), x, p, used, noticed)
