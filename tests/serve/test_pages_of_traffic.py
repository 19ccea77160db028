"""The pages of ADS-B and AIS: their configuration is one, their options are those that there are."""

import re
from pathlib import Path

import msgspec
import pytest

from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FormatSource
from lowsky.wire.formats import Options, find_format

PAGES = Path(__file__).resolve().parents[2] / "docs" / "formats"
SITE = '[site]\nid = "harbour"\n\n'
FORMATS = {"adsb.md": ("beast", "avr", "sbs", "readsb"), "ais.md": ("ais",)}


@pytest.mark.parametrize("page", FORMATS)
def test_the_configuration_is_one(page: str, tmp_path: Path) -> None:
    text = (PAGES / page).read_text()
    for block in re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        config = parse_site(SITE + block, tmp_path / "site.toml")
        assert len(config.sources) == 3
        for source in config.sources:
            assert isinstance(source, FormatSource)
            assert source.kind in FORMATS[page]
            assert source.options.sensor in {s.id for s in config.sensors}


@pytest.mark.parametrize("page", FORMATS)
def test_every_option_is_told(page: str) -> None:
    text = (PAGES / page).read_text()
    table = text.split("| option |")[1].split("\n\n")[0]
    told = {line.split("|")[1].strip().strip("`") for line in table.splitlines()[2:]}
    common = {field.name for field in msgspec.structs.fields(Options)}
    there = {f.name for name in FORMATS[page] for f in msgspec.structs.fields(find_format(name).options)}
    assert told == there - common
