"""The books of a running server balance from bytes to the tracker; and `lowsky listen` can ask for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lowsky.cli.main import main
from tests.serve.live import SITE, Live, Target, flying, look, started, udp_source


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of its own: what is sent here would be news to the picture of others."""
    udp, port = udp_source()
    with started(tmp_path_factory.mktemp("books"), SITE + udp, radar=port) as server:
        yield server


def test_books_balance_from_bytes_to_the_tracker(live: Live) -> None:
    def books() -> dict[str, Any]:
        found: dict[str, Any] = live.get("/api/books")
        return found

    before = books()
    target = Target(3500.0, 20.0)
    for _ in range(20):
        live.udp(
            "radar", target.report(), target.report(sensor="stranger"), target.report(range_m=-1.0), look(), b"{]\n"
        )
    after = live.wait(lambda: (b := books())["core"]["taken"] == before["core"]["taken"] + 20 and b)
    [old], [new] = ([s for s in b["sources"] if s["source"] == "radar"] for b in (before, after))
    gone = {name: new[name] - old[name] for name in ("received", "used", "rejected", "ignored", "reports")}
    assert gone == {"received": 100, "used": 40, "rejected": 60, "ignored": 0, "reports": 20}
    core = live.wait(lambda: (c := books()["core"])["turning"] == c["waiting"] == 0 and c)
    assert core["handed_on"] == core["dropped"] + core["taken"]
    assert core["taken"] == sum(core["fates"].values())
    assert books()["balanced"]
    assert b"lowsky_unaccounted_reports 0.0" in live.get("/metrics")


def test_a_server_is_asked_by_listen(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    with flying(live, Target(3000.0, 10.0), every_s=0.1):
        live.wait(lambda: any(s["state"] == "well" for s in live.get("/api/sensors")["sensors"]))
        assert main(["listen", "--server", live.address, "--once", "--json"]) == 0
    view = json.loads(capsys.readouterr().out)
    [radar] = [s for s in view["sources"] if s["name"] == "radar"]
    assert radar["reports_per_s"] > 2.0
    assert {s["id"] for s in view["sensors"]} == {"radar", "finder"}
