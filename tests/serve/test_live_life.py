"""Beginning and end of a real server: clean stops, crashes, restarts, places in use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.serve.live import ROOT, SITE, Live, Target, flying, started, udp_source


def test_after_a_crash_it_goes_on_with_the_same_numbers(tmp_path: Path) -> None:
    source, port = udp_source()
    targets = (Target(3900.0, 10.0, 28.0), Target(3900.0, 100.0, 28.0), Target(3900.0, 200.0, 28.0))
    with started(tmp_path, SITE + source, radar=port) as live, flying(live, *targets):
        before = shown(live, 3)
        notices = live.wait(lambda: live.get("/api/notices?open=1")["notices"])
        live.send("POST", f"/api/notices/{notices[0]['notice']}/acknowledge")
        time.sleep(1.0)
        live.stop(signal.SIGKILL)
    with started(tmp_path, SITE + source, radar=port) as live, flying(live, *targets):
        assert shown(live, 3) == before
        again = live.wait(lambda: live.get("/api/notices?open=1")["notices"])
        assert {n["notice"] for n in notices} <= {n["notice"] for n in again}
        seen = next(n for n in again if n["notice"] == notices[0]["notice"])
        assert seen["acknowledged"]["by"] == "local"
        assert len(live.get("/api/recording")["gaps"]) == 1
        with flying(live, Target(2500.0, 300.0, 12.0)):
            newcomer = live.wait(lambda: live.numbers() - set(before))
        assert min(newcomer) > max(before) + 100, "numbers go on behind the block that may have been shown"


def test_stops_are_clean_and_what_changed_meanwhile_is_taken_over(tmp_path: Path) -> None:
    source, port = udp_source()
    drawn = {"id": "drawn", "shape": "point", "points": [[56, 11]], "radius_m": 9}
    with started(tmp_path, SITE + source, radar=port) as live:
        with flying(live, Target(2500.0, 40.0, 10.0)):
            first = live.wait(live.numbers)
        live.send("PUT", "/api/places", {"places": [drawn]})
        assert live.stop(signal.SIGTERM) == 0
        assert any("stopped" in line for line in live.said)
    with started(tmp_path, SITE + source, radar=port) as live:
        assert any("clean=True" in line for line in live.said)
        assert places(live) == ["drawn"], "what was drawn on the map stays"
        with flying(live, Target(3300.0, 250.0, 10.0)):
            second = live.wait(lambda: live.numbers() - first)
        assert max(second) <= max(first) + 3, "a clean stop wastes no numbers"
        assert live.stop(signal.SIGINT) == 0
    changed = SITE.replace('id = "pier"', 'id = "quay"').replace("max_range_m = 8000.0", "max_range_m = 9000.0")
    with started(tmp_path, changed + source, radar=port) as live:
        assert live.numbers() <= first | second, "the picture goes on under another description of the sensors"
        assert any("anew=None" in line for line in live.said)
        assert live.get("/api/sensors")["sensors"][0]["max_range_m"] == 9000.0
        live.wait(lambda: places(live) == ["quay"])
        with flying(live, Target(2500.0, 140.0, 10.0)):
            third = live.wait(lambda: live.numbers() - first - second)
        assert min(third) > max(second), "and numbers go on"
    elsewhere = changed.replace('id = "test"', 'id = "test"\norigin = { lat = 55.5, lon = 11.0 }')
    with started(tmp_path, elsewhere + source, radar=port) as live:
        assert live.numbers() == set(), "another frame begins with an empty picture"


def test_places_of_a_changed_file_replace_what_was_drawn(tmp_path: Path) -> None:
    drawn = {"id": "drawn", "shape": "point", "points": [[56, 11]], "radius_m": 9}
    with started(tmp_path, SITE) as live:
        live.send("PUT", "/api/places", {"places": [drawn]})
        live.stop()
    with started(tmp_path, SITE.replace('id = "pier"', 'id = "quay"')) as live:
        live.wait(lambda: places(live) == ["quay"])


def test_two_servers_do_not_record_into_one_folder(live: Live, tmp_path: Path) -> None:
    journal = f'[journal]\nfolder = "{live.folder / "journal"}"\n'
    (tmp_path / "site.toml").write_text(SITE + journal)
    done = subprocess.run(
        [sys.executable, "-m", "lowsky", "run", str(tmp_path / "site.toml")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "another server records" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_without_a_journal_serves_all_but_the_past(tmp_path: Path) -> None:
    source, port = udp_source()
    with started(tmp_path, SITE + source + "[journal]\non = false\n", radar=port) as live:
        with flying(live, Target(2500.0, 40.0, 10.0)):
            assert live.wait(live.numbers)
        assert "recorded" in live.get("/api/recording", 404)["error"]
        assert live.get("/api/site")["recording"] is None
    assert not (tmp_path / "journal").exists()


def shown(live: Live, least: int) -> list[int]:
    """The numbers shown once there are so many."""
    live.wait(lambda: len(live.numbers()) >= least, f"for {least} objects, there are {live.numbers()}")
    return sorted(live.numbers())


def places(live: Live) -> list[Any]:
    """Ids of the places in force."""
    return [place["id"] for place in live.get("/api/places")["places"]]
