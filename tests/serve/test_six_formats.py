"""Six sensors in six formats at once, each in a process of its own that is killed and started again: one picture, in
which each object is once, and books that balance from what was sent to what the tracker used.

Runs for $LOWSKY_LIVE_S seconds, by default so many that each sender is killed once.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.serve.formats import world
from tests.serve.formats.senders import SENDERS
from tests.serve.live import ROOT, Live, free_port, started
from tests.serve.sapient.nodes import RADAR

LIVE_S = float(os.environ.get("LOWSKY_LIVE_S", "20"))
DOWN_S = 1.5
NEAR_M = 120.0  # of the truth, at most
SOURCES = {
    "jsonl": ("udp", ""),
    "asterix": ("udp", 'sensors = { "25/201" = "radar-2" }\n'),
    "remoteid": ("tcp-listen", 'sensor = "ear"\n'),
    "beast": ("tcp", 'sensor = "ear"\n'),
    "ais": ("udp", 'sensor = "ear"\n'),
    "sapient": ("tcp-listen", f'sensors = {{ "{RADAR}" = "radar-3" }}\n'),
}


def _site(ports: dict[str, int]) -> str:
    text = '[site]\nid = "six"\nqnh_hpa = 1013.25\n[server]\nport = 0\n[accounts]\non = false\n'
    for name in world.SENSORS:
        latitude, longitude, height = world.place_of(name)
        kind = "cooperative" if name == "ear" else "radar_3d"
        text += (
            f'[[sensors]]\nid = "{name}"\nkind = "{kind}"\nlat = {latitude}\nlon = {longitude}\nheight_m = {height}\n'
        )
        text += "max_range_m = 40000.0\n" if name == "ear" else "max_range_m = 9000.0\nfalse_plots_per_scan = 0.1\n"
    for name, (scheme, more) in SOURCES.items():
        text += f'[[sources]]\nname = "{name}"\nkind = "{name}"\nvia = "{scheme}://127.0.0.1:{ports[name]}"\n{more}'
    return text


class Senders:
    """The processes of all sensors."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self.books = {name: folder / f"{name}.sent" for name in SENDERS}
        self._ports = ports
        self._alive: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, name: str) -> None:
        """Start one."""
        command = [sys.executable, "-m", "tests.serve.formats.senders", name, str(self._ports[name])]
        self._alive[name] = subprocess.Popen(
            [*command, str(self.books[name])],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """End one as a power cut would."""
        self._alive[name].kill()
        self._alive.pop(name).wait(20)

    def sent(self, name: str) -> int:
        """Items that it has sent in all its lives."""
        return int(self.books[name].read_text()) if self.books[name].exists() else 0


@contextlib.contextmanager
def _senders(folder: Path, ports: dict[str, int]) -> Iterator[Senders]:
    senders = Senders(folder, ports)
    try:
        for name in SENDERS:
            senders.begin(name)
        yield senders
    finally:
        for name in list(senders._alive):
            senders.kill(name)


def test_six_formats_make_one_picture(tmp_path: Path) -> None:
    ports = {name: free_port() for name in SENDERS}
    with started(tmp_path, _site(ports)) as live, _senders(tmp_path, ports) as senders:
        live.wait(lambda: len(_objects(live)) == len(world.ALL), "for all objects")
        begun_s = time.monotonic()
        for number, name in enumerate(SENDERS):
            _sleep_until(begun_s + (number + 0.5) * (LIVE_S - 5.0) / len(SENDERS))
            before = _source(live, name)["reports"]
            senders.kill(name)
            time.sleep(DOWN_S)
            senders.begin(name)
            live.wait(partial(_more, live, name, before), f"for {name} again")
            _check_picture(live)
        _sleep_until(begun_s + LIVE_S)
        _check_picture(live)
        numbers = {o["number"] for o in _objects(live)}
        for name in SENDERS:
            senders.kill(name)
        live.wait(lambda: all(_balanced(_source(live, name)) for name in SENDERS), "for books that balance")
        time.sleep(2.0)
        _check_books(live, senders)
        assert len(numbers) == len(world.ALL)
        assert live.health()["status"] in ("well", "degraded")
        assert [o["operator_id"] is not None for o in live.get("/api/operators")["operators"]] == [True]


def _sleep_until(time_s: float) -> None:
    time.sleep(max(time_s - time.monotonic(), 0.0))


def _objects(live: Live) -> list[dict[str, Any]]:
    """What is shown and was reported in the last three seconds."""
    answer = live.get("/api/objects")
    now_ms = time.time() * 1000.0
    return [o for o in answer["objects"] if now_ms - o["last_report_ms"] < 3000.0]


def _source(live: Live, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in live.get("/api/sources")["sources"] if s["name"] == name)
    return found


def _more(live: Live, name: str, before: int) -> bool:
    return bool(_source(live, name)["reports"] > before)


def _balanced(source: dict[str, Any]) -> bool:
    """Everything that was received is used, ignored or rejected."""
    return bool(
        source["received"] == source["used"] + sum(source["ignored"].values()) + sum(source["rejected"].values())
    )


def _check_picture(live: Live) -> None:
    """Each object is there once, where it is, and those that declare themselves by name."""

    def whole() -> bool:
        objects = _objects(live)
        return len(objects) == len(world.ALL) and all(any(_is(o, f) for o in objects) for f in world.ALL)

    live.wait(whole, "for one picture")


def _is(shown: dict[str, Any], flight: world.Flight) -> bool:
    latitude, longitude, height, _, _ = flight.at(shown["time_ms"] / 1000.0 if "time_ms" in shown else time.time())
    north = (shown["lat"] - latitude) * 111_320.0
    east = (shown["lon"] - longitude) * 111_320.0 * math.cos(math.radians(latitude))
    near = math.hypot(east, north) < NEAR_M and abs(shown["height_m"] - height) < NEAR_M
    return near and (not flight.identity or flight.identity.lower() in (shown["identity"] or "").lower())


def _check_books(live: Live, senders: Senders) -> None:
    """From what was sent to what the tracker used: nothing is lost uncounted."""
    reports = 0
    for name in SOURCES:
        source = _source(live, name)
        assert _balanced(source), source
        assert not source["rejected"], source
        # what was in a socket's buffer when its sender was killed has arrived; what it was about to note has too
        assert 0 <= source["received"] - senders.sent(name) <= 10, (name, source["received"], senders.sent(name))
        reports += source["reports"]
    live.wait(lambda: sum(_outcomes(live).values()) == reports, f"for the tracker to say what became of {reports}")
    assert _outcomes(live)["used"] > 0.9 * reports


def _outcomes(live: Live) -> dict[str, int]:
    """What became of the reports that the tracker was given: each is in one of these."""
    text = live.get("/metrics").decode()
    found = dict(re.findall(r'^lowsky_core_reports_total\{outcome="(\w+)"\} ([0-9.e+]+)$', text, re.MULTILINE))
    outcomes = ("used", "late", "duplicate", "incomplete", "aside", "waiting")
    return {name: int(float(found.get(name, 0))) for name in outcomes}
