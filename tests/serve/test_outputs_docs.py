"""Configurations shown in the documentation of outputs work, and the schema there is the code's."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.delivery import receivers_of
from lowsky.serve.net.link import Link, read_link
from lowsky.serve.outputs import contract
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import kind_names, make_ways
from tests.serve.showing import S, Server, kept, until

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("outputs.md", "formats/geojson.md", "formats/mqtt.md", "formats/asterix-out.md", "formats/cap.md")
SITE = site_of((Sensor("radar-1", SensorKind.RADAR_3D, 56.0, 11.0, 52.0),))


def shown() -> list[Any]:
    return [
        pytest.param(text, id=f"{page} {i}")
        for page in PAGES
        for i, text in enumerate(TOML.findall((DOCS / page).read_text()))
    ]


@pytest.mark.parametrize("text", shown())
def test_what_is_shown_can_be_used(text: str, tmp_path: Path, papers: Path) -> None:
    (tmp_path / "broker.word").write_text("a word")
    (tmp_path / "broker-ca.pem").write_bytes((papers / "ca.pem").read_bytes())
    config = parse_site(f'[site]\nid = "x"\n{text}', tmp_path / "site.toml")
    ways = make_ways(config, SITE)
    assert ways or config.receivers
    assert [OutputKeeper(way, Server().view).info().kind for way in ways] == [o["kind"] for o in config.outputs]
    assert len(receivers_of(config.receivers, tmp_path, {"terminal"}, "site.toml")) >= 1


def test_every_kind_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / "outputs.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(kind_names())


def test_the_output_that_is_shown_works(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", (DOCS / "outputs.md").read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"Path": Path, "Link": Link, **vars(contract)}
    exec(code, names)
    link, _ = read_link({"to": f"file:{tmp_path}/count.txt"}, "to", tmp_path, names["KIND"].schemes)
    options = names["KIND"].options(name="count", kind="printed")
    server = Server()
    keeper = OutputKeeper(names["KIND"].make(options, contract.Setting("here", tmp_path, SITE, link)), server.view)

    async def go() -> None:
        async with kept(keeper):
            server.turn([1, 2, 3], 10 * S)
            await until(lambda: keeper.messages == 1)

    asyncio.run(go())
    assert (tmp_path / "count.txt").read_text() == "10000000000 3\n"
    assert keeper.info().state == "running"
