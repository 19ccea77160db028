"""A server under measurement: its configuration, its process, what it costs, and who sends to it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.folders import lowsky_command, surroundings
from lowsky.model.sensor import Sensor

READY_S = 900.0  # a first start compiles
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    address: str  # http://localhost:port/

    def get(self, path: str) -> Any:
        """The JSON of a route; also that of an answer that is an error."""
        try:
            with urllib.request.urlopen(self.address.rstrip("/") + path, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def cpu_s(self) -> float:
        """Processor time used so far, of all its threads, its children left out."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def resident_mib(self) -> float:
        """Memory in use."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20


@contextlib.contextmanager
def running(folder: Path, site: str) -> Iterator[Server]:
    """A server of this configuration, ready; ended afterwards."""
    path = folder / "site.toml"
    path.write_text(site)
    process = subprocess.Popen(
        [*lowsky_command(), "run", str(path)],
        env=surroundings() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+/", line)
        if found is None:
            raise SystemExit(f"the server did not start: {line or process.wait()}")
        server = Server(process, found[0])
        end_s = time.monotonic() + READY_S
        while server.get("/healthz")["status"] == "starting" and time.monotonic() < end_s:
            time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def site_toml(sensors: tuple[Sensor, ...], sources: str, extra: str = "") -> str:
    """A configuration with these sensors and sources on a free port, without accounts."""
    head = f'[site]\nid = "bench"\n[server]\nport = {free_port()}\n[accounts]\non = false\n'
    return head + "".join(map(sensor_toml, sensors)) + sources + extra


def sensor_toml(sensor: Sensor) -> str:
    """One [[sensors]] table, with what matters to tracking."""
    words = {
        "id": sensor.id, "kind": sensor.kind.word, "lat": sensor.latitude_deg, "lon": sensor.longitude_deg,
        "height_m": sensor.height_m, "period_s": sensor.period_s, "max_range_m": sensor.max_range_m,
        "detection_probability": sensor.detection_probability,
        "false_plots_per_scan": sensor.false_plots_per_scan, "sees": [kind.word for kind in sensor.sees],
    }  # fmt: skip
    return "[[sensors]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in words.items())


def over(figures: dict[str, float], section: str) -> int:
    """Print each target of a section of `bench/targets.toml` beside its figure; how many are missed."""
    targets = tomllib.loads((Path(__file__).parent / "targets.toml").read_text())[section]
    missed = 0
    for name, most in targets.items():
        met = figures[name] <= most
        missed += not met
        print(f"{section:<8}{name:<20} <= {most:<8g}{figures[name]:12.3f}  {'ok' if met else 'MISSED'}")
    return missed
