"""What becomes of reports: each that is received has one fate, counted once. It waits in the pool for its turn and is
used then, or is a repeat, too late, incomplete, or of a sensor that is set aside.

What comes later than something that it should have come before is kept as well, and says how far the tracker has to
go back (kernels.timeline).
"""

from __future__ import annotations

from .borrow import bare_inlined
from .cache import jit
from .correction import valid_ns
from .layout import LEARNT
from .pool import LOOKS, REPORTS, breaks_order, is_kept, link_row, take_place, turn_ns

CALM_NS = 60_000_000_000  # where nothing breaks the order for so long, snapshots need not be dense


@bare_inlined
def out_of_time(w, sensor_row, stated_ns, received_ns):
    """Is it older than what may still be worked in, or from too far in the future?"""
    time_ns = valid_ns(w, sensor_row, stated_ns)
    if time_ns < received_ns - w.rules.window_ns or time_ns < w.tally.horizon_ns + w.rules.frame_ns:
        return True
    return time_ns > received_ns + w.rules.future_ns


@bare_inlined
def keep(w, report, column):
    """Put a report, or a look, into the pool: to wait for its turn, or, where that has passed, for a rebuild."""
    s = report.sensor
    late = breaks_order(w, s, column, report.time_ns)
    j = take_place(w)
    w.pool[j] = report
    for c in range(LEARNT):
        w.pool[j].told[c] = report.variance[c]
    w.pool[j].counted, w.pool[j].touched = 0, 0
    w.tally.received += 1
    w.pool[j].serial = w.tally.received
    link_row(w, s, column, j, not late)
    if late:
        w.tally.broken_ns = min(w.tally.broken_ns, turn_ns(w, s, column, report.time_ns))
        w.tally.dense_ns = max(w.tally.dense_ns, w.tally.front_ns + CALM_NS)
    else:
        w.tally.oldest_ns = min(w.tally.oldest_ns, w.lists[s, column].oldest_ns)


@bare_inlined
def accept_report(w, report, received_ns):
    """Put a report into the pool, or count why not."""
    s, time_ns = report.sensor, report.time_ns
    if report.parts == 0:
        w.tally.incomplete += 1
    elif out_of_time(w, s, time_ns, received_ns):
        w.tally.late += 1
    elif breaks_order(w, s, REPORTS, time_ns) and is_kept(w, w.lists[s, REPORTS], report):
        w.tally.duplicate += 1
    else:
        keep(w, report, REPORTS)
        w.tally.waiting += 1


@bare_inlined
def accept_look(w, look, received_ns):
    """Put a look into the pool, or count that it came too late."""
    if out_of_time(w, look.sensor, look.time_ns, received_ns):
        w.tally.late_looks += 1
    else:
        keep(w, look, LOOKS)


@bare_inlined
def is_first(report, tally):
    """Is a report worked for the first time? Then it waits no longer, and its fate is to be counted."""
    if report.counted:
        return False
    report.counted = 1
    tally.waiting -= 1
    return True


@jit
def count_frame(w, rows):
    """Count the reports of the frame in w.plots, made of the pool rows (n,): those left out of it are repeats."""
    for f in range(w.frame.plots):
        w.tally.used += is_first(w.pool[w.plots[f].report], w.tally)
    for j in rows:
        w.tally.duplicate += is_first(w.pool[j], w.tally)


@jit
def count_aside(w, rows):
    """Count the reports (pool rows (n,)) of a sensor that is set aside."""
    for j in rows:
        w.tally.aside += is_first(w.pool[j], w.tally)
