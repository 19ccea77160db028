"""docs/tracking.md names every setting with its default, and only files and settings that there are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from lowsky.tracking.settings import MotionModel, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tracking.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
TUPLES = {"models", "switching_per_s", "start_probability"}


@pytest.mark.parametrize("name", [f.name for f in fields(Settings) if f.name not in TUPLES])
def test_a_setting_stands_with_its_default(name: str) -> None:
    assert float(ROWS[name]) == pytest.approx(float(getattr(Settings(), name)))


def test_no_setting_stands_that_is_none() -> None:
    assert set(ROWS) == {f.name for f in fields(Settings)} - TUPLES


def test_every_motion_model_stands() -> None:
    (head,) = re.findall(r"^\| motion model (.*)$", PAGE, re.MULTILINE)
    assert [f.name for f in fields(MotionModel)] == re.findall(r"`(\w+)`", head)
    table = PAGE[PAGE.index(head) :].split("\n\n")[0].splitlines()[2:]
    for row, model in zip(table, Settings().models, strict=True):
        numbers = [float(cell) for cell in row.split("|")[2:7]]
        assert numbers == pytest.approx([getattr(model, f.name) for f in fields(MotionModel)])


def test_modules_that_are_named_exist() -> None:
    named = set(re.findall(r"`((?:core|tracking|kernels)/\w+\.py)`", PAGE))
    assert len(named) > 15
    assert [n for n in sorted(named) if not (ROOT / "src" / "lowsky" / n).is_file()] == []


def test_settings_in_the_text_exist() -> None:
    """Words in backticks that end like a setting's unit are settings."""
    known = {f.name for f in fields(Settings)} | {f.name for f in fields(MotionModel)}
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)*_(?:s|m|ns|mps|km2|per_s|radps))`", PAGE))
    assert named <= known
