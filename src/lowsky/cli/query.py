"""`lowsky query`: SQL over a recording."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

SUMMARY = "ask a recording in SQL"

EPILOG = """\
example:
  lowsky record small-1 --out night
  lowsky query night "SELECT sensor, count(*) AS reports FROM reports GROUP BY sensor ORDER BY sensor"

Tables: reports, looks, actions, picture (once a second), notices (once a second), events, sensors, places; DESCRIBE
picture shows the columns of one, docs/recordings.md what they mean. The SQL is DuckDB's. It can read the tables and
nothing else. They are made at the first query and kept in the folder tables of the recording.
"""

WIDEST = 60  # characters of a cell that are shown
MOST_SHOWN = 1000  # rows; --csv and --json give all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Recording, question, form of the answer."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="folder of the recording")
    parser.add_argument("sql", metavar="SQL", help="one statement")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="answer as CSV")
    form.add_argument("--json", action="store_true", help="answer as JSON, one object a line")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Ask and print."""
    from lowsky.record.query import ask, query
    from lowsky.record.reading import open_recording

    from .progress import progress

    recording = open_recording(args.journal)
    with (
        progress("making tables", recording.from_ns, recording.to_ns) as advance,
        query(recording, advance) as connection,
    ):
        table = ask(connection, args.sql)
    if args.csv:
        _print_csv(table)
    elif args.json:
        for batch in table.to_batches():
            for row in batch.to_pylist():
                print(json.dumps(row, default=str))
    else:
        print(as_text(table))
    return 0


def _print_csv(table: Any) -> None:
    import pyarrow.csv as pa_csv

    sys.stdout.flush()
    pa_csv.write_csv(table, sys.stdout.buffer, pa_csv.WriteOptions(quoting_style="needed"))


def as_text(table: Any) -> str:
    """An Arrow table as aligned text: numbers to the right, what is missing empty."""
    names = table.column_names
    rows = [[_cell(value) for value in row.values()] for row in table.slice(0, MOST_SHOWN).to_pylist()]
    widths = [max([len(name), *(len(row[k]) for row in rows)]) for k, name in enumerate(names)]
    right = [
        str(kind).startswith(("int", "uint", "double", "float", "decimal", "hugeint")) for kind in table.schema.types
    ]
    lines = [_line(names, widths, right), _line(["-" * width for width in widths], widths, right)]
    lines += [_line(row, widths, right) for row in rows]
    hidden = table.num_rows - len(rows)
    return "\n".join([*lines, *([f"and {hidden:,} more rows"] if hidden else [])])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()
