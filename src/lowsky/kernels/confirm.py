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

That is about radars. Reports of other sensors show a track at odds that go with the knob alone.
"""

from __future__ import annotations

import math

from .borrow import bare
from .cache import jit
from .layout import LADDER, NEVER_NS

RENEW_NS = 1_000_000_000  # of validity
BIRTHS_S = 300.0  # over which births are counted
BIRTHS_FLOOR_PER_H = 3.6  # new objects believed to begin at least
MEMORY_S = 1800.0  # over which passages are counted
PRIOR_S = 30.0  # what the bound is worth in time of counting, before anything is counted ...
PRIOR_FADE_S = 60.0  # ... and how fast counting makes up for it
PRIOR_SHARE = 0.1  # what part of the bound is reached among middling false reports
SHOWN_SHARE = 0.9  # of the false tracks that pass, those that last until they are shown
STEP = 4.0  # from rung to rung of the ladder
MIDDLE = LADDER // 2  # the rung of odds 1
TOP_ODDS = STEP**MIDDLE
LEAST_UNCLAIMED = 0.5  # a report that is more surely another track's says nothing of false reports
OTHER_ODDS_PER_H = 38.0  # over the false tracks asked for: odds at which other sensors than radars show a track
HIDE_SHARE = 0.04  # of the odds at which a track is shown; below, it no longer is


@bare
def rung_odds(q):
    """Odds at rung q of the ladder."""
    return STEP ** (q - MIDDLE)


@jit
def note_birth(tally, existence):
    """Count a new track of this existence."""
    tally.births += existence


@bare
def needed_ratio(t, c, odds, rules):
    """Ratio of likelihoods by which a report must carry candidate c of track t for its odds to be those asked for."""
    ratio = odds * (1.0 - c.existence) / max(c.existence * c.detection, 1e-300)
    if t.hits < rules.confirm_reports:  # and to count as one of its reports at all
        ratio = max(ratio, (1.0 - c.detection) / c.detection)
    return ratio


@bare
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


@bare
def note_passages(c, t, edges, plots, rules, passed, peaks):
    """Add to the ladder `passed` what each unclaimed report of a radar in the gate of track t would do if it were
    false, before the frame is worked into it: c is the track's candidate. `peaks` (M,) is work space.

    A track whose best odds are beyond `TOP_ODDS` has nothing to add.
    """
    for e in range(c.first, c.last):
        edge = edges[e]
        alone = plots[edge.plot].alone / (1.0 + plots[edge.plot].hidden)  # not of what flies beside a known object
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
            share = passage_share(c, edge, peaks, needed_ratio(t, c, odds, rules), rules.gate)
            if share == 0.0:
                break
            passed[q] += alone * share


@bare
def note_best(t, rules):
    """Note the greatest odds that track t has had with more than one report."""
    if t.hits >= rules.confirm_reports:
        t.best = max(t.best, t.existence / max(1.0 - t.existence, 1e-12))


@jit
def false_per_h(tally, q):
    """False tracks an hour that pass rung q and are shown: what was counted, and at first the bound."""
    births = max(tally.births * (3600.0 / BIRTHS_S), BIRTHS_FLOOR_PER_H)
    prior, prior_s = PRIOR_SHARE * births / rung_odds(q), PRIOR_S * math.exp(-tally.counted_s / PRIOR_FADE_S)
    return SHOWN_SHARE * (prior_s * prior + 3600.0 * tally.passed[q]) / (prior_s + tally.counted_s)


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
    """Renew the odds at which radars show tracks, once a second of validity, after the frame of a radar."""
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


@bare
def shows(t, rules, tally, radar):
    """Do the odds of track t suffice to show it, after a report of a radar or of another sensor? Notes the odds."""
    odds = tally.confirm_odds
    if not radar:
        odds = max(odds, OTHER_ODDS_PER_H / rules.false_tracks_per_hour)
    if t.hits < rules.confirm_reports or not t.existence > odds / (1.0 + odds):
        return False
    t.shown_odds = odds
    return True


@bare
def hide_existence(t, rules):
    """Existence below which track t, that was shown, no longer is; low if it was shown on little evidence."""
    odds = HIDE_SHARE * t.shown_odds
    return min(rules.hide, odds / (1.0 + odds))
