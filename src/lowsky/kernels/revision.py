"""What a frame's reports make of each of its tracks: existence, states, what it emits, and how well it is known.

Each track by itself, from its candidate and what belongs to it, so that several threads may do so at once
(kernels.jobs). What tracks have in common, who is shown and what is learnt of sensors, is `kernels.frame`'s.
"""

from __future__ import annotations

from .association import contested
from .azimuths import settle_dispute, take_part
from .borrow import bare, bare_inlined
from .confirm import note_best
from .layout import MODELS, RECENT
from .motion import centre_and_spread, copy_state
from .posts import MOST_SHARE, note_rough, weigh_place
from .scores import fit, learn_echo
from .sensing import CAMERA, POST, gives_lines
from .sighting import ALONE_NS, alone, doubt_bearings, hold_range, learn_error, place_again, seen_by_others
from .update import mixture_update

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
def note_fit(w, c, t, edge):
    """Note how a report that is surely track t's fits, and its radar cross section."""
    if edge.beta <= 0.5 or edge.share != 1.0:
        return
    if edge.n > 1:
        t.misfit += MISFIT_GAIN * (fit(t, edge, c.models) / edge.n - 1.0 - t.misfit)
    learn_echo(t, w.pool[w.plots[edge.plot].report].rcs_dbsm)
    if t.misfit > MISFIT and w.plots[edge.plot].tracks > 1:
        loosen(t)


@bare_inlined
def take_reports(w, c, t, edge, undecided):
    """Update state, identity and count of reports of track t by those that candidate c took, most of `edge`."""
    frame, kind = w.frame, w.sensors[w.frame.sensor].kind
    if w.rules.sharpness > 1.0:
        sharpen(c, w.edges, w.plots, w.rules.sharpness)
    if gives_lines(kind) or kind in (CAMERA, POST):
        use_placeless(w, c, t, frame.sensor, frame.time_ns, edge, c.taken)
    else:
        update_states(c, t, w.edges, w.work)
    if t.models == 1 and c.taken > SPREAD_SHARE and t.rough_m == 0.0:
        spread_models(t, w.rules.start_mu)
    note_fit(w, c, t, edge)
    t.state_ns = frame.time_ns
    centre_and_spread(t.mu, t.x, t.p, t.models, t.centre, t.spread)
    if kind == POST or t.rough_m > 0.0:
        note_rough(t, w.rules)
    t.hits += (1.0 - undecided) * c.taken / max(t.existence, 1e-9)
    declared = w.pool[w.plots[edge.plot].report].identity
    if declared >= 0 and edge.beta > 0.5:
        t.identity = declared
    if frame.final:
        note_best(t, w.rules)


@bare_inlined
def revise_track(w, c, t, sensor):
    """Bring track t of candidate c up to what the frame says of it."""
    time_ns, sensor_row = w.frame.time_ns, w.frame.sensor
    t.existence, t.existence_ns = c.after, time_ns
    undecided = settle_dispute(w, c, t) if gives_lines(sensor.kind) and not t.confirmed else 0.0
    take_part(c, t, sensor, sensor_row, time_ns, c.taken)
    if sensor.kind == CAMERA and not seen_by_others(w, t, time_ns):
        learn_error(w, c, t, sensor_row, time_ns, w.edges[c.best])
    note_participation(t, sensor_row, time_ns)
    if c.taken >= LITTLE:
        take_reports(w, c, t, w.edges[c.best], undecided)


@bare
def revise_tracks(w, first, last):
    """Revise the tracks of the candidates from first to before last; those that change provisionally are saved."""
    sensor = w.sensors[w.frame.sensor]
    for k in range(first, last):
        c = w.candidates[k]
        if c.undo >= 0:
            w.undo[c.undo] = w.tracks[c.track]
        revise_track(w, c, w.tracks[c.track], sensor)
