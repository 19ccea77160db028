"""Sharing: whose a report is where it may be of several tracks at once, and what it tells of each.

Association is loopy belief propagation as in `kernels.association`, where a report's factor sums over the sets of
tracks that may have made it (as for extended objects, Meyer and Williams, IEEE TSP 69, 2021, with the roles of tracks
and reports exchanged). Each member is updated as a part of the joint state of all of them; the correlations that this
gives between members are dropped. Frames in which no set may share a report go the usual way.
"""

from __future__ import annotations

import math

import numpy as np

from .association import LEAST_REST, MAX_SWEEPS, TOLERANCE, propagate
from .cache import jit
from .clusters import edges_of_plots, find_joints
from .resolution import add_member, blend, clear_mean, fit, merges

DAMP_AFTER = 5  # sweeps; beyond, messages go only half the way
NEGLIGIBLE = 1e-4  # association probability below which a set is not used


@jit
def member_edge(w, c, slot, joint, edge):
    """Fill an edge of candidate c for being one of the members of a joint hypothesis, at `slot` of them."""
    plot, base, size = w.plots[joint.plot], w.edges[joint.edge[slot]], joint.n
    mean, cov = w.work.vector[0], w.work.small[0]
    edge.plot, edge.n, edge.share = joint.plot, base.n, 1.0 / size
    edge.part[:] = base.part
    weight = 0.0
    for m in range(c.models):
        clear_mean(mean, cov)
        for q in range(size):
            o = w.candidates[joint.member[q]]
            if q == slot:
                add_member(c.z[m], c.s[m], edge.share, c.z[m, 1], mean, cov)
            else:
                add_member(o.z_mean, o.s_mean, edge.share, c.z[m, 1], mean, cov)
        d2, inverse = fit(w.pool[plot.report], edge, mean, cov, edge.nu[m], edge.l[m])
        edge.like[m] = joint.together * math.exp(-0.5 * d2) / (inverse * plot.density)
        weight += c.mu[m] * edge.like[m]
    edge.weight, edge.back = c.existence * c.detection * weight, joint.back[slot]


@jit
def plot_sums(w, total, reach):
    """Sums over the sets that each plot may be of: total (P,), and reach (E,) of those with an edge, without it."""
    for f in range(w.frame.plots):
        total[f] = 1.0 + w.plots[f].hidden
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        for e in range(c.first, c.last):
            edge = w.edges[e]
            reach[e] = edge.weight / (c.existence * c.detection)
            total[edge.plot] += reach[e] * edge.beta
    for h in range(w.frame.joints):
        joint = w.joints[h]
        product = joint.weight
        for q in range(joint.n):
            product *= w.edges[joint.edge[q]].beta
        total[joint.plot] += product
        for q in range(joint.n):
            reach[joint.edge[q]] += product / w.edges[joint.edge[q]].beta


@jit
def renew_tracks(w, total, reach, damped):
    """Messages from plots to tracks into `back`, and from tracks to plots into `beta`; returns the largest change."""
    change = 0.0
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        made, s = c.existence * c.detection, c.missed
        for e in range(c.first, c.last):
            edge = w.edges[e]
            edge.back = reach[e] / max(total[edge.plot] - reach[e] * edge.beta, 1.0 + w.plots[edge.plot].hidden)
            s += made * edge.back
        for e in range(c.first, c.last):
            edge = w.edges[e]
            new = made / max(s - made * edge.back, LEAST_REST * s)
            new = math.sqrt(new * edge.beta) if damped else new
            change = max(change, abs(new - edge.beta) / new)
            edge.beta = new
    return change


@jit
def propagate_joint(w):
    """Belief propagation with joint hypotheses; writes `back` of the edges and of the joints' members, and `alone`.

    While it runs an edge's `beta` is the odds that the track made the plot, as its other plots tell, and `back` the
    whole message of the plot.
    """
    total, reach = np.empty(w.frame.plots), np.empty(w.frame.edges)
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        for e in range(c.first, c.last):
            w.edges[e].beta = c.existence * c.detection / max(c.missed, LEAST_REST)
    sweeps, change = 0, 1.0
    while sweeps < MAX_SWEEPS and change >= TOLERANCE:
        plot_sums(w, total, reach)
        change = renew_tracks(w, total, reach, sweeps >= DAMP_AFTER)
        sweeps += 1
    plot_sums(w, total, reach)
    for h in range(w.frame.joints):
        joint = w.joints[h]
        product = 1.0
        for q in range(joint.n):
            product *= w.edges[joint.edge[q]].beta
        for q in range(joint.n):
            e = joint.edge[q]
            rest = max(total[joint.plot] - reach[e] * w.edges[e].beta, 1.0 + w.plots[joint.plot].hidden)
            joint.back[q] = product / w.edges[e].beta / rest
    for k in range(w.frame.candidates):
        for e in range(w.candidates[k].first, w.candidates[k].last):
            edge = w.edges[e]
            edge.back = 1.0 / max(total[edge.plot] - reach[e] * edge.beta, 1.0 + w.plots[edge.plot].hidden)
    for f in range(w.frame.plots):
        w.plots[f].alone = (1.0 + w.plots[f].hidden) / total[f]
    return sweeps


@jit
def drop_negligible(w):
    """Set the message of joint members to 0 where it would hardly count."""
    for k in range(w.frame.candidates):
        c = w.candidates[k]
        c.taken = 1.0 - c.existence + c.existence * (1.0 - c.detection)
        for e in range(c.first, c.last):
            c.taken += w.edges[e].weight * w.edges[e].back
    for h in range(w.frame.joints):
        joint = w.joints[h]
        for q in range(joint.n):
            c = w.candidates[joint.member[q]]
            c.taken += c.existence * c.detection * joint.weight * joint.back[q]
    for h in range(w.frame.joints):
        joint = w.joints[h]
        for q in range(joint.n):
            c = w.candidates[joint.member[q]]
            share = c.existence * c.detection * joint.weight * joint.back[q] / c.taken
            if share < NEGLIGIBLE:
                joint.back[q] = 0.0


@jit
def member_edges(w):
    """How many edges each candidate needs for the sets that it belongs to: (K,)."""
    more = np.zeros(w.frame.candidates, np.int64)
    for h in range(w.frame.joints):
        for q in range(w.joints[h].n):
            more[w.joints[h].member[q]] += w.joints[h].back[q] > 0.0
    return more


@jit
def add_member_edges(w):
    """Give each candidate edges for the sets that it belongs to, behind its own, which move to where there is room for
    all of them; False if there is none."""
    frame, more = w.frame, member_edges(w)
    moved, end = np.zeros(frame.candidates, np.int64), frame.edges
    for k in range(frame.candidates):
        if more[k] > 0:
            c = w.candidates[k]
            moved[k] = end - c.first
            end += c.last - c.first + more[k]
    if end > len(w.edges):
        return False
    for k in range(frame.candidates):
        c = w.candidates[k]
        if more[k] > 0:
            for e in range(c.first, c.last):
                w.edges[e + moved[k]] = w.edges[e]
            c.first, c.last = c.first + moved[k], c.last + moved[k]
    for h in range(frame.joints):
        joint = w.joints[h]
        for q in range(joint.n):
            joint.edge[q] += moved[joint.member[q]]
    for h in range(frame.joints):
        joint = w.joints[h]
        for q in range(joint.n):
            if joint.back[q] > 0.0:
                c = w.candidates[joint.member[q]]
                member_edge(w, c, q, joint, w.edges[c.last])
                c.last += 1
    frame.edges = end
    return True


@jit
def associate(w, sensor):
    """Associate the frame's candidates and plots, also as sets; False, with nothing changed, if there is no room."""
    w.frame.joints = 0
    if merges(sensor) and w.frame.candidates > 1:
        if w.frame.candidates >= len(w.candidates):
            return False  # no room for the middle of two
        for k in range(w.frame.candidates):
            blend(w.candidates[k])
            w.candidates[k].partner, w.candidates[k].partner_at = -1, math.inf
        owner = np.empty(w.frame.edges, np.int32)
        first, listed = edges_of_plots(w, owner)
        if not find_joints(w, sensor, first, listed, owner):
            return False
    if w.frame.joints == 0:
        propagate(w.candidates, w.frame.candidates, w.edges, w.plots, w.frame.plots)
        return True
    propagate_joint(w)
    drop_negligible(w)
    return add_member_edges(w)
