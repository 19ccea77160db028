"""The score of a picture: every figure, from truth and tracks, in one call.

Each figure is explained with its source in `docs/scores.md`. A figure that cannot be computed (no pair was matched,
the tracks do not carry what it needs) is None, never a number that looks like one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lowsky.model.kinds import Kind

from .compare import Comparison
from .consistency import Consistency, consistency, nees
from .continuity import (
    broken_share,
    false_tracks,
    first_held_step,
    gaps,
    longest_run_share,
    switches,
)
from .gospa import Gospa, count_per_step, gospa_of_matches
from .matching import Edges, Floats
from .ospa import ospa2, ospa_of_matches
from .siap import Siap, siap

KIND_AFTER_S = 15.0  # a kind is owed so long after an object could first be placed
DRONES = (Kind.MULTIROTOR, Kind.FIXED_WING)
HARMLESS = (Kind.BIRD, Kind.BALLOON, Kind.AIRCRAFT, Kind.VESSEL)


@dataclass(frozen=True, slots=True)
class Kinds:
    """How often the kind of matched pairs was right, from `KIND_AFTER_S` after an object could first be placed."""

    accuracy: float  # "unknown" is wrong
    birds_as_drones: float  # of the pairs that are birds
    drones_as_harmless: float  # of the pairs that are drones
    confusion: dict[str, dict[str, int]]  # true kind, said kind: object-seconds


@dataclass(frozen=True, slots=True)
class Score:
    """All figures. Means are over the scored seconds unless they say otherwise; None: cannot be computed."""

    cutoff_m: float
    scored_s: int
    objects: int  # that could be placed
    tracks: int  # numbers shown
    gospa_m: float
    gospa_2d_m: float
    localisation_m: float | None
    missed: float
    false: float
    ospa_m: float
    ospa2_m: float
    completeness: float | None
    spurious: float | None
    ambiguity: float | None
    siap: Siap
    switches: float | None  # an object, over the whole recording
    broken_share: float | None
    longest_run_share: float | None
    gaps: int
    gaps_bridged: int
    confirm_s: float | None  # median; inf: more than half were never held
    never_held: int
    false_tracks_per_hour: float
    count_error: float | None
    speed_rmse_mps: float | None
    nees_2d: float | None
    consistency_2d: Consistency | None
    consistency_3d: Consistency | None
    kinds: Kinds | None


def score_of(c: Comparison) -> Score:
    """The score of a comparison."""
    pairs, held = c.scored_edges(c.pairs), c.held()
    space = _gospa(c, pairs)
    objects = int(np.isfinite(c.placed_s).sum())
    owed, matched = int(c.scored_truth().sum()), len(pairs)
    waits = waits_s(c)
    gap_count, bridged = gaps(held, c.truth.object[c.owed], c.truth.step[c.owed])
    horizontal, full = _consistencies(c, pairs)
    return Score(
        cutoff_m=c.settings.cutoff_m,
        scored_s=len(c.scored),
        objects=objects,
        tracks=len(c.tracks.labels),
        gospa_m=space.mean_m,
        gospa_2d_m=_gospa(c, c.scored_edges(c.pairs_flat)).mean_m,
        localisation_m=space.localisation_m if matched else None,
        missed=float(space.missed.mean()),
        false=float(space.false.mean()),
        ospa_m=_ospa_m(c, pairs),
        ospa2_m=_ospa2_m(c),
        completeness=_share(matched, owed),
        spurious=_spurious(c),
        ambiguity=_ambiguity(c, pairs),
        siap=_siap(c),
        switches=_share(switches(held, c.scored.start), objects),
        broken_share=broken_share(held),
        longest_run_share=longest_run_share(held, int(c.owed.sum())),
        gaps=gap_count,
        gaps_bridged=bridged,
        confirm_s=float(np.median(waits)) if len(waits) else None,
        never_held=int(np.isinf(waits).sum()),
        false_tracks_per_hour=_false_tracks(c) / c.grid.seconds * 3600.0,
        count_error=_count_error(c),
        speed_rmse_mps=_speed_rmse(c, pairs),
        nees_2d=None if horizontal is None else horizontal.mean,
        consistency_2d=horizontal,
        consistency_3d=full,
        kinds=_kinds(c, pairs),
    )


def waits_s(c: Comparison) -> Floats:
    """Seconds from when each object that could be placed could first be, to when it first had a track; inf: never."""
    placed = np.isfinite(c.placed_s)
    waits: Floats = first_held_step(c.held(), len(c.placed_s))[placed] - c.placed_s[placed]
    return waits


def errors_m(c: Comparison, pairs: Edges) -> Floats:
    """Track less truth of matched pairs, (pairs, 3) east, north, up."""
    difference: Floats = c.tracks.position_m[pairs.track] - c.truth.position_m[pairs.truth]
    return difference


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _gospa(c: Comparison, pairs: Edges) -> Gospa:
    first = c.scored.start
    owed = count_per_step(c.truth.step[c.scored_truth()] - first, len(c.scored))
    shown = count_per_step(c.tracks.step[c.scored_tracks()] - first, len(c.scored))
    return gospa_of_matches(pairs.distance_m, c.truth.step[pairs.truth] - first, owed, shown, c.settings.cutoff_m)


def _ospa_m(c: Comparison, pairs: Edges) -> float:
    first = c.scored.start
    owed = count_per_step(c.truth.step[c.scored_truth()] - first, len(c.scored))
    shown = count_per_step(c.tracks.step[c.scored_tracks()] - first, len(c.scored))
    each = ospa_of_matches(pairs.distance_m, c.truth.step[pairs.truth] - first, owed, shown, c.settings.cutoff_m)
    return float(each.mean())


def _ospa2_m(c: Comparison) -> float:
    first = c.scored.start
    truth_step = np.where(c.scored_truth(), c.truth.step - first, -1)
    track_step = np.where(c.scored_tracks(), c.tracks.step - first, -1)
    edges, window = c.scored_edges(c.near), c.settings.ospa2_window_s
    rows = c.truth.object, truth_step, c.tracks.number, track_step
    return float(ospa2(edges, *rows, len(c.scored), window, c.settings.cutoff_m).mean())


def _spurious(c: Comparison) -> float | None:
    shown = int(c.scored_tracks().sum())
    return _share(shown - len(np.unique(c.scored_edges(c.near).track)), shown)


def _ambiguity(c: Comparison, pairs: Edges) -> float | None:
    """Tracks within the cut-off of an object that is matched, on average."""
    matched = np.zeros(len(c.truth.object), np.bool_)
    matched[pairs.truth] = True
    return _share(int(matched[c.near.truth].sum()), len(pairs))


def _siap(c: Comparison) -> Siap:
    owed, shown = c.scored_truth(), c.scored_tracks()
    near = c.scored_edges(c.near)
    # rows that do not count are left out, so the edges get the numbers of the rows that stay
    edges = Edges((np.cumsum(owed) - 1)[near.truth], (np.cumsum(shown) - 1)[near.track], near.distance_m)
    error = np.linalg.norm(c.tracks.velocity_mps[near.track] - c.truth.velocity_mps[near.truth], axis=1)
    known = len(error) > 0 and bool(np.isfinite(error).all())
    rows = c.truth.object[owed], c.truth.step[owed], c.tracks.number[shown], c.tracks.step[shown]
    return siap(edges, *rows, error if known else None)


def _false_tracks(c: Comparison) -> int:
    count = len(c.tracks.labels)
    near = np.bincount(c.tracks.number[np.unique(c.near.track)], minlength=count)
    return false_tracks(near, np.bincount(c.tracks.number, minlength=count))


def _count_error(c: Comparison) -> float | None:
    """Mean of |objects said - objects owed| / objects owed over seconds at which one is owed."""
    shown, first = c.scored_tracks(), c.scored.start
    owed = count_per_step(c.truth.step[c.scored_truth()] - first, len(c.scored))
    said = np.bincount(c.tracks.step[shown] - first, weights=c.tracks.group_n[shown], minlength=len(c.scored))
    some = owed > 0
    return float(np.mean(np.abs(said[some] - owed[some]) / owed[some])) if some.any() else None


def _speed_rmse(c: Comparison, pairs: Edges) -> float | None:
    """Root mean square of the horizontal velocity error of pairs whose velocities are both known."""
    error = (c.tracks.velocity_mps[pairs.track] - c.truth.velocity_mps[pairs.truth])[:, :2]
    square = (error**2).sum(axis=1)
    square = square[np.isfinite(square)]
    return float(np.sqrt(square.mean())) if len(square) else None


def _consistencies(c: Comparison, pairs: Edges) -> tuple[Consistency | None, Consistency | None]:
    error, covariance = errors_m(c, pairs), c.tracks.covariance_m2[pairs.track]
    horizontal = consistency(nees(error[:, :2], covariance[:, :2, :2]), 2)
    return horizontal, None if c.settings.flat else consistency(nees(error, covariance), 3)


def _kinds(c: Comparison, pairs: Edges) -> Kinds | None:
    if c.tracks.kind is None:
        return None
    old = c.truth.step[pairs.truth] - c.placed_s[c.truth.object[pairs.truth]] >= KIND_AFTER_S
    true, said = c.truth.kind[pairs.truth[old]], c.tracks.kind[pairs.track[old]]
    known = true != Kind.UNKNOWN
    true, said = true[known], said[known]
    if not len(true):
        return None
    table = np.bincount(true.astype(np.int64) * len(Kind) + said, minlength=len(Kind) ** 2).reshape(len(Kind), -1)
    rows = {t.word: {s.word: int(table[t, s]) for s in Kind if table[t, s]} for t in Kind if table[t].any()}
    drone, bird = np.isin(true, DRONES), true == Kind.BIRD
    return Kinds(
        accuracy=float(np.mean(true == said)),
        birds_as_drones=float(np.isin(said[bird], DRONES).mean()) if bird.any() else 0.0,
        drones_as_harmless=float(np.isin(said[drone], HARMLESS).mean()) if drone.any() else 0.0,
        confusion=rows,
    )
