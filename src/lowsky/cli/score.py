"""`lowsky score`: tracks against the truth of their folder, as a table, JSON or Markdown."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowsky.evaluate.items import Item
    from lowsky.evaluate.score import Score

SUMMARY = "score tracks against the truth"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky track small-1 --out tracks.parquet
  lowsky score small-1 tracks.parquet

FOLDER holds truth.parquet or truth.csv. From sensors.json, plots and sources, where they are there, it is taken when
each object could first be placed; judge.json may give the cut-off (c_m) and the frame's origin. Every figure is
explained in docs/scores.md.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folder, tracks, form of the output and the settings of the score."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with the truth")
    parser.add_argument("tracks", type=Path, metavar="TRACKS", help="tracks: .parquet or .csv")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    parser.add_argument(
        "--from",
        dest="from_s",
        type=_at_least_zero,
        default=10.0,
        metavar="SECONDS",
        help="warm-up that is not scored (default: %(default)g)",
    )
    parser.add_argument(
        "--cutoff",
        dest="cutoff_m",
        type=_above_zero,
        metavar="METRES",
        help="distance from which an object is missed (default: the folder's, else 50)",
    )
    parser.epilog = EPILOG


def _at_least_zero(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return value


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def run(args: argparse.Namespace) -> int:
    """Compare, score and print."""
    from lowsky.cli.scoring import compare_folder
    from lowsky.evaluate.items import items_of
    from lowsky.evaluate.report import to_json, to_markdown
    from lowsky.evaluate.score import score_of

    comparison, sensors_m = compare_folder(args.folder, args.tracks, args.from_s, args.cutoff_m)
    score = score_of(comparison)
    items = items_of(comparison, score, sensors_m)
    if args.json:
        print(to_json(score, items).decode())
    elif args.markdown:
        print(to_markdown(score, items), end="")
    else:
        _print_tables(score, items)
    return 0


def _print_tables(score: Score, items: tuple[Item, ...]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from lowsky.evaluate.items import NOTE
    from lowsky.evaluate.report import figure_rows, heading, item_rows, siap_rows

    # in a file or a pipe lines are as long as they need to be
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    console.print(heading(score))
    for head, rows in (
        (("figure", "value"), figure_rows(score)),
        (("SIAP attribute", "value"), siap_rows(score)),
        (("group", "item", "found"), item_rows(items)),
    ):
        table = Table(*head, box=SIMPLE_HEAD)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(NOTE)
