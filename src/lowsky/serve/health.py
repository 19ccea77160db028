"""Health: whether the server does what it is for; every reason why not is a sentence."""

from __future__ import annotations

import time
from typing import Protocol

from lowsky import __version__
from lowsky.record.journal import Journal

from .answers.site import Health
from .clock import Clock
from .delivery import Deliveries
from .engine.board import Board
from .engine.overload import Overload
from .engine.thread import CoreThread
from .outputs.keeper import OutputKeeper
from .sources.keeper import Keeper

STALL_S = 5.0  # a core that has not turned for so long has stalled
CLOCK_NS = 1_000_000_000  # by which our time may differ from the machine's, which was set


class Examined(Protocol):
    """What is looked at; the runtime is it."""

    started_s: float  # monotonic
    core: CoreThread
    clock: Clock
    overload: Overload
    journal: Journal | None
    board: Board
    deliveries: Deliveries

    @property
    def keepers(self) -> list[Keeper]:
        """The keepers of all sources."""
        ...

    @property
    def outputs(self) -> list[OutputKeeper]:
        """The keepers of all outputs."""
        ...


def health_of(server: Examined) -> Health:
    """The state now: starting, well, or degraded with reasons."""
    if server.core.failed is None and not server.core.ready.is_set():
        return _health("starting", ["the core is being made ready; there is no picture yet"], server)
    reasons = [*_core(server), *_journal(server), *_sensors(server), *_receivers(server), *_outputs(server)]
    return _health("degraded" if reasons else "well", reasons, server)


def _health(status: str, reasons: list[str], server: Examined) -> Health:
    uptime_s = round(time.monotonic() - server.started_s, 1)
    return Health(status, tuple(reasons), uptime_s, __version__)  # type: ignore[arg-type]


def _core(server: Examined) -> list[str]:
    if server.core.failed is not None:
        return [f"the core has failed, there is no live picture: {server.core.failed}"]
    reasons = []
    still_s = time.monotonic() - server.core.turn_ended_s
    if still_s > STALL_S:
        reasons.append(f"the core has not turned for {still_s:.0f} s")
    if abs(server.clock.behind_ns()) > CLOCK_NS:
        reasons.append(f"the machine's clock was set; ours is {server.clock.behind_ns() / -1e9:+.1f} s from it")
    dropped = server.overload.lately()
    if dropped:
        reasons.append(f"more reports come than the core takes; {dropped} were dropped in the last minute")
    return reasons


def _journal(server: Examined) -> list[str]:
    if server.journal is None:
        return []
    status = server.journal.status
    return [f"nothing is being recorded: {status.reason}"] if status.state == "failing" else []


def _sensors(server: Examined) -> list[str]:
    reasons = []
    broken = [keeper.source.name for keeper in server.keepers if keeper.state == "failed"]
    if broken:
        reasons.append(f"sources that are broken: {', '.join(sorted(broken))}")
    sensors = server.board.sensors
    if sensors and all(sensor.state in ("silent", "faulty", "unknown") for sensor in sensors):
        reasons.append("no sensor is heard")
    return reasons


def _receivers(server: Examined) -> list[str]:
    failing = [status.id for status in server.deliveries.status() if status.state == "failing"]
    return [f"receivers that cannot be told: {', '.join(sorted(failing))}"] if failing else []


def _outputs(server: Examined) -> list[str]:
    failing = [keeper.way.name for keeper in server.outputs if keeper.state == "failed"]
    return [f"outputs that are broken: {', '.join(sorted(failing))}"] if failing else []
