"""`lowsky run --check`: everything that a site names is looked at, and nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowsky.cli.main import main
from lowsky.serve.config.template import TEMPLATE

OUTPUT = """
[[outputs]]
name = "hub"
kind = "mqtt"
to = "mqtt://127.0.0.1:1/sky"
"""


def checked(folder: Path, text: str) -> int:
    (folder / "site.toml").write_text(text)
    return main(["run", "--check", str(folder / "site.toml")])


def test_a_site_that_works_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, TEMPLATE + OUTPUT) == 0
    said = capsys.readouterr().out
    assert said.endswith(": 1 sensors, 1 sources, 1 places, 1 outputs, 0 receivers; nothing wrong with it\n")
    assert [p.name for p in tmp_path.iterdir()] == ["site.toml"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (OUTPUT.replace("/sky", "/sky/#"), "outputs[0].to: 'sky/#' is no topic"),
        (OUTPUT + "period_s = 1000.0\n", "outputs[0].period_s: 1000 is not between"),
        (OUTPUT + OUTPUT, "outputs[1].name: 'hub' is there twice"),
        ('[[receivers]]\nid = "a"\nkind = "webhook"\n', "receiver 'a'"),
        ('[[sources]]\nkind = "table"\nname = "t"\npath = "nowhere"\n', "nowhere"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str, words: str
) -> None:
    assert checked(tmp_path, TEMPLATE + wrong) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "site.toml" in said
