"""Rows of the picture at a tick: every confirmed track that is likely enough there and not too uncertain.

A public number is given when a track is first shown, in order of birth. States are predicted to the tick with the
models mixed over the time since the last report, so uncertainty grows honestly while a track coasts.
"""

from __future__ import annotations

import numpy as np

from .cache import jit
from .candidates import existence_at
from .gating import predict_track
from .layout import MODELS
from .motion import combine

CONFIRMED, COASTING = 1, 2  # model.picture.Status
COASTING_MISSES = 2


@jit
def shown_tracks(w, time_ns):
    """Rows of the tracks to show, in order of number, those without one after, in order of birth."""
    rows, key = np.empty(w.tally.tracks, np.int64), np.empty(w.tally.tracks, np.int64)
    n = 0
    for i in range(w.tally.highest):
        t = w.tracks[i]
        if not t.used or not t.confirmed or existence_at(t, time_ns, w.rules.life_s) < w.rules.hide:
            continue
        rows[n] = i
        key[n] = t.number if t.number > 0 else 2**62 + t.uid
        n += 1
    return rows[:n][np.argsort(key[:n], kind="mergesort")]


@jit
def write_row(w, t, time_ns, row):
    """Write track t at time_ns into a row; False if it is too uncertain to be shown."""
    c = w.candidates[0]
    n = predict_track(t, time_ns, w.rules, w.work, c.x, c.p, c.mu)
    combine(c.mu, c.x, c.p, n, row.state, row.covariance)
    if row.covariance[0, 0] + row.covariance[1, 1] > 2.0 * w.rules.hide_sigma_m * w.rules.hide_sigma_m:
        return False
    if t.number == 0:
        t.number = w.tally.next_number
        w.tally.next_number += 1
    for m in range(MODELS):
        row.mu[m] = c.mu[m] if m < n else 0.0
    row.time_ns, row.number, row.first_ns, row.last_ns = time_ns, t.number, t.birth_ns, t.hit_ns
    row.identity, row.hits = t.identity, t.hits
    row.existence = existence_at(t, time_ns, w.rules.life_s)
    row.status = COASTING if t.misses >= COASTING_MISSES else CONFIRMED
    return True


@jit
def write_rows(w, time_ns):
    """Write all shown tracks at a tick; False, with nothing written, if there is no room."""
    shown = shown_tracks(w, time_ns)
    if w.tally.rows + len(shown) > len(w.rows):
        return False
    for i in shown:
        if write_row(w, w.tracks[i], time_ns, w.rows[w.tally.rows]):
            w.tally.rows += 1
    return True
