"""Rows of the picture at a tick: every confirmed track that is likely enough there and not too uncertain.

A public number is given when a track is first shown, in order of birth.
"""

from __future__ import annotations

import math

import numpy as np

from .borrow import bare
from .cache import jit
from .candidates import existence_at
from .confirm import hide_existence
from .crew import ROWS, share_out
from .numbers import find_lost, give_number, note_shown, part_twins, sort_births
from .rows import HIDDEN, fill_rows


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
def number_row(w, t, row, give):
    """Give track t a number, if it is shown for the first time, remember where it is, and complete its row."""
    if t.number == 0:
        give_number(w, t, row.state, math.sqrt(0.5 * (row.covariance[0, 0] + row.covariance[1, 1])), row.time_ns)
    if give:
        note_shown(w, t, row.state, row.time_ns)
    row.number = t.number
    row.covariance[0, 0] += t.extent_m2
    row.covariance[1, 1] += t.extent_m2


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
    w.frame.time_ns = time_ns
    for v in range(len(shown)):
        w.near[v] = shown[v]
    share_out(w, ROWS, len(shown), fill_rows)
    last, first = 0, w.tally.rows
    for v in range(len(shown)):
        row, t = w.rows[first + v], w.tracks[shown[v]]
        if row.status == HIDDEN or (t.number == last and last > 0):
            continue
        if w.tally.rows < first + v:
            w.rows[w.tally.rows] = row
        number_row(w, t, w.rows[w.tally.rows], give)
        w.tally.rows += 1
        last = t.number
    if give:
        sort_births(w)
        w.tally.shown_ns = time_ns
    return True
