"""From folder to rows: the same bytes twice, and no row knows what was received after it, with looks and without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lowsky.cli.main import main
from lowsky.simulate import make_scene, write_folder

START_S = 1_769_907_600.0
END_S = 40.0


@pytest.fixture(scope="module", params=[True, False], ids=["looks", "assumed"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulator's small scene, seed 2, with and without its looks."""
    folder = tmp_path_factory.mktemp("folder") / "small-2"
    write_folder(folder, make_scene("small", 2))
    if not request.param:
        (folder / "looks.parquet").unlink()
    return folder


def _track(folder: Path) -> Path:
    out = folder.parent / f"{folder.name}.parquet"
    assert main(["track", str(folder), "--out", str(out)]) == 0
    return out


def _until(path: Path, seconds: float) -> pa.Table:
    table = pq.read_table(path)
    return table.filter(pa.array(table["time_s"].to_numpy() <= START_S + seconds))


def test_twice_the_same_bytes(folder: Path) -> None:
    first = _track(folder).read_bytes()
    assert _track(folder).read_bytes() == first


@pytest.mark.parametrize("cut_s", [6.0, 13.4, 27.95])
def test_a_cut_folder_has_the_same_rows_up_to_the_cut(folder: Path, tmp_path: Path, cut_s: float) -> None:
    part = Path(shutil.copytree(folder, tmp_path / "part"))
    for path in (part / "plots.parquet", part / "looks.parquet"):
        if path.exists():
            pq.write_table(_received_by(pq.read_table(path), START_S + cut_s), path)
    rows = _until(_track(part), cut_s)
    assert rows.num_rows > 5 * cut_s / 2
    assert rows.equals(_until(_track(folder), cut_s))


def _received_by(table: pa.Table, time_s: float) -> pa.Table:
    return table.filter(pa.array(table["received_s"].to_numpy() <= time_s))


def test_rows_run_to_the_end_of_the_scene(folder: Path, tmp_path: Path) -> None:
    part = Path(shutil.copytree(folder, tmp_path / "part"))
    for path in (part / "plots.parquet", part / "looks.parquet"):
        if path.exists():
            pq.write_table(_received_by(pq.read_table(path), START_S + END_S - 2.0), path)
    assert pq.read_table(_track(part))["time_s"].to_numpy().max() == START_S + END_S
