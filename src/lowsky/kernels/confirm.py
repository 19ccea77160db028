"""When a track is shown: a stated number of false tracks an hour, instead of so many reports in so many looks.

A report that starts a track is a new object with probability r, and its odds then grow by the ratio of likelihoods of
what is seen and missed under "an object" and "false reports" (Wald 1947, chapter 3: the sequential probability ratio
test). Under false reports alone that ratio is a martingale of mean one, so the odds of a false track ever pass A with
probability at most r / A (Ville 1939). The bound is loose by the excess over the boundary (Siegmund 1985, section
8.2), and that differs: among few false reports odds grow by a factor of thousands a report, among many by three.

So the number itself is measured. A false report in a young track's gate lies anywhere in it with equal probability,
and it carries the track's odds past A if it lies within an ellipsoid that is known. The share of the gate's volume in
that ellipsoid, summed over the unclaimed reports in the gates of tracks that have not yet passed A, is the expected
number of false tracks that pass A: far more is learnt from a report than whether it did. It is kept for a ladder of
odds, faded over half an hour, joined with the bound where little was measured yet; the odds asked for follow from it.
"""

from __future__ import annotations

import math

from .cache import jit
from .layout import LADDER, NEVER_NS
from .sensing import RADAR_2D, RADAR_3D

RENEW_NS = 1_000_000_000  # of validity
BIRTHS_S = 300.0  # over which births are counted
BIRTHS_FLOOR_PER_H = 3.6  # new objects believed to begin at least
MEMORY_S = 1800.0  # over which passages are counted
PRIOR_S = 30.0  # what the bound is worth in time of counting ...
PRIOR_SHARE = 0.1  # ... and what part of it is reached among middling false reports
STEP = 4.0  # from rung to rung of the ladder
MIDDLE = LADDER // 2  # the rung of odds 1
LEAST_UNCLAIMED = 0.5  # a report that is more surely another track's says nothing of false reports
HIDE_SHARE = 0.04  # of the odds at which a track is shown; below, it no longer is


@jit
def rung_odds(q):
    """Odds at rung q of the ladder."""
    return STEP ** (q - MIDDLE)


@jit
def note_birth(tally, existence):
    """Count a new track of this existence."""
    tally.births += existence


@jit
def needed_ratio(t, c, odds, rules):
    """Ratio of likelihoods by which a report must carry candidate c of track t for its odds to be those asked for."""
    ratio = odds * (1.0 - c.existence) / max(c.existence * c.detection, 1e-300)
    if t.hits < rules.confirm_reports:  # and to count as one of its reports at all
        ratio = max(ratio, (1.0 - c.detection) / c.detection)
    return ratio


@jit
def passage_share(c, edge, peaks, ratio, gate):
    """Share of the volume of candidate c's gate in which a report is likelier than false by at least `ratio`.

    The gate is that of its widest model; peaks (M,) are the ratios in the middle of each model's Gaussian, which has
    `edge.n` dimensions and, for a given density of false reports, a volume that goes with 1 / peak.
    """
    widest, share = math.inf, 0.0
    for m in range(c.models):
        if 0.0 < peaks[m] < widest:
            widest = peaks[m]
    for m in range(c.models):
        over = c.mu[m] * peaks[m] / ratio
        if over > 1.0:
            part = min(2.0 * math.log(over) / gate, 1.0) ** (0.5 * edge.n)
            share = max(share, part * widest / peaks[m])
    return share


@jit
def note_passages(w, c, t, sensor):
    """Add to the ladder what each unclaimed report in the gate of track t would do if it were false, before the frame
    is worked into it: c is the track's candidate with its association probabilities."""
    if t.best >= rung_odds(LADDER - 1) or (sensor.kind != RADAR_3D and sensor.kind != RADAR_2D):
        return
    peaks, passed = w.work.vector[0], w.tally.passed
    for e in range(c.first, c.last):
        edge = w.edges[e]
        alone = w.plots[edge.plot].alone
        if alone < LEAST_UNCLAIMED:
            continue
        for m in range(c.models):
            d2 = 0.0
            for a in range(edge.n):
                d2 += edge.nu[m, a] * edge.nu[m, a]
            peaks[m] = edge.like[m] * math.exp(0.5 * d2) if edge.like[m] > 0.0 else 0.0
        for q in range(LADDER):
            odds = rung_odds(q)
            if odds <= t.best:
                continue
            share = passage_share(c, edge, peaks, needed_ratio(t, c, odds, w.rules), w.rules.gate)
            if share == 0.0:
                break
            passed[q] += alone * share


@jit
def note_best(t, rules):
    """Note the greatest odds that track t has had with more than one report."""
    if t.hits >= rules.confirm_reports:
        t.best = max(t.best, t.existence / max(1.0 - t.existence, 1e-12))


@jit
def false_per_h(tally, q):
    """False tracks an hour that pass rung q: what was counted, and the bound for the time before."""
    births = max(tally.births * (3600.0 / BIRTHS_S), BIRTHS_FLOOR_PER_H)
    prior = PRIOR_SHARE * births / rung_odds(q)
    return (PRIOR_S * prior + 3600.0 * tally.passed[q]) / (PRIOR_S + tally.counted_s)


@jit
def odds_for(tally, wanted_per_h):
    """Odds that as many false tracks pass as wanted, by straight lines between the logarithms of the rungs."""
    high = false_per_h(tally, LADDER - 1)
    if high >= wanted_per_h:
        return rung_odds(LADDER - 1) * high / wanted_per_h
    for q in range(LADDER - 2, -1, -1):
        low, high = high, false_per_h(tally, q)
        if high >= wanted_per_h:
            return rung_odds(q) * STEP ** (math.log(high / wanted_per_h) / max(math.log(high / low), 1e-9))
    return 0.0


@jit
def renew_odds(rules, tally):
    """Renew the odds at which tracks are shown, once a second of validity, after the frame being settled."""
    if tally.confirm_ns != NEVER_NS:
        if tally.settled_ns < tally.confirm_ns + RENEW_NS:
            return
        elapsed_s = (tally.settled_ns - tally.confirm_ns) * 1e-9
        keep = math.exp(-elapsed_s / MEMORY_S)
        for q in range(LADDER):
            tally.passed[q] *= keep
        tally.counted_s = tally.counted_s * keep + min(elapsed_s, MEMORY_S)
        tally.births *= math.exp(-elapsed_s / BIRTHS_S)
    tally.confirm_ns = tally.settled_ns
    tally.confirm_odds = odds_for(tally, rules.false_tracks_per_hour)


@jit
def confirm_existence(tally):
    """Existence at which a track is shown."""
    return tally.confirm_odds / (1.0 + tally.confirm_odds)


@jit
def hide_existence(rules, tally):
    """Existence below which a track that was shown no longer is; low where tracks are shown on little evidence."""
    odds = HIDE_SHARE * tally.confirm_odds
    return min(rules.hide, odds / (1.0 + odds))
