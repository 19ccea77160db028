"""Update of one Bernoulli track by the reports it may have made: existence, model probabilities, states.

Given the association messages, existence, motion model and association of a track are joint: for model m the
weight of report j is mu_m l_jm c_j, so both model probabilities and the mixture within each model follow exactly
(IMM-PDA, Bar-Shalom, Daum and Huang 2009; Bernoulli existence as in Musicki and Evans 2004). Each model's mixture is
moment-matched to one Gaussian.
"""

from __future__ import annotations

from .borrow import bare, bare_inlined
from .linalg import forward_solve_rows

NEGLIGIBLE = 1e-5  # models and hypotheses below this share are not worked out


@bare
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


@bare
def solve(hp, edge, nu, l, w, shift):
    """Write w = L^-1 H P of an edge's parts into w (n, 6) and w' nu into shift (6,)."""
    n = edge.n
    for a in range(n):
        for c in range(6):
            w[a, c] = hp[edge.part[a], c]
    forward_solve_rows(l, w, n, 6)
    for c in range(6):
        s = 0.0
        for a in range(n):
            s += w[a, c] * nu[a]
        shift[c] = s


@bare_inlined
def solve_four(hp, edge, nu, l, w, shift):
    """`solve` for the four parts of a 3-D radar, the hot path, with everything in registers."""
    l00, l10, l11, l20, l21, l22 = l[0, 0], l[1, 0], l[1, 1], l[2, 0], l[2, 1], l[2, 2]
    l30, l31, l32, l33 = l[3, 0], l[3, 1], l[3, 2], l[3, 3]
    n0, n1, n2, n3 = nu[0], nu[1], nu[2], nu[3]
    a, b, d, f = edge.part[0], edge.part[1], edge.part[2], edge.part[3]
    i0, i1, i2, i3 = 1.0 / l00, 1.0 / l11, 1.0 / l22, 1.0 / l33
    for c in range(6):
        w0 = hp[a, c] * i0
        w1 = (hp[b, c] - l10 * w0) * i1
        w2 = (hp[d, c] - l20 * w0 - l21 * w1) * i2
        w3 = (hp[f, c] - l30 * w0 - l31 * w1 - l32 * w2) * i3
        w[0, c], w[1, c], w[2, c], w[3, c] = w0, w1, w2, w3
        shift[c] = w0 * n0 + w1 * n1 + w2 * n2 + w3 * n3


@bare
def lessen(part, n, w, shift):
    """Scale a solution w (n, 6), shift (6,) to a report in which the track has only a part."""
    for c in range(6):
        shift[c] *= part
        for a in range(n):
            w[a, c] *= part


@bare_inlined
def hypothesis(share, p_out, hp, edge, nu, l, w, shift, mean):
    """Work one hypothesis of weight `share` into p_out (6, 6, lower) and the mean shift (6,) of the mixture.

    With w = L^-1 H P the hypothesis' state is x + w' nu and its covariance P - w' w.
    """
    n = edge.n
    if n == 4:
        solve_four(hp, edge, nu, l, w, shift)
    else:
        solve(hp, edge, nu, l, w, shift)
    if edge.share < 1.0:
        lessen(edge.share, n, w, shift)
    for c in range(6):
        mean[c] += share * shift[c]
    for r in range(6):
        for c in range(r + 1):
            s = shift[r] * shift[c]
            if n == 4:
                s = s - w[0, r] * w[0, c] - w[1, r] * w[1, c] - w[2, r] * w[2, c] - w[3, r] * w[3, c]
            else:
                for a in range(n):
                    s -= w[a, r] * w[a, c]
            p_out[r, c] += share * s


@bare
def mixture_update(c, model, edges, work, x_out, p_out):
    """Moment-matched update of one model of candidate c into x_out (6,), p_out (6, 6).

    Returns the model's likelihood up to a factor common to all models. Uses work.vector[0:2], small[0].
    """
    total = 1.0 - c.detection
    for e in range(c.first, c.last):
        total += c.detection * edges[e].like[model] * edges[e].back
    mean = work.vector[0]
    for r in range(6):
        mean[r] = 0.0
        for q in range(r + 1):
            p_out[r, q] = c.p[model, r, q]
    for e in range(c.first, c.last):
        edge = edges[e]
        share = c.detection * edge.like[model] * edge.back / total
        if share > NEGLIGIBLE:
            nu, l = edge.nu[model], edge.l[model]
            hypothesis(share, p_out, c.hp[model], edge, nu, l, work.small[0], work.vector[1], mean)
    for r in range(6):
        x_out[r] = c.x[model, r] + mean[r]
        for q in range(r + 1):
            p_out[r, q] -= mean[r] * mean[q]
            p_out[q, r] = p_out[r, q]
    return total
