"""`lowsky run`: the live picture of a site: sources in, map, warnings and recording out, until it is told to stop."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "run a site: connect its sensors, serve the live map"

EPILOG = """\
example:
  lowsky init
  lowsky run site.toml

Listens on this machine only unless site.toml says otherwise. Ends cleanly at Ctrl-C or SIGTERM; after a crash the next
start goes on where the recording ends, with the same object numbers.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The site's file."""
    parser.add_argument("site", type=Path, metavar="SITE.TOML", help="the site's configuration")
    parser.add_argument("--check", action="store_true", help="only check the configuration")
    parser.add_argument("--open", action="store_true", help="open the map in a browser")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from lowsky.serve.config import read_site

    config = read_site(args.site)
    if args.check:
        from lowsky.serve.run import check

        print(f"{args.site}: {check(config)}; nothing wrong with it")
        return 0
    from lowsky.serve.run import run as serve

    return serve(config, args.open)
