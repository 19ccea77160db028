"""`lowsky tour`: a made-up night from nothing to a picture, through the same commands that anybody would type."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

SUMMARY = "make a night of our own, track it, score it and draw it"

EPILOG = """\
example:
  lowsky tour --out night

Runs `lowsky simulate`, `lowsky track`, `lowsky score` and `lowsky plot`, one after the other, and prints each of them,
so that you can run them again. Needs no display and no network.
"""

MOMENTS_S = {"night": 100.0, "small": 30.0}  # when there is most to see


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folder, scene and seed."""
    parser.add_argument(
        "--out", type=Path, default=Path("night"), metavar="FOLDER", help="folder for everything (default: %(default)s)"
    )
    parser.add_argument("--scene", choices=list(MOMENTS_S), default="night", help="what to play (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what all chance is drawn from (default: %(default)s)")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Run the four commands; stop at the first that does not succeed."""
    folder, tracks, picture = str(args.out), str(args.out / "tracks.parquet"), str(args.out / "picture.png")
    for words in (
        ["simulate", args.scene, "--seed", str(args.seed), "--out", folder],
        ["track", folder, "--out", tracks],
        ["score", folder, tracks],
        ["plot", folder, tracks, "--out", picture, "--at", f"{MOMENTS_S[args.scene]:g}"],
    ):
        status = _run_command(words)
        if status:
            return status
    print(f"\nthe picture is {(args.out / 'picture.png').resolve()}")
    return 0


def _run_command(words: list[str]) -> int:
    from .main import command_parser, load_command

    print(f"\n$ lowsky {shlex.join(words)}")
    sys.stdout.flush()  # the commands write to standard error too: keep the order on a terminal and in a file
    return load_command(words[0]).run(command_parser(words[0]).parse_args(words[1:]))
