"""Configurations shown on the page about this format work, and its tables are the code's."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from lowsky.model.kinds import Kind
from lowsky.model.sensor import site_of
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FormatSource
from lowsky.serve.outputs.cot.options import CotOutput
from lowsky.serve.outputs.kinds import make_ways
from lowsky.serve.sources.assembly import wire_source
from lowsky.wire.cot.format import CotOptions
from lowsky.wire.cot.objects import DECLARED, TYPES
from lowsky.wire.decoded import Context
from tests.serve.cot.certificates import Certificates

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "cot.md").read_text()
TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_is_shown_can_be_used(certificates: Certificates, tmp_path: Path) -> None:
    for name, shown in (("ca", "tak-ca.pem"), ("client", "lowsky.pem"), ("client.key", "lowsky.key")):
        shutil.copy(certificates[name], tmp_path / shown)
    text = "\n".join(TOML.findall(PAGE))
    config = parse_site(f'[site]\nid = "x"\n{text}', tmp_path / "site.toml")
    site = site_of(config.sensors)
    entries = [entry for entry in config.sources if isinstance(entry, FormatSource)]
    sources = [wire_source(entry, Context(site, entry.name)) for entry in entries]
    ways = make_ways(config, site)
    assert [source.kind for source in sources] == ["cot", "cot"]
    assert [type(way).__name__ for way in ways] == ["Datagrams", "Caller", "Server"]


def test_every_option_is_on_the_page() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE))
    own = {f.name for kind in (CotOptions, CotOutput) for f in msgspec.structs.fields(kind)}
    assert own - {"name", "kind", "to", "sensors"} <= told


def test_every_type_is_on_the_page() -> None:
    rows = dict(re.findall(r"^\| ([a-z ,]+?) \| `(a-[un]-[\w-]+)` \|", PAGE, re.MULTILINE))
    assert {word.partition(",")[0].replace(" ", "_"): kind for word, kind in rows.items()} == {
        kind.word: word for kind, word in TYPES.items()
    }
    for kind, word in DECLARED.items():
        assert f"| {kind.word} | `{TYPES[kind]}` | `{word}` |" in PAGE
    assert set(TYPES) == set(Kind)
