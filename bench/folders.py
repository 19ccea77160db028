"""Scenario folders and the programs run on them: made, tracked, judged, each in a process of its own.

The scenarios, their judge and their reference figures live outside the project, in a folder found by LOWSKY_SHARED or
beside the checkout; nothing of them is copied. Made folders are kept under build/ and used again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "bench"
POLL_S = 0.02  # how often the memory of a run is read
# One thread, and no bytecode left beside scripts that are not ours.
QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Tracked:
    """A run of `lowsky track`: what it said of itself, seconds in all, and its peak resident memory."""

    said: dict[str, Any]
    wall_s: float
    peak_mib: float


def shared_folder() -> Path:
    """Where scenarios, judge and recordings are.

    Raises:
        SystemExit: if there is no such folder.
    """
    folder = Path(os.environ.get("LOWSKY_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        raise SystemExit(f"no folder {folder}: name the one with bench/ and data/ in LOWSKY_SHARED")
    return folder


def lowsky_command() -> list[str]:
    """The command as users have it, or the same from the development environment."""
    made = ROOT / ".venv" / "bin" / "lowsky"
    return [str(made)] if made.exists() else [sys.executable, "-m", "lowsky"]


def surroundings() -> dict[str, str]:
    """Environment of a process run for measurement."""
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **QUIET, "PYTHONPATH": path}


def made(shared: Path, name: str, seed: int, cache: Path = CACHE) -> Path:
    """The folder of a scenario, generated if it is not there yet."""
    folder = cache / f"{name}-{seed}"
    if not (folder / "sources.parquet").exists() or not (folder / "truth.parquet").exists():
        script = shared / "bench" / "scenario.py"
        command = [sys.executable, str(script), name, "--seed", str(seed), "--out", str(folder)]
        subprocess.run(command, check=True, env=surroundings(), stdout=subprocess.DEVNULL)
    return folder


def track(folder: Path, out: Path, more: tuple[str, ...] = ()) -> Tracked:
    """Run `lowsky track` on a folder.

    Raises:
        SystemExit: if it fails, with what it said.
    """
    command = [*lowsky_command(), "track", str(folder), "--out", str(out), "--json", *more]
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        child = subprocess.Popen(command, stdout=said, stderr=complained, env=surroundings())
        peak_mib = 0.0
        while child.poll() is None:
            peak_mib = max(peak_mib, resident_mib(child.pid))
            time.sleep(POLL_S)
        wall_s = time.perf_counter() - begin
        said.seek(0)
        complained.seek(0)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} ended with status {child.returncode}:\n{complained.read()[-2000:]}")
        figures = json.loads(said.read().splitlines()[-1])
    return Tracked(figures, wall_s, peak_mib)


def resident_mib(pid: int) -> float:
    """Largest resident memory of a living process so far, MiB; 0 where the system does not tell. What it reports of a
    process that has ended includes the memory of the one that started it, and is therefore not used."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def judged(shared: Path, folder: Path, tracks: Path, more: tuple[str, ...] = ()) -> dict[str, float]:
    """The figures that the judge prints, by name; one that is undefined is NaN."""
    command = [sys.executable, str(shared / "bench" / "judge.py"), str(folder), str(tracks), *more]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings())
    pairs = (line.split() for line in done.stdout.splitlines())
    return {name: float("nan") if value == "None" else float(value) for name, value in pairs}
