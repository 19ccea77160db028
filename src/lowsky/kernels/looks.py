"""Looks: a track that a finished look should have seen, and that had no candidate report in it, exists less likely.

The miss counts only as far as the sensor should have seen the object: reach, field of view, and for receivers of
what objects declare only if this receiver has heard this object before. A look also thins out the density of objects
that are still undetected.
"""

from __future__ import annotations

from .background import cell_of, is_radar, is_sure, note_chance
from .borrow import bare, bare_inlined
from .cache import jit
from .candidates import existence_at, predicted_spread
from .cells import look_over, tracks_within
from .chances import look_at_tracks
from .clues import directs, note_look
from .correction import put_place
from .crew import LOOK, share_out
from .emission import BODY, learn_missed, noticeable
from .layout import HEARD, NEVER_NS, PLACED, SIGHTED
from .lifecycle import end_track, save_track, should_end
from .posts import fall_silent
from .scores import fade, note_missed
from .sensing import CAMERA, COOPERATIVE, NOTICEABLE, POST, gives_lines

SILENT_NS = 2_000_000_000  # what only one sense held, and that has fallen silent so long, may be there, but who ...
LET_GO = 0.3  # ... could know? So much less likely is it by each look that should have noticed it
SURELY_NOTICED = 0.99  # what a sense may not notice at all is not held against a sensor
LEAST_MISS = 0.01  # what would have been seen less likely tells nothing
ROUGH_IDLE = 4  # from post to post it takes longer


@bare
def miss(t, time_ns, detection, life_s):
    """Lower the existence of track t by one look that missed it with the given detection probability."""
    r = existence_at(t, time_ns, life_s)
    t.existence = r * (1.0 - detection) / (1.0 - r * detection)
    t.existence_ns = max(time_ns, t.existence_ns)
    if detection > NOTICEABLE:
        t.misses += 1


@jit
def look_over_tracks(w, sensor_row, time_ns, previous_ns):
    """Work out with what probability a look that covers (previous_ns, time_ns] sees the tracks within the sensor's
    reach: rows in w.near, the rest in w.meetings; returns how many."""
    put_place(w, sensor_row)
    frame, place, reach = w.frame, w.sensors[sensor_row].place_m, w.sensors[sensor_row].reach_m[1]
    frame.sensor, frame.time_ns, frame.before_ns = sensor_row, time_ns, previous_ns
    n = tracks_within(w, place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)
    share_out(w, LOOK, n, look_at_tracks)
    return n


@jit
def preview_look(w, sensor_row, time_ns, previous_ns):
    """What a radar's look says of tracks that has been told of but is not settled: those that it missed exist less
    likely. Each is saved before; nothing is learnt of the sensor, and no track ends."""
    for v in range(look_over_tracks(w, sensor_row, time_ns, previous_ns)):
        meeting, t = w.meetings[v], w.tracks[w.near[v]]
        if meeting.promised < 0.0:
            continue
        cell = cell_of(w.sensors[sensor_row], meeting.place[0], meeting.place[1])
        detection = meeting.promised * noticeable(t, w.sensors[sensor_row]) * w.background[sensor_row, cell].seen_scale
        if detection > LEAST_MISS:
            save_track(w.near[v], w)
            miss(t, time_ns, detection, w.rules.life_s)


@bare_inlined
def learn_of_look(w, t, sensor, meeting, notice, existence):
    """Learn from a look that did not report track t, which exists with a probability and is noticed by the sense with
    another; returns the factor on detection that was learnt of the place before."""
    score, seen_scale = w.scores[w.frame.sensor], 1.0
    if is_radar(sensor):
        cell = w.background[w.frame.sensor, cell_of(sensor, meeting.place[0], meeting.place[1])]
        seen_scale = cell.seen_scale
        if is_sure(t, existence):
            note_chance(score, cell, meeting.promised, 0.0)
    if sensor.kind == COOPERATIVE or notice > SURELY_NOTICED:
        note_missed(score, t, existence, meeting.promised)
    return seen_scale


@bare_inlined
def miss_track(w, i, sensor, meeting):
    """Deal with a look that did not report track i."""
    t, time_ns = w.tracks[i], w.frame.time_ns
    promised, notice = meeting.promised, noticeable(t, sensor)
    seen_scale = learn_of_look(w, t, sensor, meeting, notice, existence_at(t, time_ns, w.rules.life_s))
    if sensor.kind == POST and t.rough_m > 0.0 and notice > 0.0:
        promised = fall_silent(w, t, sensor, sensor.detection * notice, time_ns) / notice
    detection, only = promised * notice * seen_scale, t.held == sensor.sense != BODY
    if detection > LEAST_MISS or (only and promised > LEAST_MISS):
        miss(t, time_ns, detection, w.rules.life_s)
        learn_missed(t, sensor, promised * seen_scale)
        if only and sensor.kind != POST and time_ns - t.hit_ns > SILENT_NS:
            t.existence *= 1.0 - LET_GO * promised
        if should_end(t, w.rules):
            end_track(i, w)


@jit
def finish_look(w, sensor_row, time_ns, previous_ns):
    """Deal with one look of a sensor that covers (previous_ns, time_ns]."""
    if previous_ns != NEVER_NS:
        fade(w.scores[sensor_row], (time_ns - previous_ns) * 1e-9)
    n, sensor = look_over_tracks(w, sensor_row, time_ns, previous_ns), w.sensors[sensor_row]
    for v in range(n):
        if w.meetings[v].promised >= 0.0:
            miss_track(w, w.near[v], sensor, w.meetings[v])
    if directs(sensor.kind):
        note_look(w, sensor_row, time_ns)
    if sensor.kind != COOPERATIVE and not gives_lines(sensor.kind):
        layer = SIGHTED if sensor.kind == CAMERA else HEARD if sensor.kind == POST else PLACED
        detection = sensor.detection * sensor.share * w.scores[sensor_row].seen_scale
        look_over(w, sensor.place_m, sensor.reach_m[1], detection, time_ns, layer)
    w.scores[sensor_row].looks += 1.0
    w.tally.looks += 1


@jit
def sweep(w, time_ns):
    """Let existence and covariance of all tracks run on to time_ns, and end those that nothing looks at any more."""
    for i in range(w.tally.highest):
        t = w.tracks[i]
        if not t.used:
            continue
        t.existence = existence_at(t, time_ns, w.rules.life_s)
        t.existence_ns = max(time_ns, t.existence_ns)
        if not t.confirmed and time_ns - t.hit_ns > w.rules.idle_ns * (ROUGH_IDLE if t.rough_m > 0.0 else 1):
            t.existence = 0.0
        spread = t.spread[0]
        t.spread[0] = predicted_spread(t.spread, (time_ns - t.state_ns) * 1e-9)
        if should_end(t, w.rules):
            end_track(i, w)
        t.spread[0] = spread
