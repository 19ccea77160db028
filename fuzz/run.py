"""Fuzz one format for a time.

    python fuzz/run.py jsonl --seconds 60
    python fuzz/run.py jsonl --seconds 60 --count build/executions.json     adds up executions by format
    python fuzz/run.py jsonl --replay fuzz/corpus/jsonl/some-file           one input, with its traceback

With Atheris (https://github.com/google/atheris) installed, inputs are guided by coverage, and what it learns is kept in
build/fuzz/; `--own` and where it is not, by mutations of the corpus. An input that breaks a rule is saved in
fuzz/corpus/<format>/, where the tests run it from then on. Exit status: 0 nothing found, 1 a defect, 2 no such format.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from fuzz import own  # noqa: E402
from fuzz.mode import quickly  # noqa: E402
from fuzz.mutate import MAX_LENGTH  # noqa: E402
from fuzz.targets import CORPUS, NAMES, find_target  # noqa: E402

LEARNT = ROOT / "build" / "fuzz"
MEMORY_MB = 2048
GUIDED = "lowsky.wire"  # what coverage is measured of, and of the kernels, which run as plain Python then
EXECUTED = re.compile(r"stat::number_of_executed_units: (\d+)")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(description="fuzz one format")
    parser.add_argument("format", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="by mutations of the corpus only")
    parser.add_argument("--many", action="store_true", help="mutations in company: in breadth, not in depth")
    parser.add_argument("--count", type=Path, help="JSON file in which executions are added up by format")
    parser.add_argument("--replay", type=Path, help="run this input and no other")
    parser.add_argument("--guided", action="store_true", help=argparse.SUPPRESS)  # the process that Atheris takes over
    given = parser.parse_args(arguments)
    if given.format not in NAMES:
        print(f"{given.format!r} is not one of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    if given.replay:
        find_target(given.format).one(given.replay.read_bytes())
        return 0
    if given.guided:
        _guided(given.format, given.seconds, given.seed)
    by_coverage = importlib.util.find_spec("atheris") is not None and not given.own
    run = _run_many if given.many else _run_guided if by_coverage else _run_own
    executions, failed = run(given.format, given.seconds, given.seed)
    print(f"{given.format}: {executions} executions, {'DEFECT' if failed else 'nothing found'}")
    if given.count:
        count(given.count, given.format, executions)
    return 1 if failed else 0


def count(path: Path, name: str, executions: int) -> None:
    """Add executions of a format to those in a JSON file; runs that end at once do not lose each other's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        counts = json.loads(file.read() or "{}")
        counts[name] = counts.get(name, 0) + executions
        file.truncate(0)
        file.write(json.dumps(counts, indent=2, sort_keys=True) + "\n")


def _run_own(name: str, seconds: float, seed: int) -> tuple[int, bool]:
    """Executions, and whether something was found."""
    return _told(name, own.fuzz(find_target(name), seconds, seed))


def _run_many(name: str, seconds: float, seed: int) -> tuple[int, bool]:
    """As `_run_own`; a target that is no format that comes in has no decoder to be in company with."""
    from fuzz import many  # imports decoders, which the engine of coverage wants to do itself
    from lowsky.wire.formats import format_names

    if name not in format_names():
        print(f"{name!r} is no format that comes in")
        return 0, True
    own.guarded()
    return _told(name, many.fuzz(find_target(name), seconds, seed, LEARNT / f"{name}-in-company.json"))


def _told(name: str, outcome: own.Outcome) -> tuple[int, bool]:
    for where, data in outcome.defects.items():
        if not data:
            print(where)
            continue
        path = CORPUS / name / f"defect-{hashlib.sha256(data).hexdigest()[:12]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{where}: {path}")
    grown = outcome.growth_mb > own.GROWTH_MB
    if grown:
        print(f"memory grew by {outcome.growth_mb:.0f} MB")
    return outcome.executions, bool(outcome.defects) or grown


def _run_guided(name: str, seconds: float, seed: int) -> tuple[int, bool]:
    """As `_run_own`, in a process that Atheris may end as it likes."""
    command = [sys.executable, __file__, name, "--guided", "--seconds", str(seconds), "--seed", str(seed)]
    plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False, env=plain)
    found = EXECUTED.search(done.stderr)
    if done.returncode != 0 or not found:
        print(done.stderr[-6000:])
    return int(found[1]) if found else 0, done.returncode != 0


def _guided(name: str, seconds: float, seed: int) -> None:
    """Hand this process over to Atheris; does not return."""
    import atheris

    with atheris.instrument_imports(include=[GUIDED]):
        target = find_target(name)
        target.one(b"")  # what a format imports only when it is used
    quickly()
    learnt, seeds = LEARNT / name, CORPUS / name
    for folder in (learnt, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    words = learnt.with_suffix(".dict")
    words.write_text("".join(map(_quoted, filter(None, target.dictionary))))
    settings = {
        "max_total_time": int(seconds),
        "seed": seed,
        "max_len": MAX_LENGTH,
        "timeout": int(own.HANG_S),
        "rss_limit_mb": MEMORY_MB,
        "dict": words,
        "artifact_prefix": f"{seeds}/defect-",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    options = [f"-{key}={value}" for key, value in settings.items()]
    atheris.Setup([sys.argv[0], *options, str(learnt), str(seeds)], target.one)
    atheris.Fuzz()


def _quoted(word: bytes) -> str:
    """A line of a dictionary as libFuzzer reads it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    sys.exit(main())
