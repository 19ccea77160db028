"""`lowsky track`: a folder of reports to tracks, through the same core as live.

Rows are written for every object that is shown, at every tick, from the scenario's start to its end; a row was made
only from what had been received by then. Reading, tracking and writing are timed apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lowsky.model.errors import InputError
from lowsky.model.knobs import FALSE_TRACKS_PER_HOUR, LEAST_FALSE_TRACKS_PER_HOUR, MOST_FALSE_TRACKS_PER_HOUR

if TYPE_CHECKING:
    from lowsky.core import Registration
    from lowsky.model.sensor import Site
    from lowsky.tracking.settings import Settings
    from lowsky.wire.table import Scenario

    from .tracking import Run

SUMMARY = "turn a folder of reports into tracks"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky track small-1 --out tracks.parquet
  lowsky track small-1 --places places.json --out tracks.parquet --warnings warnings.jsonl

FOLDER holds sensors.json, plots.parquet or plots.csv and, where the sensors tell, looks.parquet or looks.csv.
A TOML in its place tells how any other table is to be read: docs/tables.md.
Rows that cannot be used are named on standard error, counted and left out.
"""

MOST_THREADS = 8

FATES = ("used", "waiting", "aside", "late", "duplicate", "incomplete")  # each report the core got has one
REASONS = {
    "late": "received too late",
    "duplicate": "repeated",
    "incomplete": "incomplete",
    "aside": "of a sensor that is set aside",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folder, output and what part of the time to write."""
    parser.add_argument(
        "input",
        type=Path,
        metavar="FOLDER",
        help="folder with sensors.json, plots and looks, or a TOML that describes a table",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="tracks to write: .parquet, .csv or .geojson"
    )
    parser.add_argument(
        "--settled",
        type=Path,
        metavar="FILE",
        help="write, too, each second's tracks once no report can change them any more, from all that came until then",
    )
    parser.add_argument("--json", action="store_true", help="print the figures of the run as one JSON line, the last")
    parser.add_argument(
        "--every", type=_positive, default=1.0, metavar="SECONDS", help="time between rows (default: %(default)s)"
    )
    parser.add_argument(
        "--until", type=_positive, metavar="SECONDS", help="stop so long after the start (default: the end)"
    )
    parser.add_argument("--places", type=Path, metavar="FILE", help="protected places, JSON: docs/warnings.md")
    parser.add_argument(
        "--warnings", type=Path, metavar="FILE", help="notices to write, a JSON line each and row; needs --places"
    )
    parser.add_argument(
        "--biases", type=Path, metavar="FILE", help="lasting errors of the sensors to write, as found, JSON"
    )
    parser.add_argument(
        "--false-tracks-per-hour",
        type=_rate,
        metavar="NUMBER",
        help=f"tracks of nothing shown an hour; more: faint objects come sooner (default: {FALSE_TRACKS_PER_HOUR:g})",
    )
    parser.add_argument(
        "--threads",
        type=_threads,
        metavar="NUMBER",
        help="threads that share the work on many objects, to the same tracks (default: one a processor, at most 8)",
    )
    parser.epilog = EPILOG


def _positive(text: str) -> float:
    value = float(text)
    if not 0.001 <= value <= 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.001 and 1e9 seconds")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not LEAST_FALSE_TRACKS_PER_HOUR <= value <= MOST_FALSE_TRACKS_PER_HOUR:
        between = f"{LEAST_FALSE_TRACKS_PER_HOUR:g} and {MOST_FALSE_TRACKS_PER_HOUR:g}"
        raise argparse.ArgumentTypeError(f"{text} is not between {between} an hour")
    return value


def _threads(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MOST_THREADS:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MOST_THREADS} threads")
    return value


def run(args: argparse.Namespace) -> int:
    """Read, track, write, and say what came of it."""
    import pyarrow as pa

    from lowsky.core import warm
    from lowsky.serve.cores import cores
    from lowsky.wire.places import read_places
    from lowsky.wire.table import check_tracks_path, read_input, write_track_table
    from lowsky.wire.warnings import check_warnings_path, write_warnings

    from .tracking import track

    for path in filter(None, (args.out, args.settled)):
        check_tracks_path(path)
    if args.warnings is not None:
        if args.places is None:
            raise InputError("--warnings needs --places: nothing is warned of without a place to protect")
        check_warnings_path(args.warnings)
    places = read_places(args.places) if args.places is not None else ()
    begin = time.perf_counter()
    scenario = read_input(args.input)
    read_s = time.perf_counter() - begin
    for line in scenario.problems.lines():
        print(f"lowsky: {line}", file=sys.stderr)
    warm()
    settings = settings_of(args.false_tracks_per_hour)
    done = track(scenario, args.every, args.until, places, settings, args.settled is not None, args.threads or cores())
    write_track_table(args.out, pa.concat_tables(done.tables))
    if args.settled is not None:
        write_track_table(args.settled, pa.concat_tables(done.settled))
    if args.warnings is not None:
        write_warnings(args.warnings, done.notices, places)
    if args.biases is not None:
        write_biases(args.biases, scenario.site, done.registration)
    figures = summary(scenario, done, read_s)
    print(_describe(figures, not_used(scenario, done), args.out), file=sys.stderr if args.json else sys.stdout)
    if args.json:
        print(json.dumps(figures))
    return 0


def settings_of(false_tracks_per_hour: float | None) -> Settings:
    """The tracker's settings with the knob turned, if it is."""
    from lowsky.tracking.settings import Settings

    return Settings() if false_tracks_per_hour is None else Settings(false_tracks_per_hour=false_tracks_per_hour)


def write_biases(path: Path, site: Site, registration: Registration | None) -> None:
    """Write the lasting errors found of each sensor, with a `sigma_` of each, as one JSON object by sensor."""
    from lowsky.core import in_words

    found: dict[str, dict[str, float]] = {}
    for row, sensor in enumerate(site.sensors):
        if registration is None:
            break
        estimate, sigma = in_words(registration.estimate[row]), in_words(registration.sigma[row])
        found[sensor.id] = {}
        for word in estimate:
            found[sensor.id] |= {word: round(estimate[word], 6), f"sigma_{word}": round(sigma[word], 6)}
    path.write_text(json.dumps(found, indent=1) + "\n")


def not_used(scenario: Scenario, done: Run) -> list[str]:
    """Why good reports were not used, with their number."""
    fed = sum(done.counts[name] for name in FATES)  # the first so many: reports are in order of receipt
    reasons = {words: done.counts[name] for name, words in REASONS.items()}
    reasons["received after the time tracked"] = len(scenario.reports) - fed
    return [f"{number:,} {words}" for words, number in reasons.items() if number]


def summary(scenario: Scenario, done: Run, read_s: float) -> dict[str, Any]:
    """The figures of a run. Rejected are rows that could not be read; other reports left out are named by `not_used`.

    Reports that wait for others of their frame count as used: the picture at every tick holds them.
    """
    return {
        "reports": len(scenario.reports) + scenario.problems.rejected,
        "used": done.counts["used"] + done.counts["waiting"],
        "rejected": scenario.problems.rejected,
        "core_s": round(done.core_s, 6),
        "cpu_s": round(done.cpu_s, 6),
        "read_s": round(read_s, 6),
        "objects": len(done.objects),
    }


def _describe(figures: dict[str, Any], reasons: list[str], out: Path) -> str:
    rate = figures["reports"] / figures["core_s"] if figures["core_s"] > 0 else 0.0
    lines = [
        f"reports   {figures['reports']:,} read, {figures['used']:,} used, {figures['rejected']:,} rejected",
        *(f"not used  {reason}" for reason in reasons),
        f"time      {figures['read_s']:.2f} s reading, {figures['core_s']:.2f} s tracking, {rate:,.0f} reports/s",
        f"objects   {figures['objects']:,}",
        f"written   {out}",
    ]
    return "\n".join(lines)
