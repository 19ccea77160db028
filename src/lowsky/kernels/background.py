"""What a radar really does: false plots, detection and accuracy learnt while it runs, a sensor and a cell of it each.

A sensor's description is a prior that every look may correct. All learnt values are factors on the described ones, 1
at first, renewed at fixed times of validity.

* **False plots.** Their number a look is Poisson with an unknown rate; with a gamma prior of mean "as described" the
  posterior mean is (plots that are nobody's + k) / (plots described + k) (Gelman et al. 2013, section 2.6; clutter maps
  of cells: Musicki and Evans 2004). A cell of range and azimuth is like its sensor or, rarely, like nothing else: a
  mixture of a narrow and a wide prior, so that a few plots too many say little and a road or a wind turbine soon much.
  A plot is nobody's with the probability that it belongs to no track and is no new object.
* **Detection.** Looks at sure tracks, found or not: beta prior of mean "as described"; cells as before. A track is sure
  by what was known before the look, so that finding it does not choose what is counted.
* **Accuracy.** A sure pair's innovation of one part has variance H P H' + s R. Least squares for s over pairs, each
  weighted with the inverse of its variance's own variance (the innovation method: Mehra 1970; Odelson, Rajamani and
  Rawlings 2006), each part for itself. Errors of the track's own model leave it a little off 1, so that a factor is
  believed only as far as it is clearly another (`believed`).

Lasting errors are not looked for here. Cameras and receivers keep to what is described.
"""

from __future__ import annotations

import math

from .borrow import bare
from .cache import jit
from .layout import LEARNT, NEVER_NS, RINGS, SECTORS
from .measurement import wrap_pi
from .scores import SURE_PAIR, likeliest_model
from .sensing import RADAR_2D, RADAR_3D

MEMORY_S = 180.0
PLOTS_PRIOR = 50.0  # described false plots that the description is worth ...
LIKE_SENSOR, UNLIKE_SENSOR = 30.0, 0.5  # ... and the sensor's rate in a cell like the others, and in one that is not
UNLIKE_SHARE = 0.01  # of the cells
LOOKS_PRIOR = 30.0  # the same for detections promised
CELL_LOOKS_PRIOR = 15.0
PAIRS_PRIOR = 40.0  # sure pairs that described accuracy is worth
FALSE_LEAST, FALSE_MOST = 0.05, 20.0  # of a sensor
CELL_LEAST, CELL_MOST = 0.05, 100.0  # of a cell
SEEN_LEAST = 0.2  # share of the described detection probability at least
SURELY_SEEN = 0.995  # detection probability at most
VARIANCE_LEAST, VARIANCE_MOST = 0.25, 9.0
LARGE = 9.0  # squared innovation over its variance beyond which it counts no more: a wrong pair
DOUBTED, CLEAR = 0.2, 0.45  # logarithms of a variance factor: not believed below, wholly above
MOST_SURE = 0.98  # existence above which a track is one that should be seen


@bare
def is_radar(sensor):
    """Is it a sensor that learns?"""
    return sensor.kind == RADAR_3D or sensor.kind == RADAR_2D


@bare
def cell_of(sensor, range_m, azimuth_rad):
    """Cell of a range and azimuth: rings of equal width, what is beyond the reach in the last."""
    ring = int((range_m - sensor.reach_m[0]) / (sensor.reach_m[1] - sensor.reach_m[0]) * RINGS)
    sector = int((wrap_pi(azimuth_rad) + math.pi) * (SECTORS / (2.0 * math.pi)))
    return min(max(ring, 0), RINGS - 1) * SECTORS + min(sector, SECTORS - 1)


@bare
def ring_share(sensor, ring):
    """Share of the described false plots in one cell of a ring: that of the area."""
    low, high = sensor.reach_m[0], sensor.reach_m[1]
    inner, outer = low + (high - low) * ring / RINGS, low + (high - low) * (ring + 1) / RINGS
    return (outer * outer - inner * inner) / ((high * high - low * low) * SECTORS)


@bare
def use_variances(report, scale):
    """Let a radar report's variances be the stated ones times the learnt factors (3,); can be done again."""
    for c in range(LEARNT):
        report.variance[c] = report.told[c] * scale[c]


@bare
def note_plots(score, cells, plots, n):
    """Count those of a radar's n plots of a frame that are nobody's, after association."""
    for f in range(n):
        plot = plots[f]
        nobodys = plot.alone * (1.0 - plot.new) / (1.0 + plot.hidden)  # nor of what flies beside a known object
        cells[plot.cell].plots += nobodys
        score.plots += nobodys


@bare
def note_chance(score, cell, promised, found):
    """Note a look at a sure track that by description gave a report with probability `promised`, and gave `found`."""
    score.chances += promised
    score.seen += found
    cell.chances += promised
    cell.seen += found


@bare
def note_accuracy(score, t, edge, models, report):
    """Note the innovations of a sure pair, part by part, under the likeliest model of track t.

    Not of the range rate: there an object's own turns stand far above what a radar gets wrong.
    """
    best = likeliest_model(t, models)
    for a in range(edge.n):
        c = edge.part[a]
        if c >= LEARNT:
            break
        off, s = 0.0, 0.0
        for b in range(a + 1):
            off += edge.l[best, a, b] * edge.nu[best, b]
            s += edge.l[best, a, b] * edge.l[best, a, b]
        r, told = report.variance[c], report.told[c]
        squared = min(off * off, LARGE * s)
        score.spread[c] += told * (squared - (s - r)) / (s * s)
        score.weight[c] += told * told / (s * s)


@bare
def learn(score, cell, c, t, edge, report, taken):
    """Learn from a frame of a radar in which candidate c, of the sure track t, had reports: `edge` to `report` is the
    likeliest, `taken` the sum of all association probabilities."""
    note_chance(score, cell, c.promised, min(taken, 1.0))
    if edge.beta > SURE_PAIR and t.models > 1 and edge.share == 1.0:
        note_accuracy(score, t, edge, c.models, report)


@bare
def is_sure(t, existence):
    """Is track t one that radars should see, given its existence before the look?"""
    return t.confirmed and t.visible == 1.0 and existence > MOST_SURE


@jit
def believed(factor):
    """A variance factor as far as it is believed: 1 near 1, itself where it is clearly another."""
    log = math.log(factor)
    return math.exp(log * min(max((abs(log) - DOUBTED) / (CLEAR - DOUBTED), 0.0), 1.0))


@bare
def bounded(x, low, high):
    """x between low and high."""
    return min(max(x, low), high)


@jit
def renew_sensor(sensor, score):
    """Renew a sensor's factors from its sums."""
    told = score.looks * sensor.false_plots
    score.false_scale = bounded((score.plots + PLOTS_PRIOR) / (told + PLOTS_PRIOR), FALSE_LEAST, FALSE_MOST)
    score.seen_scale = bounded((score.seen + LOOKS_PRIOR) / (score.chances + LOOKS_PRIOR), SEEN_LEAST, 2.0)
    for c in range(LEARNT):
        factor = max(score.spread[c] + PAIRS_PRIOR, 0.0) / (score.weight[c] + PAIRS_PRIOR)
        score.variance_scale[c] = believed(bounded(factor, VARIANCE_LEAST, VARIANCE_MOST))


@jit
def log_evidence(count, told, prior):
    """Logarithm of the probability of a Poisson count with `told` expected times a gamma factor of mean 1 and weight
    `prior`, but for what does not depend on the prior."""
    return (
        math.lgamma(count + prior)
        - math.lgamma(prior)
        + prior * math.log(prior)
        - (count + prior) * math.log(told + prior)
    )


@jit
def cell_factor(count, told):
    """Posterior mean of the factor of a cell in which `count` plots came where `told` were expected: most cells are
    like their sensor, a few are like nothing else."""
    like, unlike = log_evidence(count, told, LIKE_SENSOR), log_evidence(count, told, UNLIKE_SENSOR)
    odds = UNLIKE_SHARE / (1.0 - UNLIKE_SHARE) * math.exp(min(unlike - like, 600.0))
    usual, other = (count + LIKE_SENSOR) / (told + LIKE_SENSOR), (count + UNLIKE_SENSOR) / (told + UNLIKE_SENSOR)
    return (usual + odds * other) / (1.0 + odds)


@jit
def renew_cells(sensor, score, cells):
    """Renew the factors of a sensor's cells: towards the sensor's own as far as little was seen in a cell."""
    most = SURELY_SEEN / max(sensor.detection, 1e-3)
    for ring in range(RINGS):
        told = score.looks * sensor.false_plots * ring_share(sensor, ring) * score.false_scale
        for q in range(ring * SECTORS, (ring + 1) * SECTORS):
            cell = cells[q]
            false = score.false_scale * cell_factor(cell.plots, told)
            cell.false_scale = bounded(false, CELL_LEAST, CELL_MOST)
            promised = cell.chances * score.seen_scale
            seen = score.seen_scale * (cell.seen + CELL_LOOKS_PRIOR) / (promised + CELL_LOOKS_PRIOR)
            cell.seen_scale = bounded(seen, SEEN_LEAST, most)


@jit
def fade_sums(score, cells, keep):
    """Let the sums of a sensor and of its cells fade."""
    score.looks *= keep
    score.plots *= keep
    score.chances *= keep
    score.seen *= keep
    for c in range(LEARNT):
        score.spread[c] *= keep
        score.weight[c] *= keep
    for q in range(len(cells)):
        cells[q].plots *= keep
        cells[q].chances *= keep
        cells[q].seen *= keep


@jit
def renew_background(w, time_ns):
    """Renew what was learnt of every radar at time_ns, and let it fade by the time since the last renewal."""
    elapsed_s = 0.0 if w.tally.learnt_ns == NEVER_NS else (time_ns - w.tally.learnt_ns) * 1e-9
    w.tally.learnt_ns = time_ns
    keep = math.exp(-max(elapsed_s, 0.0) / MEMORY_S)
    for s in range(len(w.sensors)):
        sensor, score = w.sensors[s], w.scores[s]
        if not is_radar(sensor) or w.queues[s].look_ns == NEVER_NS:
            continue
        renew_sensor(sensor, score)
        renew_cells(sensor, score, w.background[s])
        fade_sums(score, w.background[s], keep)
