"""`lowsky record`: a folder of reports through the core as if it came in live, with a journal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

SUMMARY = "record a folder of reports as if it came in live"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky record small-1 --out night
  lowsky replay night --verify

What `lowsky run` records while sensors report, made of a folder at once: a recording to replay, export and query.
JOURNAL must not hold one yet.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folder, recording, ticks."""
    parser.add_argument("input", type=Path, metavar="FOLDER", help="as for lowsky track")
    parser.add_argument("--out", type=Path, required=True, metavar="JOURNAL", help="folder of the recording to make")
    parser.add_argument(
        "--every", type=float, default=0.2, metavar="SECONDS", help="time between pictures (default: %(default)s)"
    )
    parser.add_argument("--places", type=Path, metavar="FILE", help="protected places, JSON: docs/warnings.md")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Read, record, and say how much."""
    from lowsky.core import warm
    from lowsky.record.folder import record_scenario
    from lowsky.wire.places import read_places
    from lowsky.wire.table import read_input

    from .progress import progress

    places = read_places(args.places) if args.places is not None else ()
    scenario = read_input(args.input)
    for line in scenario.problems.lines():
        print(f"lowsky: {line}", file=sys.stderr)
    warm()
    end_ns = scenario.end_ns or int(max([scenario.start_ns, *scenario.reports.received_ns[-1:].tolist()]))
    with progress("recording", scenario.start_ns, end_ns) as advance:
        done = record_scenario(scenario, args.out, args.every, places, advance=advance)
    print(f"recorded  {done.reports:,} reports, {done.inputs:,} inputs, {done.bytes:,} bytes\nwritten   {args.out}")
    return 0
