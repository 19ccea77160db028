"""The core's clock work: events in order of consumption, frames and looks in order of validity, rows at ticks.

`run` consumes events until they are done or the caller has to do something: enlarge a table that is too small, keep a
snapshot of the state, or go back to one; then it says what, and is called again: nothing is half done. What has been
received but is not yet settled is worked in provisionally at each tick, on saved tracks that are put back afterwards.

A snapshot is due at every multiple of SNAPSHOT_NS of validity: all that is valid before has been worked then, and
nothing that is valid later; while nothing comes late one in MAIN_NS is kept. What comes later than something that it
should have come before makes the tracker go back to the newest snapshot before it, at the next tick or snapshot, and
work everything since again, in canonical order.
"""

from __future__ import annotations

from .background import renew_background
from .borrow import bare_inlined, borrowed, merged
from .cache import jit
from .codes import (
    DONE,
    GLANCE,
    GO_BACK,
    GROW_EDGES,
    GROW_PLOTS,
    GROW_POOL,
    GROW_TRACKS,
    LOOK,
    REPORT,
    SNAPSHOT,
    TICK,
)
from .correction import is_aside, put_place, valid_ns
from .crew import dismiss
from .fates import accept_look, accept_report, count_aside, count_frame
from .frame import frame
from .intake import frame_span_ns, frame_time, prepare
from .jobs import help_out
from .layout import FAR_NS, NEVER_NS
from .lending import lent
from .looks import finish_look, sweep
from .numbers import numbers_again
from .pool import LOOKS, REPORTS, pass_row, pick_frame, renew_oldest, rewind
from .preview import tick
from .registration import RENEW_NS, renew_until

SWEEP_NS = 5_000_000_000
SNAPSHOT_NS = 1_000_000_000
MAIN_NS = 5_000_000_000  # of snapshots that are always kept; what comes late first costs that much more to work in
SILENCE_NS = 60_000_000_000  # after longer ones the snapshots before its last part are left out


@jit
def oldest_waiting(w):
    """When the first of all waiting reports and looks has its turn, FAR_NS if none waits."""
    oldest = FAR_NS
    for s in range(len(w.queues)):
        oldest = min(oldest, min(w.lists[s, REPORTS].oldest_ns, w.lists[s, LOOKS].oldest_ns))
    return oldest


@merged
def settle_frame(w, sensor_row):
    """Work the earliest frame of a sensor for good; returns DONE or what is too small."""
    own = w.lists[sensor_row, REPORTS]
    to_ns = w.pool[own.next].time_ns + frame_span_ns(w, sensor_row)
    n = pick_frame(w, own, to_ns)
    if n >= len(w.picked):
        return GROW_PLOTS
    if w.tally.tracks_free <= 2 * n:  # a line may start two: where it meets a camera's, and where it crosses others
        return GROW_TRACKS
    w.tally.settled_ns = max(w.tally.settled_ns, own.oldest_ns)
    w.tally.front_ns = max(w.tally.front_ns, own.oldest_ns)
    rows = w.picked[:n]
    if is_aside(w, sensor_row):
        count_aside(w, rows)
    else:
        time_ns = valid_ns(w, sensor_row, frame_time(w, rows))
        prepare(w, sensor_row, time_ns, rows)
        if not frame(w, sensor_row, time_ns):
            return GROW_EDGES
        count_frame(w, rows)
    w.queues[sensor_row].worked_ns = to_ns
    pass_row(w, sensor_row, REPORTS, rows[n - 1])
    return DONE


@merged
def settle_look(w, sensor_row):
    """Deal with the earliest look of a sensor for good."""
    j, queue = w.lists[sensor_row, LOOKS].next, w.queues[sensor_row]
    stated_ns = w.pool[j].time_ns
    time_ns = valid_ns(w, sensor_row, stated_ns)
    w.tally.front_ns = max(w.tally.front_ns, w.lists[sensor_row, LOOKS].oldest_ns)
    if stated_ns > queue.look_ns:
        before_ns = valid_ns(w, sensor_row, queue.look_ns) if queue.look_ns != NEVER_NS else NEVER_NS
        if not is_aside(w, sensor_row):
            finish_look(w, sensor_row, time_ns, before_ns)
        queue.look_ns = stated_ns
    elif not w.pool[j].counted:
        w.tally.late_looks += 1
    w.pool[j].counted = 1
    pass_row(w, sensor_row, LOOKS, j)


@jit
def sweep_until(w, time_ns):
    """Sweep at each multiple of SWEEP_NS up to time_ns that is not yet done; with no track there is nothing to do."""
    while w.tally.sweep_ns <= time_ns:
        renew_background(w, w.tally.sweep_ns)
        if w.tally.tracks == 0:
            w.tally.sweep_ns = time_ns - time_ns % SWEEP_NS + SWEEP_NS
            return
        sweep(w, w.tally.sweep_ns)
        w.tally.front_ns = max(w.tally.front_ns, w.tally.sweep_ns)
        w.tally.sweep_ns += SWEEP_NS


@jit
def correct_clocks(w, time_ns):
    """Renew what is known of the sensors' errors up to time_ns; was the clock of one corrected?

    What it stamped up to now under the old correction has been worked, whatever the new one says of its validity.
    """
    if w.tally.renew_ns > time_ns:
        return False
    renew_until(w, time_ns)
    w.tally.front_ns = max(w.tally.front_ns, w.tally.renew_ns - RENEW_NS)
    found = False
    for s in range(len(w.queues)):
        queue, clock_ns = w.queues[s], w.corrections[s].clock_ns
        if queue.clock_ns != clock_ns:
            queue.worked_ns = max(queue.worked_ns, w.tally.front_ns + queue.clock_ns - 1)
            queue.clock_ns = clock_ns
            renew_oldest(w, s, REPORTS)
            renew_oldest(w, s, LOOKS)
            found = True
    w.tally.oldest_ns = oldest_waiting(w)
    return found


@jit
def earliest(w):
    """Sensor and list of what is to be worked next: by turn, reports before looks, then by sensor."""
    oldest, sensor_row, column = FAR_NS, -1, REPORTS
    for c in range(2):
        for s in range(len(w.queues)):
            if w.lists[s, c].oldest_ns < oldest:
                oldest, sensor_row, column = w.lists[s, c].oldest_ns, s, c
    return sensor_row, column


@jit
def snapshot_due(w, upto_ns):
    """Is a snapshot due before what waits first, and not after upto_ns?"""
    tally = w.tally
    until_ns = min(tally.oldest_ns, upto_ns)
    if tally.snapshot_ns == NEVER_NS:
        if tally.oldest_ns <= upto_ns:
            tally.snapshot_ns = tally.oldest_ns - tally.oldest_ns % SNAPSHOT_NS + SNAPSHOT_NS
        return False
    if tally.snapshot_ns > until_ns:
        return False
    least_ns = until_ns - w.rules.window_ns - SILENCE_NS
    if tally.snapshot_ns < least_ns:
        tally.snapshot_ns = least_ns - least_ns % SNAPSHOT_NS
    return True


@merged
def prepare_snapshot(w):
    """Do what is to be done before the snapshot that is due."""
    tally = w.tally
    sweep_until(w, tally.snapshot_ns)
    correct_clocks(w, tally.snapshot_ns)
    tally.label_ns = tally.snapshot_ns
    tally.front_ns = max(tally.front_ns, tally.label_ns)
    tally.snapshot_ns += SNAPSHOT_NS


@jit
def is_worth_keeping(tally):
    """Is the snapshot that is due to be kept? Every one while something late is likely to ask for it; else one in
    MAIN_NS, for the copying is a tenth of all work, and of that of a small site a third."""
    return tally.label_ns <= tally.dense_ns or tally.label_ns % MAIN_NS == 0


@merged
def settle(w, watermark_ns):
    """Settle all that is complete at the watermark, in order of validity; returns DONE or what the caller has to do.

    What is done depends on what was received, not on how often this is called: a frame waits until the watermark has
    passed its whole span, and sweeps and snapshots have their own fixed times.
    """
    while True:
        if snapshot_due(w, watermark_ns):
            if w.tally.broken_ns != FAR_NS:
                return GO_BACK
            prepare_snapshot(w)
            if is_worth_keeping(w.tally):
                return SNAPSHOT
            continue
        if w.tally.oldest_ns > watermark_ns:
            return DONE
        sweep_until(w, w.tally.oldest_ns)
        if correct_clocks(w, w.tally.oldest_ns):
            continue  # another may come first now
        sensor_row, column = earliest(w)
        if column == LOOKS:
            settle_look(w, sensor_row)
        elif w.tally.oldest_ns + frame_span_ns(w, sensor_row) > watermark_ns:
            return DONE
        else:
            code = settle_frame(w, sensor_row)
            if code != DONE:
                return code
        w.tally.oldest_ns = oldest_waiting(w)


@bare_inlined
def is_idle(w, kind, time_ns):
    """Is there nothing to be worked before the event? So it is with most: it is what `move_on` finds, asked cheaply."""
    tally = w.tally
    return kind < TICK and not tally.behind and min(tally.oldest_ns, tally.snapshot_ns) > time_ns - w.rules.lag_ns


@merged
def move_on(w, kind, time_ns):
    """Settle what can be at the time of an event, and at a tick write the picture; returns DONE or what the caller has
    to do."""
    tally, code = w.tally, DONE
    if kind == TICK and tally.broken_ns != FAR_NS:
        return GO_BACK
    if time_ns > tally.now_ns or tally.behind:  # not between events of one moment: their order must not show
        watermark_ns = time_ns - w.rules.lag_ns
        if min(tally.oldest_ns, tally.snapshot_ns) <= watermark_ns:
            code = settle(w, watermark_ns)
        if code == DONE:
            tally.now_ns, tally.behind = time_ns, 0
    if code == DONE and TICK <= kind <= GLANCE:
        code = tick(w, time_ns, kind == TICK)
    return code


@jit
def go_on_again(world):
    """Go on from a state that has been put back: what it has not worked waits, births have the numbers given since."""
    rewind(world)
    for s in range(len(world.sensors)):
        put_place(world, s)
    world.tally.oldest_ns = oldest_waiting(world)
    world.tally.behind = 1
    numbers_again(world)


@merged
def work_events(w, kinds, rows, times_ns, start, reports, looks):
    """Consume events from `start` on, as `run` says."""
    e = start
    while e < len(kinds):
        if w.tally.waiting_free == 0:
            return GROW_POOL, e
        if is_idle(w, kinds[e], times_ns[e]):
            w.tally.now_ns = max(w.tally.now_ns, times_ns[e])
        else:
            code = move_on(w, kinds[e], times_ns[e])
            if code != DONE:
                return code, e
        if kinds[e] == REPORT:
            accept_report(w, reports[rows[e]], times_ns[e])
        elif kinds[e] == LOOK:
            accept_look(w, looks[rows[e]], times_ns[e])
        e += 1
    return DONE, e


@jit
def run(world, kinds, rows, times_ns, start, reports, looks):
    """Consume events from `start` on; returns (code, next event): DONE, or what must be done before going on.

    With the work space of a helper it helps another thread that is in here with the same tables, and returns when that
    does: one kernel for both, so that what they share is compiled once.

    Args:
        kinds, rows, times_ns: (N,) REPORT, LOOK, TICK, GLANCE or PAUSE; row in its batch; time of receipt or tick.
        reports, looks: the input's records (layout.REPORT; of looks only time and sensor count).
    """
    w = lent(world)
    if w.work.who > 0:
        help_out(w)
        return DONE, start
    code, e = work_events(w, kinds, rows, times_ns, start, borrowed(reports), borrowed(looks))
    dismiss(w.crew)
    return code, e
