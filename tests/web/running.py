"""A real server with a simulation, in a process of its own, and a browser page that is watched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "src" / "lowsky" / "serve" / "static" / "index.html"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
FLAGS = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip
START_S = 400.0  # the kernels may have to be compiled first
SITE = """\
[site]
id = "test"
name = "Test harbour"

[[sources]]
kind = "simulation"
name = "scene"
scene = "small"
seed = 1

[server]
port = {port}

[accounts]
on = {accounts}
"""


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """`lowsky run` on a folder; may be killed and started again at the same port."""

    def __init__(self, folder: Path, accounts: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.log = folder / "log.txt"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        (folder / "site.toml").write_text(SITE.format(port=self.port, accounts=str(accounts).lower()))

    def start(self) -> None:
        """Start, and wait until it answers that it is ready."""
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lowsky", "run", str(self.folder / "site.toml")],
                env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s and self.process.poll() is None:
            if self._ready():
                return
            time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(json.load(answer)["status"] != "starting")
        except OSError:
            return False

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def get(self, path: str) -> Any:
        """A JSON answer."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return json.load(answer)

    def put(self, path: str, body: Any) -> None:
        """Change something as the visitor on this machine."""
        headers = {"Content-Type": "application/json", "X-CSRF-Token": self.get("/api/session")["csrf"]}
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method="PUT")
        urllib.request.urlopen(request, timeout=10).close()

    def threaten(self) -> int:
        """Put a place in the way of the object that moves fastest, so that a warning must follow; its number."""
        end_s = time.monotonic() + 60.0
        while time.monotonic() < end_s:
            objects = [one for one in self.get("/api/objects")["objects"] if one["status"] == "confirmed"]
            if objects:
                break
            time.sleep(0.3)
        target = max(objects, key=lambda one: one["east_mps"] ** 2 + one["north_mps"] ** 2)
        ahead_s = 45.0
        point = (
            target["lat"] + target["north_mps"] * ahead_s / 111_320.0,
            target["lon"] + target["east_mps"] * ahead_s / 62_000.0,
        )
        place = {"id": "pier", "name": "Container pier", "shape": "point", "points": [point], "radius_m": 400.0}
        self.put("/api/places", {"places": [place]})
        return int(target["number"])


class Watched:
    """A page of a browser; whatever goes wrong in it, and every request to elsewhere, is written down."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        self.outside: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(f"{error} {error.stack}"))
        page.route("**/*", self._route)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _note(self, problem: str) -> None:
        self.problems.append(problem)

    def _route(self, route: Any) -> None:
        url = route.request.url
        if url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def open(self, path: str = "/") -> Page:
        """Open an address of the server and wait for the live picture."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(".notices", timeout=30_000)
        return self.page

    def check(self) -> None:
        """Nothing went wrong but what the test said it expects, and nothing left for elsewhere."""
        problems = [text for text in self.problems if not any(known in text for known in self.expected)]
        assert not self.outside, f"requests to elsewhere: {self.outside}"
        assert not problems, f"errors on the page: {problems}"
