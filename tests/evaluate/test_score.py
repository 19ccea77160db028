"""The whole score: by hand on a small recording, and against the benchmark's judge on its own scenarios."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lowsky.cli.scoring import compare_folder
from lowsky.evaluate.compare import Comparison, Placed, Settings, compare
from lowsky.evaluate.score import Score, score_of
from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

Columns = dict[str, np.ndarray[Any, Any]]
SIGMA_M = 12.0
ORIGIN = Origin(37.0, 127.0, 0.0)
KIND_FIGURES = {
    "kind_accuracy": "accuracy",
    "birds_as_drones": "birds_as_drones",
    "drones_as_harmless": "drones_as_harmless",
}


def read(path: Path) -> Columns:
    table = pq.read_table(path)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def write(path: Path, columns: Columns) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def picture_of(truth: Columns, seed: int) -> Columns:
    """Columns of tracks of a truth with integer objects."""
    rng = np.random.default_rng(seed)
    frame = Frame(Origin(float(truth["lat"][0]), float(truth["lon"][0]), 0.0))
    n, second = len(truth["object"]), truth["time_s"] - truth["time_s"].min()
    lasting = rng.integers(20, 90, truth["object"].max() + 1)[truth["object"]]
    columns = {
        "time_s": truth["time_s"],
        "track": truth["object"].astype(np.int64) * 10 + np.floor(second / lasting).astype(np.int64) % 3,
        "place": frame.to_enu(truth["lat"], truth["lon"], truth["height_m"]) + rng.normal(0, SIGMA_M, (n, 3)),
        "kind": np.where(rng.uniform(size=n) < 0.8, truth["kind"].astype(str), "bird"),
        **{name: truth[name] + rng.normal(0, 2, n) for name in ("east_mps", "north_mps", "up_mps")},
    }
    kept = rng.uniform(size=n) < 0.9
    columns = {name: values[kept] for name, values in columns.items()}
    parts = [columns, *(_strays(columns, rng, *stray) for stray in ((20.0, 1_000_000), (400.0, 2_000_000)))]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in columns}
    order = np.argsort(columns["time_s"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    columns["lat"], columns["lon"], columns["height_m"] = frame.to_geodetic(columns.pop("place"))
    rows = len(order)
    columns["cov_ee"], columns["cov_nn"] = rng.uniform(100, 200, rows), rng.uniform(100, 200, rows)
    columns["cov_en"], columns["group_n"] = rng.uniform(-50, 50, rows), rng.integers(1, 3, rows)
    return columns


def _strays(columns: Columns, rng: np.random.Generator, away_m: float, first: int) -> Columns:
    """Some of the rows once more, `away_m` off, under numbers from `first`; one row a number and second."""
    rows = rng.choice(len(columns["track"]), len(columns["track"]) // 40 + 2)
    number = first + rng.integers(0, 40, len(rows))
    alone = np.unique(np.stack([number, columns["time_s"][rows]]), axis=1, return_index=True)[1]
    stray = {name: values[rows[alone]] for name, values in columns.items()}
    place = stray["place"] + rng.normal(0, away_m, (len(alone), 3))
    return stray | {"place": place, "track": number[alone]}


def columns(label: str, rows: list[tuple[int, float, float]], **more: Any) -> Columns:
    """(label, second, metres east) rows at 100 m height."""
    who, second, east = (np.array(c) for c in zip(*rows, strict=True))
    enu = np.stack([east, np.zeros(len(rows)), np.full(len(rows), 100.0)], axis=1)
    lat, lon, height = Frame(ORIGIN).to_geodetic(enu)
    return {label: who, "time_s": 1e9 + second, "lat": lat, "lon": lon, "height_m": height, **more}


def small(settings: Settings | None = None, placed: Placed | None = None) -> Comparison:
    """Two objects for 20 s; track 1 holds the first one 10 m off from second 3 to 9, track 2 from 12 on; track 3 is
    of nothing, and track 4 doubles track 2 at second 15."""
    truth = columns("object", [(k, t, 1000.0 * k) for k in (0, 1) for t in range(21)])
    rows = [(1, t, 10.0) for t in range(3, 10)] + [(2, t, 10.0) for t in range(12, 20)]
    tracks = columns("track", [*rows, (3, 5, 500.0), (3, 14, 500.0), (4, 15, -30.0)])
    return compare(truth, tracks, ORIGIN, settings or Settings(from_s=5.0), 1e9, 20.0, placed)


def test_by_hand() -> None:
    score = score_of(small())
    assert (score.scored_s, score.objects, score.tracks) == (15, 2, 4)
    held, missed, false = 5 + 8, 15 * 2 - 13, 3
    assert score.completeness == held / 30
    assert score.missed == pytest.approx(missed / 15)
    assert score.false == pytest.approx(false / 15)
    assert score.localisation_m == pytest.approx(10)
    each = [np.sqrt(100 * h + 1250 * (2 - h + f)) for h, f in [(1, 1)] + [(1, 0)] * 4 + [(0, 0)] * 2 + [(1, 0)] * 2]
    each += [np.sqrt(100 * h + 1250 * (2 - h + f)) for h, f in [(1, 1), (1, 1)] + [(1, 0)] * 4]
    assert score.gospa_m == pytest.approx(np.mean(each))
    assert score.gospa_2d_m == pytest.approx(score.gospa_m)
    assert score.switches == 1 / 2
    assert score.broken_share == pytest.approx(7 / 15)
    assert (score.gaps, score.gaps_bridged) == (1, 0)
    assert score.spurious == pytest.approx(2 / 16)
    assert score.ambiguity == pytest.approx(14 / 13)
    assert score.confirm_s == np.inf
    assert score.never_held == 1
    assert score.false_tracks_per_hour == pytest.approx(1 / 20 * 3600)
    assert score.siap.ambiguity == pytest.approx(14 / 13)
    assert (score.speed_rmse_mps, score.nees_2d, score.kinds) == (None, None, None)


def test_objects_are_owed_from_when_they_could_be_placed() -> None:
    late = score_of(small(placed=Placed(np.array([0, 9]), 1e9 + np.array([7.5, 3.0]))))
    assert late.objects == 2  # object 9 could be placed, but has no row; object 1 could never be
    assert late.completeness == (2 + 8) / 12
    assert late.never_held == 1
    assert late.missed == pytest.approx(2 / 15)


def test_flat_leaves_heights_out() -> None:
    truth = columns("object", [(0, t, 0.0) for t in range(12)])
    tracks = columns("track", [(0, t, 3.0) for t in range(12)])
    tracks["height_m"] = tracks["height_m"] + 45.0
    assert score_of(compare(truth, tracks, ORIGIN, Settings(from_s=2.0))).localisation_m == pytest.approx(
        45.1, abs=0.01
    )
    flat = score_of(compare(truth, tracks, ORIGIN, Settings(from_s=2.0, flat=True)))
    assert flat.localisation_m == pytest.approx(3.0, abs=1e-3)
    assert flat.consistency_3d is None


def test_nothing_to_score() -> None:
    truth = columns("object", [(0, t, 0.0) for t in range(5)])
    tracks = columns("track", [(0, 1, 0.0)])
    with pytest.raises(InputError, match="no second is scored: the recording has 4 s, the warm-up 10 s"):
        compare(truth, tracks, ORIGIN, Settings())
    none = {name: values[:0] for name, values in tracks.items()}
    empty = score_of(compare(truth, none, ORIGIN, Settings(from_s=1.0)))
    assert empty.gospa_m == pytest.approx(np.sqrt(1250))
    assert (empty.completeness, empty.spurious) == (0.0, None)
    alone = score_of(compare({k: v[:0] for k, v in truth.items()}, tracks, ORIGIN, Settings(from_s=1.0), 1e9, 9.0))
    assert (alone.completeness, alone.spurious, alone.confirm_s) == (None, 1.0, None)


def without_heights(folder: Path, target: Path) -> Path:
    """The same scenario seen by sensors that measure no heights."""
    plots = read(folder / "plots.parquet")
    for name in ("elevation_deg", "height_m"):
        plots[name] = np.full(len(plots["time_s"]), np.nan)
    target.mkdir()
    for name in ("truth.parquet", "sources.parquet", "sensors.json", "judge.json"):
        (target / name).write_bytes((folder / name).read_bytes())
    write(target / "plots.parquet", plots)
    return target


def agree(score: Score, judged: dict[str, float]) -> None:
    ours: dict[str, Any] = asdict(score)
    for name, value in judged.items():
        figure = ours["kinds"][KIND_FIGURES[name]] if name in KIND_FIGURES else ours[name]
        assert figure == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize(("name", "seed", "from_s"), [("crossing", 1, 10.0), ("bearings", 2, 10.0), ("faint", 1, 31.0)])
def test_agrees_with_the_judge(
    name: str,
    seed: int,
    from_s: float,
    scenario: Callable[[str, int], Path],
    judge: Callable[..., dict[str, float]],
    tmp_path: Path,
) -> None:
    folder = scenario(name, seed)
    tracks = write(tmp_path / "tracks.parquet", picture_of(read(folder / "truth.parquet"), seed))
    judged = judge(folder, tracks, from_s)
    assert {"gospa_m", "gospa_2d_m", "switches", "nees_2d", "confirm_s"} <= judged.keys()
    agree(score_of(compare_folder(folder, tracks, from_s)[0]), judged)


def test_agrees_with_the_judge_without_heights(
    scenario: Callable[[str, int], Path], judge: Callable[..., dict[str, float]], tmp_path: Path
) -> None:
    folder = without_heights(scenario("crossing", 1), tmp_path / "flat")
    picture = picture_of(read(folder / "truth.parquet"), 5)
    tracks = write(tmp_path / "tracks.parquet", picture | {"track": np.char.add("T", picture["track"].astype(str))})
    comparison, _ = compare_folder(folder, tracks)
    assert comparison.settings.flat
    agree(score_of(comparison), judge(folder, tracks))


def test_a_folder_may_say_cutoff_and_origin(tmp_path: Path) -> None:
    truth = columns("object", [(0, t, 0.0) for t in range(12)])
    write(tmp_path / "truth.parquet", truth)
    tracks = write(tmp_path / "tracks.parquet", columns("track", [(0, t, 60.0) for t in range(12)]))
    assert score_of(compare_folder(tmp_path, tracks, 2.0)[0]).completeness == 0
    (tmp_path / "judge.json").write_text(json.dumps({"c_m": 70, "origin": [37.1, 127.1, 5.0], "seed": 3}))
    comparison, sensors_m = compare_folder(tmp_path, tracks, 2.0)
    assert comparison.settings.cutoff_m == 70
    assert comparison.truth.position_m[0, :2] == pytest.approx([-8876, -11100], abs=30)
    assert sensors_m is None
    assert score_of(comparison).completeness == 1
    assert compare_folder(tmp_path, tracks, 2.0, 80.0)[0].settings.cutoff_m == 80
