"""Where compiled kernels are kept, and the one decorator that compiles them.

numba notices a change in the file of a cached function, but not in functions that it calls from other files. Hence
there is a folder for each machine (numba, llvmlite, Python and the CPU), and in it one for each kernel module, named
by a hash of what else its machine code depends on: its own source and those of the kernel modules it imports, directly
or not. A change compiles anew what depends on it and nothing else; old folders are pruned. numba's own setting is
changed only while one of our functions is decorated, so other users of numba in the process keep theirs.

The folder is `$LOWSKY_CACHE`, else `$XDG_CACHE_HOME/lowsky`, else `~/.cache/lowsky`. It belongs to one CPU type and is
never shipped. It does not decide when kernels are compiled: that happens at their first call.
"""

from __future__ import annotations

import ast
import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, overload

import numba
from numba.core.registry import cpu_target

KERNELS = Path(__file__).parent
FOLDER_PREFIX = "kernels-"
FOLDERS_KEPT = 4  # newest ones of a machine, of a module: a few versions or interpreters side by side keep theirs
YOUNG_S = 3600.0  # a folder used within an hour of the newest may belong to a running process: never pruned

_Function = TypeVar("_Function", bound=Callable[..., Any])
_numba_config: Any = numba.config  # its settings are made at run time, no type checker knows them


def machine() -> str:
    """Name (16 hexadecimal digits) of everything that machine code depends on besides its sources."""
    triple, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    return _digest(
        [text.encode() for text in (version("numba"), version("llvmlite"), sys.version, triple, cpu, features)]
    )


def fingerprint(source: Path, kernels: Path) -> str:
    """Name (16 hexadecimal digits) of a module's source and of the kernel modules in folder `kernels` that it imports,
    directly or through others. Of a module elsewhere all of them count: what it imports is not looked into."""
    counted = {source, *kernels.rglob("*.py")}
    if source.parent == kernels:
        counted, waiting = set(), [source]
        while waiting:
            path = waiting.pop()
            if path not in counted and path.is_file():
                counted.add(path)
                waiting += [kernels / f"{name}.py" for name in neighbours(path.read_bytes())]
    return _digest([part for p in sorted(counted) for part in (p.name.encode(), p.read_bytes())])


def neighbours(source: bytes) -> list[str]:
    """Names of the modules of its own folder that a source imports."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.level == 1]
    return [name for node in found for name in ([node.module] if node.module else [a.name for a in node.names])]


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """The folder of all lowsky caches: `$LOWSKY_CACHE`, else `$XDG_CACHE_HOME/lowsky`, else `~/.cache/lowsky`."""
    if own := os.environ.get("LOWSKY_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lowsky"


def open_folder(root: Path, prefix: str, name: str) -> Path:
    """Make folder `prefix + name` below `root` usable and mark it as the newest; prune older ones of that prefix.

    Cached code is loaded as it is, so the folder is readable by its owner alone.

    Raises:
        OSError: if the folder cannot be made or written.
    """
    folder = root / (prefix + name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()
    os.utime(folder)
    prune(root, prefix, folder)
    return folder


def prune(root: Path, prefix: str, newest: Path) -> None:
    """Remove the folders of a prefix below `root` beyond the `FOLDERS_KEPT` newest, except those that are young."""
    last_used = {p: p.stat().st_mtime for p in root.glob(prefix + "*") if p.is_dir()}
    oldest_last = sorted(last_used, key=lambda p: (-last_used[p], p.name))
    for folder in oldest_last[FOLDERS_KEPT:]:
        if last_used[newest] - last_used[folder] > YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)


def _choose_folder() -> Path:
    try:
        return open_folder(cache_root(), FOLDER_PREFIX, machine())
    except OSError as error:
        # A fresh private folder: a fixed name in a shared folder could hold code planted by somebody else.
        folder = Path(tempfile.mkdtemp(prefix="lowsky-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        warnings.warn(
            f"kernel cache {cache_root()} cannot be written ({error.strerror}): kernels are compiled anew at each "
            f"start, about two minutes; set LOWSKY_CACHE to a folder that can",
            RuntimeWarning,
            stacklevel=2,
        )
        return folder


CACHE_FOLDER = _choose_folder()


@cache
def module_folder(source: Path) -> Path:
    """Folder of the machine code of the kernels in one source file."""
    return open_folder(CACHE_FOLDER, f"{source.stem}-", fingerprint(source, KERNELS))


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
        _numba_config.CACHE_DIR = str(module_folder(Path(plain.__code__.co_filename)))
        try:
            return numba.njit(**settings)(plain)
        finally:
            _numba_config.CACHE_DIR = before

    return decorate if function is None else decorate(function)


def compile_for(kernel: Any, *arguments: Any) -> None:
    """Compile a kernel for arguments of the types of these, or find it in the cache, without calling it."""
    if not _numba_config.DISABLE_JIT:
        kernel.compile(tuple(numba.typeof(argument) for argument in arguments))


def is_kept(kernel: Any) -> bool:
    """Is there machine code of a kernel, as it is now, in the cache? Where nothing is compiled, nothing is missing."""
    return bool(_numba_config.DISABLE_JIT or kernel._cache._cache_file._load_index())
