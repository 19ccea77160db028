"""Where compiled kernels are kept, and the one decorator that compiles them.

numba notices a change in the file of a cached function, but not in functions that it calls from other files. Hence
the cache folder is named by a hash of everything the machine code depends on: all kernel sources, numba, llvmlite,
Python and the CPU. A change of any of them is a new folder; old folders are pruned. numba's own setting is changed
only while one of our functions is decorated, so other users of numba in the process keep theirs.

The folder is `$LOWSKY_CACHE`, else `$XDG_CACHE_HOME/lowsky`, else `~/.cache/lowsky`. It belongs to one CPU type and is
never shipped. It does not decide when kernels are compiled: that happens at their first call.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, overload

import numba
from numba.core.registry import cpu_target

FOLDER_PREFIX = "kernels-"
FOLDERS_KEPT = 4  # newest ones: a few versions or interpreters side by side keep their warm caches
YOUNG_S = 3600.0  # a folder used within an hour of the newest may belong to a running process: never pruned

_Function = TypeVar("_Function", bound=Callable[..., Any])
_numba_config: Any = numba.config  # its settings are made at run time, no type checker knows them


def fingerprint(sources: Path) -> str:
    """Name (16 hexadecimal digits) of everything that the machine code of the kernels in folder `sources` depends on.

    Every `*.py` below the folder counts, by relative name and content, in sorted order.
    """
    digest = hashlib.sha256()
    triple, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    for text in (version("numba"), version("llvmlite"), sys.version, triple, cpu, features):
        digest.update(text.encode() + b"\0")
    for path in sorted(sources.rglob("*.py")):
        digest.update(path.relative_to(sources).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """The folder of all lowsky caches: `$LOWSKY_CACHE`, else `$XDG_CACHE_HOME/lowsky`, else `~/.cache/lowsky`."""
    if own := os.environ.get("LOWSKY_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lowsky"


def open_folder(root: Path, name: str) -> Path:
    """Make folder `name` below `root` usable and mark it as the newest; prune older ones.

    Cached code is loaded as it is, so the folder is readable by its owner alone.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    folder = root / (FOLDER_PREFIX + name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()
    os.utime(folder)
    prune(root, folder)
    return folder


def prune(root: Path, newest: Path) -> None:
    """Remove the kernel folders below `root` beyond the `FOLDERS_KEPT` newest, except those that are still young."""
    last_used = {p: p.stat().st_mtime for p in root.glob(FOLDER_PREFIX + "*") if p.is_dir()}
    oldest_last = sorted(last_used, key=lambda p: (-last_used[p], p.name))
    for folder in oldest_last[FOLDERS_KEPT:]:
        if last_used[newest] - last_used[folder] > YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)


def _choose_folder() -> Path:
    name = fingerprint(Path(__file__).parent)
    try:
        return open_folder(cache_root(), name)
    except OSError as error:
        # A fresh private folder: a fixed name in a shared folder could hold code planted by somebody else.
        folder = Path(tempfile.mkdtemp(prefix="lowsky-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        warnings.warn(
            f"kernel cache {cache_root()} cannot be written ({error.strerror}): kernels are compiled anew at each "
            f"start, about a minute; set LOWSKY_CACHE to a folder that can",
            RuntimeWarning,
            stacklevel=2,
        )
        return folder


CACHE_FOLDER = _choose_folder()


@overload
def jit(function: _Function, /) -> _Function: ...
@overload
def jit(**options: Any) -> Callable[[_Function], _Function]: ...
def jit(function: Any = None, /, **options: Any) -> Any:
    """Compile a kernel: `@jit`, or `@jit(inline="always")` for more options of `numba.njit`.

    Kernels are cached, release the GIL, divide by zero as numpy does (inf, NaN) and keep the order of floating-point
    sums (no fastmath). With NUMBA_DISABLE_JIT=1 the plain function is returned.
    """
    settings: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": False} | options

    def decorate(plain: Any) -> Any:
        before = _numba_config.CACHE_DIR
        _numba_config.CACHE_DIR = str(CACHE_FOLDER)
        try:
            return numba.njit(**settings)(plain)
        finally:
            _numba_config.CACHE_DIR = before

    return decorate if function is None else decorate(function)
