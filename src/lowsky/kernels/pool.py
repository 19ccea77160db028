"""The pool: reports and looks of the last seconds, by sensor and time, those that wait and those that have been worked.

What has been worked is kept as long as a late one may still come before it: then the tracker goes back to a snapshot
and works it again (kernels.timeline). Each sensor has two lists, of reports and of looks, in order of the times that it
stamps; in each, `next` parts what has been worked from what waits. A late one is put where it belongs, before `next`,
and is worked when the tracker has gone back.
"""

from __future__ import annotations

from .borrow import bare, bare_inlined
from .cache import jit
from .correction import valid_ns
from .layout import FAR_NS, LEARNT, PARTS
from .layout import REPORT as RECORD
from .lending import lent
from .prefetch import prefetch

REPORTS, LOOKS = 0, 1  # columns of w.lists
AHEAD = 4  # reports: about as long as memory takes to answer
REPORT_BYTES = RECORD.itemsize
LOOK_WAIT_NS = 100_000_000  # looks have their turn so much after reports: sensors tell of a look when it has ended


@jit
def comes_before(a, b):
    """Canonical order of two reports of a frame after their azimuth: what they carry, its values, who, when, how sure.

    All that a frame's outcome could depend on is compared, so that the order of arrival never shows.
    """
    if a.parts != b.parts:
        return a.parts < b.parts
    for c in range(PARTS):
        if a.parts & (1 << c) and a.values[c] != b.values[c]:
            return a.values[c] < b.values[c]
    if a.identity != b.identity:
        return a.identity < b.identity
    if a.time_ns != b.time_ns:
        return a.time_ns < b.time_ns
    if a.odds != b.odds:
        return a.odds < b.odds
    for c in range(PARTS):
        if a.parts & (1 << c) and a.variance[c] != b.variance[c]:
            return a.variance[c] < b.variance[c]
    return False


@bare_inlined
def turn_ns(w, sensor_row, column, stated_ns):
    """Time of validity at which a report, or a look, has its turn."""
    return valid_ns(w, sensor_row, stated_ns) + (LOOK_WAIT_NS if column == LOOKS else 0)


@bare_inlined
def breaks_order(w, sensor_row, column, stated_ns):
    """Has something been worked already that comes after a report, or a look, of that time?"""
    queue = w.queues[sensor_row]
    worked_ns = queue.worked_ns if column == REPORTS else queue.look_ns
    return stated_ns <= worked_ns or turn_ns(w, sensor_row, column, stated_ns) <= w.tally.front_ns


@bare
def repeats(report, kept):
    """Does a report not differ from a kept one, as that was before it was corrected?"""
    if report.time_ns != kept.time_ns or report.parts != kept.parts or report.identity != kept.identity:
        return False
    if report.odds != kept.odds:
        return False
    for c in range(PARTS):
        told = kept.told[c] if c < LEARNT else kept.variance[c]
        stated = kept.stated[c] if kept.touched and c < 3 else kept.values[c]
        if report.parts & (1 << c) and (report.values[c] != stated or report.variance[c] != told):
            return False
    return True


@bare
def is_kept(w, own, report):
    """Is there a report in the list, worked or waiting, that this one repeats?"""
    j = own.tail
    while j >= 0 and w.turns[j].time_ns >= report.time_ns:
        if repeats(report, w.pool[j]):
            return True
        j = w.turns[j].before
    return False


@bare_inlined
def renew_oldest(w, sensor_row, column):
    """Note when what waits first in a list has its turn."""
    own = w.lists[sensor_row, column]
    own.oldest_ns = turn_ns(w, sensor_row, column, w.turns[own.next].time_ns) if own.next >= 0 else FAR_NS


@bare_inlined
def take_place(w):
    """A free row of the pool. The caller has made sure that there is one."""
    w.tally.waiting_free -= 1
    prefetch(w.pool, w.pool_free[max(w.tally.waiting_free - AHEAD, 0)], 0, REPORT_BYTES)
    return w.pool_free[w.tally.waiting_free]


@bare_inlined
def link_row(w, sensor_row, column, j, waits):
    """Put pool row j into a list, behind what is not later; if it waits, it may be the first to."""
    own, turns, time_ns = w.lists[sensor_row, column], w.turns, w.pool[j].time_ns
    before = own.tail
    while before >= 0 and turns[before].time_ns > time_ns:
        before = turns[before].before
    after = own.head if before < 0 else turns[before].after
    turns[j].time_ns, turns[j].before, turns[j].after = time_ns, before, after
    if before >= 0:
        turns[before].after = j
    else:
        own.head = j
    if after >= 0:
        turns[after].before = j
    else:
        own.tail = j
    if waits and after == own.next:
        own.next = j
        renew_oldest(w, sensor_row, column)


@jit
def pick_frame(w, own, to_ns):
    """Write the rows of the list's waiting reports up to to_ns into w.picked; returns how many."""
    n, j = 0, own.next
    while j >= 0 and n < len(w.picked) and w.turns[j].time_ns <= to_ns:
        w.picked[n] = j
        prefetch(w.pool, j, 0, REPORT_BYTES)
        n += 1
        j = w.turns[j].after
    return n


@bare_inlined
def pass_row(w, sensor_row, column, j):
    """Pool row j is the last of its list that has been worked."""
    w.lists[sensor_row, column].next = w.turns[j].after
    renew_oldest(w, sensor_row, column)


@jit
def rewind(w):
    """Let everything wait again that the sensors' state, put back, has not worked; what came late too."""
    for s in range(len(w.queues)):
        for column in range(2):
            own = w.lists[s, column]
            worked_ns = w.queues[s].worked_ns if column == REPORTS else w.queues[s].look_ns
            j = own.tail if own.next < 0 else w.turns[own.next].before
            while j >= 0 and w.turns[j].time_ns > worked_ns:
                own.next = j
                j = w.turns[j].before
            renew_oldest(w, s, column)


@jit
def forget(world, queues):
    """Free the rows that had been worked when the sensors' state was `queues` (S,): nobody goes back further."""
    w = lent(world)
    for s in range(len(queues)):
        for column in range(2):
            own = w.lists[s, column]
            worked_ns = queues[s].worked_ns if column == REPORTS else queues[s].look_ns
            while own.head >= 0 and own.head != own.next and w.turns[own.head].time_ns <= worked_ns:
                w.pool_free[w.tally.waiting_free] = own.head
                w.tally.waiting_free += 1
                own.head = w.turns[own.head].after
            if own.head >= 0:
                w.turns[own.head].before = -1
            else:
                own.tail = -1


@jit
def kept_rows(w, column, rows):
    """Write the pool rows of all lists of a column into rows, list by list in order; returns how many."""
    n = 0
    for s in range(len(w.queues)):
        j = w.lists[s, column].head
        while j >= 0:
            rows[n] = j
            n += 1
            j = w.turns[j].after
    return n


@jit
def refill(w, reports, column):
    """Put saved reports, or looks, in the order of `kept_rows`, into lists that are empty. There is room."""
    for k in range(len(reports)):
        j = take_place(w)
        w.pool[j] = reports[k]
        link_row(w, reports[k].sensor, column, j, False)
