"""Apex, Dstl's SAPIENT middleware, in a process and an environment of its own.

`LOWSKY_APEX` names a checkout of github.com/dstl/Apex-SAPIENT-Middleware (4.2, Python 3.9 to 3.11). Its environment is
made once, beside the checkout, with the versions that it asks for. It listens on all interfaces by itself; here it is
started so that it listens on this machine only.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.serve.live import free_port
from tests.serve.sapient.strict_peer import ROLES

READY_S = 60.0
NEEDS = """protobuf>=4.25.1,<5 trio>=0.23.1,<0.24 ulid-py fastapi>=0.104.1,<0.105 uvicorn>=0.24,<0.25 httpx>=0.26,<0.27
elasticsearch>=8.11.1,<9 sqlalchemy>=2.0.27 poetry-core""".split()
LAUNCHER = """import functools, trio
trio.serve_tcp = functools.partial(trio.serve_tcp, host="127.0.0.1")
from sapient_apex_server.apex import serve_apex
serve_apex()
"""
EDITION = "BSI Flex 335 v2.0"


def environment(checkout: Path) -> Path:
    """The Python of an environment in which Apex runs, made if there is none."""
    folder = checkout.parent / f"{checkout.name}-environment"
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *NEEDS], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(checkout)], check=True)
        (folder / "made").touch()
    return python


class Apex:
    """One middleware, which may be killed and started again at the same ports."""

    def __init__(self, checkout: Path, folder: Path, **changes: Any) -> None:
        self.ports = {role: free_port() for role in ROLES}
        self._python, self._folder = environment(checkout), folder
        config = json.loads((checkout / "apex_config.json").read_text()) | changes
        config["connections"] = [
            {"type": "Parent" if role == "all" else role.capitalize(), "port": port, "format": "PROTO",
             "icd_version": EDITION, "forwardAll": role == "all"}
            for role, port in self.ports.items()
        ]  # fmt: skip
        config["apiConfig"] = {"host": "127.0.0.1", "port": free_port()}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "launch.py").write_text(LAUNCHER)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it listens."""
        with (self._folder / "apex.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._python), "launch.py", "config.json"],
                cwd=self._folder, env=os.environ | {"PYTHONPATH": ""}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end_s = time.monotonic() + READY_S
        while not all(_listens(port) for port in self.ports.values()):
            assert self._process.poll() is None, self.log()[-2000:]
            assert time.monotonic() < end_s, self.log()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(20)

    def log(self) -> str:
        return (self._folder / "apex.log").read_text()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
