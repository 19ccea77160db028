"""From columns to arrays on whole seconds: grid, labels, interpolation, bad values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowsky.evaluate.truth import Grid, grid_of, tracks_of, truth_of
from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin

FRAME = Frame(Origin(60.0, 179.99, 0.0))  # objects cross the date line
START = 1_700_000_000.0


def columns(label: str, rows: list[tuple[Any, float, float]]) -> dict[str, np.ndarray]:
    """(label, seconds after the start, metres east) rows at 100 m height."""
    who, after, east = (np.array(c) for c in zip(*rows, strict=True))
    enu = np.stack([east, np.zeros(len(rows)), np.full(len(rows), 100.0)], axis=1)
    lat, lon, height = FRAME.to_geodetic(enu)
    return {label: who, "time_s": START + after, "lat": lat, "lon": lon, "height_m": height}


def test_grid_from_what_is_said_or_from_the_truth() -> None:
    truth = columns("object", [(1, 0.4, 0.0), (1, 7.9, 0.0)])
    assert grid_of(truth, START, 60.0) == Grid(START, 60)
    assert grid_of(truth) == Grid(START, 7)
    assert grid_of(truth, START - 3) == Grid(START - 3, 10)
    assert Grid(START, 5).step(START + np.array([-1.0, 0.2, 4.6, 5.6])).tolist() == [-1, 0, 5, -1]


def test_rows_on_whole_seconds_are_taken_as_they_are() -> None:
    truth = truth_of(
        columns("object", [(9, 1, 50.0), (4, 1, 5.0), (9, 2, 60.0)]), FRAME, Grid(START, 5), np.array([7], np.int64)
    )
    assert truth.labels.tolist() == [4, 7, 9]
    assert truth.object.tolist() == [2, 0, 2]
    assert truth.step.tolist() == [1, 1, 2]
    assert truth.position_m[:, 0] == pytest.approx([50, 5, 60], abs=1e-6)
    assert np.isnan(truth.velocity_mps).all()
    assert (truth.kind == Kind.UNKNOWN).all()


def test_other_rows_are_interpolated_but_not_over_gaps() -> None:
    """East is 1000 times the time, so that the interpolated row shows its own second; across the date line too."""
    times = [0.7, 1.3, 2.0, 3.0, 3.5, 9.1, 9.9, 10.6]
    rows = [("b", t, 1000 * t) for t in times] + [("a", t, 1000 * t) for t in (4.25, 5.75)]
    table = columns("object", rows) | {"kind": np.array(["bird"] * 8 + ["vessel"] * 2)}
    truth = truth_of(table, FRAME, Grid(START, 9))
    assert list(zip(truth.object.tolist(), truth.step.tolist(), strict=True)) == [
        (0, 5), (1, 1), (1, 2), (1, 3), (1, -1),
    ]  # fmt: skip
    # a chord of the curved way between two rows: a millimetre at a kilometre
    assert truth.position_m[:4, 0] == pytest.approx([5000, 1000, 2000, 3000], abs=1e-3)
    assert truth.kind.tolist() == [Kind.VESSEL] + [Kind.BIRD] * 4


def test_a_track_counts_once_a_second_with_its_nearest_row() -> None:
    rows = [(5, 0.6, 1.0), (5, 1.1, 2.0), (5, 1.4, 3.0), (6, 1.4, 4.0), (5, 2.0, 5.0), (5, 99.0, 6.0), (5, 99.2, 7.0)]
    table = columns("track", rows) | {"group_n": np.array([1, 2, np.nan, 1, 1, 1, 1])}
    tracks = tracks_of(table, FRAME, Grid(START, 5))
    assert tracks.step.tolist() == [1, 1, 2, -1, -1]
    assert tracks.position_m[:, 0] == pytest.approx([2, 4, 5, 6, 7], abs=1e-6)
    assert tracks.group_n.tolist() == [2, 1, 1, 1, 1]
    assert tracks.kind is None
    assert tracks.rows_per_s == pytest.approx(5 / 98.6)


def test_kinds_and_covariances() -> None:
    table = columns("track", [("x", 1, 0.0), ("y", 1, 9.0)])
    table |= {"kind": np.array(["bird", "kite"]), "cov_ee": np.array([4.0, 5.0]), "cov_en": np.array([1.0, 2.0])}
    tracks = tracks_of(table, FRAME, Grid(START, 5))
    assert tracks.kind is not None
    assert tracks.kind.tolist() == [Kind.BIRD, Kind.UNKNOWN]
    assert tracks.covariance_m2[1, :2, :2] == pytest.approx(np.array([[5, 2], [2, np.nan]]), nan_ok=True)
    unknown = tracks_of(table | {"kind": np.array(["unknown", "kite"])}, FRAME, Grid(START, 5))
    assert unknown.kind is None


def test_values_that_cannot_be_used() -> None:
    good = columns("object", [(1, 0, 0.0), (1, 1, 0.0)])
    bad = good | {"lat": np.array([60.0, np.nan])}
    with pytest.raises(InputError, match="truth, row 1, lat: nan is no finite number"):
        truth_of(bad, FRAME, Grid(START, 1))
    with pytest.raises(InputError, match="truth, time_s: holds something that is no number"):
        grid_of(good | {"time_s": np.array(["noon", "one"])})
    for missing in ("object", "height_m"):
        with pytest.raises(InputError, match=f"truth: there is no column '{missing}'"):
            truth_of({k: v for k, v in good.items() if k != missing}, FRAME, Grid(START, 1))
    with pytest.raises(InputError, match="tracks: there is no column 'track'"):
        tracks_of(good, FRAME, Grid(START, 1))
    with pytest.raises(InputError, match="truth: there are no rows"):
        grid_of({"time_s": np.empty(0)})
