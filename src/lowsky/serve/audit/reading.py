"""Reading the audit: its newest lines for administrators, and the check that nobody has touched it.

`verify` computes the chain of hashes anew from the bytes of the files; it does not use what wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .chain import LONGEST_LINE_BYTES, START, link, split_line

MOST_PROBLEMS = 100


@dataclass(slots=True)
class Verdict:
    """What a check of audit files found."""

    lines: int = 0
    first: str = ""  # time of the first line
    last: str = ""  # time of the last line
    head: str = START  # hash of the last line
    problems: list[str] = field(default_factory=list)

    def blame(self, problem: str) -> None:
        """Note a problem, up to `MOST_PROBLEMS`."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def newest_entries(path: Path, limit: int, before: int = 0) -> list[dict[str, Any]]:
    """The newest lines of an audit and its older files, newest first.

    Args:
        path: of the file that is written to; the full ones are beside it.
        limit: how many lines at most.
        before: only lines with a smaller number; 0: all.
    """
    found: list[dict[str, Any]] = []
    for file in [path, *sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"), reverse=True)]:
        try:
            lines = file.read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in reversed(lines):
            entry = _entry(line)
            if entry is not None and (before <= 0 or entry["number"] < before):
                found.append(entry)
                if len(found) >= limit:
                    return found
    return found


def verify(paths: Iterable[Path], head: str = "") -> Verdict:
    """Check files in the order in which they were written.

    Args:
        head: hash of a line that must be there, as noted elsewhere earlier; "": none is known.

    Raises:
        OSError: if a file cannot be read.
    """
    verdict = Verdict()
    chain: tuple[int, str] | None = None
    seen = not head
    for path in paths:
        for place, line in _lines(path):
            chain = _check_line(verdict, f"{path}: line {place}", line, chain, first=place == 1)
            seen = seen or verdict.head == head
    if not seen:
        verdict.blame(f"no line has the hash {head}: the audit was cut or written anew")
    return verdict


def _check_line(
    verdict: Verdict, where: str, line: bytes, chain: tuple[int, str] | None, first: bool
) -> tuple[int, str] | None:
    """Check one line against the chain so far and return the chain after it."""
    body, told = split_line(line.removesuffix(b"\n"))
    entry = _entry(line)
    if entry is None or not told or not line.endswith(b"\n"):
        verdict.blame(f"{where} is not a line of an audit: {line[:60]!r}")
        return chain
    number = entry["number"]
    if chain is None:  # the first line of all that is given: what was before it is known from itself
        detail = entry.get("detail", {})
        before = str(detail.get("previous", START)) if first and isinstance(detail, dict) else START
        chain = (number - 1, before)
        if number != 1 and before == START:
            verdict.blame(f"{where} has number {number}, but nothing says what was before it")
    if number != chain[0] + 1:
        verdict.blame(f"{where} has number {number}, expected {chain[0] + 1}: lines are missing or out of place")
    if link(chain[1], body) != told:
        verdict.blame(f"{where} (number {number}) was changed, or the line before it was")
    verdict.lines += 1
    verdict.first = verdict.first or str(entry.get("time", ""))
    verdict.last, verdict.head = str(entry.get("time", "")), told
    return number, told


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their places from 1; a line that never ends is cut into pieces, each of which is a problem."""
    with path.open("rb") as file:
        place = 0
        while line := file.readline(LONGEST_LINE_BYTES):
            place += 1
            yield place, line


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    good = isinstance(entry, dict) and isinstance(entry.get("number"), int) and not isinstance(entry["number"], bool)
    return entry if good else None
