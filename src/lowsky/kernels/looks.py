"""Looks: a track that a finished look should have seen, and that had no candidate report in it, exists less likely.

The miss counts only as far as the sensor should have seen the object: reach, field of view, and for receivers of
what objects declare only if this receiver has heard this object before. A look also thins out the density of objects
that are still undetected.
"""

from __future__ import annotations

import math

from .background import cell_of, is_radar, is_sure, note_chance
from .borrow import bare
from .cache import jit
from .candidates import existence_at, predicted_spread, rough_place, tracks_in_reach
from .cells import look_over, tracks_within
from .clues import directs, note_look
from .correction import put_place
from .emission import BODY, learn_missed, noticeable
from .layout import HEARD, NEVER_NS, PLACED, RECENT, SIGHTED
from .lifecycle import end_track, save_track, should_end
from .measurement import polar, range_azimuth
from .posts import fall_silent
from .scores import fade, note_missed
from .sensing import CAMERA, COOPERATIVE, NOTICEABLE, POST, detection_probability, gives_lines

SILENT_NS = 2_000_000_000  # what only one sense held, and that has fallen silent so long, may be there, but who ...
LET_GO = 0.3  # ... could know? So much less likely is it by each look that should have noticed it
SURELY_NOTICED = 0.99  # what a sense may not notice at all is not held against a sensor
ROUGH_IDLE = 4  # from post to post it takes longer


@bare
def last_participation(t, sensor_row):
    """Time of track t's last candidate report of this sensor, or 0 if it is not remembered."""
    for q in range(RECENT):
        if t.recent_sensor[q] == sensor_row:
            return t.recent_ns[q]
    return 0


@bare
def miss(t, time_ns, detection, life_s):
    """Lower the existence of track t by one look that missed it with the given detection probability."""
    r = existence_at(t, time_ns, life_s)
    t.existence = r * (1.0 - detection) / (1.0 - r * detection)
    t.existence_ns = max(time_ns, t.existence_ns)
    if detection > NOTICEABLE:
        t.misses += 1


@bare
def look_at(w, sensor, t, time_ns):
    """Probability with which a look at time_ns sees what track t is of, as described; leaves its place as the sensor
    sees it in work.vector[4]."""
    there, z, dt_s = w.work.vector[3], w.work.vector[4], (time_ns - t.state_ns) * 1e-9
    rough_place(t.centre, dt_s, there)
    if sensor.all_round:
        range_azimuth(sensor.place_m, sensor.rotation, there, z)
    else:
        polar(sensor.place_m, sensor.rotation, there, z)
    return detection_probability(sensor, z, math.sqrt(max(predicted_spread(t.spread, dt_s), 1.0) / 3.0))


@jit
def preview_look(w, sensor_row, time_ns, previous_ns):
    """What a radar's look says of tracks that has been told of but is not settled: those that it missed exist less
    likely. Each is saved before; nothing is learnt of the sensor, and no track ends."""
    put_place(w, sensor_row)
    sensor, z = w.sensors[sensor_row], w.work.vector[4]
    place, reach = sensor.place_m, sensor.reach_m[1]
    n = tracks_within(w, place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)
    for v in range(tracks_in_reach(w, sensor, time_ns, n)):
        t = w.tracks[w.near[v]]
        if last_participation(t, sensor_row) > previous_ns or t.birth_ns > time_ns:
            continue
        promised = look_at(w, sensor, t, time_ns) * noticeable(t, sensor)
        detection = promised * w.background[sensor_row, cell_of(sensor, z[0], z[1])].seen_scale
        if detection > 0.01:
            save_track(w.near[v], w)
            miss(t, time_ns, detection, w.rules.life_s)


@jit
def finish_look(w, sensor_row, time_ns, previous_ns):
    """Deal with one look of a sensor that covers (previous_ns, time_ns]."""
    put_place(w, sensor_row)
    sensor, z = w.sensors[sensor_row], w.work.vector[4]
    declared, radar = sensor.kind == COOPERATIVE, is_radar(sensor)
    place, reach = sensor.place_m, sensor.reach_m[1]
    if previous_ns != NEVER_NS:
        fade(w.scores[sensor_row], (time_ns - previous_ns) * 1e-9)
    n = tracks_within(w, place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)
    for v in range(tracks_in_reach(w, sensor, time_ns, n)):
        i = w.near[v]
        t = w.tracks[i]
        last = last_participation(t, sensor_row)
        if last > previous_ns or t.birth_ns > time_ns or (declared and last == 0):
            continue
        promised = look_at(w, sensor, t, time_ns)
        existence, seen_scale = existence_at(t, time_ns, w.rules.life_s), 1.0
        if radar:
            cell = w.background[sensor_row, cell_of(sensor, z[0], z[1])]
            seen_scale = cell.seen_scale
            if is_sure(t, existence):
                note_chance(w.scores[sensor_row], cell, promised, 0.0)
        notice = noticeable(t, sensor)
        if declared or notice > SURELY_NOTICED:
            note_missed(w.scores[sensor_row], t, existence, promised)
        if sensor.kind == POST and t.rough_m > 0.0 and notice > 0.0:
            promised = fall_silent(w, t, sensor, sensor.detection * notice, time_ns) / notice
        detection = promised * notice * seen_scale
        if detection > 0.01 or (t.held == sensor.sense != BODY and promised > 0.01):
            miss(t, time_ns, detection, w.rules.life_s)
            learn_missed(t, sensor, promised * seen_scale)
            if t.held == sensor.sense != BODY and sensor.kind != POST and time_ns - t.hit_ns > SILENT_NS:
                t.existence *= 1.0 - LET_GO * promised
            if should_end(t, w.rules):
                end_track(i, w)
    if directs(sensor.kind):
        note_look(w, sensor_row, time_ns)
    if not declared and not gives_lines(sensor.kind):
        layer = SIGHTED if sensor.kind == CAMERA else HEARD if sensor.kind == POST else PLACED
        detection = sensor.detection * sensor.share * w.scores[sensor_row].seen_scale
        look_over(w, place, reach, detection, time_ns, layer)
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
