"""The core's clock work: events in order of consumption, frames and looks in order of validity, rows at ticks.

`run` consumes events until they are done or some table is too small; then it says which, the caller enlarges it and
calls again: nothing is half done. What has been received but is not yet settled is worked in provisionally at
each tick, on saved tracks that are put back afterwards.
"""

from __future__ import annotations

import numpy as np

from .background import renew_background
from .borrow import borrowed
from .cache import jit
from .correction import is_aside, valid_ns
from .frame import frame
from .intake import discard, earliest_look, enqueue, enqueue_look, pick_frame, prepare
from .layout import FAR_NS, NEVER_NS, World
from .lifecycle import restore_tracks
from .lines import forget_lines
from .looks import finish_look, sweep
from .registration import renew_until
from .sensing import CAMERA, COOPERATIVE
from .snapshot import write_rows

DONE, GROW_TRACKS, GROW_POOL, GROW_LOOKS, GROW_PLOTS, GROW_EDGES, GROW_ROWS = 0, 1, 2, 3, 4, 5, 6
REPORT, LOOK, TICK, GLANCE = 0, 1, 2, 3  # kinds of event
PICTURE_NS = 4_000_000  # bearings of one picture; cameras give up to 120 a second
SWEEP_NS = 5_000_000_000


@jit
def oldest_waiting(w):
    """Least time of all waiting reports and looks, FAR_NS if none waits."""
    oldest = FAR_NS
    for s in range(len(w.queues)):
        if w.queues[s].oldest_ns != FAR_NS:
            oldest = min(oldest, valid_ns(w, s, w.queues[s].oldest_ns))
    for q in range(w.tally.looks_waiting):
        oldest = min(oldest, valid_ns(w, w.looks[q].sensor, w.looks[q].time_ns))
    return oldest


@jit
def frame_span_ns(w, sensor_row):
    """How long after its first report a frame still takes reports; declared positions come one by one."""
    kind = w.sensors[sensor_row].kind
    if kind == CAMERA:
        return min(w.rules.frame_ns, PICTURE_NS)
    return 0 if kind == COOPERATIVE else w.rules.frame_ns


@jit
def frame_time(w, rows):
    """Middle of the times of validity of a frame's reports (pool rows)."""
    low, high = w.pool[rows[0]].time_ns, w.pool[rows[0]].time_ns
    for j in rows:
        low, high = min(low, w.pool[j].time_ns), max(high, w.pool[j].time_ns)
    return low + (high - low) // 2


@jit
def settle_frame(w, sensor_row):
    """Work the earliest frame of a sensor for good; returns DONE or what is too small."""
    queue = w.queues[sensor_row]
    from_ns = queue.oldest_ns
    to_ns = from_ns + frame_span_ns(w, sensor_row)
    n = pick_frame(w, queue, from_ns, to_ns)
    if n >= len(w.picked):
        return GROW_PLOTS
    if w.tally.tracks_free <= 2 * n:  # a line may start two: where it meets a camera's, and where it crosses others
        return GROW_TRACKS
    w.tally.settled_ns = max(w.tally.settled_ns, valid_ns(w, sensor_row, from_ns))
    if is_aside(w, sensor_row):
        w.tally.aside += n
        discard(w, queue, from_ns, to_ns)
        return DONE
    duplicate = w.tally.duplicate
    rows = w.picked[:n]
    time_ns = valid_ns(w, sensor_row, frame_time(w, rows))
    prepare(w, sensor_row, time_ns, rows, True)
    if not frame(w, sensor_row, time_ns, True):
        w.tally.duplicate = duplicate
        return GROW_EDGES
    discard(w, queue, from_ns, to_ns)
    return DONE


@jit
def settle_look(w, q):
    """Deal with waiting look q for good and take it off the waiting ones."""
    sensor_row, time_ns = w.looks[q].sensor, w.looks[q].time_ns
    w.tally.looks_waiting -= 1
    w.looks[q] = w.looks[w.tally.looks_waiting]
    queue = w.queues[sensor_row]
    if queue.look_ns != NEVER_NS and time_ns <= queue.look_ns:
        w.tally.late_looks += 1
        return
    previous_ns = queue.look_ns if queue.look_ns == NEVER_NS else valid_ns(w, sensor_row, queue.look_ns)
    if not is_aside(w, sensor_row):
        finish_look(w, sensor_row, valid_ns(w, sensor_row, time_ns), previous_ns)
    queue.look_ns = time_ns


@jit
def sweep_until(w, time_ns):
    """Sweep at each multiple of SWEEP_NS up to time_ns that is not yet done; with no track there is nothing to do."""
    while w.tally.sweep_ns <= time_ns:
        renew_background(w, w.tally.sweep_ns)
        if w.tally.tracks == 0:
            w.tally.sweep_ns = time_ns - time_ns % SWEEP_NS + SWEEP_NS
            return
        sweep(w, w.tally.sweep_ns)
        w.tally.sweep_ns += SWEEP_NS


@jit
def settle(w, watermark_ns):
    """Settle all that is complete at the watermark, in order of validity; returns DONE or what is too small.

    What is done depends on what was received, not on how often this is called: a frame waits until the watermark has
    passed its whole span, and sweeps have their own fixed times.
    """
    while w.tally.oldest_ns <= watermark_ns:
        sweep_until(w, w.tally.oldest_ns)
        renew_until(w, w.tally.oldest_ns)
        oldest, sensor_row = FAR_NS, -1
        for s in range(len(w.queues)):
            if w.queues[s].oldest_ns != FAR_NS and valid_ns(w, s, w.queues[s].oldest_ns) < oldest:
                oldest, sensor_row = valid_ns(w, s, w.queues[s].oldest_ns), s
        q = earliest_look(w)
        look_ns = valid_ns(w, w.looks[q].sensor, w.looks[q].time_ns) if q >= 0 else FAR_NS
        if min(look_ns, oldest) > watermark_ns:  # a clock was corrected
            w.tally.oldest_ns = min(look_ns, oldest)
            return DONE
        if look_ns < oldest:
            settle_look(w, q)
        elif oldest + frame_span_ns(w, sensor_row) > watermark_ns:
            return DONE
        else:
            code = settle_frame(w, sensor_row)
            if code != DONE:
                return code
        w.tally.oldest_ns = oldest_waiting(w)
    return DONE


@jit
def waiting_in_order(w):
    """Pool rows (n,) of all waiting reports, by time, then sensor, then arrival."""
    rows, when = np.empty(w.tally.waiting, np.int32), np.empty(w.tally.waiting, np.int64)
    n = 0
    for s in range(len(w.queues)):
        j = w.queues[s].head
        while j >= 0:
            rows[n], when[n] = j, valid_ns(w, s, w.pool[j].time_ns)
            n += 1
            j = w.pool[j].after
    return rows[np.argsort(when, kind="mergesort")]


@jit
def preview(w):
    """Work all waiting frames into the tracks provisionally; returns DONE or what is too small."""
    rows = waiting_in_order(w)
    first = 0
    while first < len(rows):
        sensor_row, from_ns = w.pool[rows[first]].sensor, w.pool[rows[first]].time_ns
        to_ns = from_ns + frame_span_ns(w, sensor_row)
        last = first
        while last < len(rows) and w.pool[rows[last]].sensor == sensor_row and w.pool[rows[last]].time_ns <= to_ns:
            last += 1
        if last - first > len(w.plots):
            return GROW_PLOTS
        if is_aside(w, sensor_row):
            first = last
            continue
        time_ns = valid_ns(w, sensor_row, frame_time(w, rows[first:last]))
        prepare(w, sensor_row, time_ns, rows[first:last], False)
        if not frame(w, sensor_row, time_ns, False):
            return GROW_EDGES
        first = last
    return DONE


@jit
def tick(w, time_ns, give):
    """Write the picture at a tick from all that was received by then; returns DONE or what is too small.

    Unless numbers are to be given, only objects that have one are written, and nothing is changed.
    """
    next_line = w.tally.next_line
    code = preview(w)
    forget_lines(w, next_line)
    if code == DONE and not write_rows(w, time_ns, give):
        code = GROW_ROWS
    restore_tracks(w)
    return code


@jit
def too_late(w, report):
    """Is a report older than what is settled, by more than the grace, or from too far in the future?"""
    time_ns = valid_ns(w, report.sensor, report.time_ns)
    if time_ns + w.rules.grace_ns < w.tally.settled_ns:
        return True
    return time_ns > report.received_ns + w.rules.future_ns


@jit
def accept_report(w, report):
    """Put a report into the pool, or count why not."""
    if report.parts == 0:
        w.tally.incomplete += 1
    elif too_late(w, report):
        w.tally.late += 1
    else:
        enqueue(w, report)
        w.tally.oldest_ns = min(w.tally.oldest_ns, valid_ns(w, report.sensor, report.time_ns))


@jit
def accept_look(w, look):
    """Let a look wait until it is settled."""
    enqueue_look(w, look)
    w.tally.oldest_ns = min(w.tally.oldest_ns, valid_ns(w, look.sensor, look.time_ns))


@jit
def room_for_one(w):
    """DONE if another report and another look may wait, else what is too small."""
    if w.tally.waiting_free == 0:
        return GROW_POOL
    return GROW_LOOKS if w.tally.looks_waiting >= len(w.looks) else DONE


@jit
def advance(w, time_ns):
    """Settle what is complete at the time of an event; not between events of one moment: their order must not show."""
    code = DONE
    if time_ns > w.tally.now_ns:
        if w.tally.oldest_ns <= time_ns - w.rules.lag_ns:
            code = settle(w, time_ns - w.rules.lag_ns)
        w.tally.now_ns = time_ns if code == DONE else w.tally.now_ns
    return code


@jit
def run(world, kinds, rows, times_ns, start, reports, looks):
    """Consume events from `start` on; returns (code, next event): DONE, or what must be enlarged before going on.

    Args:
        kinds, rows, times_ns: (N,) REPORT, LOOK, TICK or GLANCE; row in its batch; time of receipt or tick.
        reports, looks: the input's records (layout.REPORT, layout.LOOK).
    """
    w = World(
        world.rules,
        borrowed(world.sensors),
        borrowed(world.tracks),
        borrowed(world.spots),
        borrowed(world.free),
        borrowed(world.head),
        borrowed(world.ground),
        borrowed(world.queues),
        borrowed(world.pool),
        borrowed(world.pool_free),
        borrowed(world.looks),
        borrowed(world.lines),
        borrowed(world.clues),
        borrowed(world.scores),
        borrowed(world.background),
        borrowed(world.corrections),
        borrowed(world.sights),
        borrowed(world.pairs),
        borrowed(world.links),
        borrowed(world.course),
        world.tally,
        world.work,
        borrowed(world.near),
        borrowed(world.picked),
        borrowed(world.plots),
        borrowed(world.candidates),
        borrowed(world.edges),
        borrowed(world.joints),
        borrowed(world.undo),
        borrowed(world.undo_of),
        borrowed(world.saved),
        borrowed(world.trace),
        borrowed(world.rows),
    )
    e, reports, looks = start, borrowed(reports), borrowed(looks)
    while e < len(kinds):
        code = room_for_one(w)
        if code == DONE:
            code = advance(w, times_ns[e])
        if code == DONE and kinds[e] >= TICK:
            code = tick(w, times_ns[e], kinds[e] == TICK)
        if code != DONE:
            return code, e
        if kinds[e] == REPORT:
            accept_report(w, reports[rows[e]])
        elif kinds[e] == LOOK:
            accept_look(w, looks[rows[e]])
        e += 1
    return DONE, e
