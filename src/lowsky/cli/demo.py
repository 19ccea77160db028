"""`lowsky demo`: a simulated night at a harbour, live on the map, from nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "play a simulated night at a harbour, live on the map"

EPILOG = """\
example:
  lowsky demo --open

Needs no sensor, no configuration and no network. Every start records anew, into the folder for caches unless --folder
says otherwise.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, address and folder."""
    parser.add_argument("--scene", default="harbour", help="what to play (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what all chance is drawn from (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8420, help="where to listen, on this machine (default: %(default)s)"
    )
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="for the recording; default: one for caches")
    parser.add_argument("--open", action="store_true", help="open the map in a browser")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Serve the scene until told to stop."""
    from lowsky.kernels.cache import CACHE_FOLDER
    from lowsky.serve.config.demo import demo_site
    from lowsky.serve.run import run as serve

    folder = args.folder or CACHE_FOLDER.parent / "demo"
    return serve(demo_site(folder, args.scene, args.seed, args.port), args.open)
