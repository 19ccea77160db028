"""With what probability a finished look should have seen the tracks round its sensor: each track for itself, so that
several threads may ask at once (kernels.crew). What follows from it is `kernels.looks`'s."""

from __future__ import annotations

import math

from .borrow import bare
from .candidates import AHEAD, REACH_MARGIN_M, beyond, predicted_spread, rough_place
from .layout import RECENT
from .measurement import polar, range_azimuth
from .prefetch import prefetch
from .sensing import COOPERATIVE, detection_probability

NOT_ASKED = -1.0  # out of reach, reported by the look, or born after it


@bare
def last_participation(t, sensor_row):
    """Time of track t's last candidate report of this sensor, or 0 if it is not remembered."""
    for q in range(RECENT):
        if t.recent_sensor[q] == sensor_row:
            return t.recent_ns[q]
    return 0


@bare
def was_reported(t, frame, kind):
    """Had track t a report in the look, or was it not there to be seen? Receivers miss only what they have heard."""
    last = last_participation(t, frame.sensor)
    return last > frame.before_ns or t.birth_ns > frame.time_ns or (kind == COOPERATIVE and last == 0)


@bare
def look_at(w, sensor, t, place):
    """Probability with which the look sees what track t is of, as described, NOT_ASKED if it was not to; writes the
    track's place as the sensor sees it (4,)."""
    there, dt_s = w.work.vector[3], (w.frame.time_ns - t.state_ns) * 1e-9
    rough_place(t.centre, dt_s, there)
    if beyond(sensor.place_m, there, sensor.reach_m[1] + REACH_MARGIN_M) or was_reported(t, w.frame, sensor.kind):
        return NOT_ASKED
    if sensor.all_round:
        range_azimuth(sensor.place_m, sensor.rotation, there, place)
    else:
        polar(sensor.place_m, sensor.rotation, there, place)
    return detection_probability(sensor, place, math.sqrt(max(predicted_spread(t.spread, dt_s), 1.0) / 3.0))


@bare
def look_at_tracks(w, first, last):
    """Ask for the tracks of the rows first to before last of w.near; answers go into w.meetings."""
    sensor, near = w.sensors[w.frame.sensor], w.near
    for v in range(first, last):
        prefetch(w.tracks, near[min(v + AHEAD, last - 1)], 0, 256)
        meeting = w.meetings[v]
        meeting.promised = look_at(w, sensor, w.tracks[near[v]], meeting.place)
