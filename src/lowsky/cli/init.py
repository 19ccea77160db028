"""`lowsky init`: a commented site.toml that works as it is and shows everything that can be set."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "write a commented site.toml that works"

EPILOG = """\
example:
  lowsky init --out harbour.toml

The file describes one radar that sends JSON lines, one protected place, and everything that can be set.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write it."""
    parser.add_argument(
        "--out", type=Path, default=Path("site.toml"), metavar="FILE", help="file to write (default: %(default)s)"
    )
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Write the file; one that is there is left alone."""
    from lowsky.model.errors import InputError
    from lowsky.serve.config.template import TEMPLATE

    try:
        with args.out.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise InputError(f"{args.out} exists already and is left as it is") from None
    print(f"{args.out}: put your sensors and places in, then `lowsky run {args.out}`")
    return 0
