"""Joins the core with the deliveries: warnings leave for receivers, and what these confirm becomes an action."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

import numpy as np
import structlog

from lowsky.model.action import Action
from lowsky.model.kinds import Kind
from lowsky.model.place import Place
from lowsky.record.journal import Journal

from .announcer import FLUSH_S
from .answers.site import Health
from .clock import Clock
from .config.site_file import SiteConfig
from .delivery import Deliveries, Receiver, Situation, issuer_of, receivers_of
from .engine.board import Board
from .engine.inbox import Inbox, InboxFullError
from .engine.output import Output

FOLDER = "deliveries"
log = structlog.get_logger("lowsky.alerts")


class Warner(Protocol):
    """What deliveries are made for; the runtime is it."""

    config: SiteConfig
    places: tuple[Place, ...]
    clock: Clock
    inbox: Inbox
    board: Board
    journal: Journal | None  # there once the core has begun

    def health(self) -> Health:
        """Whether the server does what it is for."""
        ...


def receivers_for(config: SiteConfig, places: set[str]) -> tuple[Receiver, ...]:
    """Whom to tell.

    Raises:
        InputError: naming file, receiver, field and value.
    """
    return receivers_of(config.receivers, config.folder, places, str(config.path))


def deliveries_for(server: Warner) -> Deliveries:
    """The deliveries, not started.

    Raises:
        InputError: as `receivers_for`, and for [alerts].
    """
    config = server.config

    async def on_disk() -> None:
        if server.journal is not None:
            await asyncio.to_thread(server.journal.flush, FLUSH_S)

    def deliver(action: Action) -> None:
        try:
            server.inbox.act(action)
        except InboxFullError:
            log.error("a confirmed delivery could not be noted; the core does not keep up", receiver=action.who)

    def health() -> Mapping[str, object]:
        found, sensors = server.health(), server.board.sensors
        return {
            "status": found.status,
            "reasons": "; ".join(found.reasons),
            "version": found.version,
            "uptime_s": round(found.uptime_s),
            "sensors_well": sum(sensor.state == "well" for sensor in sensors),
            "sensors": len(sensors),
            "objects": len(server.board.table["number"]),
            "drill": "on" if server.board.drill else "off",
        }

    return Deliveries(
        receivers_for(config, {place.id for place in server.places}),
        issuer_of(config.alerts, config.site.id, config.site.name, str(config.path)),
        config.site.id,
        server.clock.now_ns,
        on_disk,
        deliver,
        health,
        config.folder / FOLDER if config.journal.on else None,
    )


def offer(deliveries: Deliveries, board: Board, output: Output) -> None:
    """Hand the notices of an output's last tick to the deliveries."""
    table = board.table

    def kind_of(number: int) -> Kind:
        row = board.row_of(number)
        return Kind.UNKNOWN if row is None else Kind(int(table["kind"][row]))

    def vessel_of(row: int) -> tuple[float, float] | None:
        with contextlib.suppress(IndexError):
            return board.vessel_at(board.book.places[row])
        return None

    notices = output.changes.notices
    last = notices.take(notices.time_ns == np.int64(output.given.ticks_ns[-1]))
    deliveries.offer(output.changes.events, last, Situation(board.book.places, board.drill, kind_of, vessel_of))
