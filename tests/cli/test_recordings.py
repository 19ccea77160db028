"""`lowsky record`, `replay`, `export` and `query` from the outside."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.cli.main import main
from lowsky.cli.moments import moment_ns, text_of
from lowsky.cli.replay import Show
from lowsky.model.errors import InputError
from lowsky.record import open_recording
from lowsky.record.frames import FRAME_HEAD, FrameKind
from lowsky.record.segment import SegmentReader
from lowsky.wire.table import read_tracks

START_NS = 1_769_907_600_000_000_000
PLACES = {"places": [{"id": "pier", "shape": "point", "points": [[56.0, 11.0]], "radius_m": 900}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small scene as a scenario folder, with places."""
    out = tmp_path_factory.mktemp("scenario")
    assert main(["simulate", "small", "--seed", "1", "--out", str(out)]) == 0
    (out / "places.json").write_text(json.dumps(PLACES))
    return out


@pytest.fixture(scope="module")
def journal(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, recorded."""
    out = tmp_path_factory.mktemp("recording") / "night"
    assert main(["record", str(folder), "--out", str(out), "--places", str(folder / "places.json")]) == 0
    return out


def test_record_and_verify(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(journal), "--verify"]) == 0
    out = capsys.readouterr().out
    assert "2,469 reports" in out
    assert "41 of 41 picture hashes and 2 of 2 checkpoints are met to the bit" in out
    assert "notice 1 (call 1) raised: track" in out


def test_tracks_and_warnings_of_a_replay_are_those_of_lowsky_track(folder: Path, journal: Path, tmp_path: Path) -> None:
    again, said = tmp_path / "again.parquet", tmp_path / "again.jsonl"
    assert main(["replay", str(journal), "--out", str(again), "--warnings", str(said)]) == 0
    tracks, warnings = tmp_path / "tracks.parquet", tmp_path / "warnings.jsonl"
    command = ["track", str(folder), "--places", str(folder / "places.json"), "--every", "0.2"]
    assert main([*command, "--out", str(tracks), "--warnings", str(warnings)]) == 0
    lines = [[json.loads(line) for line in file.read_text().splitlines()] for file in (said, warnings)]
    assert lines[0] == lines[1]
    assert len(lines[0]) > 500
    ours, theirs = read_tracks(again), read_tracks(tracks)
    for name in ("track", "lat", "existence", "cov_ee", "identity", "kind"):
        whole = theirs["time_s"] % 1.0 == 0.0
        assert ours[name][ours["time_s"] % 1.0 == 0.0].tolist() == theirs[name][whole].tolist(), name


def test_part_of_a_recording(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(journal), "--from", "+20", "--until", text_of(START_NS + 25 * 10**9), "--verify"]) == 0
    out = capsys.readouterr().out
    assert "replayed  5.0 s" in out
    assert main(["replay", str(journal), "--from", "+20", "--until", "+25", "--speed", "1000", "--verify"]) == 0
    paced = capsys.readouterr().out
    assert paced.count(" objects  ") == 6
    assert f"{text_of(START_NS + 22 * 10**9)}     15 objects" in paced
    summary = [line.split(": ")[1] for line in (out + paced).splitlines() if line.startswith("replayed")]
    assert summary[0] == summary[1]


def test_damage_is_named_and_is_the_status(journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (segment,) = journal.glob("*.lowskylog")
    data = bytearray(segment.read_bytes())
    frame = [f for f in SegmentReader(segment) if f.kind is FrameKind.INPUT][100]
    data[frame.offset + FRAME_HEAD.size + 3] ^= 8
    (bad / segment.name).write_bytes(bytes(data))
    assert main(["replay", str(bad), "--verify"]) == 1
    said = capsys.readouterr()
    assert f"{segment.name}, offset {frame.offset}: the input frame is not what was written" in said.err
    assert "inputs that follow on something that cannot be read" in said.out
    with (bad / segment.name).open("rb+") as file:
        file.truncate(frame.offset + 10)
    assert main(["replay", str(bad)]) == 0
    assert f"offset {frame.offset}: the file ends within" in capsys.readouterr().err


def test_export_and_query(journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(journal), "--out", str(tmp_path / "tables")]) == 0
    assert "2,469" in capsys.readouterr().out
    assert pq.read_table(tmp_path / "tables" / "reports.parquet").num_rows == 2469
    sql = "SELECT sensor, count(*) AS reports, NULL AS nothing FROM reports GROUP BY sensor ORDER BY sensor"
    assert main(["query", str(journal), sql]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["sensor", "reports", "nothing"]
    assert set(lines[1]) == {"-", " "}
    assert lines[2].split() == ["camera-n", "238"]
    assert main(["query", str(journal), sql, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {"sensor": "camera-n", "reports": 238, "nothing": None}
    assert main(["query", str(journal), sql, "--csv"]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["reports"] for row in found] == [str(row["reports"]) for row in rows]
    assert main(["query", str(journal), "SELECT * FROM reports"]) == 0
    assert "and 1,469 more rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["query", "{journal}", "SELECT * FROM nothing"], "query: Catalog Error"),
        (["query", "{none}", "SELECT 1"], "does not exist"),
        (["replay", "{folder}"], "holds no recording"),
        (["replay", "{journal}", "--from", "yesterday"], "time 'yesterday' is neither"),
        (["replay", "{journal}", "--out", "tracks.xls"], "tracks are written as"),
        (["replay", "{journal}", "--from", "+50", "--out", "{new}.csv"], "nothing is recorded between"),
        (["export", "{none}", "--out", "x"], "does not exist"),
        (["record", "{folder}", "--out", "{journal}"], "holds a recording already"),
        (["record", "{folder}", "--out", "{new}", "--every", "0"], "is not between 0.01 and 3600"),
    ],
)
def test_errors_are_one_sentence(
    folder: Path, journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    places = {"journal": journal, "folder": folder, "none": tmp_path / "none", "new": tmp_path / "new"}
    assert main([part.format(**places) for part in command]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "1e7", "fast"])
def test_speeds_have_limits(journal: Path, speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", str(journal), "--speed", speed])
    assert "--speed" in capsys.readouterr().err


def test_moments() -> None:
    assert moment_ns("+1.5", START_NS) == START_NS + 1_500_000_000
    assert moment_ns("1769907600.25", 0) == START_NS + 250_000_000
    for text in ("2026-02-01T01:00:00Z", "2026-02-01 01:00:00", "2026-02-01T02:00:00+01:00"):
        assert moment_ns(text, 0) == START_NS
    assert text_of(START_NS + 1_234_999_999) == "2026-02-01T01:00:01.234Z"
    for text in ("", "+", "+inf", "nan", "1e300", "noon", "2026-13-01T00:00:00Z"):
        with pytest.raises(InputError, match="is neither"):
            moment_ns(text, 0)


@given(st.integers(0, 4_000_000_000_000))
def test_moments_come_back(time_ms: int) -> None:
    assert moment_ns(text_of(time_ms * 1_000_000), 0) == time_ms * 1_000_000


def test_gaps_are_told(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace

    from lowsky.record.payloads import Mark
    from lowsky.record.replay import replay_from

    replayer = replay_from(open_recording(journal))
    piece = next(iter(replayer.pieces()))
    mark = Mark("restart", START_NS + 4 * 10**9, START_NS + 10**9, why="after a crash")
    Show(False, None, None).piece(replace(piece, marks=(mark,)), replayer)
    assert "restart: 3.0 s of input missing  after a crash" in capsys.readouterr().out
