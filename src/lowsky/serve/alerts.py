"""Joins the runtime with the deliveries: warnings leave for receivers, and what these confirm becomes an action."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import structlog

from lowsky.model.action import Action
from lowsky.model.kinds import Kind

from .announcer import FLUSH_S
from .config.site_file import SiteConfig
from .delivery import Deliveries, Receiver, Situation, issuer_of, receivers_of
from .engine.inbox import InboxFullError

if TYPE_CHECKING:
    from .engine.output import Output
    from .runtime import Runtime

FOLDER = "deliveries"
log = structlog.get_logger("lowsky.alerts")


def receivers_for(config: SiteConfig, places: set[str]) -> tuple[Receiver, ...]:
    """Whom to tell.

    Raises:
        InputError: naming file, receiver, field and value.
    """
    return receivers_of(config.receivers, config.folder, places, str(config.path))


def deliveries_for(runtime: Runtime) -> Deliveries:
    """The deliveries of a runtime, not started.

    Raises:
        InputError: as `receivers_for`, and for [alerts].
    """
    config = runtime.config

    async def on_disk() -> None:
        if runtime.journal is not None:
            await asyncio.to_thread(runtime.journal.flush, FLUSH_S)

    def deliver(action: Action) -> None:
        try:
            runtime.inbox.act(action)
        except InboxFullError:
            log.error("a confirmed delivery could not be noted; the core does not keep up", receiver=action.who)

    def health() -> Mapping[str, object]:
        found, sensors = runtime.health(), runtime.board.sensors
        return {
            "status": found.status,
            "reasons": "; ".join(found.reasons),
            "version": found.version,
            "uptime_s": round(found.uptime_s),
            "sensors_well": sum(sensor.state == "well" for sensor in sensors),
            "sensors": len(sensors),
            "objects": len(runtime.board.table["number"]),
            "drill": "on" if runtime.board.drill else "off",
        }

    return Deliveries(
        receivers_for(config, {place.id for place in runtime.places}),
        issuer_of(config.alerts, config.site.id, config.site.name, str(config.path)),
        config.site.id,
        runtime.clock.now_ns,
        on_disk,
        deliver,
        health,
        config.folder / FOLDER if config.journal.on else None,
    )


def offer(runtime: Runtime, output: Output) -> None:
    """Hand the notices of an output's last tick to the deliveries."""
    board, table = runtime.board, runtime.board.table

    def kind_of(number: int) -> Kind:
        row = board.row_of(number)
        return Kind.UNKNOWN if row is None else Kind(int(table["kind"][row]))

    def vessel_of(row: int) -> tuple[float, float] | None:
        with contextlib.suppress(IndexError):
            return board.vessel_at(board.book.places[row])
        return None

    notices = output.changes.notices
    last = notices.take(notices.time_ns == np.int64(output.given.ticks_ns[-1]))
    runtime.deliveries.offer(output.changes.events, last, Situation(board.book.places, board.drill, kind_of, vessel_of))
