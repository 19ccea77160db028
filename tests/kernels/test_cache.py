"""The kernel cache: its name follows the sources, its folder is private and pruned, a folder that fails is replaced."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest

from lowsky.kernels import cache


def _sources(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.py").write_text("A = 1\n")
    (folder / "b.py").write_text("B = 1\n")
    return folder


def test_fingerprint_is_stable_and_follows_content_and_names(tmp_path: Path) -> None:
    first, second = _sources(tmp_path / "one"), _sources(tmp_path / "two")
    assert cache.fingerprint(first) == cache.fingerprint(second)
    (second / "b.py").write_text("B = 2\n")
    changed = cache.fingerprint(second)
    assert changed != cache.fingerprint(first)
    (second / "b.py").write_text("B = 1\n")
    (second / "b.py").rename(second / "c.py")
    assert cache.fingerprint(second) not in {changed, cache.fingerprint(first)}
    (first / "notes.txt").write_text("not a source")
    (second / "c.py").rename(second / "b.py")
    assert cache.fingerprint(first) == cache.fingerprint(second)


def test_fingerprint_follows_numba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = _sources(tmp_path / "one")
    before = cache.fingerprint(sources)
    monkeypatch.setattr(cache, "version", lambda package: "0.0" if package == "numba" else "1.0")
    assert cache.fingerprint(sources) != before


def test_root_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nowhere/home")
    monkeypatch.delenv("LOWSKY_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.cache_root() == Path("/nowhere/home/.cache/lowsky")
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere/xdg")
    assert cache.cache_root() == Path("/nowhere/xdg/lowsky")
    monkeypatch.setenv("LOWSKY_CACHE", "/nowhere/own")
    assert cache.cache_root() == Path("/nowhere/own")


def test_folder_is_private_and_old_ones_are_pruned(tmp_path: Path) -> None:
    for age in range(1, 8):
        folder = cache.open_folder(tmp_path, f"old{age}")
        os.utime(folder, (1_000_000 * (10 - age),) * 2)
    (tmp_path / "something-else").mkdir()
    newest = cache.open_folder(tmp_path, "now")
    assert newest.stat().st_mode & 0o077 == 0
    assert {p.name for p in tmp_path.iterdir()} == {
        "something-else",
        *(cache.FOLDER_PREFIX + name for name in ("now", "old1", "old2", "old3")),
    }


def test_young_folders_are_never_pruned(tmp_path: Path) -> None:
    for number in range(8):
        cache.open_folder(tmp_path, f"run{number}")
    assert len(list(tmp_path.iterdir())) == 8


def _in_new_process(environment: dict[str, str], code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def test_unwritable_folder_gives_a_notice_and_a_private_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    done = _in_new_process(
        {"LOWSKY_CACHE": str(tmp_path / "file"), "TMPDIR": str(tmp_path)},
        "from lowsky.kernels.cache import CACHE_FOLDER, jit; print(CACHE_FOLDER)",
    )
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert not folder.exists()  # removed at exit
    assert "cannot be written" in done.stderr
    assert str(tmp_path / "file") in done.stderr


KERNEL = """
from lowsky.kernels.cache import jit

@jit
def halve(value):
    return value / 0.0 if value < 0 else value / 2

@jit(inline="always")
def third(value):
    return value / 3
"""


@pytest.fixture
def kernel_module(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "some_kernels.py").write_text(KERNEL)
    return {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}", "LOWSKY_CACHE": str(tmp_path / "cache")}


def test_kernels_are_cached_and_divide_as_numpy(kernel_module: dict[str, str]) -> None:
    code = "import some_kernels as k; print(k.halve(3.0), k.halve(-1.0), k.third(3.0), dict(k.halve.stats.cache_hits))"
    environment = kernel_module | {"NUMBA_DISABLE_JIT": "0"}
    first, second = (_in_new_process(environment, code).stdout for _ in range(2))
    assert first.startswith("1.5 -inf 1.0 {}")
    assert second.startswith("1.5 -inf 1.0 {(float64,): 1}")


def test_compiler_off_gives_the_plain_function(kernel_module: dict[str, str]) -> None:
    code = "import some_kernels as k; print(type(k.halve).__name__, type(k.third).__name__)"
    done = _in_new_process(kernel_module | {"NUMBA_DISABLE_JIT": "1"}, code)
    assert done.stdout.split() == ["function", "function"]


def test_setting_of_others_is_left_alone() -> None:
    config: Any = numba.config
    before = config.CACHE_DIR
    cache.jit(lambda value: value)
    assert before == config.CACHE_DIR
