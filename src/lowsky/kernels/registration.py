"""Registration: lasting errors of sensors are estimated while tracking, and taken off what they report.

Every RENEW_NS of validity new pairs of reports are weighed (kernels.consensus), the errors of all sensors are solved
for (kernels.normals), and it is decided what is put into force: only what is well beyond its own uncertainty and a
noticeable part of the sensor's noise, so that good sensors stay untouched to the last bit. A step of a sensor makes it
forget; a sensor with which no other agrees is set aside and tried again.
"""

from __future__ import annotations

import math

from .background import is_radar
from .cache import jit
from .consensus import meet, search, work_space
from .correction import put_place
from .errors import (
    AGAIN,
    ASIDE,
    AZIMUTH,
    CLOCK,
    DISPLACED,
    EAST,
    ELEVATION,
    FOUND,
    NORTH,
    NOTHING,
    RANGE,
    RELEASED,
    SCALE,
    STEPPED,
)
from .layout import COURSE, ERRORS, LINKS, NEVER_NS, SIGHTS
from .linalg import cholesky, forward_solve
from .normals import GROUP, estimate_group, fade_link, group_of
from .sensing import COOPERATIVE

RENEW_NS = 2_000_000_000
MEMORY_S = 90.0  # of the normal equations: mounts warm up and sag in minutes
LATELY_S = 8.0  # of what tells a step
SHARE_S = 15.0  # of the share of sights that agree
ROUND = 4  # of large sites a quarter of the sensors is solved for at each renewal
NOTE_NS = 10_000_000_000  # between notes of the history
SURE_SIGMAS = 4.0  # an error is put into force beyond so many of its standard deviations ...
NOTICEABLE = 0.3  # ... and beyond this part of the sensor's own noise
KEPT_SHARE = 0.5  # what is in force stays above this share of both
NOTICEABLE_S, NOTICEABLE_M, NOTICEABLE_RAD = 0.06, 2.0, 1.5e-3  # least of a clock, of a length and of an angle
MOST_CLOCK_S = 5.0  # a clock further off is not corrected
DISAGREE = 0.5  # share of agreeing sights below which a wide search is made; samples of large sites miss some
LEAST_TRIED = 12.0  # sights that such a share needs
SEARCH_NS = (4_000_000_000, 20_000_000_000)  # between searches: after none or one that found nothing twice
STEP = 60.0  # squared distance of what is seen lately from the estimate, in standard deviations
FORGET = 0.05  # what a sensor that stepped keeps
CROOKED = 0.3  # share of agreeing sights below which a sensor is set aside ...
GOOD = 0.6  # ... if the others agree among themselves so far
LEAST_CROOKED = 60.0  # sights that this needs
ASIDE_NS = 30_000_000_000  # doubled each time, to
LONGEST_ASIDE = 5  # doublings
TRIAL_NS = 20_000_000_000


@jit
def fade_all(w):
    """Let everything that was learnt fade by one period."""
    period_s = RENEW_NS * 1e-9
    keep, lately, share = math.exp(-period_s / MEMORY_S), math.exp(-period_s / LATELY_S), math.exp(-period_s / SHARE_S)
    for s in range(len(w.sensors)):
        correction = w.corrections[s]
        for r in range(ERRORS):
            correction.score[r] *= lately
            for c in range(ERRORS):
                correction.weight[r, c] *= lately
        for k in range(LINKS):
            if w.links[s, k].used:
                fade_link(w.links[s, k], keep, share)


@jit
def may_meet(w, s, q):
    """Do two sensors look at common ground, and is one of them not told by the objects themselves?"""
    a, b = w.sensors[s], w.sensors[q]
    if a.kind == COOPERATIVE and b.kind == COOPERATIVE:
        return False
    e, n = a.place_m[0] - b.place_m[0], a.place_m[1] - b.place_m[1]
    reach = a.reach_m[1] + b.reach_m[1]
    return e * e + n * n < reach * reach


@jit
def meet_all(w, since_ns, until_ns):
    """Pair and weigh the new sights of all sensors; returns whether there are any."""
    space, some = work_space(), False
    for s in range(len(w.sensors)):
        some = some or w.corrections[s].offered > 0
    if not some:
        return False
    for s in range(len(w.sensors)):
        for q in range(s + 1, len(w.sensors)):
            if may_meet(w, s, q):
                meet(w, s, q, since_ns, until_ns, space)
    for s in range(len(w.sensors)):
        correction = w.corrections[s]
        room = min(SIGHTS / max(correction.offered, 1.0), 1.0)
        correction.kept = max(0.5 * (correction.kept + room), 1e-3)
    return True


@jit
def step_distance(correction, work, vector):
    """Squared distance of what was seen lately from the estimate; work (7, 7) and vector (7,) are spoilt."""
    for r in range(ERRORS):
        vector[r] = correction.score[r]
        for c in range(ERRORS):
            work[r, c] = correction.weight[r, c]
        work[r, r] += 1e-6 + 1e-3 * correction.weight[r, r]
    if not cholesky(work, ERRORS):
        return 0.0
    forward_solve(work, vector, ERRORS)
    total = 0.0
    for r in range(ERRORS):
        total += vector[r] * vector[r]
    return total


@jit
def forget_stepped(w, time_ns):
    """Let the one sensor that lately differs most from its estimate, if far enough, forget what it was."""
    worst, most = -1, STEP
    small, vector = w.work.step_space, w.work.step_vector
    for s in range(len(w.sensors)):
        if not w.corrections[s].known or w.sensors[s].kind == COOPERATIVE:
            continue
        far = step_distance(w.corrections[s], small, vector)
        if far > most:
            worst, most = s, far
    if worst < 0:
        return
    w.tally.steps += 1
    note(w, worst, time_ns, STEPPED)
    for s in range(len(w.sensors)):
        w.corrections[s].score[:], w.corrections[s].weight[:, :] = 0.0, 0.0
        for k in range(LINKS):
            if w.links[s, k].used and (s == worst or w.links[s, k].other == worst):
                fade_link(w.links[s, k], FORGET, 1.0)


@jit
def best_and_worst_share(w, s):
    """The greatest and least share of agreeing sights of a radar with other radars, -1 if none is known."""
    best, worst = -1.0, 2.0
    for k in range(LINKS):
        link = w.links[s, k]
        if link.used and link.tried >= LEAST_TRIED and is_radar(w.sensors[link.other]):
            best, worst = max(best, link.agreed / link.tried), min(worst, link.agreed / link.tried)
    return best, worst


@jit
def search_where_needed(w, time_ns):
    """Search widely for the errors of radars that disagree with another."""
    for s in range(len(w.sensors)):
        correction = w.corrections[s]
        if not is_radar(w.sensors[s]) or correction.aside:
            continue
        best, worst = best_and_worst_share(w, s)
        wait_ns = SEARCH_NS[0] if correction.wide < 4 else SEARCH_NS[1]
        if best < 0.0 or worst >= DISAGREE or time_ns - correction.search_ns < wait_ns:
            continue
        members = group_of(w, s)
        found = search(w, members, NEVER_NS)
        for m in range(len(members)):
            other = w.corrections[members[m]]
            other.search_ns = time_ns
            other.wide = 0 if found else min(other.wide + 1, 100)


@jit
def noticeable(sensor, c):
    """How large error c of a sensor must be to be noticed, against its own noise."""
    sigma, reach = sensor.sigma, 0.5 * sensor.reach_m[1]
    if c == RANGE:
        return max(NOTICEABLE * sigma[0], NOTICEABLE_M)
    if c == SCALE:
        return max(NOTICEABLE * sigma[0], NOTICEABLE_M) / reach
    if c == AZIMUTH:
        return max(NOTICEABLE * sigma[1], NOTICEABLE_RAD)
    if c == ELEVATION:
        return max(NOTICEABLE * sigma[2], NOTICEABLE_RAD)
    if c == CLOCK:
        return NOTICEABLE_S
    across_m = sigma[1] * reach
    return max(NOTICEABLE * (min(sigma[0], across_m) if is_radar(sensor) else across_m), NOTICEABLE_M)


@jit
def is_wrong(correction, sensor, share):
    """Is any error beyond `share` of what makes it sure and noticeable?"""
    for c in range(ERRORS):
        size = abs(correction.estimate[c])
        sigma = math.sqrt(max(correction.doubt[c, c], 0.0))
        if size > share * SURE_SIGMAS * sigma and size > share * noticeable(sensor, c):
            return True
    return False


@jit
def is_displaced(correction, sensor):
    """Does a sensor stand elsewhere than described?"""
    size = math.hypot(correction.force[EAST], correction.force[NORTH])
    sigma = math.sqrt(max(correction.doubt[EAST, EAST] + correction.doubt[NORTH, NORTH], 0.0))
    return size > SURE_SIGMAS * sigma and size > noticeable(sensor, EAST)


@jit
def meets_radars(w, s):
    """Is a radar compared with other radars?"""
    for k in range(LINKS):
        if w.links[s, k].used and is_radar(w.sensors[w.links[s, k].other]):
            return is_radar(w.sensors[s])
    return False


@jit
def put_in_force(w, s, time_ns):
    """Decide what of a sensor's estimate is in force from now on."""
    correction, sensor = w.corrections[s], w.sensors[s]
    before, displaced = correction.in_force, correction.in_force and is_displaced(correction, sensor)
    best, _ = best_and_worst_share(w, s)
    chance = best < CROOKED and (best >= 0.0 or not before) and meets_radars(w, s)  # estimates of chance pairs
    correction.in_force = not chance and is_wrong(correction, sensor, KEPT_SHARE if before else 1.0)
    if not correction.in_force:
        correction.force[:], correction.clock_ns = 0.0, 0
    else:
        correction.force[:] = correction.estimate
        clock_s = min(max(correction.estimate[CLOCK], -MOST_CLOCK_S), MOST_CLOCK_S)
        correction.clock_ns = int(clock_s * 1e9)
    put_place(w, s)
    if correction.in_force and not before:
        note(w, s, time_ns, FOUND)
    if before and not correction.in_force:
        note(w, s, time_ns, RELEASED)
    if correction.in_force and not displaced and is_displaced(correction, sensor):
        note(w, s, time_ns, DISPLACED)


@jit
def note(w, s, time_ns, event):
    """Write a note into a sensor's history."""
    correction = w.corrections[s]
    row = w.course[s, correction.next_note]
    row.time_ns, row.event = time_ns, event
    for c in range(ERRORS):
        row.estimate[c], row.sigma[c] = correction.estimate[c], correction.sigma[c]
    correction.next_note = (correction.next_note + 1) % COURSE
    correction.notes = min(correction.notes + 1, COURSE)
    correction.noted_ns = time_ns


@jit
def others_agree(w, s):
    """Does a radar that sensor s is compared with agree well with a third?"""
    for k in range(LINKS):
        link = w.links[s, k]
        if link.used and is_radar(w.sensors[link.other]) and best_and_worst_share(w, link.other)[0] >= GOOD:
            return True
    return False


@jit
def tried_enough(w, s):
    """Were enough sights of a radar compared with those of others?"""
    tried = 0.0
    for k in range(LINKS):
        if w.links[s, k].used and is_radar(w.sensors[w.links[s, k].other]):
            tried += w.links[s, k].tried
    return tried >= LEAST_CROOKED


@jit
def judge_use(w, s, time_ns):
    """Set a radar aside with which nobody agrees, whatever errors are assumed; try it again later."""
    correction = w.corrections[s]
    if correction.aside:
        if time_ns >= correction.aside_ns:
            correction.aside, correction.aside_ns, correction.wide = 0, time_ns + TRIAL_NS, 0
            for k in range(LINKS):
                w.links[s, k].agreed, w.links[s, k].tried = 0.0, 0.0
            note(w, s, time_ns, AGAIN)
        return
    best, _ = best_and_worst_share(w, s)
    if best >= GOOD and time_ns > correction.aside_ns:
        correction.asides = 0
    searched = correction.wide >= 2
    if searched and 0.0 <= best < CROOKED and tried_enough(w, s) and others_agree(w, s):
        correction.aside, correction.in_force, correction.clock_ns = 1, 0, 0
        correction.aside_ns = time_ns + (ASIDE_NS << min(correction.asides, LONGEST_ASIDE))
        correction.asides += 1
        note(w, s, time_ns, ASIDE)


@jit
def estimate_in_turn(w):
    """Solve for the errors of all sensors, on large sites of one in ROUND; while none is wrong every other time."""
    calm, turn = True, w.tally.renewals
    for s in range(len(w.sensors)):
        correction = w.corrections[s]
        known = correction.known or w.sensors[s].kind == COOPERATIVE
        calm = calm and known and not (correction.in_force or correction.aside)
    if len(w.sensors) <= GROUP:
        members = group_of(w, 0)
        if len(members) > 0 and not (calm and turn % 2):
            estimate_group(w, members, len(members))
        return
    for s in range(len(w.sensors)):
        if s % ROUND == turn % ROUND and w.sensors[s].kind != COOPERATIVE and w.corrections[s].offered > 0:
            estimate_group(w, group_of(w, s), 1)


@jit
def renew(w, time_ns):
    """Learn from what was seen since the last renewal, and decide what is in force; at fixed times of validity."""
    fade_all(w)
    if not meet_all(w, time_ns - RENEW_NS, time_ns):
        return
    forget_stepped(w, time_ns)
    estimate_in_turn(w)
    search_where_needed(w, time_ns)
    for s in range(len(w.sensors)):
        w.corrections[s].offered = 0
        if w.sensors[s].kind != COOPERATIVE and w.corrections[s].known:
            judge_use(w, s, time_ns)
            if not w.corrections[s].aside:
                put_in_force(w, s, time_ns)
            if time_ns - w.corrections[s].noted_ns >= NOTE_NS:
                note(w, s, time_ns, NOTHING)


@jit
def renew_until(w, time_ns):
    """Renew at each multiple of RENEW_NS up to time_ns that is not yet done."""
    while w.tally.renew_ns <= time_ns:
        if w.tally.tracks == 0 or len(w.sensors) < 2:
            w.tally.renew_ns = time_ns - time_ns % RENEW_NS + RENEW_NS
            return
        renew(w, w.tally.renew_ns)
        w.tally.renewals += 1
        w.tally.renew_ns += RENEW_NS
