"""Update of one Bernoulli track by the reports it may have made: existence, model probabilities, states.

Given the association messages, existence, motion model and association of a track are joint: for model m the
weight of report j is mu_m l_jm c_j, so both model probabilities and the mixture within each model follow exactly
(IMM-PDA, Bar-Shalom, Daum and Huang 2009; Bernoulli existence as in Musicki and Evans 2004). Each model's mixture is
moment-matched to one Gaussian.
"""

from __future__ import annotations

from .cache import jit
from .gating import innovation
from .linalg import forward_solve, forward_solve_rows

NEGLIGIBLE = 1e-5  # models and hypotheses below this share are not worked out


@jit
def existence_update(c, detection, edges):
    """Existence of candidate c after the frame; association probabilities into its edges' beta.

    Edge weights are r pd l / density, so the absent and missed hypotheses weigh (1 - r) and r (1 - pd).
    """
    absent = 1.0 - c.existence
    total = absent + c.existence * (1.0 - detection)
    for e in range(c.first, c.last):
        edges[e].beta = edges[e].weight * edges[e].back
        total += edges[e].beta
    for e in range(c.first, c.last):
        edges[e].beta /= total
    return 1.0 - absent / total


@jit
def gain_step(x, p, hp, part_of, n, nu, l, x_new, w):
    """Kalman update of one hypothesis: x_new (6,) = x + K nu, and w (n, 6) = L^-1 H P, so that P_new = P - w' w.

    `nu` (n,) is replaced by L^-1 nu.
    """
    for a in range(n):
        for c in range(6):
            w[a, c] = hp[int(part_of[a]), c]
    forward_solve_rows(l, w, n, 6)
    forward_solve(l, nu, n)
    for c in range(6):
        s = x[c]
        for a in range(n):
            s += w[a, c] * nu[a]
        x_new[c] = s


@jit
def add_moments(weight, x_new, p, w, n, x_ref, mean, second):
    """Add one hypothesis to the running moments about x_ref: mean (6,) and lower second (6, 6)."""
    for a in range(6):
        da = x_new[a] - x_ref[a]
        mean[a] += weight * da
        for b in range(a + 1):
            s = p[a, b] + da * (x_new[b] - x_ref[b])
            for k in range(n):
                s -= w[k, a] * w[k, b]
            second[a, b] += weight * s


@jit
def mixture_update(c, model, edges, plots, pool, polar_kind, work, x_out, p_out):
    """Moment-matched update of one model of candidate c into x_out (6,), p_out (6, 6).

    Returns the model's likelihood up to a factor common to all models. Uses work.vector[0:4], small[0:3].
    """
    x, p, z, hp, s = c.x[model], c.p[model], c.z[model], c.hp[model], c.s[model]
    total = 1.0 - c.detection
    for e in range(c.first, c.last):
        total += c.detection * edges[e].like[model] * edges[e].back
    nu, part_of, mean, x_new = work.vector[0], work.vector[1], work.vector[2], work.vector[3]
    l, w, second = work.small[0], work.small[1], work.small[2]
    mean[:] = 0.0
    second[:, :] = 0.0
    used = 0.0
    for e in range(c.first, c.last):
        share = c.detection * edges[e].like[model] * edges[e].back / total
        if share < NEGLIGIBLE:
            continue
        n = innovation(pool[plots[edges[e].plot].report], z, s, polar_kind, nu, part_of, l)
        if n == 0:
            continue
        gain_step(x, p, hp, part_of, n, nu, l, x_new, w)
        add_moments(share, x_new, p, w, n, x, mean, second)
        used += share
    finish_moments(1.0 - used, x, p, mean, second, x_out, p_out)
    return total


@jit
def finish_moments(missed, x, p, mean, second, x_out, p_out):
    """Add the share in which nothing was received, and turn moments about x into x_out (6,), p_out (6, 6)."""
    for a in range(6):
        x_out[a] = x[a] + mean[a]
        for b in range(a + 1):
            v = second[a, b] + missed * p[a, b] - mean[a] * mean[b]
            p_out[a, b] = v
            p_out[b, a] = v
