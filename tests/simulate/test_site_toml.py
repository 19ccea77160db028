"""The site.toml of a scene is read by the server as the scene described it."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest

from lowsky.serve.config.site_file import read_site
from lowsky.simulate import SCENES, LiveScene
from lowsky.simulate.site_toml import site_toml, write_site


@pytest.mark.parametrize("name", list(SCENES))
def test_a_site_is_read_back_as_described(name: str, tmp_path: Path) -> None:
    scene = LiveScene(name, 1)
    write_site(tmp_path / "deep" / "site.toml", scene, "udp://127.0.0.1:5300")
    config = read_site(tmp_path / "deep" / "site.toml")
    assert config.places == scene.places
    assert [s.id for s in config.sensors] == [s.id for s in scene.site.sensors]
    for read, said in zip(config.sensors, scene.site.sensors, strict=True):
        assert (read.kind, read.sees, read.period_s) == (said.kind, said.sees, said.period_s)
        for field in ("latitude_deg", "longitude_deg", "height_m", "sigma_azimuth_rad", "max_range_m"):
            assert math.isclose(getattr(read, field), getattr(said, field), rel_tol=1e-12)
        assert len(read.horizon) == len(said.horizon)
    assert (config.overlay is None) == (scene.overlay is None)


def test_words_with_quotes_and_other_letters_survive() -> None:
    scene = LiveScene("harbour", 1)
    odd = scene.places[0].__class__(
        "p", 'Høfn "ytre" \\ 항구', scene.places[1].shape, scene.places[1].points_deg, 100.0
    )
    scene.places = (odd,)
    read = tomllib.loads(site_toml(scene, "tcp-listen://[::1]:5301"))
    assert read["places"][0]["name"] == odd.name
    assert read["sources"] == [{"kind": "jsonl", "name": "harbour", "via": "tcp-listen://[::1]:5301"}]
