"""How well reports fit: per track its radar cross section and fit, per sensor what it does against what it promises.

A sensor's live detection probability is the share of looks at sure tracks that gave a report; its normalised innovation
squared (NIS, Bar-Shalom, Li and Kirubarajan 2001, section 5.4.2) is one per value if its described accuracy is right.
Both fade with time. They are for people: nothing here changes how a report is used.
"""

from __future__ import annotations

import math

from .borrow import bare
from .sensing import COOPERATIVE

ECHO_REPORTS = 30.0  # reports that a track's mean radar cross section remembers
SURE_TRACK = 0.9  # existence above which a track is one that a sensor should see
LEAST_PROMISE = 0.01  # what a sensor hardly sees is not held against it
SURE_PAIR = 0.9  # association above which an innovation is the object's own
MEMORY_S = 120.0


@bare
def likeliest_model(t, models):
    """The likeliest of the first `models` models of track t."""
    best = 0
    for m in range(1, models):
        if t.mu[m] > t.mu[best]:
            best = m
    return best


@bare
def fit(t, edge, models):
    """Squared innovation of an edge, whitened, under the likeliest model of its track."""
    best, d2 = likeliest_model(t, models), 0.0
    for a in range(edge.n):
        d2 += edge.nu[best, a] * edge.nu[best, a]
    return d2


@bare
def learn_echo(t, rcs_dbsm):
    """Renew the mean and mean square deviation of track t's radar cross section by one report's; NaN says nothing."""
    if math.isnan(rcs_dbsm):
        return
    t.echo[0] = min(t.echo[0] + 1.0, ECHO_REPORTS)
    off = rcs_dbsm - t.echo[1]
    t.echo[1] += off / t.echo[0]
    t.echo[2] += (off * (rcs_dbsm - t.echo[1]) - t.echo[2]) / t.echo[0]


@bare
def note_score(score, sensor, t, c, edge, taken):
    """Note a frame in which candidate c, of track t, had reports, `edge` the likeliest, `taken` their sum."""
    if not t.confirmed or c.existence < SURE_TRACK:
        return
    score.promised += sensor.detection if sensor.kind == COOPERATIVE else c.promised
    score.found += min(taken, 1.0)
    score.looked += 1.0
    if edge.beta > SURE_PAIR:
        score.innovation += fit(t, edge, c.models)
        score.parts += edge.n


@bare
def note_missed(score, t, existence, detection):
    """Note a look that gave no report of track t, which it should have seen with the given probability."""
    if t.confirmed and existence > SURE_TRACK and detection > LEAST_PROMISE:
        score.promised += detection
        score.looked += 1.0


@bare
def fade(score, elapsed_s):
    """Let a score fade by the time since the sensor's last look."""
    keep = math.exp(-elapsed_s / MEMORY_S)
    score.promised *= keep
    score.found *= keep
    score.looked *= keep
    score.innovation *= keep
    score.parts *= keep
