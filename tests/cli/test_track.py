"""`lowsky track` on a small scene: figures, formats, sameness to the byte, cuts in time, and input that is bad."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from lowsky.cli.main import main
from lowsky.cli.track import write_biases
from lowsky.core import Registration
from lowsky.simulate import make_scene, write_folder
from lowsky.wire.table import read_input

CUT_S = 17.0
ERRORS = ["range_m", "range_scale", "azimuth_deg", "elevation_deg", "clock_s", "east_m", "north_m"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulator's small scene, seed 1: forty seconds, sensors of every kind that is used."""
    folder = tmp_path_factory.mktemp("track") / "small-1"
    write_folder(folder, make_scene("small", 1))
    return folder


@pytest.fixture(scope="module")
def tracked(folder: Path) -> Path:
    """Its tracks."""
    out = folder.parent / "tracks.parquet"
    assert main(["track", str(folder), "--out", str(out)]) == 0
    return out


def _start_s(folder: Path) -> float:
    return float(json.loads((folder / "sensors.json").read_text())["start_s"])


def _copy(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))


def _change(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


def test_json_is_the_last_line_and_adds_up(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", str(folder), "--out", str(tmp_path / "t.parquet"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(figures) == ["reports", "used", "rejected", "core_s", "cpu_s", "read_s", "objects"]
    assert figures["reports"] == figures["used"] == pq.read_metadata(folder / "plots.parquet").num_rows
    assert figures["rejected"] == 0
    assert figures["core_s"] > 0.0
    assert figures["read_s"] > 0.0
    assert figures["objects"] == len(set(pq.read_table(tmp_path / "t.parquet")["track"].to_pylist()))


def test_the_same_folder_gives_the_same_bytes_in_another_process(folder: Path, tracked: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.parquet"
    command = [sys.executable, "-m", "lowsky", "track", str(folder), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert out.read_bytes() == tracked.read_bytes()


def test_a_folder_cut_in_time_gives_the_same_rows_up_to_the_cut(folder: Path, tracked: Path, tmp_path: Path) -> None:
    cut, until_s = _copy(folder, tmp_path / "cut"), _start_s(folder) + CUT_S
    for name in ("plots", "looks"):
        _change(cut / f"{name}.parquet", lambda t: t.filter(pa.array(t["received_s"].to_numpy() <= until_s)))
    assert main(["track", str(cut), "--out", str(tmp_path / "cut.parquet")]) == 0
    assert main(["track", str(folder), "--out", str(tmp_path / "until.parquet"), "--until", str(CUT_S)]) == 0
    whole, part = (_rows_until(path, until_s) for path in (tracked, tmp_path / "cut.parquet"))
    assert len(whole) > 0
    assert part.equals(whole)
    assert pq.read_table(tmp_path / "until.parquet").equals(whole)


def _rows_until(path: Path, until_s: float) -> pa.Table:
    table = pq.read_table(path)
    return table.filter(pa.array(table["time_s"].to_numpy() <= until_s))


def test_every_report_is_accounted_for(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", str(folder), "--out", str(tmp_path / "t.parquet"), "--until", str(CUT_S)]) == 0
    said = capsys.readouterr().out.replace(",", "")
    read, used = (int(word) for word in re.findall(r"(\d+) (?:read|used)", said.splitlines()[0]))
    assert read == used + sum(int(n) for n in re.findall(r"^not used +(\d+)", said, re.MULTILINE))
    received_s = pq.read_table(folder / "plots.parquet")["received_s"].to_numpy()
    assert used == int((received_s <= _start_s(folder) + CUT_S).sum())


def test_the_compiler_changes_nothing(folder: Path, tracked: Path, tmp_path: Path) -> None:
    out = tmp_path / "interpreted.parquet"
    command = [sys.executable, "-m", "lowsky", "track", str(folder), "--out", str(out), "--until", "8"]
    other = "0" if os.environ.get("NUMBA_DISABLE_JIT") == "1" else "1"
    environment = os.environ | {"NUMBA_DISABLE_JIT": other}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=600)
    interpreted, compiled = pq.read_table(out), _rows_until(tracked, _start_s(folder) + 8.0)
    assert interpreted["track"].equals(compiled["track"])
    for name in ("lat", "lon", "height_m", "existence"):
        assert interpreted[name].to_numpy() == pytest.approx(compiled[name].to_numpy(), rel=1e-9, abs=1e-9)


def test_formats_say_the_same(folder: Path, tracked: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "geojson"):
        assert main(["track", str(folder), "--out", str(tmp_path / f"t.{suffix}")]) == 0
    parquet, csv = pq.read_table(tracked), pa_csv.read_csv(tmp_path / "t.csv")
    assert csv.column_names == parquet.column_names
    for name in ("time_s", "track", "lat", "lon", "height_m", "cov_ee"):
        assert csv[name].to_numpy().tolist() == parquet[name].to_numpy().tolist()
    features = json.loads((tmp_path / "t.geojson").read_text())["features"]
    assert {f["properties"]["track"] for f in features} == set(parquet["track"].to_pylist())


def test_settled_tracks_and_errors_of_sensors_are_written_beside(folder: Path, tracked: Path, tmp_path: Path) -> None:
    settled, biases = tmp_path / "settled.parquet", tmp_path / "biases.json"
    arguments = ["--out", str(tmp_path / "t.parquet"), "--settled", str(settled), "--biases", str(biases)]
    assert main(["track", str(folder), *arguments]) == 0
    assert (tmp_path / "t.parquet").read_bytes() == tracked.read_bytes()
    assert pq.read_schema(settled).equals(pq.read_schema(tracked))
    found = json.loads(biases.read_text())
    assert list(found) == [sensor["id"] for sensor in json.loads((folder / "sensors.json").read_text())["sensors"]]
    for errors in found.values():
        assert set(errors) == {prefix + name for prefix in ("", "sigma_") for name in ERRORS}


def test_errors_are_written_in_degrees_and_seconds(folder: Path, tmp_path: Path) -> None:
    site = read_input(folder).site
    n = len(site.sensors)
    estimate, sigma = np.tile(np.arange(1.0, 8.0), (n, 1)), np.full((n, 7), 0.5)
    none = np.zeros(n, dtype=np.bool_)
    write_biases(tmp_path / "b.json", site, Registration(estimate, sigma, none, none, none, none, (), 1))
    found = json.loads((tmp_path / "b.json").read_text())[site.sensors[-1].id]
    assert [found[name] for name in ERRORS] == pytest.approx([1, 2, 3 * 180 / np.pi, 4 * 180 / np.pi, 5, 6, 7])
    assert found["sigma_clock_s"] == 0.5
    assert found["sigma_azimuth_deg"] == pytest.approx(90 / np.pi)
    write_biases(tmp_path / "none.json", site, None)
    assert json.loads((tmp_path / "none.json").read_text()) == {}


def test_bad_rows_are_named_counted_and_left_out(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = _copy(folder, tmp_path / "bad")

    def spoil(table: pa.Table) -> pa.Table:
        azimuth = table["azimuth_deg"].to_numpy().copy()
        row = int(np.flatnonzero(np.isfinite(azimuth))[3])
        azimuth[row] = 400.0
        sensor = [*table["sensor"].to_pylist()[:-1], "radar of nobody"]
        table = table.set_column(table.column_names.index("azimuth_deg"), "azimuth_deg", pa.array(azimuth))
        return table.set_column(table.column_names.index("sensor"), "sensor", pa.array(sensor))

    _change(bad / "plots.parquet", spoil)
    assert main(["track", str(bad), "--out", str(tmp_path / "t.parquet"), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["rejected"] == 2
    for word in ("plots.parquet", "azimuth_deg", "400", "radar of nobody"):
        assert word in printed.err


def test_what_one_microphone_hears_in_all_directions_is_used_and_starts_no_object(
    folder: Path, tracked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heeding = _copy(folder, tmp_path / "acoustic")
    described = json.loads((heeding / "sensors.json").read_text())
    ear = dict(described["sensors"][0], id="ear", kind="acoustic")
    (heeding / "sensors.json").write_text(json.dumps(described | {"sensors": [*described["sensors"], ear]}))

    def listen(table: pa.Table) -> pa.Table:
        heard = table.slice(0, 40)
        heard = heard.set_column(heard.column_names.index("sensor"), "sensor", pa.array(["ear"] * 40))
        azimuth = pa.array(np.linspace(0.0, 359.0, 40))
        heard = heard.set_column(heard.column_names.index("azimuth_deg"), "azimuth_deg", azimuth)
        return pa.concat_tables([table, heard]).sort_by("received_s")

    _change(heeding / "plots.parquet", listen)
    assert main(["track", str(heeding), "--out", str(tmp_path / "t.parquet"), "--json"]) == 0
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert done["used"] == done["reports"] == pq.read_table(heeding / "plots.parquet").num_rows
    number = len(set(pq.read_table(tracked)["track"].to_pylist()))
    assert len(set(pq.read_table(tmp_path / "t.parquet")["track"].to_pylist())) == number


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "plots.parquet").write_bytes(b"PAR1 is not enough"), "plots.parquet"),
        (lambda f: (f / "sensors.json").write_text("{"), "sensors.json"),
        (lambda f: (f / "sensors.json").write_text('{"sensors": [{"id": "a", "kind": "radar_3d"}]}'), "lat"),
        (lambda f: (f / "plots.parquet").unlink(), "plots"),
    ],
)
def test_folders_that_cannot_be_read_end_with_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], object], said: str
) -> None:
    broken = _copy(folder, tmp_path / "broken")
    spoil(broken)
    assert main(["track", str(broken), "--out", str(tmp_path / "t.parquet")]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "t.parquet").exists()


def test_clocks_that_are_years_apart_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = _copy(folder, tmp_path / "odd")
    described = json.loads((odd / "sensors.json").read_text())
    del described["duration_s"]
    (odd / "sensors.json").write_text(json.dumps(described))

    def late(table: pa.Table) -> pa.Table:
        for name in ("time_s", "received_s"):
            values = table[name].to_numpy().copy()
            values[-1] += 90 * 86_400.0
            table = table.set_column(table.column_names.index(name), name, pa.array(values))
        return table

    _change(odd / "plots.parquet", late)
    assert main(["track", str(odd), "--out", str(tmp_path / "t.parquet")]) == 2
    assert "span 90 days" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--every", "0"], ["--until", "-3"], ["--every", "nan"], ["--every", "x"]])
def test_arguments_that_make_no_sense(folder: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["track", str(folder), "--out", "t.parquet", *arguments])
    assert ended.value.code == 2
