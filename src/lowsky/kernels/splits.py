"""Splits: a track whose reports lie wider than those of one object is tried as two.

In a formation that a radar cannot resolve a row of tracks may stand for one object more than it has, each a little off.
Nothing is left over then, and nothing new begins. But the reports of such a track come from two places in turn: their
innovations are wider than they should be along the line between them, as a sum over frames of the score

    d/dX log N(nu; 0, S + X h h') at X = 0  =  ((h' S^-1 nu)^2 - h' S^-1 h) / 2

for four directions on the ground, h being the change of the measurement with a step that way (a locally most powerful
test, Rao 1948). If it is significant a second track begins, the two stand on either side of where the one was, and are
on trial: `kernels.pairs` weighs them against one in their middle until they are two, or one again. Until then the
second is not shown.

Not done: other moves than one into two and two into one, as two into three.
"""

from __future__ import annotations

import math

from .cache import jit
from .cells import link, relink
from .groups import unite
from .layout import DIRECTIONS
from .lifecycle import take_row
from .linalg import forward_solve
from .measurement import polar, wrap_pi
from .motion import centre_and_spread
from .numbers import number_again
from .pairs import SLACK, pair_evidence
from .scores import likeliest_model

LIKELY = 0.9  # existence from which a track is tried
KEPT = 0.98  # of the sums from frame to frame: with three radars that look once a second, a memory of 17 s
NOTICEABLE = 0.02  # association probability of the reports that count
SIGNIFICANT = 2.5  # standard deviations from which a track is tried, and more by one for each trial that failed
HALF_M = (5.0, 12.0)  # how far from its place the two begin at least and at most
SIGMA_M = 2.0  # and how uncertain their places become by that
EXISTENCE = 0.7  # of the second
FRAME_TRIALS = 3  # begun in one frame at most
STEP = (-2.0, 3.0)  # what one frame may add to the odds of a trial
GIVEN_UP = -2.0  # logarithm of the odds
WAYS = ((1.0, 0.0), (0.7071067811865476, 0.7071067811865476), (0.0, 1.0), (-0.7071067811865476, 0.7071067811865476))


@jit
def add_score(w, sensor, c, t, m, d):
    """Add to track t's sums for direction d the frame's reports of its candidate c, under model m."""
    place, z, step = w.work.vector[3], w.work.vector[4], w.work.vector[5]
    place[:] = c.x[m]
    place[0] += WAYS[d][0]
    place[1] += WAYS[d][1]
    polar(sensor.place_m, sensor.rotation, place, z)
    t.split_score[d] *= KEPT
    t.split_weight[d] *= KEPT
    for e in range(c.first, c.last):
        edge = w.edges[e]
        if edge.beta < NOTICEABLE:
            continue
        for i in range(edge.n):
            a = edge.part[i]
            off = z[a] - c.z[m, a]
            step[i] = edge.share * (wrap_pi(off) if a == 1 else off)
        forward_solve(edge.l[m], step, edge.n)
        along, known = 0.0, 0.0
        for i in range(edge.n):
            along += step[i] * edge.nu[m, i]
            known += step[i] * step[i]
        t.split_score[d] += edge.beta * (along * along - known)
        t.split_weight[d] += 2.0 * edge.beta * known * known


@jit
def may_split(t, c):
    """May track t of candidate c be tried as two: shown, likely, among others, and not on trial?"""
    return t.used and t.confirmed and t.trial_uid == 0 and c.partner >= 0


@jit
def note_spread(w, sensor):
    """Add the frame's reports to how wide those of each track lie. After the update, before any track ends."""
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        t = w.tracks[c.track]
        if not may_split(t, c) or c.existence < LIKELY or c.models < 2:
            continue
        m = likeliest_model(c, c.models)
        for d in range(DIRECTIONS):
            add_score(w, sensor, c, t, m, d)


@jit
def clear_score(t):
    """Begin the sums of track t anew."""
    t.split_score[:] = 0.0
    t.split_weight[:] = 0.0


@jit
def step_aside(t, way, half_m):
    """Move track t by half_m along a direction on the ground (2,)."""
    for m in range(t.models):
        for q in range(2):
            t.x[m, q] += half_m * way[q]
            t.p[m, q, q] += SIGMA_M * SIGMA_M
    centre_and_spread(t.mu, t.x, t.p, t.models, t.centre, t.spread)
    clear_score(t)


@jit
def start_trial(w, row, d, time_ns, serial):
    """Put a second track beside that of `row`, either side of its place along direction d."""
    i = take_row(w)
    t, second, uid = w.tracks[row], w.tracks[i], w.tracks[i].uid
    half_m = min(max(math.sqrt(2.0 * t.split_score[d] / t.split_weight[d]), HALF_M[0]), HALF_M[1])
    w.tracks[i] = w.tracks[row]
    second.uid, second.number, second.confirmed, second.members, second.extent_m2 = uid, 0, 0, 1, 0.0
    second.beside_uid, second.apart = 0, 0
    second.inside[:] = 0
    second.parent, second.parent_uid = row, t.uid
    second.existence = EXISTENCE * t.existence
    second.birth_existence, second.birth_share, second.birth_ns = second.existence, 0.0, time_ns
    t.trial, t.trial_uid, t.trial_odds = i, uid, 0.0
    second.trial, second.trial_uid, second.trial_odds = row, t.uid, 0.0
    step_aside(t, WAYS[d], half_m)
    step_aside(second, WAYS[d], -half_m)
    link(i, w)
    relink(row, w)
    number_again(w, i, serial)


@jit
def widest(w, time_ns):
    """Candidate and direction of the track whose reports lie most significantly wide, -1 if none does."""
    best, at, way = SIGNIFICANT, -1, 0
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        t = w.tracks[c.track]
        if not may_split(t, c) or t.state_ns != time_ns:
            continue
        other = w.tracks[w.candidates[c.partner].track]
        if not other.used or other.trial_uid > 0:
            continue
        for d in range(DIRECTIONS):
            if t.split_weight[d] > 0.0:
                z = t.split_score[d] / math.sqrt(t.split_weight[d]) - t.tries
                if z > best:
                    best, at, way = z, k, d
    return at, way


@jit
def begin_trials(w, time_ns):
    """Try some of the frame's tracks as two. Enough rows are free: there is a report for each."""
    for _ in range(min(FRAME_TRIALS, w.frame.plots)):
        k, d = widest(w, time_ns)
        if k < 0:
            return
        c = w.candidates[k]
        start_trial(w, c.track, d, time_ns, w.pool[w.plots[w.edges[c.best].plot].report].serial)


@jit
def candidate_of(w, row):
    """Candidate of the frame that is the track of a row, -1 if there is none."""
    for k in range(w.frame.candidates):
        if w.candidates[k].track == row:
            return k
    return -1


@jit
def weigh_trials(w, sensor):
    """Compare pairs on trial with one in their middle."""
    for k in range(w.frame.candidates):
        t = w.tracks[w.candidates[k].track]
        if t.trial_uid <= t.uid or w.tracks[t.trial].uid != t.trial_uid:
            continue
        other = candidate_of(w, t.trial)
        if other >= 0:
            t.trial_odds += min(max(pair_evidence(w, sensor, k, other), STEP[0]), STEP[1]) - SLACK
            w.tracks[t.trial].trial_odds = t.trial_odds


@jit
def settle_trials(w):
    """End the trials that are decided: two that are two go on as such, others become one again."""
    for k in range(w.frame.candidates):
        i = w.candidates[k].track
        t = w.tracks[i]
        if not t.used or t.trial_uid == 0:
            continue
        j = t.trial
        other = w.tracks[j]
        if not other.used or other.uid != t.trial_uid:
            t.trial_uid, t.tries = 0, t.tries + 1
            clear_score(t)
        elif t.trial_odds > w.rules.two_evidence:
            t.trial_uid, other.trial_uid, t.tries, other.tries = 0, 0, 0, 0
        elif t.trial_odds < GIVEN_UP and t.state_ns == other.state_ns and t.uid < other.uid:
            t.trial_uid, other.trial_uid, t.tries = 0, 0, t.tries + 1
            unite(w, i, j)
