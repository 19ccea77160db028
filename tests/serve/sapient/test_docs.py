"""The page of the format: its configurations work, its tables say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from lowsky.serve.config.site_file import parse_site
from lowsky.serve.outputs.kinds import make_ways
from lowsky.serve.outputs.sapient.way import SapientOptions, SapientWay
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, site_for, wire_source
from lowsky.serve.sources.sapient import SapientSource
from lowsky.wire.decoded import Context
from lowsky.wire.sapient.session.tasks import LEAST_CLASS, LEAST_EXISTENCE, PERIOD_S, REFUSED, REQUESTS
from tests.serve.live import SITE

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "sapient.md").read_text()
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_configurations_work(block: str, tmp_path: Path) -> None:
    text = SITE.replace('id = "radar"', 'id = "radar-1"') + block
    config = parse_site(text, tmp_path / "site.toml")
    site = site_for(config, load(config), Roster(None))
    for entry in config.sources:
        assert isinstance(wire_source(entry, Context(site, entry.name)), SapientSource)  # type: ignore[arg-type]
    ways = make_ways(config, site)
    assert all(isinstance(way, SapientWay) for way in ways)
    assert config.sources or ways


def test_every_option_of_the_output_is_told() -> None:
    table = PAGE.split("### lowsky as a node of others")[1].split("| field | what |")[1].split("\n\n")[0]
    told = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert told == {field.name for field in msgspec.structs.fields(SapientOptions)} - {"name", "kind"}


def test_tasks_are_told_as_they_are_answered() -> None:
    table = PAGE.split("| command | answer |")[1].split("\n\n")[0].lower()
    assert all(f"`{word}`" in table for word in REQUESTS)
    assert all(word.replace("_", " ") in table for word in REFUSED)
    assert [f"every {PERIOD_S[level]:g} s" in table for level in ("low", "medium")] == [True, True]
    for levels in (LEAST_EXISTENCE, LEAST_CLASS):
        assert ", ".join(f"{levels[level]:g}" for level in ("low", "medium", "high")) in table
