"""Fixtures all rooms use: the benchmark folder, its scenarios and its judge, and the settings of hypothesis.

The benchmark folder is not part of the project. It is found by `$LOWSKY_SHARED`, or as `shared` beside the checkout;
where it is absent, tests that need it are skipped, or fail with LOWSKY_REQUIRE_SHARED=1. Programs of others that
tests talk to (`peer`) are skipped likewise, or fail with LOWSKY_REQUIRE_PEERS=1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, and none fails for being slow: numba compiles at the first one.
settings.register_profile("lowsky", derandomize=True, deadline=None)
settings.load_profile("lowsky")

CHECKOUT = Path(__file__).resolve().parent.parent
BENCH_TIMEOUT_S = 600.0
JUDGE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import judge
print(json.dumps(judge.score(Path(sys.argv[2]), judge._table(sys.argv[3]), float(sys.argv[4]))))
"""


def _bench(arguments: list[str]) -> str:
    """Standard output of a Python process that leaves no bytecode in the benchmark folder."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=BENCH_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def shared() -> Path:
    """The benchmark folder with `bench/` and `data/`."""
    folder = Path(os.environ.get("LOWSKY_SHARED") or CHECKOUT.parent / "shared").resolve()
    if not (folder / "bench" / "scenario.py").is_file():
        reason = f"no benchmark folder at {folder}"
        if os.environ.get("LOWSKY_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def peer() -> Callable[[str], str]:
    """`peer("tshark")`: the path of a program that others wrote; the test is skipped where it is not installed."""

    def find(name: str) -> str:
        path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        if path is None:
            reason = f"{name} is not installed"
            if os.environ.get("LOWSKY_REQUIRE_PEERS") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find


@pytest.fixture(scope="session")
def scenario(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """`scenario(name, seed)`: the folder of a benchmark scenario, made once a session. Treat it as read-only."""
    root = tmp_path_factory.mktemp("scenarios")

    def make(name: str, seed: int) -> Path:
        folder = root / f"{name}-{seed}"
        if not folder.exists():
            _bench([str(shared / "bench" / "scenario.py"), name, "--seed", str(seed), "--out", str(folder)])
        return folder

    return make


@pytest.fixture(scope="session")
def judge(shared: Path) -> Callable[..., dict[str, float]]:
    """`judge(folder, tracks, first_s=10)`: the benchmark's score of a tracks file against a scenario's truth."""

    def score(folder: Path, tracks: Path, first_s: float = 10.0) -> dict[str, float]:
        printed = _bench(["-c", JUDGE, str(shared / "bench"), str(folder), str(tracks), str(first_s)])
        figures: dict[str, float] = json.loads(printed)
        return {name: float("nan") if value is None else value for name, value in figures.items()}

    return score
