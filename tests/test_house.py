"""Rules of the whole house that no linter knows: rooms, third parties, length of functions, locks, documentation."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "lowsky"
MODULES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]

# What a room may import of others. Rooms that are not named may use every run-time dependency, `matplotlib` excepted.
THIRD_PARTIES = {"kernels": {"numpy", "numba"}, "model": {"numpy"}}
LONGEST_FUNCTION = 60


def _third_parties(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        for name in names:
            root = name.split(".")[0]
            if root != "lowsky" and root not in sys.stdlib_module_names:
                yield root


def _import_names() -> set[str]:
    """Under which names the dependencies are imported."""
    other = {"argon2-cffi": "argon2", "protobuf": "google", "pyserial": "serial"}
    return {other.get(name, name.replace("-", "_")) for name in _dependencies()}


def _dependencies() -> set[str]:
    return {re.split(r"[<>=~!; ]", text)[0] for text in PROJECT["project"]["dependencies"]}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_third_parties_of_a_room(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0]
    allowed = THIRD_PARTIES.get(room, _import_names())
    assert set(_third_parties(ast.parse(path.read_text()))) <= allowed


def test_every_room_has_a_contract_that_forbids_what_the_table_does() -> None:
    table = {
        "model": set[str](),
        "kernels": set(),
        "sensing": {"model", "kernels"},
        "tracking": {"model", "kernels", "sensing"},
        "assess": {"model", "kernels"},
        "core": {"model", "kernels", "sensing", "tracking", "assess"},
        "wire": {"model", "kernels"},
        "record": {"model", "core", "wire"},
        "simulate": {"model", "sensing"},
        "evaluate": {"model", "kernels"},
    }
    table["serve"] = set(table)
    rooms = {*table, "cli"}
    assert set(ROOMS) <= rooms
    contracts = {c["source_modules"][0]: c for c in CONTRACTS if c["type"] == "forbidden"}
    for room, allowed in table.items():
        forbidden = {name.removeprefix("lowsky.") for name in contracts[f"lowsky.{room}"]["forbidden_modules"]}
        assert forbidden == rooms - allowed - {room}, room


def test_imports_go_one_way_with_no_exception() -> None:
    """The linter finds the imports; here is seen that it looks everywhere, types included."""
    settings = PROJECT["tool"]["importlinter"]
    assert not settings.get("exclude_type_checking_imports", False)
    assert not [c["name"] for c in CONTRACTS if "ignore_imports" in c]
    assert [c["ancestors"] for c in CONTRACTS if c["type"] == "acyclic_siblings"] == [["lowsky"]]
    (layers,) = (c for c in CONTRACTS if c["type"] == "layers")
    assert layers["containers"] == ["lowsky.serve"]
    assert layers["exhaustive"]
    named = [name for layer in layers["layers"] for name in layer.split(" | ")]
    inside = {p.stem for p in (SOURCE / "serve").glob("*.py")} | {
        p.parent.name for p in (SOURCE / "serve").glob("*/__init__.py")
    }
    assert sorted(named) == sorted(inside - {"__init__"})


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_functions_are_short_and_modules_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    long = {
        node.name: lines
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "build.txt", "node.txt"])
def test_locks_are_hashed_and_name_no_host(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert not re.search(r"://|--index|--find-links|\.(org|com|net)\b", text)
    packages = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert packages
    for package in packages:
        assert "==" in package
        assert package.endswith("\\"), f"{package} has no hash"


def test_run_time_lock_has_no_scipy_and_all_dependencies() -> None:
    text = (ROOT / "requirements" / "run.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    assert _dependencies() <= locked
    assert "scipy" not in locked


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys, lowsky; print([m for m in ('numpy', 'numba', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_documentation_agrees_with_the_code() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "docs.py"), "--check"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
