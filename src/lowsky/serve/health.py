"""Health: whether the server does what it is for; every reason why not is a sentence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lowsky import __version__

from .answers.site import Health

if TYPE_CHECKING:
    from .runtime import Runtime

STALL_S = 5.0  # a core that has not turned for so long has stalled
CLOCK_NS = 1_000_000_000  # by which our time may differ from the machine's, which was set


def health_of(runtime: Runtime) -> Health:
    """The state now: starting, well, or degraded with reasons."""
    if runtime.core.failed is None and not runtime.core.ready.is_set():
        return _health("starting", ["the core is being made ready; there is no picture yet"], runtime)
    reasons = [*_core(runtime), *_journal(runtime), *_sensors(runtime), *_receivers(runtime)]
    return _health("degraded" if reasons else "well", reasons, runtime)


def _health(status: str, reasons: list[str], runtime: Runtime) -> Health:
    uptime_s = round(time.monotonic() - runtime.started_s, 1)
    return Health(status, tuple(reasons), uptime_s, __version__)  # type: ignore[arg-type]


def _core(runtime: Runtime) -> list[str]:
    if runtime.core.failed is not None:
        return [f"the core has failed, there is no live picture: {runtime.core.failed}"]
    reasons = []
    still_s = time.monotonic() - runtime.core.turn_ended_s
    if still_s > STALL_S:
        reasons.append(f"the core has not turned for {still_s:.0f} s")
    if abs(runtime.clock.behind_ns()) > CLOCK_NS:
        reasons.append(f"the machine's clock was set; ours is {runtime.clock.behind_ns() / -1e9:+.1f} s from it")
    dropped = runtime.overload.lately()
    if dropped:
        reasons.append(f"more reports come than the core takes; {dropped} were dropped in the last minute")
    return reasons


def _journal(runtime: Runtime) -> list[str]:
    if runtime.journal is None:
        return []
    status = runtime.journal.status
    return [f"nothing is being recorded: {status.reason}"] if status.state == "failing" else []


def _sensors(runtime: Runtime) -> list[str]:
    reasons = []
    broken = [keeper.source.name for keeper in runtime.keepers if keeper.state == "failed"]
    if broken:
        reasons.append(f"sources that are broken: {', '.join(sorted(broken))}")
    sensors = runtime.board.sensors
    if sensors and all(sensor.state in ("silent", "faulty", "unknown") for sensor in sensors):
        reasons.append("no sensor is heard")
    return reasons


def _receivers(runtime: Runtime) -> list[str]:
    failing = [status.id for status in runtime.deliveries.status() if status.state == "failing"]
    return [f"receivers that cannot be told: {', '.join(sorted(failing))}"] if failing else []
