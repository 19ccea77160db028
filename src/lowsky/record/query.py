"""SQL over a recording: its tables by DuckDB, read-only, and with no way to any file or network.

The tables of each segment are made once and kept beside the recording, or where that cannot be written, in a temporary
folder for the time of the query; those of a segment that has grown are made anew.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds

from lowsky.model.errors import InputError

from .export import export
from .reading import Recording, Segment
from .tables import NAMES

KEPT = "tables"  # folder beside the segments
MEMORY = "2GB"
ONCE = ("sensors", "places")  # tables that are told anew by each segment: the last one counts


@contextmanager
def query(recording: Recording, advance: Callable[[int], None] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the tables of a recording as views.

    Args:
        advance: told the time reached while tables are made, ns.

    Raises:
        InputError: if nothing can be replayed.
    """
    with _kept(recording) as root:
        folders = [_tables(recording, segment, root, advance) for segment in recording.usable]
        _forget(root, folders)
        connection = duckdb.connect(":memory:")
        try:
            for name in NAMES:
                files = [folder / f"{name}.parquet" for folder in (folders[-1:] if name in ONCE else folders)]
                connection.register(name, ds.dataset([str(f) for f in files], format="parquet"))
            for setting in _WALLS:
                connection.execute(setting)
            yield connection
        finally:
            connection.close()


_WALLS = (
    f"SET memory_limit = '{MEMORY}'",
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The Arrow table that one SQL statement gives.

    Raises:
        InputError: if it is not one statement, or cannot be carried out; the words are DuckDB's.
    """
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise InputError(f"the query holds {len(statements)} statements, not one")
        relation = connection.sql(sql)
        if relation is None:
            raise InputError("the query gives no rows: it is to be a SELECT")
        return relation.to_arrow_table()
    except duckdb.Error as error:
        raise InputError(f"query: {str(error).strip()}") from None


@contextmanager
def _kept(recording: Recording) -> Iterator[Path]:
    """The folder where tables are kept."""
    beside = recording.folder / KEPT
    try:
        beside.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=beside).close()
    except OSError:
        with tempfile.TemporaryDirectory(prefix="lowsky-") as folder:
            yield Path(folder)
    else:
        yield beside


def _tables(recording: Recording, segment: Segment, root: Path, advance: Callable[[int], None] | None) -> Path:
    """The folder with a segment's tables, made if they are not there; its name says of how many bytes."""
    folder = root / f"{segment.number:08d}-{segment.index.size}"
    if all((folder / f"{name}.parquet").exists() for name in NAMES):
        return folder
    part = Path(tempfile.mkdtemp(prefix="part-", dir=root))
    try:
        export(recording, part, [segment], advance)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _forget(root: Path, folders: list[Path]) -> None:
    """Remove tables of segments that have grown or are no longer kept."""
    for folder in root.iterdir():
        if folder not in folders and folder.name[:8].isdigit():
            shutil.rmtree(folder, ignore_errors=True)
