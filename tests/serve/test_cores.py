"""How many processors may be used, from what the system says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lowsky.serve import cores as module
from lowsky.serve.cores import cores, quota


@pytest.mark.parametrize(
    ("text", "may"),
    [("max 100000\n", None), ("250000 100000\n", 2), ("50000 100000\n", 1), ("1 0\n", None), ("", None), ("x y", None)],
)
def test_a_quota_is_whole_processors(tmp_path: Path, text: str, may: int | None) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(text)
    assert quota(path) == may


def test_the_smaller_of_quota_and_processors_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cpu.max"
    monkeypatch.setattr(module, "QUOTA", path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert cores() == 6
    path.write_text("300000 100000")
    assert cores() == 3
    path.write_text("900000 100000")
    assert cores() == 6
