"""Life of a track row: taken, saved and put back, joined with a rival, given up.

A track ends by existence (it was not seen where it should have been) or by covariance (it could be anywhere). Two
tracks of one object share its reports, so neither's existence can stay high: rivals whose states agree and whose
existences together say "one object" are joined, and the older number lives on.
"""

from __future__ import annotations

from .borrow import bare, bare_inlined
from .cache import jit
from .cells import link, unlink
from .confirm import note_birth
from .linalg import cholesky, forward_solve
from .motion import centre_and_spread, combine

ROUGH_END = 2.0  # what posts hear may grow so much wider than it was after the last report
RIVAL_EXISTENCE = 0.2
RIVALS_TAKE = 1.3  # reports of a frame that two tracks of one object take between them at most, on the whole
RIVAL_SHARE = 0.1  # both tracks hold at least this much of a report before they are compared


@bare
def take_row(w):
    """A free track row, marked used, with a new uid. The caller has made sure that there is one."""
    w.tally.tracks_free -= 1
    i = w.free[w.tally.tracks_free]
    if w.tally.previewing:
        save_track(i, w)
    w.tracks[i].used = 1
    w.tracks[i].uid = w.tally.next_uid
    w.tally.next_uid += 1
    w.tally.tracks += 1
    w.tally.highest = max(w.tally.highest, i + 1)
    return i


@jit
def start_track(w, i, sensor_row, time_ns, identity, existence, appeared, hits, visible):
    """Fill the book-keeping of new track i whose x[0] and p[0] are set."""
    t = w.tracks[i]
    t.models, t.confirmed, t.number, t.birth, t.misses = 1, 0, 0, 0, 0
    t.mu[:] = 0.0
    t.mu[0] = 1.0
    centre_and_spread(t.mu, t.x, t.p, 1, t.centre, t.spread)
    t.existence, t.birth_existence, t.birth_share, t.hits = existence, existence, appeared, hits
    t.birth_ns, t.state_ns, t.existence_ns, t.hit_ns = time_ns, time_ns, time_ns, time_ns
    note_birth(w.tally, existence)
    t.identity, t.visible, t.misfit, t.best = identity, visible, 0.0, 0.0
    t.shown_odds = 0.0
    t.heard[:] = -1.0
    t.held, t.third = w.sensors[sensor_row].sense, 0
    t.supports[:] = -1
    t.backed, t.backer, t.dispute, t.rough_m = 2, sensor_row, 0.0, 0.0
    t.recent_sensor[:] = -1
    t.recent_error[:] = 0.0
    t.echo[:] = 0.0
    t.members, t.parent_uid, t.beside_uid, t.apart, t.extent_m2 = 1, 0, 0, 0, 0.0
    t.inside[:] = 0
    t.trial_uid, t.tries = 0, 0
    t.split_score[:] = 0.0
    t.split_weight[:] = 0.0
    t.recent_sensor[0], t.recent_ns[0], t.recent_at = sensor_row, time_ns, 1
    link(i, w)


@bare
def clear_spot(i, w):
    """Leave the spot of a free row as if it had never been used."""
    spot = w.spots[i]
    spot.cell[0], spot.cell[1], spot.before, spot.after = 0, 0, 0, 0


@bare
def end_track(i, w):
    """Give back the row of track i. Counted are those that were confirmed: a public number may have been given only
    after this was first worked."""
    t = w.tracks[i]
    unlink(i, w)
    clear_spot(i, w)
    t.used = 0
    w.free[w.tally.tracks_free] = i
    w.tally.tracks_free += 1
    w.tally.tracks -= 1
    if t.confirmed:
        w.tally.ended += 1


@bare
def should_end(t, rules):
    """Does track t exist too unlikely, or could it be anywhere?"""
    if t.existence < rules.drop or (not t.confirmed and t.existence < rules.drop_share * t.birth_existence):
        return True
    limit_m = max(rules.end_sigma_m, ROUGH_END * t.rough_m)
    return t.spread[0] > 3.0 * limit_m * limit_m


@bare_inlined
def undo_row(i, w):
    """Row of the undo store that is to hold track i before its first provisional change, -1 if one does."""
    if w.saved[i]:
        return -1
    n = w.tally.saved
    w.undo_of[n] = i
    w.saved[i] = 1
    w.tally.saved = n + 1
    return n


@bare_inlined
def save_track(i, w):
    """Save track i into the undo store before its first provisional change."""
    n = undo_row(i, w)
    if n >= 0:
        w.undo[n] = w.tracks[i]


@jit
def restore_tracks(w):
    """Put back every provisionally changed track, but for a public number that it was given meanwhile; give back the
    rows of provisional ones, the last taken first, so that all lists are as they were."""
    for n in range(w.tally.saved - 1, -1, -1):
        i = w.undo_of[n]
        number = w.tracks[i].number
        if not w.undo[n].used:
            unlink(i, w)
            clear_spot(i, w)
            w.free[w.tally.tracks_free] = i
            w.tally.tracks_free += 1
            w.tally.tracks -= 1
            number = w.undo[n].number
        w.tracks[i] = w.undo[n]
        w.tracks[i].number = number
        w.saved[i] = 0
    w.tally.saved = 0


@jit
def state_distance(a, b, work):
    """Squared Mahalanobis distance of the combined states of tracks a and b (6 degrees of freedom)."""
    mean_a, mean_b, pa, pb = work.vector[0], work.vector[1], work.small[0], work.small[1]
    combine(a.mu, a.x, a.p, a.models, mean_a, pa)
    combine(b.mu, b.x, b.p, b.models, mean_b, pb)
    for r in range(6):
        mean_a[r] -= mean_b[r]
        for c in range(r + 1):
            pa[r, c] += pb[r, c]
    if not cholesky(pa, 6):
        return 1e9
    forward_solve(pa, mean_a, 6)
    d2 = 0.0
    for r in range(6):
        d2 += mean_a[r] * mean_a[r]
    return d2


@jit
def are_rivals(a, b, taken, w):
    """Are two tracks that share a report, and took `taken` reports of this frame between them, about one object?

    Both must be likely by themselves: an unlikely one is starved by the other anyway, or it is the first sign of a
    second object beside the first.
    """
    if min(a.existence, b.existence) < RIVAL_EXISTENCE or taken > RIVALS_TAKE:
        return False
    if a.existence + b.existence > w.rules.join_existence or a.state_ns != b.state_ns:
        return False
    if a.identity >= 0 and b.identity >= 0 and a.identity != b.identity:
        return False
    return state_distance(a, b, w.work) < w.rules.join_gate


@jit
def join_pair(i, j, w):
    """Join track j into i: the state of i, the older number, the existence of either."""
    a, b = w.tracks[i], w.tracks[j]
    if b.number > 0 and (a.number == 0 or b.number < a.number):
        a.number = b.number
    b.number = 0
    a.existence = 1.0 - (1.0 - a.existence) * (1.0 - b.existence)
    a.birth_ns = min(a.birth_ns, b.birth_ns)
    a.hits, a.best = max(a.hits, b.hits), max(a.best, b.best)
    a.confirmed, a.shown_odds = max(a.confirmed, b.confirmed), max(a.shown_odds, b.shown_odds)
    a.identity = max(a.identity, b.identity)
    b.confirmed = 0  # it does not end, it lives on
    end_track(j, w)
    w.tally.joined += 1


@jit
def join_rivals(w):
    """Join pairs of candidate tracks that share a report and are about one object; the likelier's state lives on."""
    plots, tracks = w.plots, w.tracks
    for f in range(w.frame.plots):
        plots[f].tracks = 0  # no longer needed as a count; becomes 1 + the first strong holder's candidate
    for k in range(w.frame.candidates):
        b = w.candidates[k]
        for e in range(b.first, b.last):
            if not tracks[b.track].used or w.edges[e].beta < RIVAL_SHARE * tracks[b.track].existence:
                continue
            plot = plots[w.edges[e].plot]
            a = w.candidates[max(plot.tracks - 1, 0)]
            if plot.tracks == 0 or not tracks[a.track].used:
                plot.tracks = k + 1
            elif a.track != b.track and are_rivals(tracks[a.track], tracks[b.track], a.taken + b.taken, w):
                if tracks[b.track].existence > tracks[a.track].existence:
                    join_pair(b.track, a.track, w)
                    plot.tracks = k + 1
                else:
                    join_pair(a.track, b.track, w)
