"""Reach: with what probability an object comes into a place, and when.

The model of the way ahead: the object keeps its course relative to the place, its position and velocity are Gaussian,
its velocity diffuses by white acceleration along and across the course (Bar-Shalom, Li and Kirubarajan 2001, section
6.2.2), its rate of climb dies out, and at a constant rate it gives up its course and is no longer counted. The way is
a bundle of rays, one for each of NODES equally spaced deviations across the course; each ray is cut with the place
exactly, and along it the time of entering follows from the Gaussian way made good. A ray that grazes counts by the
share of its strip that enters. Where the course is lost in the noise (hovering) the rays stand for the spread alone.

A place is a set of segments with a radius round them, closed to a ring or not: circles, corridors, polygons.
Horizontal geometry is that of the plane of the region's frame.
"""

from __future__ import annotations

import math

import numpy as np

from .cache import jit
from .cuts import cut_place

NODES = 13
WIDEST = 3.0  # standard deviations to either side; 0.3 % lie beyond
SPACING = 2.0 * WIDEST / (NODES - 1)
LEAST_SPEED_MPS = 0.1  # below it there is no course
HALVINGS = 14  # of the bracket of a quantile: to a thousandth of its spread
SURELY = 4.0  # standard deviations
LEAST = 1e-3  # pairs that are less probable than this at every horizon are left out
LEAST_TOLD = 0.02  # pairs less probable than this have no time of arrival: it would be that of a freak
# columns of the way of an object: spectra of acceleration m^2/s^3, rate of giving up the course 1/s
Q_ALONG, Q_ACROSS, Q_UP, GIVES_UP = 0, 1, 2, 3
CLIMB_DECAY_PER_S = 1.0 / 30.0  # climbs and descents of small aircraft last about so long
# columns of a result
ENTER, NEAR_FAR, NEAR_MIDDLE, NEAR_CLOSE, EARLY, MEDIAN, LATE = 0, 1, 2, 3, 4, 5, 6
RESULTS = 7


@jit
def normal_cdf(z):
    """Probability that a standard normal value is below z."""
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@jit
def spread_m(pp, pv, vv, q, t):
    """Standard deviation m of the way after t s: variances of position and velocity and their covariance now, and the
    spectrum q of the acceleration."""
    return math.sqrt(max(pp + t * (2.0 * pv + t * (vv + q * t / 3.0)), 1e-6))


@jit
def climb_s(t):
    """How many seconds of the present climb are made good in t s, as climbs die out."""
    return -math.expm1(-CLIMB_DECAY_PER_S * t) / CLIMB_DECAY_PER_S


@jit
def climb_sigma_m(p, q_up, t):
    """Standard deviation m of the height after t s; p (6, 6) is the object's covariance, q_up the spectrum."""
    a, reach_s = CLIMB_DECAY_PER_S, climb_s(t)
    e = math.exp(-a * t)
    noise = q_up * (2.0 * a * t - 3.0 + 4.0 * e - e * e) / (2.0 * a * a * a)
    return math.sqrt(max(p[2, 2] + reach_s * (2.0 * p[2, 5] + reach_s * p[5, 5]) + noise, 1e-6))


@jit
def in_band(height_m, climb_mps, p, q_up, bottom_m, top_m, t):
    """Probability that the object is in the height band after t s."""
    sigma = climb_sigma_m(p, q_up, t)
    height_m = height_m + climb_s(t) * climb_mps
    return normal_cdf((top_m - height_m) / sigma) - normal_cdf((bottom_m - height_m) / sigma)


@jit
def made_good(along, speed, cuts, t):
    """Sum of the weights cuts[:, 2] times the probability that by t s the way made good is cuts[:, 0] m; `along` (4,)
    are the terms of its spread."""
    sigma = spread_m(along[0], along[1], along[2], along[3], t)
    total = 0.0
    for k in range(NODES):
        if cuts[k, 2] > 0.0:
            total += cuts[k, 2] * (1.0 if cuts[k, 0] <= 0.0 else normal_cdf((speed * t - cuts[k, 0]) / sigma))
    return total


@jit
def quantile_s(along, speed, cuts, share, latest):
    """When the given share of the weights has entered, s; at most `latest`."""
    low, high = 0.0, latest
    if made_good(along, speed, cuts, low) >= share:
        return 0.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if made_good(along, speed, cuts, middle) < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@jit
def axis_terms(dx, dy, p, drift, q, out):
    """Write into out (4,) what the spread of the way along the unit vector (dx, dy) is made of: variance of position,
    its covariance with velocity, variance of velocity, from p (6, 6) and the place's own drift (2,); spectrum q."""
    out[0] = dx * dx * p[0, 0] + 2.0 * dx * dy * p[0, 1] + dy * dy * p[1, 1] + drift[0]
    out[1] = dx * dx * p[0, 3] + dx * dy * (p[0, 4] + p[1, 3]) + dy * dy * p[1, 4]
    out[2] = dx * dx * p[3, 3] + 2.0 * dx * dy * p[3, 4] + dy * dy * p[4, 4] + drift[1]
    out[3] = q


@jit
def abreast(x, y, dx, dy, segments):
    """How far along its course from (x, y) the object comes abreast of the nearest end of a segment, m."""
    nearest = np.inf
    for k in range(len(segments)):
        for c in range(2):
            nearest = min(nearest, (segments[k, 2 * c] - x) * dx + (segments[k, 2 * c + 1] - y) * dy)
    return nearest


@jit
def cut_bundle(x, y, dx, dy, speed, across, segments, radius_m, ring, horizon_s, cuts):
    """Cut the bundle of rays with a place: write (NODES, 3) way made good to entering and leaving, m, and weight.

    Each ray leads from its deviation across the course now to that when the object is abreast of the place.
    """
    abreast_m = abreast(x, y, dx, dy, segments)
    t = min(max(abreast_m, 0.0) / speed, horizon_s)
    here = spread_m(across[0], across[1], across[2], across[3], 0.0)
    there = spread_m(across[0], across[1], across[2], across[3], t)
    opening = (there - here) / max(abreast_m, speed * t, 1.0)
    strip_m = max(SPACING * there, 1e-3)
    cut = np.empty(3)
    for k in range(NODES):
        z = -WIDEST + k * SPACING
        length = math.sqrt(1.0 + z * opening * z * opening)
        rx, ry = (dx - dy * z * opening) / length, (dy + dx * z * opening) / length
        cut_place(x - dy * z * here, y + dx * z * here, rx, ry, segments, radius_m, ring, cut)
        part = min(1.0, max(0.0, 0.5 - cut[2] / strip_m))
        if part > 0.0 and cut[0] > cut[1]:  # only the edge of its strip enters, abreast of the place
            cut[0], cut[1] = max(abreast_m, 0.0) * length, max(abreast_m, 0.0) * length
        cuts[k, 0], cuts[k, 1] = cut[0] / length, cut[1] / length
        cuts[k, 2] = part * (normal_cdf(z + 0.5 * SPACING) - normal_cdf(z - 0.5 * SPACING))


@jit
def surely_in_band(height_m, climb_mps, p, q_up, band, t):
    """Is the object in the height band from now to t s ahead, by SURELY standard deviations?"""
    way_m, sigma = climb_mps * climb_s(t), climb_sigma_m(p, q_up, t)
    low, high = height_m + min(way_m, 0.0) - SURELY * sigma, height_m + max(way_m, 0.0) + SURELY * sigma
    return low > band[0] and high < band[1]


@jit
def weigh_bundle(cuts, speed, height_m, climb_mps, p, way, band, horizon_s):
    """Lower the weights of rays by the height band and by the chance that the course is given up before."""
    sure = surely_in_band(height_m, climb_mps, p, way[Q_UP], band, horizon_s)
    for k in range(NODES):
        if cuts[k, 2] > 0.0:
            t0, t1 = cuts[k, 0] / speed, cuts[k, 1] / speed
            cuts[k, 2] *= math.exp(-way[GIVES_UP] * t0)
            if not sure:
                held = 0.0
                for t in (t0, 0.5 * (t0 + t1), t1):
                    held = max(held, in_band(height_m, climb_mps, p, way[Q_UP], band[0], band[1], t))
                cuts[k, 2] *= held


@jit
def write_arrival(along, speed, cuts, horizon_s, out):
    """Write EARLY, MEDIAN and LATE of the time of entering, given that it enters; NaN where it hardly can."""
    total, furthest_m = 0.0, 0.0
    for k in range(NODES):
        if cuts[k, 2] > 0.0:
            total += cuts[k, 2]
            furthest_m = max(furthest_m, cuts[k, 0])
    out[EARLY], out[MEDIAN], out[LATE] = np.nan, np.nan, np.nan
    if total < LEAST_TOLD:
        return
    t = furthest_m / speed
    latest = min(t + 5.0 * spread_m(along[0], along[1], along[2], along[3], t) / speed, 8.0 * horizon_s)
    out[EARLY] = quantile_s(along, speed, cuts, 0.05 * total, latest)
    out[MEDIAN] = quantile_s(along, speed, cuts, 0.5 * total, latest)
    out[LATE] = quantile_s(along, speed, cuts, 0.95 * total, latest)


@jit
def pair_reach(x, y, u, p, drift, height_m, climb_mps, way, segments, radius_m, ring, band, horizons, margin_m, work,
               out):
    """Write the results (RESULTS,) of one object and place.

    Args:
        x, y: m, of the object in the place's own frame; u (2,): its velocity there, m/s.
        p: (6, 6) covariance of the object; drift (2,): variances of the place's position and velocity, one axis.
        way: (4,) of the object; band (2,): bottom and top m; horizons (3,) s, falling.
        work: (NODES, 3) scratch.
    """
    speed = math.sqrt(u[0] * u[0] + u[1] * u[1])
    dx, dy = (u[0] / speed, u[1] / speed) if speed > LEAST_SPEED_MPS else (0.0, 1.0)
    speed = max(speed, LEAST_SPEED_MPS)
    along, across = np.empty(4), np.empty(4)
    axis_terms(dx, dy, p, drift, way[Q_ALONG], along)
    axis_terms(-dy, dx, p, drift, way[Q_ACROSS], across)
    cut_bundle(x, y, dx, dy, speed, across, segments, radius_m + margin_m, ring, horizons[0], work)
    weigh_bundle(work, speed, height_m, climb_mps, p, way, band, horizons[0])
    for h in range(3):
        out[NEAR_FAR + h] = made_good(along, speed, work, horizons[h])
    if out[NEAR_FAR] < LEAST:
        return
    cut_bundle(x, y, dx, dy, speed, across, segments, radius_m, ring, horizons[0], work)
    weigh_bundle(work, speed, height_m, climb_mps, p, way, band, horizons[0])
    out[ENTER] = made_good(along, speed, work, horizons[0])
    write_arrival(along, speed, work, horizons[0], out)


@jit
def beyond_reach(x, y, u, p, drift, way, centre, extent_m, horizon_s):
    """Does no ray come within extent_m of centre (2,) by the horizon?"""
    speed = math.sqrt(u[0] * u[0] + u[1] * u[1])
    dx, dy = (u[0] / speed, u[1] / speed) if speed > LEAST_SPEED_MPS else (0.0, 1.0)
    ex, ey = centre[0] - x, centre[1] - y
    ahead_m, aside_m = ex * dx + ey * dy, abs(ex * dy - ey * dx)
    terms = np.empty(4)
    axis_terms(dx, dy, p, drift, way[Q_ALONG], terms)
    early_m = WIDEST * spread_m(terms[0], terms[1], terms[2], terms[3], horizon_s)
    if ahead_m > extent_m + speed * horizon_s + early_m:
        return True
    axis_terms(-dy, dx, p, drift, way[Q_ACROSS], terms)
    t = min(max(ahead_m + extent_m, 0.0) / max(speed, LEAST_SPEED_MPS), horizon_s)
    widest_m = (WIDEST + 0.5 * SPACING) * max(
        spread_m(terms[0], terms[1], terms[2], terms[3], 0.0), spread_m(terms[0], terms[1], terms[2], terms[3], t))
    if aside_m > extent_m + widest_m:
        return True
    return ahead_m < -math.hypot(extent_m, widest_m)


@jit
def reach(states, covariances, heights_m, ways, where, drifts, segments, first, ring, radii_m, bands_m, centres,
          extents_m, horizons, margin_m, objects, places, results):
    """Results of all pairs of n objects and P places that may come near; returns how many rows were written.

    Args:
        states (n, 6), covariances (n, 6, 6): region frame; heights_m (n,) above the ellipsoid; ways (n, 4).
        where (P, 4): position and velocity of the places' own frames, NaN: not known; drifts (P, 2): their variances.
        segments (K, 4): rows first[p] to first[p + 1] are of place p; ring (P,); radii_m (P,); bands_m (P, 2).
        centres (P, 2), extents_m (P,): a circle in the place's own frame that holds its segments.
        horizons (3,): s, falling; margin_m: beyond the place, what counts as near.
        objects, places (n P,), results (n P, RESULTS): written, in order of object and place.
    """
    work, u, count = np.empty((NODES, 3)), np.empty(2), 0
    for i in range(len(states)):
        for j in range(len(where)):
            if math.isnan(where[j, 0]):
                continue
            x, y = states[i, 0] - where[j, 0], states[i, 1] - where[j, 1]
            u[0], u[1] = states[i, 3] - where[j, 2], states[i, 4] - where[j, 3]
            extent_m = extents_m[j] + radii_m[j] + margin_m
            if beyond_reach(x, y, u, covariances[i], drifts[j], ways[i], centres[j], extent_m, horizons[0]):
                continue
            out = results[count]
            pair_reach(x, y, u, covariances[i], drifts[j], heights_m[i], states[i, 5], ways[i],
                       segments[first[j]:first[j + 1]], radii_m[j], ring[j], bands_m[j], horizons, margin_m, work, out)
            if out[NEAR_FAR] < LEAST:
                continue
            objects[count], places[count] = i, j
            count += 1
    return count
