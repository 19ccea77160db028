"""Looks: a track that a finished look should have seen, and that had no candidate report in it, exists less likely.

The miss counts only as far as the sensor should have seen the object: reach, field of view, and for receivers of
what objects declare only if this receiver has heard this object before. A look also thins out the density of objects
that are still undetected.
"""

from __future__ import annotations

import math

from .background import cell_of, is_radar, is_sure, note_chance
from .cache import jit
from .candidates import existence_at, predicted_spread, rough_place, tracks_in_reach
from .cells import look_over, tracks_within
from .correction import put_place
from .layout import NEVER_NS, RECENT
from .lifecycle import end_track, should_end
from .measurement import polar, range_azimuth
from .scores import fade, note_missed
from .sensing import COOPERATIVE, detection_probability

NOTICEABLE = 0.3  # a miss counts towards coasting if the sensor should have seen the object with this probability


@jit
def last_participation(t, sensor_row):
    """Time of track t's last candidate report of this sensor, or 0 if it is not remembered."""
    for q in range(RECENT):
        if t.recent_sensor[q] == sensor_row:
            return t.recent_ns[q]
    return 0


@jit
def doubt_visibility(t, detection):
    """Lower the visibility of a track that was missed with this detection probability, should it exist."""
    if t.visible < 1.0:
        t.visible = max(t.visible - detection, 0.0) / (1.0 - detection)


@jit
def miss(t, time_ns, detection, life_s):
    """Lower the existence of track t by one look that missed it with the given detection probability.

    Existence and visibility are updated jointly: what declares itself and radars never see is there all the same.
    """
    r = existence_at(t, time_ns, life_s)
    t.existence = r * (1.0 - detection) / (1.0 - r * detection)
    t.existence_ns = max(time_ns, t.existence_ns)
    doubt_visibility(t, detection)
    if detection > NOTICEABLE:
        t.misses += 1


@jit
def finish_look(w, sensor_row, time_ns, previous_ns):
    """Deal with one look of a sensor that covers (previous_ns, time_ns]."""
    put_place(w, sensor_row)
    sensor, there, z = w.sensors[sensor_row], w.work.vector[3], w.work.vector[4]
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
        dt_s = (time_ns - t.state_ns) * 1e-9
        rough_place(t.centre, dt_s, there)
        if sensor.all_round:
            range_azimuth(place, sensor.rotation, there, z)
        else:
            polar(place, sensor.rotation, there, z)
        spread_m = math.sqrt(max(predicted_spread(t.spread, dt_s), 1.0) / 3.0)
        promised = detection_probability(sensor, z, spread_m)
        existence, seen_scale = existence_at(t, time_ns, w.rules.life_s), 1.0
        if radar:
            cell = w.background[sensor_row, cell_of(sensor, z[0], z[1])]
            seen_scale = cell.seen_scale
            if is_sure(t, existence):
                note_chance(w.scores[sensor_row], cell, promised, 0.0)
        if declared or t.visible == 1.0:
            note_missed(w.scores[sensor_row], t, existence, promised)
        detection = promised * t.visible * seen_scale
        if detection > 0.01:
            miss(t, time_ns, detection, w.rules.life_s)
            if should_end(t, w.rules):
                end_track(i, w)
    if not declared:
        look_over(w, place, reach, sensor.detection * w.scores[sensor_row].seen_scale, time_ns)
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
        if not t.confirmed and time_ns - t.hit_ns > w.rules.idle_ns:
            t.existence = 0.0
        spread = t.spread[0]
        t.spread[0] = predicted_spread(t.spread, (time_ns - t.state_ns) * 1e-9)
        if should_end(t, w.rules):
            end_track(i, w)
        t.spread[0] = spread
