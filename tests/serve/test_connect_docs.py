"""What docs/connect.md and the pages of the formats show as configuration is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FORMER, PLAYED, FormatSource
from lowsky.serve.net.address import SCHEMES
from lowsky.wire.formats import format_names

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONNECT = (DOCS / "connect.md").read_text()
BLOCKS = [(page.name, block) for page in sorted(DOCS.glob("**/*.md")) for block in BLOCK.findall(page.read_text())
          if "[[sources]]" in block]  # fmt: skip


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_sources_shown_in_the_documentation_can_be_read(page: str, block: str) -> None:
    text = block if re.search(r"^\[site\]", block, re.MULTILINE) else f'{block}\n[site]\nid = "s"\n'
    config = parse_site(text, Path("/x/site.toml"))
    assert config.sources
    assert all(isinstance(s, FormatSource) for s in config.sources) or page == "serve.md"


def test_every_kind_and_every_scheme_is_named() -> None:
    for name in [*format_names(), *PLAYED]:
        assert f"`{name}`" in CONNECT, name
    for scheme in SCHEMES:
        assert re.search(rf"`{scheme}:", CONNECT), scheme
    assert not any(former in CONNECT for former in FORMER)
