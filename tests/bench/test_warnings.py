"""Warnings on the benchmark's nights: in time, few false ones, honest times of arrival, none twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lowsky.cli.main import main

SEEDS = (21, 22)  # none that the rules were looked at with
JUDGE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import approach
from judge import _table
notices = [json.loads(line) for line in Path(sys.argv[4]).read_text().splitlines()]
print(json.dumps(approach.judge(Path(sys.argv[2]), _table(sys.argv[3]), notices)))
"""


def run_bench(arguments: list[str]) -> str:
    """Standard output of a Python process that leaves no bytecode in the benchmark folder."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=300.0
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def figures(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Means over the seeds of what the benchmark's judge says."""
    bench = shared / "bench"
    found = []
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp("approach") / str(seed)
        run_bench([str(bench / "approach.py"), "make", str(folder), "--seed", str(seed)])
        out, warnings = folder / "tracks.parquet", folder / "warnings.jsonl"
        places = ["--places", str(folder / "places.json"), "--warnings", str(warnings)]
        assert main(["track", str(folder), "--out", str(out), *places]) == 0
        found.append(json.loads(run_bench(["-c", JUDGE, str(bench), str(folder), str(out), str(warnings)])))
    return {name: float(np.mean([f[name] for f in found])) for name in found[0]}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("warned_in_time", 0.97, 1.0),
        ("false_per_hour", 0.0, 60.0),
        ("arrival_error", 0.0, 0.03),
        ("interval_coverage", 0.85, 0.97),
        ("interval_width", 0.0, 0.2),
        ("repeats", 0.0, 0.02),
    ],
)
def test_figure(figures: dict[str, float], name: str, least: float, most: float) -> None:
    assert least <= figures[name] <= most


def test_warnings_need_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["track", str(tmp_path), "--out", str(tmp_path / "t.csv"), "--warnings", str(tmp_path / "w.jsonl")]
    assert main(arguments) == 2
    assert "--warnings needs --places" in capsys.readouterr().err
