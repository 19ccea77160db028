"""The picture at a tick: what has been received but is not yet settled is worked in provisionally.

Every track is saved before its first provisional change and put back after, births with it, so that a tick leaves
nothing behind but the numbers that it gave.
"""

from __future__ import annotations

import numpy as np

from .background import is_radar
from .borrow import merged
from .cache import jit
from .codes import DONE, GROW_EDGES, GROW_PLOTS, GROW_ROWS, GROW_TRACKS
from .correction import is_aside, valid_ns
from .frame import frame
from .intake import frame_span_ns, frame_time, prepare
from .layout import NEVER_NS
from .lifecycle import restore_tracks
from .lines import forget_lines
from .looks import preview_look
from .pool import LOOKS, REPORTS, turn_ns
from .snapshot import write_rows


@jit
def waiting_in_order(w):
    """Pool rows (n,) of all waiting reports, by time of validity, then sensor, then arrival."""
    rows, when = np.empty(w.tally.waiting, np.int32), np.empty(w.tally.waiting, np.int64)
    n = 0
    for s in range(len(w.queues)):
        j = w.lists[s, REPORTS].next
        while j >= 0:
            rows[n], when[n] = j, valid_ns(w, s, w.turns[j].time_ns)
            n += 1
            j = w.turns[j].after
    return rows[:n][np.argsort(when[:n], kind="mergesort")]


@merged
def preview(w):
    """Work all waiting frames into the tracks provisionally; returns DONE or what is too small."""
    rows = waiting_in_order(w)
    first = 0
    while first < len(rows):
        sensor_row = np.int64(w.pool[rows[first]].sensor)  # as wide as elsewhere, or all that follows is compiled twice
        from_ns = w.pool[rows[first]].time_ns
        to_ns = from_ns + frame_span_ns(w, sensor_row)
        last = first
        while last < len(rows) and w.pool[rows[last]].sensor == sensor_row and w.pool[rows[last]].time_ns <= to_ns:
            last += 1
        if last - first > len(w.plots):
            return GROW_PLOTS
        if is_aside(w, sensor_row):
            first = last
            continue
        if w.tally.tracks_free <= last - first:
            return GROW_TRACKS
        time_ns = valid_ns(w, sensor_row, frame_time(w, rows[first:last]))
        prepare(w, sensor_row, time_ns, rows[first:last])
        if not frame(w, sensor_row, time_ns):
            return GROW_EDGES
        first = last
    return DONE


@merged
def preview_looks(w, upto_ns):
    """Let the radars' waiting looks that would have their turn by then count as misses, provisionally."""
    for s in range(len(w.queues)):
        if not is_radar(w.sensors[s]) or is_aside(w, s):
            continue
        last_ns, j = w.queues[s].look_ns, w.lists[s, LOOKS].next
        while j >= 0 and turn_ns(w, s, LOOKS, w.turns[j].time_ns) <= upto_ns:
            if w.turns[j].time_ns > last_ns:
                before_ns = valid_ns(w, s, last_ns) if last_ns != NEVER_NS else NEVER_NS
                last_ns = w.turns[j].time_ns
                preview_look(w, s, valid_ns(w, s, last_ns), before_ns)
            j = w.turns[j].after


@merged
def tick(w, time_ns, give):
    """Write the picture at a tick from all that was received by then; returns DONE or what is too small.

    Unless numbers are to be given, only objects that have one are written, and nothing is changed.
    """
    tally = w.tally
    next_line, next_uid, highest, births = tally.next_line, tally.next_uid, tally.highest, tally.births
    tally.previewing = 1
    code = preview(w)
    if code == DONE:
        preview_looks(w, time_ns)
    forget_lines(w, next_line)
    if code == DONE and not write_rows(w, time_ns, give):
        code = GROW_ROWS
    restore_tracks(w)
    tally.previewing, tally.next_uid, tally.highest, tally.births = 0, next_uid, highest, births
    return code
