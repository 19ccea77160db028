"""`lowsky score` from the outside: forms of output, settings, one sentence for what cannot be scored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from lowsky.cli.main import main

HEAD = "object,time_s,lat,lon,height_m\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two objects standing for 30 s and, in tracks.parquet, a track on the first of them."""
    second, who = np.tile(np.arange(31.0), 2), np.repeat(np.array(["a", "b"]), 31)
    lat = np.where(who == "a", 37.0, 37.01)
    places = {"time_s": 1e9 + second, "lat": lat, "lon": np.full(62, 127.0), "height_m": np.full(62, 50.0)}
    pa_csv.write_csv(pa.table({"object": who, **places}), tmp_path / "truth.csv")
    tracks = {name: values[:31] for name, values in places.items()}
    pq.write_table(pa.table({"track": np.ones(31, np.int64), **tracks}), tmp_path / "tracks.parquet")
    return tmp_path


def score(folder: Path, *options: str) -> int:
    return main(["score", str(folder), str(folder / "tracks.parquet"), *options])


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["completeness"] == 0.5
    assert found["gospa_m"] == pytest.approx(np.sqrt(1250), abs=1e-6)
    assert (found["scored_s"], found["objects"], found["cutoff_m"]) == (20, 2, 50)


def test_table_and_markdown_carry_the_same_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder) == 0
    table = capsys.readouterr().out
    assert score(folder, "--markdown") == 0
    markdown = capsys.readouterr().out
    for text in (table, markdown):
        assert "2 objects, 1 tracks, 20 s scored, cut-off 50 m" in text
        for said in ("GOSPA, horizontal", "35.36 m", "positional accuracy", "not measured: the tracks say no kinds"):
            assert said in text
        assert "not checked against the text of the standard" in " ".join(text.split())
    assert markdown.startswith("Score: ")


def test_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "--json", "--from", "25", "--cutoff", "2000") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["scored_s"], found["cutoff_m"]) == (5, 2000)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "truth.csv").unlink(), "has neither truth.parquet nor truth.csv: there is nothing to score"),
        (lambda f: (f / "truth.csv").write_text("time_s,lat,lon,height_m\n1,2,3,4\n"), "has no column 'object'"),
        (lambda f: (f / "tracks.parquet").write_bytes(b"PAR1"), "tracks.parquet cannot be read"),
        (lambda f: (f / "tracks.parquet").unlink(), "tracks.parquet does not exist"),
        (lambda f: (f / "judge.json").write_text('{"c_m": "wide"}'), "judge.json cannot be read"),
        (lambda f: (f / "judge.json").write_text('{"c_m": -3}'), "judge.json, c_m: -3 is not above 0"),
        (lambda f: (f / "sensors.json").write_text("{"), "sensors.json"),
        (lambda f: (f / "truth.csv").write_text(HEAD + "1,x,3,4,5\n"), "truth.csv, row 0, time_s: 'x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_one_sentence(
    folder: Path, spoil: object, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(folder)
    assert score(folder) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("lowsky: ")
    assert error.count("\n") == 1


def test_folder_that_is_none_and_settings_out_of_range(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(folder / "gone"), "tracks.parquet"]) == 2
    assert "gone does not exist" in capsys.readouterr().err
    assert main(["score", str(folder / "truth.csv"), "tracks.parquet"]) == 2
    assert "is not a folder" in capsys.readouterr().err
    assert score(folder, "--from", "30") == 2
    assert "no second is scored: the recording has 30 s, the warm-up 30 s" in capsys.readouterr().err
    for option in (("--from", "-1"), ("--from", "soon"), ("--cutoff", "0"), ("--cutoff", "nan")):
        with pytest.raises(SystemExit) as stop:
            score(folder, *option)
        assert stop.value.code == 2
