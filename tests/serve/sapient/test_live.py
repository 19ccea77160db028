"""A real server between a sensor and those above it, all behind a middleware that is killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.serve.live import ROOT, SITE, Live, Target, free_port, started
from tests.serve.sapient.nodes import RADAR, REGISTRATION, Voice, detection, message, scan, status
from tests.serve.sapient.strict_peer import ROLES

CONFIGURATION = """\
[[sources]]
kind = "sapient"
name = "nodes"
via = "tcp://127.0.0.1:{peer}"
sensors = {{"{radar}" = "radar"}}
[[outputs]]
kind = "sapient"
name = "command"
to = "tcp://127.0.0.1:{child}"
"""


class Middleware:
    """The strict peer in a process of its own."""

    def __init__(self) -> None:
        self.ports = {role: free_port() for role in ROLES}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.serve.sapient.strict_peer", *map(str, self.ports.values())]
        paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
        self._process = subprocess.Popen(
            command, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self, how: int) -> dict[str, Any]:
        """End it; what it counted, if it can still say so."""
        assert self._process is not None
        self._process.send_signal(how)
        said, _ = self._process.communicate(timeout=20)
        counted: dict[str, Any] = json.loads(said) if said else {}
        return counted


@contextlib.contextmanager
def radar(port: int, target: Target) -> Iterator[list[Any]]:
    """A sensor that sees a target four times a second, and calls again when it is cut off."""
    stop = threading.Event()

    async def sense() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                voice = await Voice.call(port)
                voice.send(message(RADAR, registration=REGISTRATION), message(RADAR, status_report=status()))
                number = 0
                while not stop.is_set() and not voice.counts["end"]:
                    seen, number = target.report(), number + 1
                    voice.send(*scan(RADAR, detection(number, seen["azimuth_deg"], seen["range_m"])))
                    await asyncio.sleep(0.25)
                errors.extend(m for m in voice.heard if m.WhichOneof("content") == "error")
                await voice.end()
            await asyncio.sleep(0.1)

    errors: list[Any] = []
    thread = threading.Thread(target=lambda: asyncio.run(sense()))
    thread.start()
    try:
        yield errors
    finally:
        stop.set()
        thread.join()


def hear_fused(live: Live, port: int) -> Any:
    """A fused detection of an object that the server shows, as somebody above hears it."""

    async def hear() -> Any:
        above = await Voice.call(port)
        try:
            async with asyncio.timeout(30.0):
                while True:
                    own = [m for m in above.heard if m.node_id != RADAR and m.HasField("detection_report")]
                    if own:
                        return own[-1]
                    await asyncio.sleep(0.05)
        finally:
            await above.end()

    live.wait(live.numbers, "for an object")
    return asyncio.run(hear())


def of_list(live: Live, what: str) -> dict[str, Any]:
    [one] = live.get(f"/api/{what}")[what]
    return dict(one)


def test_a_sensor_s_object_comes_out_above_through_a_middleware_that_is_killed(tmp_path: Path) -> None:
    middleware = Middleware()
    middleware.start()
    text = CONFIGURATION.format(radar=RADAR, **middleware.ports)
    try:
        with started(tmp_path, SITE + text) as live, radar(middleware.ports["child"], Target()) as errors:
            before = hear_fused(live, middleware.ports["all"])
            middleware.end(signal.SIGKILL)
            live.wait(lambda: of_list(live, "outputs")["restarts"] and of_list(live, "sources")["restarts"], "for both")
            middleware.start()
            live.wait(lambda: of_list(live, "outputs")["state"] == "running", "for the output")
            after = hear_fused(live, middleware.ports["all"])
            assert after.node_id == before.node_id
            source, output = of_list(live, "sources"), of_list(live, "outputs")
            assert output["message"].startswith("registered with ")
            assert source["received"] == source["used"] + sum(source["ignored"].values()) + sum(
                source["rejected"].values()
            )
            assert source["rejected"] == {}
            assert source["ignored"]["own"] > 0  # what the output tells comes back, and is known
            [sender] = source["senders"]
            assert (sender["id"], sender["sensor"], sender["name"]) == (RADAR, "radar", "Radar 1")
        assert errors == []
        counted = middleware.end(signal.SIGTERM)
    except BaseException:
        middleware.end(signal.SIGKILL)
        raise
    assert counted["errors"] == []
    assert counted["received"]["child status_report"] >= 2  # good-byes are among them
