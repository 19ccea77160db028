"""The page of the format names what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.asterix.description import CATEGORIES, editions, name_of
from lowsky.wire.asterix.format import FORMAT
from lowsky.wire.asterix.options import AsterixOptions
from lowsky.wire.decoded import Context

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "asterix.md").read_text("utf-8")


def test_the_configuration_makes_decoders() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    given = tomllib.loads(text)
    site = site_of(
        tuple(
            Sensor(s["id"], SensorKind[s["kind"].upper()], s["lat"], s["lon"], s["height_m"]) for s in given["sensors"]
        )
    )
    for source in given["sources"]:
        options = {name: value for name, value in source.items() if name not in ("name", "kind", "via")}
        FORMAT.decoder(Context(site, source["name"]), AsterixOptions(**options), "udp" in source["via"])


def test_every_option_category_and_edition_is_there() -> None:
    for name in AsterixOptions.__struct_fields__:
        assert f"| `{name}` |" in PAGE
    for number in CATEGORIES:
        assert name_of(number) in PAGE
        known = editions(name_of(number))
        assert known[-1] in PAGE
        assert known[0] in PAGE
