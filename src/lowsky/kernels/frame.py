"""One frame: the reports of one sensor at one time, associated, used, and what is left over made into new tracks.

A frame is worked out twice at most: provisionally at a tick, when it may still be incomplete (every changed track is
saved first and put back after), and once for good. Missed looks are not a frame's business: they are dealt with
when the look itself is known (kernels.looks).
"""

from __future__ import annotations

import math

from .association import contested
from .azimuths import is_one_of_pairs, note_claims, settle_dispute, take_part
from .background import is_radar, is_sure, learn, note_plots
from .birth import birth_declared, birth_polar
from .borrow import bare, bare_inlined
from .cache import jit
from .candidates import collect
from .cells import note_appearance, relink
from .clues import note_clues
from .confirm import TOP_ODDS, note_best, note_passages, renew_odds, shows
from .crossings import birth_crossings
from .groups import come_out, join_groups
from .layout import MODELS, NEVER_NS, RECENT
from .lifecycle import end_track, join_rivals, save_track, should_end
from .lines import birth_cameras, preview_lines
from .motion import centre_and_spread, copy_state
from .pairs import weigh_pairs
from .posts import MOST_SHARE, birth_posts, note_rough, weigh_place
from .scores import fit, learn_echo, note_score
from .sensing import CAMERA, COOPERATIVE, POST, gives_lines
from .sharing import associate
from .sighting import ALONE_NS, alone, doubt_bearings, hold_range, learn_error, place_again, seen_by_others
from .sights import note_sight
from .splits import begin_trials, note_spread, settle_trials, weigh_trials
from .update import existence_update, mixture_update

SETTLED = 0.3  # a dispute so far behind is over: seven such lines
ALONE_LINE_NS = 1_500_000_000  # direction finders and microphones look about twice a second
LITTLE = 1e-4  # a track that took less of the frame's reports keeps its state
SPREAD_SHARE = 0.05  # a new track that took more has had its second report
MISFIT_GAIN = 0.08  # of a dozen reports
MISFIT = 0.5  # more than three standard deviations of that mean for four parts
LOOSE_M = 40.0
SURE = 0.5  # tracks below this existence are not sharpened
LEAST_MODEL = 1e-9  # no model's probability falls below, or it could never come back


@bare
def update_states(c, t, edges, work):
    """Update the states and model probabilities of track t by its candidate's edges."""
    total = 0.0
    for m in range(c.models):
        t.mu[m] = c.mu[m] * mixture_update(c, m, edges, work, t.x[m], t.p[m])
        total += t.mu[m]
    for m in range(c.models):
        t.mu[m] = max(t.mu[m] / total, LEAST_MODEL)
    for m in range(c.models, t.models):
        t.mu[m] = 0.0


@bare
def sharpen(c, edges, plots, sharpness):
    """Sharpen the mixture over plots of a likely track that competes with others for them.

    Averaging over "A made 1, B made 2" and "A made 2, B made 1" draws two close tracks onto one another until they
    cannot be told apart (Blom and Bloem 2000). Existence needs the marginal probabilities, states do better with
    nearly one assignment: probabilities to the power `sharpness`, their sum kept, go into the messages.
    """
    if c.existence < SURE or not contested(c, edges, plots):
        return
    soft, sharp = 0.0, 0.0
    for e in range(c.first, c.last):
        soft += edges[e].beta
        sharp += edges[e].beta ** sharpness
    for e in range(c.first, c.last):
        edges[e].back *= edges[e].beta ** (sharpness - 1.0) * soft / max(sharp, 1e-300)


@bare
def spread_models(t, start_mu):
    """Give a track its full set of models after its second report: all start where the first one is."""
    for m in range(MODELS):
        t.mu[m] = start_mu[m]
        if m > 0:
            copy_state(t.x[0], t.p[0], t.x[m], t.p[m])
    t.models = MODELS


@bare
def note_participation(t, sensor_row, time_ns):
    """Remember that track t had a candidate report of this sensor at this time."""
    for q in range(RECENT):
        if t.recent_sensor[q] == sensor_row:
            t.recent_ns[q] = time_ns
            return
    t.recent_sensor[t.recent_at], t.recent_ns[t.recent_at] = sensor_row, time_ns
    t.recent_error[t.recent_at] = 0.0
    t.recent_at = (t.recent_at + 1) % RECENT


@bare
def best_edge(c, edges):
    """The candidate's most probable edge, and the sum of its association probabilities."""
    taken, best = 0.0, c.first
    for e in range(c.first, c.last):
        taken += edges[e].beta
        if edges[e].beta > edges[best].beta:
            best = e
    return best, taken


@bare
def loosen(t):
    """Let a track that fits its reports badly among rivals look for a better place: its position becomes uncertain.

    Two objects seen from two sides have two pairs of places where their ranges cross; a pair of tracks that sits on the
    wrong one takes reports of both objects in turn, fits each sensor's azimuths badly, and never leaves by itself.
    """
    for m in range(t.models):
        t.p[m, 0, 0] += LOOSE_M * LOOSE_M
        t.p[m, 1, 1] += LOOSE_M * LOOSE_M
    t.misfit = 0.0


@bare
def use_bearings(w, c, t, sensor_row, time_ns, edge, taken):
    """Update the states of track t by a camera's bearings: put again on a crossing of lines, or corrected by them.

    Beside other sensors a camera is one of many and is taken at its word.
    """
    if seen_by_others(w, t, time_ns):
        update_states(c, t, w.edges, w.work)
        return
    if taken > 0.5 and place_again(w, c, t, sensor_row, time_ns, edge):
        return
    doubt_bearings(w, c)
    update_states(c, t, w.edges, w.work)
    if alone(t, sensor_row, time_ns, ALONE_NS):
        hold_range(c, t, w.sensors[sensor_row].place_m)


@bare
def use_line(w, c, t, sensor_row, time_ns):
    """Update the states of track t by an azimuth: one sensor alone says nothing of the range."""
    update_states(c, t, w.edges, w.work)
    if alone(t, sensor_row, time_ns, ALONE_LINE_NS):
        hold_range(c, t, w.sensors[sensor_row].place_m)


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
def use_placeless(w, c, t, sensor_row, time_ns, edge, taken):
    """Update the states of track t by what places no object alone: bearings, lines, or a post's word."""
    sensor = w.sensors[sensor_row]
    if sensor.kind == CAMERA:
        use_bearings(w, c, t, sensor_row, time_ns, edge, taken)
    elif sensor.kind == POST:
        weigh_place(c, t, sensor, 1.0, 0.0, min(taken / max(t.existence, 1e-9), MOST_SHARE), w.work)
    else:
        use_line(w, c, t, sensor_row, time_ns)


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
    if w.work.joints > 0 and c.partner >= 0 and t.beside_uid == 0:
        t.beside_uid, t.beside, t.apart = w.tracks[w.candidates[c.partner].track].uid, 0.0, 0
    if t.confirmed and len(w.sensors) > 1 and t.beside_uid == 0:
        note_sight(w, t, sensor_row, edge)


@bare_inlined
def learn_from(w, c, t, sensor, sensor_row, time_ns, edge):
    """What the reports of track t, `edge` to the likeliest, tell of the sensor and of false tracks, and the trace."""
    score, radar = w.scores[sensor_row], is_radar(sensor)
    if t.best < TOP_ODDS and radar:
        note_passages(c, t, w.edges, w.plots, w.rules, w.tally.passed, w.work.vector[0])
    if len(w.trace) > 0:
        write_trace(w, c, t, sensor_row, time_ns)
    note_score(score, sensor, t, c, edge, c.taken)
    if is_sure(t, c.existence) and radar:
        report = w.pool[w.plots[edge.plot].report]
        learn(score, w.background[sensor_row, c.cell], c, t, edge, report, c.taken)


@bare_inlined
def update_track(w, c, sensor_row, time_ns, final):
    """Existence, state, identity and status of a candidate's track after the frame."""
    t = w.tracks[c.track]
    sensor = w.sensors[sensor_row]
    kind = sensor.kind
    after = existence_update(c, chance_to_see(c, kind), w.edges)
    best, taken = best_edge(c, w.edges)
    c.taken, t.existence, t.existence_ns = taken, after, time_ns
    line = gives_lines(kind)
    undecided = settle_dispute(w, c, t) if line and not t.confirmed else 0.0
    after = t.existence
    take_part(c, t, sensor, sensor_row, time_ns, taken)
    if kind == CAMERA and not seen_by_others(w, t, time_ns):
        learn_error(w, c, t, sensor_row, time_ns, w.edges[best])
    note_participation(t, sensor_row, time_ns)
    if final:
        learn_from(w, c, t, sensor, sensor_row, time_ns, w.edges[best])
    if taken < LITTLE:
        return
    if w.rules.sharpness > 1.0:
        sharpen(c, w.edges, w.plots, w.rules.sharpness)
    if line or kind in (CAMERA, POST):
        use_placeless(w, c, t, sensor_row, time_ns, w.edges[best], taken)
    else:
        update_states(c, t, w.edges, w.work)
    if t.models == 1 and taken > SPREAD_SHARE and t.rough_m == 0.0:
        spread_models(t, w.rules.start_mu)
    edge = w.edges[best]
    if edge.beta > 0.5 and edge.share == 1.0:
        if edge.n > 1:
            t.misfit += MISFIT_GAIN * (fit(t, edge, c.models) / edge.n - 1.0 - t.misfit)
        learn_echo(t, w.pool[w.plots[edge.plot].report].rcs_dbsm)
        if t.misfit > MISFIT and w.plots[edge.plot].tracks > 1:
            loosen(t)
    t.state_ns = time_ns
    centre_and_spread(t.mu, t.x, t.p, t.models, t.centre, t.spread)
    if kind == POST or t.rough_m > 0.0:
        note_rough(t, w.rules)
    t.hits += (1.0 - undecided) * taken / max(after, 1e-9)
    declared = w.pool[w.plots[w.edges[best].plot].report].identity
    if declared >= 0 and w.edges[best].beta > 0.5:
        t.identity = declared
    if final:
        note_best(t, w.rules)
    known = not t.confirmed and enough_reports(t, w.rules)
    if known and (final or t.parent_uid == 0):  # a number out of a group is given for good only
        confirm(w, t, c.track, sensor_row)
    if final and t.birth_share > 0.0 and t.hits >= w.rules.confirm_reports and after > w.rules.sure:
        note_appearance(w.rules, w.tally, t.birth_share)
        t.birth_share = 0.0
    if final:
        use_as_sight(w, c, t, sensor_row, edge)
        relink(c.track, w)


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


@bare
def update_tracks(w, sensor_row, time_ns, final):
    """Update the tracks of all the frame's candidates."""
    for k in range(w.work.candidates):
        c = w.candidates[k]
        if not final:
            save_track(c.track, w)
        update_track(w, c, sensor_row, time_ns, final)


@jit
def frame(w, sensor_row, time_ns):
    """Work the frame in w.plots into the tracks; False, with nothing changed, if there is not enough work space."""
    sensor, work, final = w.sensors[sensor_row], w.work, w.tally.previewing == 0
    if not collect(w, sensor, sensor_row, time_ns) or not associate(w, sensor):
        return False
    if final and len(w.trace) > 0 and w.tally.traced + work.edges > len(w.trace):
        return False
    if final and work.joints > 0:
        weigh_pairs(w, sensor)
        weigh_trials(w, sensor)
    if gives_lines(sensor.kind):
        note_claims(w)
    update_tracks(w, sensor_row, time_ns, final)
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
        note_plots(w.scores[sensor_row], w.background[sensor_row], w.plots, w.work.plots)
    if w.work.joints > 0:
        note_spread(w, sensor)
    join_rivals(w)
    if w.work.joints > 0:
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
    for k in range(w.work.candidates):
        i = w.candidates[k].track
        if w.tracks[i].used and should_end(w.tracks[i], w.rules):
            end_track(i, w)
    if is_radar(sensor):
        renew_odds(w.rules, w.tally)
    w.tally.frames += 1
