"""docs/map.md names every key and every part of an address that the page knows, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
SOURCE = ROOT / "web" / "src"


def _first_cells(heading: str) -> set[str]:
    """Names in code marks in the first cells of the table under a heading."""
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_key_is_told() -> None:
    code = (SOURCE / "keys.js").read_text(encoding="utf-8").split("KEYS = ")[1].split("]);")[0]
    keys = {key for listed in re.findall(r"keys: \[([^\]]+)\]", code) for key in re.findall(r"'([^']+)'", listed)}
    named = {{" ": "Space", "Escape": "Esc"}.get(key, key) for key in keys} - {"="}  # the plus without shift
    assert named == _first_cells("Keys")


def test_every_part_of_an_address_is_told() -> None:
    code = (SOURCE / "query.js").read_text(encoding="utf-8")
    read = set(re.findall(r"query\.(?:get|has)\('(\w+)'\)", code)) | set(re.findall(r"name: '(\w+)'", code))
    assert read == _first_cells("Every view has an address")
