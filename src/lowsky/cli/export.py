"""`lowsky export`: a recording to Parquet files, for DuckDB, pandas and whatever else reads them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

SUMMARY = "write a recording as Parquet tables"

EPILOG = """\
example:
  lowsky record small-1 --out night
  lowsky export night --out tables

Written are reports, looks, actions, picture (once a second), notices (once a second), events, sensors and places, each
as NAME.parquet; docs/recordings.md names their columns. A file appears when it is complete.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Recording and folder."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="folder of the recording")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write; made if not there")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Export and say how much."""
    from lowsky.record.export import export
    from lowsky.record.reading import open_recording

    from .progress import progress

    recording = open_recording(args.journal)
    with progress("exporting", recording.from_ns, recording.to_ns) as advance:
        rows, problems = export(recording, args.out, advance=advance)
    for problem in dict.fromkeys(map(str, [*recording.problems, *problems])):
        print(f"lowsky: {problem}", file=sys.stderr)
    for name, number in rows.items():
        print(f"{number:12,}  {args.out / name}.parquet")
    return 0
