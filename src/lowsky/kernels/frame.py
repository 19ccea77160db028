"""One frame: the reports of one sensor at one time, associated, used, and what is left over made into new tracks.

A frame is worked out twice at most: provisionally at a tick, when it may still be incomplete (every changed track is
saved first and put back after), and once for good. Missed looks are not a frame's business: they are dealt with
when the look itself is known (kernels.looks).
"""

from __future__ import annotations

import math

import numpy as np

from .azimuths import is_one_of_pairs, note_claims
from .background import is_radar, is_sure, learn, note_plots
from .birth import birth_declared, birth_polar
from .borrow import bare, bare_inlined
from .cache import jit
from .candidates import compare_tracks, drop_idle, list_candidates, meet_tracks, tracks_near
from .cells import note_appearance, relink
from .clues import note_clues
from .confirm import TOP_ODDS, note_passages, renew_odds, shows
from .crew import COMPARE, MEET, REVISE, share_out
from .crossings import birth_crossings
from .groups import come_out, join_groups
from .layout import NEVER_NS
from .lifecycle import end_track, join_rivals, should_end, undo_row
from .lines import birth_cameras, preview_lines
from .pairs import weigh_pairs
from .posts import birth_posts
from .revision import LITTLE, revise_tracks
from .scores import note_score
from .sensing import CAMERA, COOPERATIVE, POST, gives_lines
from .sharing import associate
from .sights import note_sight
from .splits import begin_trials, note_spread, settle_trials, weigh_trials
from .update import existence_update

SETTLED = 0.3  # a dispute so far behind is over: seven such lines


@bare
def enough_reports(t, rules):
    """Has track t enough reports to be shown, in no dispute? What only posts hear needs twice as many, of two posts."""
    needed = (2.0 if t.rough_m > 0.0 else 1.0) * rules.confirm_reports
    return t.backed == 2 and t.dispute < SETTLED and t.hits >= needed and t.trial_uid == 0


@bare
def confirm(w, t, i, sensor_row):
    """Show track i, t, with enough reports, if it exists likely enough and nothing else is as good an explanation."""
    enough = shows(t, w.rules, w.tally, is_radar(w.sensors[sensor_row]))
    if enough and not is_one_of_pairs(w.tracks, w.tally.highest, i):
        t.confirmed = 1
        come_out(w, t)


@bare
def chance_to_see(c, kind):
    """Probability that the frame has a report of candidate c if it exists; to declare oneself is no duty."""
    if kind == POST:
        return (1.0 - c.missed) / c.existence
    return 0.0 if kind == COOPERATIVE else c.detection


@bare_inlined
def use_as_sight(w, c, t, sensor_row, edge):
    """Keep a report of track t for what it tells of the sensor, unless a sensor ever might not have resolved the track
    from another: a formation fits as well when it is shifted by one place."""
    if w.frame.joints > 0 and c.partner >= 0 and t.beside_uid == 0:
        t.beside_uid, t.beside, t.apart = w.tracks[w.candidates[c.partner].track].uid, 0.0, 0
    if t.confirmed and len(w.sensors) > 1 and t.beside_uid == 0:
        note_sight(w, t, sensor_row, edge)


@bare_inlined
def learn_from(w, c, t, sensor):
    """What the reports of track t, candidate c, tell of the sensor and of false tracks, before they change it."""
    row, edge = w.frame.sensor, w.edges[c.best]
    score, radar = w.scores[row], is_radar(sensor)
    if t.best < TOP_ODDS and radar:
        note_passages(c, t, w.edges, w.plots, w.rules, w.tally.passed, w.work.vector[0])
    note_score(score, sensor, t, c, edge, c.taken)
    if is_sure(t, c.existence) and radar:
        learn(score, w.background[row, c.cell], c, t, edge, w.pool[w.plots[edge.plot].report], c.taken)


@bare
def weigh_tracks(w, sensor):
    """Existence and association probabilities of all candidates after the frame, and what is learnt from them."""
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        c.after = existence_update(c, chance_to_see(c, sensor.kind), w.edges)
        c.taken, c.best, c.undo = 0.0, c.first, -1
        for e in range(c.first, c.last):
            c.taken += w.edges[e].beta
            if w.edges[e].beta > w.edges[c.best].beta:
                c.best = e
        if w.frame.final:
            learn_from(w, c, w.tracks[c.track], sensor)
        else:
            c.undo = undo_row(c.track, w)


@bare
def write_trace(w, c, t, sensor_row, time_ns):
    """Add a trace row for each noticeable edge of candidate c."""
    for e in range(c.first, c.last):
        edge, n = w.edges[e], w.tally.traced
        if n >= len(w.trace) or edge.beta < 1e-3:
            continue
        report = w.pool[w.plots[edge.plot].report]
        if report.counted:  # told when it was first worked
            continue
        row = w.trace[n]
        row.time_ns, row.uid, row.number, row.sensor = time_ns, t.birth, t.number, sensor_row
        row.raw = report.raw
        row.beta, row.before, row.after = edge.beta, c.existence, t.existence
        row.log10_ratio = math.log10(max(edge.weight / max(c.existence * c.detection, 1e-300), 1e-300))
        w.tally.traced = n + 1


@bare_inlined
def conclude(w, c, t, sensor_row):
    """What follows from what the frame made of track t for others: whether it is shown, and for good what it tells of
    appearances and the sensor."""
    final = w.frame.final
    if final and len(w.trace) > 0:
        write_trace(w, c, t, sensor_row, w.frame.time_ns)
    if c.taken < LITTLE:
        return
    known = not t.confirmed and enough_reports(t, w.rules)
    if known and (final or t.parent_uid == 0):  # a number out of a group is given for good only
        confirm(w, t, c.track, sensor_row)
    if final and t.birth_share > 0.0 and t.hits >= w.rules.confirm_reports and t.existence > w.rules.sure:
        note_appearance(w.rules, w.tally, t.birth_share)
        t.birth_share = 0.0
    if final:
        use_as_sight(w, c, t, sensor_row, w.edges[c.best])
        relink(c.track, w)


@jit
def collect(w):
    """Find the candidates and edges of the frame in w.plots; False if there is not enough work space."""
    near = tracks_near(w)
    share_out(w, MEET, near, meet_tracks)
    if not list_candidates(w, near):
        return False
    share_out(w, COMPARE, np.int64(w.frame.candidates), compare_tracks)
    drop_idle(w)
    return True


@jit
def update_tracks(w, sensor):
    """Update the tracks of all the frame's candidates."""
    weigh_tracks(w, sensor)
    share_out(w, REVISE, np.int64(w.frame.candidates), revise_tracks)
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        conclude(w, c, w.tracks[c.track], w.frame.sensor)


@jit
def frame(w, sensor_row, time_ns):
    """Work the frame in w.plots into the tracks; False, with nothing changed, if there is not enough work space."""
    sensor, final = w.sensors[sensor_row], w.tally.previewing == 0
    w.frame.final = final
    if not collect(w) or not associate(w, sensor):
        return False
    if final and len(w.trace) > 0 and w.tally.traced + w.frame.edges > len(w.trace):
        return False
    if final and w.frame.joints > 0:
        weigh_pairs(w, sensor)
        weigh_trials(w, sensor)
    if gives_lines(sensor.kind):
        note_claims(w)
    update_tracks(w, sensor)
    if final:
        finish_frame(w, sensor, sensor_row, time_ns)
    elif sensor.kind == CAMERA:
        preview_lines(w, sensor_row, time_ns)
    elif sensor.kind == COOPERATIVE:
        birth_declared(w, sensor_row, time_ns)
    elif is_radar(sensor):
        birth_polar(w, sensor_row, time_ns)
    return True


@jit
def finish_frame(w, sensor, sensor_row, time_ns):
    """What follows a frame for good: rivals joined, new tracks, unlikely ones dropped."""
    if is_radar(sensor) and w.queues[sensor_row].look_ns != NEVER_NS:  # without looks there is nothing to count by
        note_plots(w.scores[sensor_row], w.background[sensor_row], w.plots, w.frame.plots)
    if w.frame.joints > 0:
        note_spread(w, sensor)
    join_rivals(w)
    if w.frame.joints > 0:
        join_groups(w)
        settle_trials(w)
        begin_trials(w, time_ns)
    if sensor.kind == CAMERA or gives_lines(sensor.kind):
        if sensor.kind == CAMERA:
            birth_cameras(w, sensor_row, time_ns)
        note_clues(w, sensor_row, time_ns)
        birth_crossings(w, sensor_row, time_ns)
    elif sensor.kind == COOPERATIVE:
        birth_declared(w, sensor_row, time_ns)
    elif sensor.kind == POST:
        birth_posts(w, sensor_row, time_ns)
    else:
        birth_polar(w, sensor_row, time_ns)
    for k in range(w.frame.candidates):
        i = w.candidates[k].track
        if w.tracks[i].used and should_end(w.tracks[i], w.rules):
            end_track(i, w)
    if is_radar(sensor):
        renew_odds(w.rules, w.tally)
    w.tally.frames += 1
