"""Rows of the picture, but for their numbers: each track for itself, so that several threads may write them at once
(kernels.crew). Who is shown and under what number is `kernels.snapshot`'s.

States are predicted to the tick with the models mixed over the time since the last report, so uncertainty grows
honestly while a track coasts.
"""

from __future__ import annotations

import math

from .borrow import bare
from .candidates import TRACK_BYTES, existence_at
from .gating import predict_track
from .layout import MODELS
from .motion import combine
from .prefetch import prefetch

HIDDEN, CONFIRMED, COASTING = 0, 1, 2  # model.picture.Status; the first is never shown
COASTING_MISSES = 2
HIDE_SHARE = 0.25
ROUGH_SHARE = 1.5  # what posts hear is shown as rough as it is, a while longer


@bare
def hidden_beyond(t, time_ns, rules):
    """Horizontal standard deviation m beyond which track t is not shown at time_ns.

    What reports itself every ten seconds has flown kilometres meanwhile: the limit grows with the way since then.
    """
    flown_m = math.hypot(t.centre[3], t.centre[4]) * max(0.0, (time_ns - t.hit_ns) * 1e-9)
    return max(rules.hide_sigma_m, HIDE_SHARE * flown_m, ROUGH_SHARE * t.rough_m)


@bare
def fill_row(w, t, time_ns, row):
    """Write track t at time_ns into a row; one that is too uncertain to be shown is marked so."""
    c = w.candidates[w.work.who]
    n = predict_track(t, time_ns, w.rules, w.work, c.x, c.p, c.mu)
    combine(c.mu, c.x, c.p, n, row.state, row.covariance)
    if math.sqrt(0.5 * (row.covariance[0, 0] + row.covariance[1, 1])) > hidden_beyond(t, time_ns, w.rules):
        row.status = HIDDEN
        return
    for m in range(MODELS):
        row.mu[m] = c.mu[m] if m < n else 0.0
    row.time_ns, row.first_ns, row.last_ns = time_ns, t.birth_ns, t.hit_ns
    row.identity, row.hits, row.group_n = t.identity, t.hits, max(t.members, 1)
    row.rcs_dbsm = t.echo[1] if t.echo[0] > 0.0 else math.nan
    row.existence = existence_at(t, time_ns, w.rules.life_s)
    row.status = COASTING if t.misses >= COASTING_MISSES else CONFIRMED


@bare
def fill_rows(w, first, last):
    """Fill the rows behind those written already for the tracks of the rows first to before last of w.near."""
    near, time_ns, done = w.near, w.frame.time_ns, w.tally.rows
    for v in range(first, last):
        prefetch(w.tracks, near[min(v + 2, last - 1)], 0, TRACK_BYTES)
        fill_row(w, w.tracks[near[v]], time_ns, w.rows[done + v])
