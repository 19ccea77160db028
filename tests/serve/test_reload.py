"""The configuration reloaded while a real server runs: the picture goes on, and what is new is in force."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from lowsky.serve.tended import Tended
from tests.serve.live import SITE, Live, Target, flying, look, started, udp_source

SECOND = """\
[[sensors]]
id = "second"
kind = "radar_3d"
lat = 56.02
lon = 11.0
height_m = 50.0
"""
PORT = """\
[[places]]
id = "port"
name = "Port"
shape = "point"
points = [[56.0, 11.02]]
radius_m = 300.0
"""


def _reload(live: Live, text: str) -> str:
    """Write the file and reload it; what the log says came of it."""
    (live.folder / "site.toml").write_text(text)
    return _reloaded(live)


def _reloaded(live: Live) -> str:
    words = ("configuration reloaded", "the configuration stays as it was")
    before = sum(any(w in line for w in words) for line in live.said)
    live.process.send_signal(signal.SIGHUP)
    live.wait(lambda: sum(any(w in line for w in words) for line in live.said) > before)
    return next(line for line in reversed(live.said) if any(w in line for w in words))


def _source(live: Live, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in live.get("/api/sources")["sources"] if s["name"] == name)
    return found


def test_the_picture_goes_on_under_another_configuration(tmp_path: Path) -> None:
    udp, port = udp_source()
    more, second = udp_source("more")
    site = SITE + udp
    changed = SITE.replace("max_range_m = 8000.0", "max_range_m = 9000.0") + SECOND + PORT + udp + more
    changed += "[rules]\nhold_s = 5.0\n[people]\nkeep_minutes = 5\n"
    changed = changed.replace('name = "Test site"', 'name = "Other name"').replace("port = 0", "port = 1")
    with started(tmp_path, site, radar=port, more=second) as live, flying(live, Target()):
        numbers = live.wait(live.numbers)
        said = _reload(live, changed)
        for what in ("sensors", "places", "rules", "site", "people", "source radar", "source more"):
            assert f"'{what}'" in said
        assert "at_next_start=('server',)" in said
        assert live.get("/api/site")["name"] == "Other name"
        live.wait(
            lambda: {s["id"]: s["max_range_m"] for s in live.get("/api/sensors")["sensors"]}.get("radar") == 9000.0
        )
        live.wait(lambda: {p["id"] for p in live.get("/api/places")["places"]} == {"pier", "port"})
        live.udp("more", look("second"), look("nobody"))
        live.wait(lambda: _source(live, "more")["looks"] == 1)
        live.wait(lambda: {s["id"]: s["state"] for s in live.get("/api/sensors")["sensors"]}["second"] == "well")
        before = _source(live, "radar")["reports"]
        live.wait(lambda: _source(live, "radar")["reports"] > before + 4)
        assert numbers <= live.numbers()
        _reload(live, changed.replace("max_range_m = 9000.0", "max_range_m = 9500.0").replace(SECOND, ""))
        live.wait(lambda: [s["id"] for s in live.get("/api/sensors")["sensors"]] == ["radar", "finder"])
        live.udp("more", look("second"))
        live.wait(lambda: live.get("/api/sources")["unknown_sensors"].get("second"))
        assert numbers <= live.numbers()
        assert live.health()["status"] == "well"
    # a restart goes on with the same rows and numbers, though the file's sensors are in another order now
    reordered = changed.replace("port = 1", "port = 0").replace(SECOND, "") + SECOND
    with started(tmp_path, reordered, radar=port, more=second) as live:
        assert not any("begins anew" in line for line in live.said)
        assert any("going on with the recording" in line and "anew=None" in line for line in live.said)
        with flying(live, Target()):
            assert live.wait(live.numbers)


def test_a_file_with_an_error_changes_nothing(tmp_path: Path) -> None:
    udp, port = udp_source()
    with started(tmp_path, SITE + udp, radar=port) as live:
        for wrong, sentence in (
            ("[site", "is not TOML"),
            ((SITE + udp).replace("radar_3d", "camera"), "cannot become a camera"),
            ((SITE + udp).replace('kind = "jsonl"', 'kind = "jsonl"\nsensor = "nobody"'), "nobody"),
            (SITE + udp + '[[receivers]]\nid = "x"\nkind = "pigeon"\n', "receivers"),
        ):
            said = _reload(live, wrong)
            assert "stays as it was" in said
            assert sentence in said
        live.udp("radar", look())
        live.wait(lambda: _source(live, "radar")["looks"] == 1)
        assert "changed=None" in _reload(live, SITE + udp)
        assert _source(live, "radar")["looks"] == 1


class _Keeper:
    def __init__(self) -> None:
        self.runs = self.ended = 0

    async def keep(self) -> None:
        self.runs += 1
        try:
            await asyncio.sleep(3600)
        finally:
            self.ended += 1


def test_only_what_changed_is_begun_anew() -> None:
    async def play() -> None:
        a, b, c, d = (_Keeper() for _ in range(4))
        tended = Tended([("a", 1), ("b", 1)], [a, b])
        keepers = tended.keepers
        tended.begin()
        await asyncio.sleep(0)
        anew = await tended.change([("c", 1), ("b", 2), ("a", 1)], [c, d, _Keeper()], lambda entry: True)
        await asyncio.sleep(0)
        assert anew == ["c", "b"]
        assert keepers == [c, d, a]
        assert [(k.runs, k.ended) for k in (a, b, c, d)] == [(1, 0), (1, 1), (1, 0), (1, 0)]
        await tended.change([("a", 1)], [d], lambda entry: False)
        assert keepers == [d]
        assert a.ended == 1
        await asyncio.sleep(0)
        await tended.end()
        assert d.ended == 2

    asyncio.run(play())


@pytest.mark.parametrize("begun", [True, False])
def test_nothing_runs_before_it_is_begun(begun: bool) -> None:
    async def play() -> int:
        keeper = _Keeper()
        tended = Tended([("a", 1)], [_Keeper()])
        if begun:
            tended.begin()
        await tended.change([("a", 2)], [keeper], lambda entry: True)
        await asyncio.sleep(0)
        await tended.end()
        return keeper.runs

    assert asyncio.run(play()) == begun


def test_a_second_is_enough(tmp_path: Path) -> None:
    """A reload during a stream loses no more than what comes while a source is opened anew."""
    udp, port = udp_source()
    with started(tmp_path, SITE + udp, radar=port) as live, flying(live, Target(), every_s=0.1):
        live.wait(live.numbers)
        shown = live.numbers()
        for _ in range(5):
            text = (live.folder / "site.toml").read_text()
            text = text.replace("8000.0", "8001.0") if "8000.0" in text else text.replace("8001.0", "8000.0")
            assert "'sensors'" in _reload(live, text)
            time.sleep(0.3)
            assert live.numbers() == shown
