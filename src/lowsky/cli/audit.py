"""`lowsky audit`: checks that nobody has changed the record of who did what."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

SUMMARY = "check that the audit has not been changed"

EPILOG = """\
example:
  lowsky audit verify accounts/audit-0000012345.jsonl accounts/audit.jsonl

Give the files in the order in which they were written. Every line carries a hash over itself and the line before, so
that a changed, missing or moved line is found. An end that was cut off, or an audit written anew as a whole, is only
found with --head, a hash noted earlier: this command prints the last one, and the server logs it at every start.

Exit status 1 when something is wrong with the audit.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do and with which files."""
    parser.add_argument("what", choices=["verify"], help="what to do")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files of one audit, the oldest first")
    parser.add_argument("--head", default="", metavar="HASH", help="hash of a line that must be there")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Verify and say what was found."""
    from lowsky.serve.audit.reading import verify

    verdict = verify(args.files, args.head)
    for problem in verdict.problems:
        print(f"lowsky: {problem}", file=sys.stderr)
    print(f"{verdict.lines} lines from {verdict.first or 'never'} to {verdict.last or 'never'}")
    print(f"the last hash is {verdict.head}")
    print(f"{len(verdict.problems)} problems" if verdict.problems else "nothing was changed")
    return 1 if verdict.problems else 0
