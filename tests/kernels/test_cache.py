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
    """Kernels: top imports middle, which imports bottom; aside imports nothing."""
    folder.mkdir()
    (folder / "top.py").write_text("from .middle import M\n")
    (folder / "middle.py").write_text("from . import bottom\nM = 1\n")
    (folder / "bottom.py").write_text("from .top import nothing\nB = 1\n")
    (folder / "aside.py").write_text("import os\nA = 1\n")
    return folder


def _prints(folder: Path) -> dict[str, str]:
    return {p.stem: cache.fingerprint(p, folder) for p in folder.glob("*.py")}


def test_fingerprint_follows_what_a_module_imports_and_nothing_else(tmp_path: Path) -> None:
    first, second = _sources(tmp_path / "one"), _sources(tmp_path / "two")
    assert _prints(first) == _prints(second)
    (second / "bottom.py").write_text("from .top import nothing\nB = 2\n")
    was, now = _prints(first), _prints(second)
    assert {name for name in was if was[name] != now[name]} == {"top", "middle", "bottom"}
    (first / "aside.py").write_text("import os\nA = 2\n")
    assert {name for name in was if was[name] != _prints(first)[name]} == {"aside"}


def test_fingerprint_of_a_module_elsewhere_follows_all_kernels(tmp_path: Path) -> None:
    folder, elsewhere = _sources(tmp_path / "one"), tmp_path / "elsewhere.py"
    elsewhere.write_text("E = 1\n")
    before = cache.fingerprint(elsewhere, folder)
    (folder / "aside.py").write_text("import os\nA = 2\n")
    changed = cache.fingerprint(elsewhere, folder)
    elsewhere.write_text("E = 2\n")
    assert len({before, changed, cache.fingerprint(elsewhere, folder)}) == 3


def test_every_kernel_module_is_followed_to_what_it_imports() -> None:
    """The imports that are followed are those that Python itself finds."""
    code = "import sys; from lowsky.kernels import update; print(*(m for m in sys.modules if 'lowsky.kernels.' in m))"
    loaded = set(_in_new_process({}, code).stdout.replace("lowsky.kernels.", "").split())
    found, waiting = set(), ["update"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += cache.neighbours((cache.KERNELS / f"{name}.py").read_bytes())
    assert found == loaded


def test_machine_follows_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.machine()
    monkeypatch.setattr(cache, "version", lambda package: "0.0" if package == "numba" else "1.0")
    assert cache.machine() != before


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
        folder = cache.open_folder(tmp_path, cache.FOLDER_PREFIX, f"old{age}")
        os.utime(folder, (1_000_000 * (10 - age),) * 2)
    (tmp_path / "something-else").mkdir()
    newest = cache.open_folder(tmp_path, cache.FOLDER_PREFIX, "now")
    assert newest.stat().st_mode & 0o077 == 0
    assert {p.name for p in tmp_path.iterdir()} == {
        "something-else",
        *(cache.FOLDER_PREFIX + name for name in ("now", "old1", "old2", "old3")),
    }


def test_young_folders_are_never_pruned(tmp_path: Path) -> None:
    for number in range(8):
        cache.open_folder(tmp_path, cache.FOLDER_PREFIX, f"run{number}")
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
