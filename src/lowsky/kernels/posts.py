"""Posts that only say that they hear something: no direction, no range, a confidence.

A report places an object within the post's reach, and no better: its likelihood is the detection probability inside a
disc and nothing outside. The place is that of which the sound is heard now, on average two thirds of the reach
of sound ago. Each model of a track is matched in mean and covariance to its product with that likelihood (assumed
density filtering; Maybeck 1982, section 12.7), integrated over a grid, and the rest of the state follows by
regression. So a hundred reports of one post say no more of the place than one, a chain of posts hands a rough track
on, and silence of a post moves what it should have heard out of its reach.

For existence and gates the disc is taken as a Gaussian of the same variance, reach^2 / 4 an axis, with the height 1 in
the middle. A report of one post starts a tentative track as large as its disc; a second post must back it before it
is shown.
"""

from __future__ import annotations

import math

from .birth import start_velocity
from .cache import jit
from .cells import appearance_rate, undetected
from .gating import predict_track
from .layout import HEARD
from .lifecycle import start_track, take_row
from .motion import centre_and_spread, copy_state
from .numbers import number_again

NODES = 10  # of the grid on either side of the middle
WIDTH = 3.5  # standard deviations to its edge
HEARD_AGO = 2.0 / 3.0  # mean distance from the middle of a disc, in radii
LEAST_FALSE = 1e-4  # false reports a look, whatever the post promises
POST_HEIGHT_M, POST_HEIGHT_SIGMA_M = 150.0, 150.0  # of what is only heard, above the post
MOST_SHARE = 0.8  # a single report never moves a track for sure: a mixture matched to a Gaussian does not come back
HERE = 4.0  # standard deviations: what is so deep within a disc is not placed better by it


@jit
def delay_s(sensor):
    """Mean time that sound takes to a post."""
    return HEARD_AGO * sensor.reach_m[1] / sensor.sound_mps


@jit
def project_post(c, sensor):
    """Predicted place of which the sound is heard now, under each model: into parts 0 and 1 of z, hp and s."""
    gone = delay_s(sensor)
    for m in range(c.models):
        for a in range(2):
            c.z[m, a] = c.x[m, a] - gone * c.x[m, 3 + a]
            for q in range(6):
                c.hp[m, a, q] = c.p[m, a, q] - gone * c.p[m, 3 + a, q]
        for a in range(2):
            for b in range(2):
                c.s[m, a, b] = c.hp[m, a, b] - gone * c.hp[m, a, 3 + b]


@jit
def share_within(c, sensor):
    """Probability that candidate c was within a post's reach, the disc taken as a Gaussian."""
    variance, share = 0.25 * sensor.reach_m[1] ** 2, 0.0
    for m in range(c.models):
        e, n = c.z[m, 0] - sensor.place_m[0], c.z[m, 1] - sensor.place_m[1]
        a, b, d = c.s[m, 0, 0] + variance, c.s[m, 0, 1], c.s[m, 1, 1] + variance
        determinant = a * d - b * b
        d2 = (d * e * e - 2.0 * b * e * n + a * n * n) / determinant
        share += c.mu[m] * variance / math.sqrt(determinant) * math.exp(-0.5 * d2)
    return share


@jit
def post_density(sensor, report):
    """Density of false reports at a post's place, 1/m^2, that makes a report as likely as its disc: see above."""
    variance = 0.25 * sensor.reach_m[1] ** 2
    return max(sensor.false_plots, LEAST_FALSE) / (2.0 * math.pi * variance * report.odds)


@jit
def deep_within(z, s, sensor, inside):
    """Is a place (2,) with covariance s so surely within reach (or, if not `inside`, beyond it) that nothing is new?"""
    e, n = z[0] - sensor.place_m[0], z[1] - sensor.place_m[1]
    margin = HERE * math.sqrt(s[0, 0] + s[1, 1])
    distance = math.sqrt(e * e + n * n)
    return distance + margin < sensor.reach_m[1] if inside else distance - margin > sensor.reach_m[1]


@jit
def disc_moments(z, s, sensor, within, beyond, out):
    """Moments of a Gaussian place z (2,), s (2, 2), weighted by `within` inside a post's reach and `beyond` outside.

    Writes mean and covariance (east, north, ee, en, nn) into out (5,); returns the total weight. The grid spans the
    Gaussian, or the disc where that alone counts and is the smaller.
    """
    reach = sensor.reach_m[1]
    determinant = max(s[0, 0] * s[1, 1] - s[0, 1] * s[0, 1], 1e-9)
    l00 = math.sqrt(max(s[0, 0], 1e-9))
    l10, l11 = s[0, 1] / l00, math.sqrt(determinant) / l00
    on_disc = beyond == 0.0 and reach < math.sqrt(s[0, 0] + s[1, 1])
    total, norm = 0.0, 0.0
    out[:] = 0.0
    for i in range(-NODES, NODES + 1):
        for j in range(-NODES, NODES + 1):
            u, v = i / NODES, j / NODES
            if on_disc:
                e, n = sensor.place_m[0] + reach * u - z[0], sensor.place_m[1] + reach * v - z[1]
                d2 = (s[1, 1] * e * e - 2.0 * s[0, 1] * e * n + s[0, 0] * n * n) / determinant
            else:
                e, n = WIDTH * u * l00, WIDTH * (u * l10 + v * l11)
                d2 = WIDTH * WIDTH * (u * u + v * v)
            weight = math.exp(-0.5 * d2)
            norm += weight
            oe, on = z[0] + e - sensor.place_m[0], z[1] + n - sensor.place_m[1]
            weight *= within if oe * oe + on * on < reach * reach else beyond
            total += weight
            out[0] += weight * e
            out[1] += weight * n
            out[2] += weight * e * e
            out[3] += weight * e * n
            out[4] += weight * n * n
    if on_disc:
        norm = 2.0 * math.pi * math.sqrt(determinant) / (reach * reach / (NODES * NODES))
    if total < 1e-6 * norm:
        return 0.0
    for k in range(5):
        out[k] /= total
    out[2] -= out[0] * out[0]
    out[3] -= out[0] * out[1]
    out[4] -= out[1] * out[1]
    out[0] += z[0]
    out[1] += z[1]
    return total / norm


@jit
def regress(c, m, moments, share, work, x_out, p_out):
    """State x_out (6,), p_out (6, 6) of model m of candidate c if its place has the given moments with probability
    `share` and stays as predicted else.

    With G = P A' S^-1 for the place z = A x: x + G (mean - z), P - G (S - cov) G'.
    """
    s, gain = c.s[m], work.small[0]
    determinant = max(s[0, 0] * s[1, 1] - s[0, 1] * s[0, 1], 1e-9)
    de, dn = moments[0] - c.z[m, 0], moments[1] - c.z[m, 1]
    ee, en, nn = s[0, 0] - moments[2], s[0, 1] - moments[3], s[1, 1] - moments[4]
    for r in range(6):
        h0, h1 = c.hp[m, 0, r], c.hp[m, 1, r]
        gain[r, 0] = (s[1, 1] * h0 - s[0, 1] * h1) / determinant
        gain[r, 1] = (s[0, 0] * h1 - s[0, 1] * h0) / determinant
    for r in range(6):
        shift = gain[r, 0] * de + gain[r, 1] * dn
        x_out[r] = c.x[m, r] + share * shift
        for q in range(6):
            less = gain[r, 0] * (ee * gain[q, 0] + en * gain[q, 1]) + gain[r, 1] * (en * gain[q, 0] + nn * gain[q, 1])
            other = gain[q, 0] * de + gain[q, 1] * dn
            p_out[r, q] = c.p[m, r, q] - share * less + share * (1.0 - share) * shift * other


@jit
def weigh_place(c, t, sensor, within, beyond, share, work):
    """Weight the place of every model of candidate c by a post's word with probability `share`, into track t.

    Returns the mean weight. Uses small[0], vector[0].
    """
    moments, mean = work.vector[0], 0.0
    for m in range(c.models):
        copy_state(c.x[m], c.p[m], t.x[m], t.p[m])
        t.mu[m] = c.mu[m]
        if deep_within(c.z[m], c.s[m], sensor, True):
            mean += c.mu[m] * within
        elif deep_within(c.z[m], c.s[m], sensor, False) and beyond > 0.0:
            mean += c.mu[m] * beyond
        else:
            weight = disc_moments(c.z[m], c.s[m], sensor, within, beyond, moments)
            mean += c.mu[m] * weight
            if weight > 0.0:
                regress(c, m, moments, share, work, t.x[m], t.p[m])
    for m in range(c.models, t.models):
        t.mu[m] = 0.0
    return mean


@jit
def note_rough(t, rules):
    """Note how rough the place of a track is after a report: what is better known than shown tracks must be is not."""
    sigma_m = math.sqrt(0.5 * max(t.spread[0], 0.0))
    t.rough_m = sigma_m if sigma_m > rules.hide_sigma_m else 0.0


@jit
def fall_silent(w, t, sensor, detection, time_ns):
    """Move track t out of the reach of a post that should have heard it with this probability and did not.

    Returns the probability with which it should have been heard, wherever it is.
    """
    c = w.candidates[0]
    c.models = predict_track(t, time_ns, w.rules, w.work, c.x, c.p, c.mu)
    project_post(c, sensor)
    missed = weigh_place(c, t, sensor, 1.0 - detection, 1.0, 1.0, w.work)
    t.state_ns = time_ns
    centre_and_spread(t.mu, t.x, t.p, t.models, t.centre, t.spread)
    return 1.0 - missed


@jit
def birth_posts(w, sensor_row, time_ns):
    """Start a tentative track as large as the disc from each report of a post that is likely enough alone."""
    sensor, rules = w.sensors[sensor_row], w.rules
    gone, reach = delay_s(sensor), sensor.reach_m[1]
    rate = appearance_rate(rules, w.tally)
    for f in range(w.frame.plots):
        plot = w.plots[f]
        if plot.alone < rules.birth_alone:
            continue
        undetected_m2, appeared = undetected(w, rate, sensor.place_m[0], sensor.place_m[1], time_ns, HEARD)
        density = post_density(sensor, w.pool[plot.report])
        odds = undetected_m2 * sensor.share * sensor.detection / density * 2.0
        i = take_row(w)
        t = w.tracks[i]
        x, p = t.x[0], t.p[0]
        p[:, :] = 0.0
        start_velocity(x, p, x, 0.0, 1.0, False, rules)
        for a in range(2):
            x[a] = sensor.place_m[a]
            p[a, a] = 0.25 * reach * reach + gone * gone * p[3 + a, 3 + a]
            p[a, 3 + a] = p[3 + a, a] = gone * p[3 + a, 3 + a]
        x[2], p[2, 2] = sensor.place_m[2] + POST_HEIGHT_M, POST_HEIGHT_SIGMA_M**2
        existence = plot.alone * odds / (1.0 + odds)
        start_track(w, i, sensor_row, time_ns, -1, existence, appeared / undetected_m2, 1.0, 1.0)
        number_again(w, i, w.pool[plot.report].serial)
        t.backed, t.rough_m = 0, math.sqrt(p[0, 0])
