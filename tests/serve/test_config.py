"""site.toml: what init writes works; what is wrong is one sentence naming file, field and value."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from lowsky.assess import Rules
from lowsky.model.errors import InputError
from lowsky.model.kinds import Kind
from lowsky.model.place import Shape
from lowsky.serve.config.demo import MARK, demo_site
from lowsky.serve.config.entries import SimulationSource
from lowsky.serve.config.site_file import parse_site, read_site
from lowsky.serve.config.sources import FormatSource
from lowsky.serve.config.template import TEMPLATE

SITE = '[site]\nid = "s"\n'
SENSOR = '[[sensors]]\nid = "r"\nkind = "radar_3d"\nlat = 56.0\nlon = 11.0\nheight_m = 50\n'


def source(fields: str, kind: str = "jsonl", name: str = "a") -> str:
    """A site with one source."""
    return f'{SITE}[[sources]]\nkind = "{kind}"\nname = "{name}"\n{fields}\n'


def parse(text: str, folder: Path = Path("/x")) -> object:
    return parse_site(text, folder / "site.toml")


def test_the_template_works_as_it_is_and_with_every_comment_taken_away(tmp_path: Path) -> None:
    config = parse_site(TEMPLATE, tmp_path / "site.toml")
    assert [s.id for s in config.sensors] == ["radar-1"]
    assert [p.shape for p in config.places] == [Shape.POINT]
    assert isinstance(config.sources[0], FormatSource)
    assert str(config.sources[0].link.address) == "udp://127.0.0.1:5300"
    assert config.server.host == "127.0.0.1"
    (tmp_path / "piers.geojson").write_text("{}")
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines()]
    lines = [line for line in lines if line.startswith("[") or re.match(r"\w+ = ", line)]
    full = parse_site("\n".join(lines), tmp_path / "site.toml")
    assert {type(s).__name__ for s in full.sources} == {"FormatSource", "TableSource", "SimulationSource"}
    assert full.rules == dataclasses.replace(Rules(), warning_horizon_s=90.0)
    assert full.overlay == tmp_path / "piers.geojson"


def test_defaults_are_safe() -> None:
    config = parse_site(SITE + SENSOR, Path("/x/site.toml"))
    assert config.server.host == "127.0.0.1"
    assert config.accounts.on is None
    assert config.journal.on
    assert config.journal_folder == Path("/x/journal")
    assert config.speed == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[site\n", ["/x/site.toml", "not TOML"]),
        ("", ["/x/site.toml", "site"]),
        ("[site]\nid = 3\n", ["site.id", "int"]),
        ('[site]\nid = " "\n', ["site.id"]),
        ('[site]\nid = "s"\nunits = "imperial"\n', ["site.units", "imperial"]),
        ('[site]\nid = "s"\norigin = { lat = 91.0, lon = 0.0 }\n', ["site.origin", "91"]),
        ('[site]\nid = "s"\nlanguge = "en"\n', ["site", "languge"]),
        (SITE + SENSOR.replace("56.0", "96.0"), ["'r'", "lat", "96"]),
        (SITE + SENSOR.replace("radar_3d", "radarr"), ["'r'", "kind", "'radarr'"]),
        (SITE + SENSOR + "perod_s = 2\n", ["sensors[0].perod_s", "period_s"]),
        (SITE + SENSOR + SENSOR, ["'r'", "twice"]),
        (SITE + '[[places]]\nid = "p"\nshape = "point"\npoints = [[56.0, 11.0]]\n', ["places", "'p'", "radius_m"]),
        (SITE + '[[places]]\nid = "p"\nshape = "circle"\n', ["places[0].shape", "circle"]),
        (SITE + "[rules]\nwarning_horizon = 3\n", ["rules.warning_horizon", "warning_horizon_s"]),
        (SITE + "[rules]\nwarning_horizon_s = -3\n", ["rules.warning_horizon_s", "-3"]),
        (SITE + '[rules]\nharmless = ["gull"]\n', ["rules.harmless", "gull"]),
        (SITE + "[rules]\nharmless = 3\n", ["rules.harmless", "3"]),
        (SITE + '[rules]\nwatch_up = ["bird"]\n', ["rules.watch_up", "bird"]),
        (source('via = "udp://127.0.0.1:70000"'), ["sources[0].via", "70000"]),
        (source('via = "udp://127.0.0.1:1"', kind="jsonnl"), ["sources[0].kind", "jsonnl", "'jsonl'"]),
        (source('via = "udp://127.0.0.1:1"', name=""), ["sources[0].name"]),
        (source('via = "udp://127.0.0.1:1"') + source('via = "udp://127.0.0.1:1"')[len(SITE):], ["sources[1].name"]),
        (source(""), ["sources[0].via", "udp://"]),
        (source('via = "udp://127.0.0.1:1"\nsenser = "r"'), ["sources[0].senser", "'sensor'"]),
        (source('via = "udp://127.0.0.1:1"\nsensor = 3'), ["sources[0].sensor", "int"]),
        (source('via = "udp://127.0.0.1:1"\nca_file = "ca.pem"'), ["sources[0].ca_file", "udp://"]),
        (source("port = 5300", kind="jsonl-udp"), ["sources[0].kind", 'via = "udp://127.0.0.1:5300"']),
        (source("port = 5300", kind="jsonl-tcp"), ["sources[0].kind", 'via = "tcp-listen://127.0.0.1:5301"']),
        (source("sped = 2.0", kind="simulation"), ["sources[0]", "sped"]),
        (source("speed = 'fast'", kind="simulation"), ["sources[0].speed", "str"]),
        ("sources = [3]\n" + SITE, ["sources[0]"]),
        (SITE + "qnh_hpa = 29.92\n", ["site.qnh_hpa", "29.92"]),
        (SITE + '[server]\nport = -1\n', ["server.port", "-1"]),
        (SITE + '[server]\ntls_key = "k"\n', ["server", "tls_certificate"]),
        (SITE + '[map]\noverlay = "none.geojson"\n', ["map.overlay", "none.geojson"]),
        (SITE + '[accounts]\nidle_h = 0\n', ["accounts", "idle_h"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    sentence = str(caught.value)
    assert sentence.startswith("/x/site.toml")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_a_speed_is_for_all_or_none() -> None:
    played = '[[sources]]\nkind = "simulation"\nname = "a"\nspeed = 5.0\n'
    assert parse_site(SITE + played, Path("/x/site.toml")).speed == 5.0
    with pytest.raises(InputError, match="speed"):
        parse(SITE + played + '[[sources]]\nkind = "jsonl"\nname = "b"\nvia = "udp://127.0.0.1:1"\n')
    with pytest.raises(InputError, match="between"):
        parse(SITE + played.replace("5.0", "1e9"))


def test_rules_sources_and_kinds_are_taken_over() -> None:
    text = (
        SITE
        + '[rules]\nwarning_horizon_s = 60\nharmless = ["bird"]\n'
        + (
            '[[sources]]\nkind = "jsonl"\nname = "a"\nvia = "tcp://[::1]:7"\nsensors = {"17/4" = "r"}\n'
            '[[sources]]\nkind = "simulation"\nname = "b"\n'
        )
    )
    config = parse_site(text, Path("/x/site.toml"))
    assert config.rules.warning_horizon_s == 60.0
    assert config.rules.harmless == (Kind.BIRD,)
    assert isinstance(config.sources[0], FormatSource)
    assert (config.sources[0].link.address.host, config.sources[0].link.address.port) == ("::1", 7)
    assert config.sources[0].options.sensors == {"17/4": "r"}
    assert isinstance(config.sources[1], SimulationSource)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lowsky init"):
        read_site(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[site]\nid = '\xe9'\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_site(tmp_path / "latin.toml")
    with pytest.raises(InputError, match=str(tmp_path)):
        read_site(tmp_path)


def test_the_demo_empties_its_own_folder_and_no_other(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    config = demo_site(own, 'a "scene"', 3, 8420)
    assert config.sources[0] == SimulationSource(name="scene", scene='a "scene"', seed=3)
    assert config.accounts.on is False
    (own / "old").write_text("x")
    demo_site(own, "harbour", 1, 8420)
    assert [p.name for p in own.iterdir()] == [MARK]
    other.mkdir()
    (other / "letter").write_text("dear")
    with pytest.raises(InputError, match="not empty"):
        demo_site(other, "harbour", 1, 8420)
    assert (other / "letter").read_text() == "dear"
