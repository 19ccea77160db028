"""`lowsky warm`: compiles all kernels and keeps them, so that the next start is quick."""

from __future__ import annotations

import argparse
import sys
import time

SUMMARY = "compile the kernels for this machine, once"

EPILOG = """\
example:
  lowsky warm

The compiled kernels are kept in $LOWSKY_CACHE, by default ~/.cache/lowsky, for this CPU and these package versions.
Without this command they are compiled when they are first needed.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments; only the epilog."""
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Compile, and say how long it took and where the code is kept."""
    from lowsky.kernels.cache import CACHE_FOLDER
    from lowsky.serve.engine.compiling import make_ready
    from lowsky.wire.asterix.walk import warm as warm_asterix

    print("compiling kernels; two to four minutes on two cores the first time", file=sys.stderr)
    start = time.perf_counter()
    make_ready()
    warm_asterix()
    print(f"kernels ready after {time.perf_counter() - start:.1f} s, kept in {CACHE_FOLDER}")
    return 0
