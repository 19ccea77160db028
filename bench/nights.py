"""Warnings on the benchmark's nights: who is warned in time, how often wrongly, how well the arrival is foreseen.

    python bench/nights.py --seeds 1 2 3 4 5 6

The nights and their judge are those of `approach.py` in the benchmark folder; its head says what each figure means.
`lowsky track --places --warnings` runs each as a user would.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import folders

FIGURES = ("warned_in_time", "false_per_hour", "arrival_error", "interval_coverage", "interval_width", "repeats")


def made(shared: Path, seed: int, cache: Path = folders.CACHE) -> Path:
    """The folder of a night, generated if it is not there yet."""
    folder = cache / f"approach-{seed}"
    if not (folder / "entries.json").exists():
        script = str(shared / "bench" / "approach.py")
        command = [sys.executable, script, "make", str(folder), "--seed", str(seed)]
        subprocess.run(command, check=True, env=folders.surroundings(), stdout=subprocess.DEVNULL)
    return folder


def night(shared: Path, seed: int) -> dict[str, float]:
    """The judge's figures of one night."""
    folder = made(shared, seed)
    with tempfile.TemporaryDirectory() as temporary:
        tracks, warnings = Path(temporary) / "tracks.parquet", Path(temporary) / "warnings.jsonl"
        folders.track(folder, tracks, ("--places", str(folder / "places.json"), "--warnings", str(warnings)))
        script = str(shared / "bench" / "approach.py")
        command = [sys.executable, script, "judge", str(folder), str(tracks), str(warnings)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=folders.surroundings())
    pairs = (line.split() for line in done.stdout.splitlines())
    return {name: float("nan") if value == "None" else float(value) for name, value in pairs}


def main(argv: list[str] | None = None) -> int:
    """The command; its status is 1 if a target is missed and --strict is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5, 6])
    parser.add_argument("--strict", action="store_true", help="end with status 1 if a target is missed")
    args = parser.parse_args(argv)
    shared = folders.shared_folder()
    wanted = tomllib.loads((Path(__file__).parent / "targets.toml").read_text())["warnings"]
    rows = [night(shared, seed) for seed in args.seeds]
    for seed, row in zip(args.seeds, rows, strict=True):
        print(f"seed {seed:<4}" + "  ".join(f"{name} {row[name]:.3f}" for name in FIGURES), flush=True)
    missed = 0
    for name in FIGURES:
        mean, (least, most) = statistics.fmean(row[name] for row in rows), wanted[name]
        missed += not least <= mean <= most
        verdict = "met" if least <= mean <= most else "MISSED"
        print(f"{name:<18} {mean:7.3f}   wanted {least:g} to {most:g}   {verdict}")
    return int(args.strict and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
