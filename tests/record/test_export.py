"""Recordings as tables: everything that was recorded is there, files appear whole, SQL reaches nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from lowsky.model.errors import InputError
from lowsky.model.notice import EventKind
from lowsky.model.timebase import NS_PER_S, s_from_ns
from lowsky.record import Limits, open_recording
from lowsky.record import export as export_module
from lowsky.record.export import export
from lowsky.record.files import segments_of
from lowsky.record.query import KEPT, ask, query
from lowsky.record.tables import NAMES

from .nights import PLACES, Night, at_once, night, record

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recordings.md"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night."""
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def tables(recorded: Night, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Its tables as columns of lists."""
    out = tmp_path_factory.mktemp("tables")
    rows, problems = export(open_recording(recorded.folder), out)
    assert problems == []
    found = {name: pq.read_table(out / f"{name}.parquet").to_pydict() for name in NAMES}
    assert rows == {name: len(next(iter(table.values()))) for name, table in found.items()}
    assert {p.name for p in out.iterdir()} == {f"{name}.parquet" for name in NAMES}
    return found


@pytest.fixture
def connection(recorded: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    """Ready to be asked."""
    with query(open_recording(recorded.folder)) as opened:
        yield opened


def test_reports_are_those_received(tables: dict[str, Any]) -> None:
    reports, table = night().reports, tables["reports"]
    assert table["report"] == reports.raw.tolist()
    assert table["received_s"] == s_from_ns(reports.received_ns).tolist()
    assert table["sensor"] == [night().site.sensors[k].id for k in reports.sensor]
    given = np.array([np.nan if v is None else v for v in table["azimuth_deg"]])
    assert np.allclose(np.radians(given), reports.azimuth_rad, rtol=1e-15, equal_nan=True)
    assert [v is None for v in table["range_m"]] == np.isnan(reports.range_m).tolist()
    names = [reports.identities[i] if i >= 0 else None for i in reports.identity]
    assert table["identity"] == names


def test_looks_and_actions_are_those_taken(tables: dict[str, Any]) -> None:
    assert tables["looks"]["time_s"] == s_from_ns(night().looks.time_ns).tolist()
    assert tables["actions"]["action"][0] == "set_kind"
    assert tables["actions"]["value"][0] == "bird"
    assert set(tables["actions"]["who"]) == {"officer"}


def test_the_picture_is_that_of_each_second(tables: dict[str, Any]) -> None:
    picture, table = at_once()[1].picture, tables["picture"]
    seconds = (picture.time_ns % NS_PER_S == 0) | (picture.time_ns == picture.time_ns[0])
    assert table["time_s"][-1] == night().ticks_ns[-1] / NS_PER_S
    whole = picture.time_ns % NS_PER_S == 0
    on_second = [t % 1.0 == 0.0 for t in table["time_s"]]
    assert [n for n, k in zip(table["track"], on_second, strict=True) if k] == picture.track[whole].tolist()
    assert len(table["track"]) <= seconds.sum() + 20
    rcs = np.array([np.nan if v is None else v for v in table["rcs_dbsm"]])
    assert np.allclose(rcs[on_second], picture.rcs_dbsm[whole], equal_nan=True)
    kinds = {k for t, n, k in zip(table["time_s"], table["track"], table["kind"], strict=True) if n == 2 and
             12.0 <= t - night().start_ns / 1e9 <= 19.0}  # fmt: skip
    assert kinds == {"bird"}  # as the officer said


def test_notices_and_events_are_those_told(tables: dict[str, Any]) -> None:
    _, changes = at_once()
    whole = changes.notices.time_ns % NS_PER_S == 0
    table = tables["notices"]
    kept = [t % 1.0 == 0.0 for t in table["time_s"]]
    assert [n for n, k in zip(table["notice"], kept, strict=True) if k] == changes.notices.notice[whole].tolist()
    assert set(table["place"]) == {"pier"}
    assert any(v is not None for v in table["acknowledged_s"])
    assert any(v is None for v in table["acknowledged_s"])
    assert tables["events"]["event"] == [e.kind.word for e in changes.events]
    acknowledged = [w for w, e in zip(tables["events"]["who"], tables["events"]["event"], strict=True)
                    if e == EventKind.ACKNOWLEDGED.word]  # fmt: skip
    assert acknowledged
    assert set(acknowledged) == {"officer"}


def test_sensors_and_places_are_there(tables: dict[str, Any]) -> None:
    assert tables["sensors"]["id"] == [s.id for s in night().site.sensors]
    assert tables["sensors"]["lat"] == [s.latitude_deg for s in night().site.sensors]
    assert tables["places"]["place"] == [p.id for p in PLACES]
    assert tables["places"]["points"] == [[[56.0, 11.0]]]


def test_files_appear_only_when_they_are_complete(
    recorded: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []

    def advance(time_ns: int) -> None:
        seen.append({p.suffix for p in tmp_path.iterdir()})
        if len(seen) == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(open_recording(recorded.folder), tmp_path, advance=advance)
    assert set().union(*seen) == {".part"}
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(export_module, "GROUP_ROWS", 50)  # many small groups make the same table
    export(open_recording(recorded.folder), tmp_path)
    assert pq.read_table(tmp_path / "reports.parquet").num_rows == len(night().reports)
    assert pq.read_metadata(tmp_path / "reports.parquet").num_row_groups > 10


def test_a_folder_that_cannot_be_written_is_told(recorded: Night, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file cannot be written"):
        export(open_recording(recorded.folder), tmp_path / "file")


# SQL


def test_sql_over_several_segments(connection: duckdb.DuckDBPyConnection) -> None:
    found = ask(connection, "SELECT sensor, count(*) AS n FROM reports GROUP BY sensor ORDER BY sensor").to_pylist()
    names = sorted(s.id for s in night().site.sensors)
    assert [row["sensor"] for row in found] == names
    assert sum(row["n"] for row in found) == len(night().reports)
    assert ask(connection, "SELECT count(*) AS n FROM sensors").to_pylist() == [{"n": len(names)}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('{folder}/tables/*/reports.parquet')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM connection",  # a variable of this program
        "COPY reports TO '{folder}/out.csv'",
        "COPY reports TO '/dev/stdout'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "EXPORT DATABASE '{folder}/dump'",
        "SELECT 1; SELECT 2",
        "SELEC",
        "",
        "DROP TABLE nothing",
    ],
)
def test_sql_reaches_nothing_else(recorded: Night, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    before = sorted(recorded.folder.rglob("*"))
    with pytest.raises(InputError):
        ask(connection, sql.replace("{folder}", str(recorded.folder)))
    assert sorted(recorded.folder.rglob("*")) == before


def test_tables_are_made_once_and_anew_when_a_segment_has_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    plain = export_module.export

    def counted(recording: Any, folder: Path, segments: Any, advance: Any) -> Any:
        made.extend(s.number for s in segments)
        return plain(recording, folder, segments, advance)

    monkeypatch.setattr("lowsky.record.query.export", counted)
    going = record(tmp_path, limits=Limits(sync_s=0.05, checkpoint_s=4.0, segment_bytes=1), until_s=9.0, close=False)
    assert going.recorder.journal.flush(10.0)

    def count() -> int:
        with query(open_recording(tmp_path)) as opened:
            number: int = ask(opened, "SELECT count(*) AS n FROM reports").to_pylist()[0]["n"]
            return number

    first = count()
    assert made == [1, 2, 3]
    assert count() == first
    assert made == [1, 2, 3]
    going.recorder.close()  # a last checkpoint begins the fourth
    count()
    assert made == [1, 2, 3, 3, 4] or made == [1, 2, 3, 4]
    kept = sorted(p.name[:8] for p in (tmp_path / KEPT).iterdir())
    assert kept == [f"{n:08d}" for n, _ in segments_of(tmp_path)]


def test_a_folder_that_is_only_read_is_asked_all_the_same(recorded: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **named: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lowsky.record.query.tempfile.TemporaryFile", refuse)
    with query(open_recording(recorded.folder)) as opened:
        assert ask(opened, "SELECT count(*) AS n FROM looks").to_pylist() == [{"n": len(night().looks)}]


def test_the_queries_of_the_page_work(connection: duckdb.DuckDBPyConnection) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    statements = [part.strip() for block in blocks for part in block.split(";") if part.strip()]
    assert len(statements) >= 4
    for statement in statements:
        assert ask(connection, statement).num_rows > 0, statement


def test_the_page_names_every_table_and_column(tables: dict[str, Any]) -> None:
    text = PAGE.read_text()
    for name, table in tables.items():
        assert f"`{name}`" in text
        if name in ("reports", "looks", "actions", "notices", "events", "places"):
            for column in table:
                assert f"`{column}`" in text, (name, column)
