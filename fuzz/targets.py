"""The targets by name, and their corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
TOOLS = ("__init__", "invariants", "many", "mode", "mutate", "own", "run", "targets")
NAMES = tuple(sorted(p.stem for p in HERE.glob("*.py") if p.stem not in TOOLS))


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed: `one(data)` returns, or raises for what is a defect."""

    name: str
    one: Callable[[bytes], None]
    dictionary: tuple[bytes, ...]
    options: Any  # of the format

    def seeds(self) -> dict[str, bytes]:
        """The corpus: file name to input, by name."""
        folder = CORPUS / self.name
        return {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if p.is_file()}


def find_target(name: str) -> Target:
    """The target of `fuzz/<name>.py`.

    Raises:
        KeyError: if there is none.
    """
    if name not in NAMES:
        raise KeyError(name)
    module = import_module(f"fuzz.{name}")
    return Target(name, module.one, tuple(getattr(module, "DICTIONARY", ())), module.OPTIONS)
