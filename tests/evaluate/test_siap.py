"""SIAP against hand-made cases and Stone Soup's generator."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from lowsky.evaluate.matching import near_edges
from lowsky.evaluate.siap import Siap, fewest_tracks, nearest_object, segments_of, siap

C = 20.0
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]  # position (n, 3), who (n,), instant (n,)


def rows(*tracks: tuple[int, int, int, float]) -> Rows:
    """(who, first, last, east) standing tracks."""
    each = [(who, t, east) for who, first, last, east in tracks for t in range(first, last + 1)]
    position = np.array([[east, 0.0, 0.0] for _, _, east in each]).reshape(-1, 3)
    return position, np.array([w for w, _, _ in each], np.int64), np.array([t for _, t, _ in each], np.int64)


def of(truth: Rows, tracks: Rows, steps: int) -> Siap:
    edges = near_edges(truth[0], truth[2], tracks[0], tracks[2], steps, C)
    error = np.linalg.norm(truth[0][edges.truth] - tracks[0][edges.track], axis=1) / 10  # any velocity error will do
    return siap(edges, truth[1], truth[2], tracks[1], tracks[2], error)


def test_by_hand() -> None:
    truth = rows((0, 0, 9, 0.0), (1, 0, 9, 1000.0))
    tracks = rows((7, 0, 3, 3.0), (8, 2, 7, -5.0), (9, 0, 9, 500.0))
    result = of(truth, tracks, 10)
    assert result.completeness == 8 / 20
    assert result.ambiguity == 10 / 8
    assert result.spuriousness == 10 / 20
    assert result.position_accuracy_m == pytest.approx((4 * 3 + 6 * 5) / 10)
    assert result.velocity_accuracy_mps == pytest.approx((4 * 3 + 6 * 5) / 100)
    assert result.number_changes_per_s == pytest.approx(1 / 7)
    assert result.longest_segment == pytest.approx(5 / 18)


def test_nothing() -> None:
    none = rows()
    assert of(none, none, 3) == Siap(None, None, None, None, None, None, None)
    alone = of(rows((0, 0, 2, 0.0)), none, 3)
    assert (alone.completeness, alone.ambiguity, alone.longest_segment) == (0.0, None, 0.0)
    assert of(none, rows((0, 0, 2, 0.0)), 3).spuriousness == 1.0


def test_each_track_has_one_object() -> None:
    edges = near_edges(*rows((0, 0, 0, 0.0), (1, 0, 0, 6.0))[::2], *rows((5, 0, 0, 4.0), (6, 0, 0, 1.0))[::2], 1, C)
    nearest = edges.take(nearest_object(edges))
    assert list(zip(nearest.track, nearest.truth, strict=True)) == [(0, 1), (1, 0)]


def test_segments_break_at_holes_and_cover_is_counted_once() -> None:
    owner, number = np.zeros(7, np.int64), np.array([1, 1, 1, 2, 2, 1, 1])
    segments, covered = segments_of(owner, number, np.array([0, 1, 2, 1, 2, 5, 6]))
    assert list(zip(segments.first, segments.last, strict=True)) == [(0, 2), (5, 6), (1, 2)]
    assert covered == 3


def test_fewest_tracks_by_search() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        first = rng.integers(0, 8, 4)
        last = first + rng.integers(0, 5, 4)
        instants = [set(range(a, b + 1)) for a, b in zip(first, last, strict=True)]
        needed = min(
            len(chosen)
            for bits in range(1, 16)
            if (chosen := [s for k, s in enumerate(instants) if bits >> k & 1])
            and set().union(*chosen) == set().union(*instants)
        )
        assert fewest_tracks(first, last) == needed


def recording(seed: int) -> tuple[Rows, Rows]:
    """Objects walking among each other; tracks that follow one object for a while, hop to another, or follow none."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 2, (25, 5, 3)), axis=0) + rng.uniform(0, 60, (5, 3))
    truth = [(walk[t, k], k, t) for k in range(5) for t in range(rng.integers(0, 5), rng.integers(15, 25))]
    tracks = []
    for number in range(8):
        first = int(rng.integers(0, 12))
        follow, bias = rng.integers(0, 5, 2), rng.normal(0, 4, 3) + (60 if number == 7 else 0)
        span = range(first, first + int(rng.integers(4, 13)))
        tracks += [(walk[t, follow[int(t > 12)]] + bias, number, t) for t in span]
    return tuple(zip(*truth, strict=True)), tuple(zip(*tracks, strict=True))  # type: ignore[return-value]


def stone_soup_siap(truth: Rows, tracks: Rows) -> dict[str, float]:
    """The same recording through Stone Soup's associator (nearest truth, at once) and SIAP generator."""
    pytest.importorskip("stonesoup")
    from stonesoup.dataassociator.tracktotrack import TrackToTruth
    from stonesoup.measures import Euclidean
    from stonesoup.metricgenerator.manager import MultiManager
    from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
    from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
    from stonesoup.types.state import State
    from stonesoup.types.track import Track

    def paths(rows: Rows, path: type, state: type) -> set[object]:
        start = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
        return {
            path(
                [
                    state(x, start + datetime.timedelta(seconds=int(t)))
                    for x, w, t in zip(*rows, strict=True)
                    if w == who
                ]
            )
            for who in sorted(set(rows[1]))
        }

    generator = SIAPMetrics(
        position_measure=Euclidean(), velocity_measure=Euclidean(), generator_name="siap", tracks_key="tracks",
        truths_key="truths",
    )  # fmt: skip
    associator = TrackToTruth(association_threshold=C, consec_pairs_confirm=1, consec_misses_end=1)
    manager = MultiManager([generator], associator)
    manager.add_data({"truths": paths(truth, GroundTruthPath, GroundTruthState), "tracks": paths(tracks, Track, State)})
    return {title: metric.value for title, metric in manager.generate_metrics()["siap"].items()}


def picks(first: np.ndarray, last: np.ndarray) -> list[tuple[int, int]]:
    """Instants at which the fewest segments that cover everything are taken up, and the ends of those segments."""
    taken: list[tuple[int, int]] = []
    for at in range(int(last.max()) + 1):
        ends = last[(first <= at) & (last >= at)]
        if len(ends) and (not taken or at > taken[-1][1]):
            taken.append((at, int(ends.max())))
    return taken


def test_agrees_with_stone_soup() -> None:
    compared = 0
    for seed in range(36):
        truth, tracks = (tuple(np.array(column) for column in rows) for rows in recording(seed))
        edges = near_edges(truth[0], truth[2], tracks[0], tracks[2], 30, C)
        nearest = edges.take(nearest_object(edges))
        parts, _ = segments_of(truth[1][nearest.truth], tracks[1][nearest.track], truth[2][nearest.truth])
        # Stone Soup fails on associations of one instant, and stops counting at one taken up in its last instant
        chosen = [
            p for k in set(parts.object) for p in picks(parts.first[parts.object == k], parts.last[parts.object == k])
        ]
        if (parts.first == parts.last).any() or any(at == end for at, end in chosen):
            continue
        compared += 1
        ours = siap(edges, truth[1], truth[2], tracks[1], tracks[2], edges.distance_m)
        theirs = stone_soup_siap(truth, tracks)  # type: ignore[arg-type]
        assert ours.completeness == pytest.approx(theirs["SIAP Completeness"])
        assert ours.ambiguity == pytest.approx(theirs["SIAP Ambiguity"])
        assert ours.spuriousness == pytest.approx(theirs["SIAP Spuriousness"])
        assert ours.position_accuracy_m == pytest.approx(theirs["SIAP Position Accuracy"])
        assert ours.velocity_accuracy_mps == pytest.approx(theirs["SIAP Velocity Accuracy"])
        assert ours.number_changes_per_s == pytest.approx(theirs["SIAP Rate of Track Number Change"])
        assert ours.longest_segment == pytest.approx(theirs["SIAP Longest Track Segment"])
    assert compared >= 8
