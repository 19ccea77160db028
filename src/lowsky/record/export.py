"""Recordings to Parquet: one file a table, made under another name and renamed when it is complete.

A segment begins with a checkpoint, so each can be turned into tables by itself; finished ones need that only once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lowsky.model.errors import InputError

from .header import Setup
from .reading import Place, Recording, Segment
from .replay import Replayer
from .segment import Problem
from .tables import empty_tables, places_table, sensors_table, tables_of

GROUP_ROWS = 1 << 17  # rows written at once; fewer make files slow to read, more cost memory
PART = ".part"


class ParquetFolder:
    """Writes tables of one folder, each to its own file; they appear when it is closed."""

    def __init__(self, folder: Path, schemas: dict[str, Any]) -> None:
        """Begin a file for every table.

        Raises:
            InputError: if the folder cannot be written.
        """
        self.rows = dict.fromkeys(schemas, 0)
        self._folder = folder
        self._waiting: dict[str, list[Any]] = {name: [] for name in schemas}
        self._writers: dict[str, Any] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, schema in schemas.items():
                self._writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet{PART}", schema, compression="zstd", compression_level=3
                )
        except OSError as error:
            raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None

    def write(self, name: str, table: Any) -> None:
        """Add rows to a table."""
        if not table.num_rows:
            return
        waiting = self._waiting[name]
        waiting.append(table)
        self.rows[name] += table.num_rows
        if sum(part.num_rows for part in waiting) >= GROUP_ROWS:
            self._flush(name)

    def _flush(self, name: str) -> None:
        if self._waiting[name]:
            self._writers[name].write_table(pa.concat_tables(self._waiting[name]).combine_chunks())
            self._waiting[name].clear()

    def close(self) -> None:
        """Complete all files and give them their names.

        Raises:
            InputError: if that cannot be done.
        """
        try:
            for name, writer in self._writers.items():
                self._flush(name)
                writer.close()
                os.replace(self._folder / f"{name}.parquet{PART}", self._folder / f"{name}.parquet")
        except OSError as error:
            raise InputError(f"{self._folder} cannot be written: {error.strerror or error}") from None

    def abandon(self) -> None:
        """Leave nothing half-made behind."""
        for name, writer in self._writers.items():
            writer.close()
            (self._folder / f"{name}.parquet{PART}").unlink(missing_ok=True)


def export(
    recording: Recording, folder: Path, segments: list[Segment] | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[dict[str, int], list[Problem]]:  # fmt: skip
    """Write the tables of a recording, or of some of its segments, into a folder.

    Args:
        advance: told the time reached, ns, now and then.

    Returns:
        Number of rows of each table, and what could not be read.

    Raises:
        InputError: if nothing can be replayed, or the folder cannot be written.
    """
    segments = recording.usable if segments is None else segments
    if not segments:
        raise InputError(f"{recording.folder} holds no checkpoint that a replay could begin with")
    setup = recording.header(segments[-1]).setup
    sink = ParquetFolder(folder, _schemas(setup))
    problems: list[Problem] = []
    site, places = setup.site, setup.places
    try:
        for run in _runs(segments):
            first = run[0]
            place = Place(first.number, first.index.checkpoint_at[0], first.index.checkpoint_ns[0])
            replayer = Replayer(recording, place, last=run[-1].number)
            for piece in replayer.pieces():
                for name, table in tables_of(piece, replayer):
                    sink.write(name, table)
                if advance:
                    advance(replayer.now_ns)
            problems += replayer.story.problems
            if replayer.state:
                site, places = replayer.state.site, tuple(replayer.state.assessment.places)
        sink.write("sensors", sensors_table(site))
        sink.write("places", places_table(places))
        sink.close()
    except BaseException:
        sink.abandon()
        raise
    return sink.rows, problems


def _runs(segments: list[Segment]) -> list[list[Segment]]:
    """Segments that follow each other without one missing between."""
    runs: list[list[Segment]] = []
    for segment in segments:
        if runs and runs[-1][-1].number + 1 == segment.number:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs


def _schemas(setup: Setup) -> dict[str, Any]:
    tables = empty_tables(setup) | {"sensors": sensors_table(setup.site), "places": places_table(())}
    return {name: table.schema for name, table in tables.items()}
