"""The commands plot and tour: what they write and say, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lowsky.cli import tour
from lowsky.cli.main import main
from lowsky.simulate import make_scene, write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small scene, and tracks that are its truth."""
    path = tmp_path_factory.mktemp("plot") / "small-1"
    write_folder(path, make_scene("small", 1))
    truth = pq.read_table(path / "truth.parquet")
    pq.write_table(truth.rename_columns({"object": "track"}), path / "tracks.parquet")
    return path


def test_plot_writes_a_picture_and_says_what_is_on_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "picture.png"
    assert main(["plot", str(folder), str(folder / "tracks.parquet"), "--out", str(out), "--at", "20"]) == 0
    assert capsys.readouterr().out == f"{out}: 15 objects at 20 s\n"
    assert out.read_bytes().startswith(b"\x89PNG")


def test_plot_shows_the_score_of_the_whole_run(folder: Path) -> None:
    from lowsky.cli.plot import score_figures

    figures = dict(score_figures(folder, folder / "tracks.parquet"))
    assert figures["completeness"] == "1"
    assert figures["switches an object"] == "0"
    assert float(figures["GOSPA"].split()[0]) < 30.0  # only objects that no sensor has placed yet are wrongly there


@pytest.mark.parametrize(
    ("out", "at", "said"),
    [
        ("picture.jpg", "20", "written as .png"),
        ("none/picture.png", "20", "does not exist"),
        ("picture.png", "500", "--at"),
        ("picture.png", "nan", "--at"),
    ],
)
def test_plot_refuses_in_one_sentence(
    out: str, at: str, said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plot", str(folder), str(folder / "tracks.parquet"), "--out", str(tmp_path / out), "--at", at]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("always")
def test_what_cannot_be_scored_is_drawn_with_a_notice(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short"
    short.mkdir()
    for name in ("plots.parquet", "looks.parquet"):
        (short / name).write_bytes((folder / name).read_bytes())
    text = (folder / "sensors.json").read_text().replace('"duration_s": 40.0', '"duration_s": 5.0')
    (short / "sensors.json").write_text(text)
    truth = pq.read_table(folder / "truth.parquet")
    seconds = truth["time_s"].to_numpy() - truth["time_s"].to_numpy().min()
    pq.write_table(truth.filter(pa.array(seconds <= 5)), short / "truth.parquet")
    assert main(["plot", str(short), str(folder / "tracks.parquet"), "--out", str(short / "p.png"), "--at", "4"]) == 0
    assert "notice: the picture shows no score" in capsys.readouterr().err
    assert (short / "p.png").exists()


def test_text_names_of_objects_are_drawn(folder: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    for name in ("sensors.json", "plots.parquet", "looks.parquet"):
        (named / name).write_bytes((folder / name).read_bytes())
    truth = pq.read_table(folder / "truth.parquet")
    names = pa.array([f"drone {i}" for i in truth["object"].to_pylist()])
    pq.write_table(truth.set_column(truth.schema.get_field_index("object"), "object", names), named / "truth.parquet")
    from lowsky.cli.drawing import load_view

    one = load_view(named, folder / "tracks.parquet", 20.0)
    other = load_view(folder, folder / "tracks.parquet", 20.0)
    np.testing.assert_allclose(np.sort(one.truth_now, axis=0), np.sort(other.truth_now, axis=0))


def test_tour_runs_the_commands_it_prints_and_stops_at_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def record(words: list[str]) -> int:
        ran.append(words)
        return 2 if words[0] == "score" else 0

    monkeypatch.setattr(tour, "_run_command", record)
    assert main(["tour", "--scene", "small", "--seed", "3", "--out", str(tmp_path / "n")]) == 2
    assert [words[0] for words in ran] == ["simulate", "track", "score"]
    assert ran[0][1:4] == ["small", "--seed", "3"]
    assert "the picture is" not in capsys.readouterr().out


def test_tour_goes_from_nothing_to_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "n"
    assert main(["tour", "--scene", "small", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    for line in ("$ lowsky simulate small", "$ lowsky track", "$ lowsky score", "$ lowsky plot", "GOSPA"):
        assert line in said
    assert said.rstrip().endswith(f"the picture is {out.resolve() / 'picture.png'}")
    tracks = pq.read_table(out / "tracks.parquet")
    assert 12 <= len(set(tracks["track"].to_pylist())) <= 30  # fifteen objects
    assert (out / "picture.png").read_bytes().startswith(b"\x89PNG")
