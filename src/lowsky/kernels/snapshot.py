"""Rows of the picture at a tick: every confirmed track that is likely enough there and not too uncertain.

A public number is given when a track is first shown, in order of birth. States are predicted to the tick with the
models mixed over the time since the last report, so uncertainty grows honestly while a track coasts.
"""

from __future__ import annotations

import math

import numpy as np

from .borrow import bare
from .cache import jit
from .candidates import existence_at
from .confirm import hide_existence
from .gating import predict_track
from .layout import MODELS
from .motion import combine
from .numbers import find_lost, give_number, note_shown, part_twins, sort_births

CONFIRMED, COASTING = 1, 2  # model.picture.Status
COASTING_MISSES = 2
HIDE_SHARE = 0.25
ROUGH_SHARE = 1.5  # what posts hear is shown as rough as it is, a while longer


@jit
def shown_tracks(w, time_ns, unnumbered):
    """Rows of the tracks to show, in order of number, those without one after (if wanted), in order of birth."""
    rows, key = np.empty(w.tally.tracks, np.int64), np.empty(w.tally.tracks, np.int64)
    n = 0
    for i in range(w.tally.highest):
        t = w.tracks[i]
        if not t.used or not t.confirmed or existence_at(t, time_ns, w.rules.life_s) < hide_existence(t, w.rules):
            continue
        if t.number == 0 and not unnumbered:
            continue
        rows[n] = i
        key[n] = t.number if t.number > 0 else 2**62 + t.uid
        n += 1
    return rows[:n][np.argsort(key[:n], kind="mergesort")]


@bare
def hidden_beyond(t, time_ns, rules):
    """Horizontal standard deviation m beyond which track t is not shown at time_ns.

    What reports itself every ten seconds has flown kilometres meanwhile: the limit grows with the way since then.
    """
    flown_m = math.hypot(t.centre[3], t.centre[4]) * max(0.0, (time_ns - t.hit_ns) * 1e-9)
    return max(rules.hide_sigma_m, HIDE_SHARE * flown_m, ROUGH_SHARE * t.rough_m)


@bare
def write_row(w, t, time_ns, row, give):
    """Write track t at time_ns into a row; False if it is too uncertain to be shown."""
    c = w.candidates[0]
    n = predict_track(t, time_ns, w.rules, w.work, c.x, c.p, c.mu)
    combine(c.mu, c.x, c.p, n, row.state, row.covariance)
    if math.sqrt(0.5 * (row.covariance[0, 0] + row.covariance[1, 1])) > hidden_beyond(t, time_ns, w.rules):
        return False
    if t.number == 0:
        give_number(w, t, row.state, math.sqrt(0.5 * (row.covariance[0, 0] + row.covariance[1, 1])), time_ns)
    if give:
        note_shown(w, t, row.state, time_ns)
    for m in range(MODELS):
        row.mu[m] = c.mu[m] if m < n else 0.0
    row.time_ns, row.number, row.first_ns, row.last_ns = time_ns, t.number, t.birth_ns, t.hit_ns
    row.identity, row.hits, row.group_n = t.identity, t.hits, max(t.members, 1)
    row.covariance[0, 0] += t.extent_m2
    row.covariance[1, 1] += t.extent_m2
    row.rcs_dbsm = t.echo[1] if t.echo[0] > 0.0 else math.nan
    row.existence = existence_at(t, time_ns, w.rules.life_s)
    row.status = COASTING if t.misses >= COASTING_MISSES else CONFIRMED
    return True


@jit
def write_rows(w, time_ns, give):
    """Write all shown tracks at a tick, giving numbers or leaving out who has none; False, with nothing written, if
    there is no room."""
    shown = shown_tracks(w, time_ns, give)
    if w.tally.rows + len(shown) > len(w.rows) or w.tally.numbered + len(shown) > len(w.numbers):
        return False
    if give and w.tally.numbered > 0 and time_ns > w.tally.shown_ns:
        find_lost(w)
    if give and part_twins(w, shown):
        shown = shown_tracks(w, time_ns, give)
    last = 0
    for i in shown:
        if w.tracks[i].number == last and last > 0:
            continue
        if write_row(w, w.tracks[i], time_ns, w.rows[w.tally.rows], give):
            w.tally.rows += 1
            last = w.tracks[i].number
    if give:
        sort_births(w)
        w.tally.shown_ns = time_ns
    return True
