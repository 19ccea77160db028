"""Candidates of one frame: the tracks that may have made its reports, predicted, with the likelihood of each pair.

Reads the tracker's state and writes only work space, so that a frame can be abandoned when that is too small and
done again with more. What is done for each track is done by several threads at once (kernels.jobs): first its wedge of
plots is looked up, then those that have any are given places for as many edges, and only then predicted and compared.
"""

from __future__ import annotations

import math

from .azimuths import project_line
from .background import cell_of, is_radar
from .borrow import bare
from .cells import tracks_within
from .emission import BODY, noticeable
from .gating import innovation, note_parts, predict_track, project_declared, project_polar, wedge, whiten
from .layout import TRACK
from .measurement import polar, polar_beside, polar_jacobian, range_azimuth
from .posts import project_post, share_within
from .prefetch import prefetch
from .sensing import CAMERA, COOPERATIVE, POST, detection_probability, gives_lines
from .sighting import expect_error

AHEAD = 8  # tracks: about as long as memory takes to answer
TRACK_BYTES = TRACK.itemsize
SAME_TAIL = 0.1  # a declared identity that agrees makes three times the distance as likely
REACH_MARGIN_M = 500.0  # an uncertain track so far outside a sensor's reach may still be within
LEAST_HEARD = 1e-3  # the same of what it is hardly believed to emit
DECLARED_DETECTION = 0.5  # probability that an object declares itself in a given frame; it may never do so
LEAST_DETECTION = 0.02  # a report in the gate is possible, whatever the description says
NORMAL = (  # (2 pi)^(n / 2)
    1.0, 2.5066282746310002, 6.283185307179586, 15.749609945722419, 39.47841760435743, 98.95771780477259,
    248.05021344239853,
)


@bare
def existence_at(t, time_ns, life_s):
    """Existence probability of track t at time_ns: objects end at a rate 1 / life_s."""
    return t.existence * math.exp(-max(0.0, (time_ns - t.existence_ns) * 1e-9) / life_s)


@bare
def predicted_spread(spread, dt_s):
    """Trace of the predicted position covariance from the traces (3,) dt_s before; white acceleration of 3 m^2/s^3."""
    t = abs(dt_s)
    return spread[0] + 2.0 * dt_s * spread[1] + dt_s * dt_s * spread[2] + 3.0 * t * t * t


@bare
def rough_place(mean, dt_s, out):
    """Write mean (6,) moved on by dt_s s into out (6,)."""
    for c in range(3):
        out[c] = mean[c] + dt_s * mean[3 + c]
        out[3 + c] = mean[3 + c]


@bare
def beyond(place_m, there, distance_m):
    """Is a position further than distance_m from a sensor over ground?"""
    e, n = there[0] - place_m[0], there[1] - place_m[1]
    return e * e + n * n > distance_m * distance_m


@bare
def in_range(plot, range_m, reach_m):
    """May a plot be of something at range_m, give or take reach_m? A plot without range may."""
    return plot.distance == 0.0 or abs(plot.distance - range_m) < reach_m


@bare
def first_in_wedge(plots, n, bins, z, half_rad, reach_m):
    """The wedge of plots round polar place z (>=2,): first index and count; the count is 0 if none is in range."""
    first, count = wedge(plots, n, bins, z[1], half_rad)
    f = first
    for _ in range(count):
        if in_range(plots[f], z[0], reach_m):
            return first, count
        f = f + 1 if f + 1 < n else 0
    return first, 0


@bare
def project(c, sensor, polar_kind, h):
    """Predicted measurement of each model of candidate c. All share the Jacobian at the first model's place."""
    if not polar_kind:
        for m in range(c.models):
            project_declared(c.x[m], c.p[m], c.z[m], c.hp[m], c.s[m])
        return
    polar_jacobian(sensor.place_m, sensor.rotation, c.x[0], c.z[0], h)
    project_polar(h, c.p[0], c.z[0, 0], c.hp[0], c.s[0])
    for m in range(1, c.models):
        polar_beside(sensor.place_m, sensor.rotation, c.x[m], c.x[0], c.z[0], c.z[m])
        project_polar(h, c.p[m], c.z[m, 0], c.hp[m], c.s[m])


@bare
def compare(c, report, density, polar_kind, gate, tail, edge):
    """Likelihood of a report under each model of candidate c, over its density of being something else; gated?

    `tail` below 1 widens the gate and flattens the likelihood: for a report that declares the track's own identity.
    """
    gated = False
    note_parts(report, edge)
    n = edge.n
    for m in range(c.models):
        innovation(report, c.z[m], c.s[m], polar_kind, edge, edge.nu[m], edge.l[m])
        d2, root = whiten(edge.nu[m], edge.l[m], n)
        edge.like[m] = math.exp(-0.5 * tail * d2) / (NORMAL[n] * root * density) if tail * d2 < 4.0 * gate else 0.0
        gated = gated or tail * d2 < gate
    return gated


@bare
def add_edges(w, c, t, meeting, polar_kind):
    """Add an edge for each plot of the wedge that candidate c of track t gates."""
    plots, edges, pool = w.plots, w.edges, w.pool
    for q in range(meeting.count):
        f = (meeting.first + q) % w.frame.plots
        plot = plots[f]
        if not in_range(plot, meeting.place[0], meeting.reach_m):
            continue
        report, edge = pool[plot.report], edges[c.last]
        named = report.identity >= 0 and t.identity >= 0
        same, foreign = named and report.identity == t.identity, named and report.identity != t.identity
        if not compare(c, report, plot.density, polar_kind, w.rules.gate, SAME_TAIL if same else 1.0, edge):
            continue
        like = 0.0
        for m in range(c.models):
            if foreign:
                edge.like[m] *= w.rules.foreign_identity
            elif same:
                edge.like[m] /= w.rules.foreign_identity
            like += c.mu[m] * edge.like[m]
        edge.plot, edge.weight, edge.share = f, c.existence * c.detection * like, 1.0
        c.last += 1


@bare
def is_polar(kind):
    """Does a sensor measure from where it stands?"""
    return kind not in (COOPERATIVE, POST)


@bare
def tracks_near(w):
    """Write the rows of the tracks near the frame into w.near; returns how many."""
    box = w.frame.box
    return tracks_within(w, box[0], box[1], box[2], box[3])


@bare
def meet_track(w, sensor, t, meeting):
    """Look up the plots that track t may have made, by about where it is."""
    frame, rules, there = w.frame, w.rules, w.work.vector[3]
    dt_s = (frame.time_ns - t.state_ns) * 1e-9
    rough_place(t.centre, dt_s, there)
    meeting.count = 0
    if is_polar(sensor.kind) and beyond(sensor.place_m, there, sensor.reach_m[1] + REACH_MARGIN_M):
        return
    place = meeting.place
    flat_m = max(range_azimuth(sensor.place_m, sensor.rotation, there, place), 1e-3)  # overhead any azimuth is near
    meeting.spread_m = math.sqrt(predicted_spread(t.spread, dt_s))
    g = rules.gate_sigma * meeting.spread_m
    half = math.pi if g >= 0.7 * flat_m else 1.25 * g / flat_m + rules.gate_sigma * frame.sigma_azimuth
    meeting.reach_m = g + rules.gate_sigma * frame.sigma_range
    first, count = first_in_wedge(w.plots, frame.plots, frame.bins, place, half, meeting.reach_m)
    meeting.first, meeting.count = first, count
    if count > 0 and not sensor.all_round:
        polar(sensor.place_m, sensor.rotation, there, place)


@bare
def meet_tracks(w, first, last):
    """Look up the plots that tracks may have made, of the rows first to before last of w.near."""
    sensor, near = w.sensors[w.frame.sensor], w.near
    for v in range(first, last):
        prefetch(w.tracks, near[min(v + AHEAD, last - 1)], 0, 256)
        meet_track(w, sensor, w.tracks[near[v]], w.meetings[v])


@bare
def list_candidates(w, n):
    """Make candidates of those of the n tracks near that meet any plot, each with a place for as many edges; their
    meetings move up. False if there is not enough work space."""
    frame, meetings = w.frame, w.meetings
    frame.candidates, frame.edges = 0, 0
    for v in range(n):
        count, k = meetings[v].count, frame.candidates
        if count == 0:
            continue
        if k >= len(w.candidates) or frame.edges + count > len(w.edges):
            return False
        c = w.candidates[k]
        c.track, c.first, c.last = w.near[v], frame.edges, frame.edges
        if k < v:
            meetings[k] = meetings[v]
        frame.candidates, frame.edges = k + 1, frame.edges + count
    return True


@bare
def chances(w, c, t, sensor, meeting):
    """Existence of candidate c of track t at the frame, and the probabilities that the sensor sees or misses it."""
    polar_kind = is_polar(sensor.kind)
    c.existence = existence_at(t, w.frame.time_ns, w.rules.life_s)
    c.promised = detection_probability(sensor, meeting.place, meeting.spread_m)
    seen = c.promised * noticeable(t, sensor)
    if is_radar(sensor):
        c.cell = cell_of(sensor, meeting.place[0], meeting.place[1])
        seen *= w.background[w.frame.sensor, c.cell].seen_scale
    least = LEAST_DETECTION if sensor.sense == BODY else LEAST_HEARD
    c.detection = max(seen, least) if polar_kind else DECLARED_DETECTION
    if sensor.kind == POST:
        c.detection = max(sensor.detection * noticeable(t, sensor), LEAST_HEARD)
    c.missed = 1.0 - (c.existence * c.detection if polar_kind else 0.0)
    if sensor.kind == POST:
        c.missed = 1.0 - c.existence * c.detection * share_within(c, sensor)


@bare
def compare_track(w, c, sensor, meeting):
    """Predict candidate c and compare it with the plots of its meeting."""
    t, time_ns, polar_kind = w.tracks[c.track], w.frame.time_ns, is_polar(sensor.kind)
    c.models = predict_track(t, time_ns, w.rules, w.work, c.x, c.p, c.mu)
    if gives_lines(sensor.kind):
        project_line(c, sensor, w.work)
    elif sensor.kind == POST:
        project_post(c, sensor)
    else:
        project(c, sensor, polar_kind, w.work.small[1])
    if sensor.kind == CAMERA:
        expect_error(c, t, w.frame.sensor, time_ns)
    chances(w, c, t, sensor, meeting)
    add_edges(w, c, t, meeting, polar_kind)


@bare
def compare_tracks(w, first, last):
    """Predict the candidates from first to before last and compare them with the plots that they meet."""
    sensor = w.sensors[w.frame.sensor]
    for k in range(first, last):
        prefetch(w.tracks, w.candidates[min(k + 1, last - 1)].track, 0, TRACK_BYTES)
        compare_track(w, w.candidates[k], sensor, w.meetings[k])


@bare
def drop_idle(w):
    """Leave out the candidates that gate no plot, the last ones taking their places, and count those that gate each."""
    frame, plots, k = w.frame, w.plots, 0
    while k < frame.candidates:
        c = w.candidates[k]
        if c.last > c.first:
            for e in range(c.first, c.last):
                plots[w.edges[e].plot].tracks += 1
            k += 1
        else:
            frame.candidates -= 1
            if k < frame.candidates:
                w.candidates[k] = w.candidates[frame.candidates]
