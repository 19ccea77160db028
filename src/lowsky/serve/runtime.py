"""The runtime: everything a running server consists of, joined: sources, inbox, core, board, feed.

The core has its own thread; all the rest lives in the event loop. What the core brings is handed over in order and shown
at once, except that events that tell of a new danger wait until the journal is safe on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import structlog

from lowsky import __version__
from lowsky.core import new_state, warm
from lowsky.model.action import Action, ActionKind
from lowsky.model.report import ReportBatch
from lowsky.tracking.settings import Settings
from lowsky.wire.jsonl import Decoded, SensorStatus

from .api.types import Done, Health, SourceList, Span
from .clock import Clock
from .config.site_file import SiteConfig
from .engine.board import Board
from .engine.inbox import Inbox, InboxFull
from .engine.machine import Machine, NoRecorder
from .engine.output import Output
from .engine.provenance import Provenance
from .engine.sensor_info import sensor_infos
from .engine.sensors import SensorWatch
from .engine.thread import CoreThread
from .feed import texts
from .feed.hub import Hub
from .metrics import Metrics
from .route import ApiError
from .sources.assembly import load, make_sources, site_for
from .sources.keeper import Keeper

ACT_S = 1.5  # an action answers when its effect is seen, or after this
STALL_S = 5.0  # a core that has not turned for so long has stalled
STATUS_S, SENSORS_S, BEARINGS_S, NOTICES_S, MOVED_S = 1.0, 2.0, 0.5, 0.5, 2.0
UNKNOWN_SENSOR = "is no sensor of this site"

log = structlog.get_logger("lowsky.runtime")


class Runtime:
    """Made before the event loop runs; `start` and `stop` run in it."""

    def __init__(self, config: SiteConfig) -> None:
        """Reads tables and scenes.

        Raises:
            InputError: if a source's table cannot be read, or there is no sensor.
        """
        self.config = config
        loaded = load(config)
        self.site = site_for(config, loaded)
        self.overlay = _overlay(config, loaded.overlay())
        self.sensor_index = {sensor.id: i for i, sensor in enumerate(self.site.sensors)}
        self.clock = Clock(config.speed)
        self.inbox = Inbox(self.clock)
        places = config.places or loaded.places()
        self.state = new_state(self.site, Settings(trace=True), places, config.rules)
        identities = self.state.identities.names
        self.board = Board(self.state.frame, places, identities, config.site.drill)
        self.hub = Hub(identities)
        self.provenance = Provenance(self.site.sensors, identities)
        self.watch = SensorWatch(self.site.sensors)
        self.core = CoreThread(self.clock, self.inbox, self._prepare, self._publish)
        self.keepers = [
            Keeper(source, self.clock, self.inbox, self._said, self._wrong)
            for source in make_sources(config, loaded, self.site, self.clock)
        ]
        self.metrics = Metrics(self)
        self.turns, self.turn_s, self.journal_failed = 0, 0.0, False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._ticked = asyncio.Event()
        self._directions: deque[tuple[int, ReportBatch]] = deque(maxlen=1000)
        self._kinds = np.array([int(s.kind) for s in self.site.sensors], dtype=np.int64)
        self._started_s = time.monotonic()

    # --- life ---

    async def start(self) -> None:
        """Start core and sources."""
        self._loop = asyncio.get_running_loop()
        self.core.start()
        self._tasks = [asyncio.create_task(self._start_sources())]
        self._tasks += [
            asyncio.create_task(self._every(period_s, job))
            for period_s, job in (
                (STATUS_S, self._say_status),
                (SENSORS_S, self._say_sensors),
                (BEARINGS_S, self._say_bearings),
                (NOTICES_S, self._say_notices),
            )
        ]
        self.hub.say("places", texts.places_text(self.board.places))

    async def _start_sources(self) -> None:
        """Open the sources once the core can take what they bring: what waited for minutes would be no news."""
        await asyncio.to_thread(self.core.ready.wait)
        async with asyncio.TaskGroup() as group:
            for keeper in self.keepers:
                group.create_task(keeper.keep())

    async def stop(self) -> None:
        """Close the sources, let the core consume what waits and close its journal, end the feed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        ended = await asyncio.to_thread(self.core.stop)
        if not ended:
            log.error("the core did not end in time")
        for client in list(self.hub.clients):
            client.closed.set()

    def _prepare(self) -> Machine:
        begin = time.perf_counter()
        warm()
        log.info("kernels ready", after_s=round(time.perf_counter() - begin, 1))
        return Machine(self.state, NoRecorder())

    # --- from the core ---

    def _publish(self, output: Output) -> None:
        """Called in the core's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._show, output)

    def _show(self, output: Output) -> None:
        self.turns += 1
        self.turn_s = output.spent_s
        self.board.apply(output)
        self.watch.consumed(output.given.reports, output.given.looks, output.time_ns)
        self.provenance.consumed(output.given, output.changes)
        rows = texts.direction_rows(self._kinds, output.given.reports)
        if len(rows):
            self._directions.append((output.time_ns, output.given.reports.take(rows)))
        if output.table is not None:
            self.hub.publish(output.table, self.board.picture_ms, self.board.newest_report_ms)
            self.provenance.shown(output.table, self.board.picture_ms)
        for event in output.changes.events:
            self.hub.tell(texts.event_text(event, self.board.book.places, self.board.drill))
        if output.ticked:
            self._ticked.set()
            self._ticked = asyncio.Event()

    def clients_changed(self) -> None:
        """Somebody came or went."""
        self.core.watched = bool(self.hub.clients)

    # --- to the core ---

    async def act(self, kind: ActionKind, number: int = 0, value: str = "", who: str = "") -> Done:
        """Hand an action to the core and wait a moment for its effect.

        Raises:
            ApiError: 503 if the core does not keep up.
        """
        try:
            action = self.inbox.act(Action(0, kind, number, value, who))
        except InboxFull:
            raise ApiError(503, "the server does not keep up; nothing was done") from None
        try:
            async with asyncio.timeout(ACT_S):
                while self.core.machine is None or self.core.machine.last_tick_ns < action.received_ns:
                    await self._ticked.wait()
        except TimeoutError:
            return Done(False)
        self.board.describe()
        return Done(True)

    def _said(self, status: SensorStatus) -> None:
        self.watch.said[status.sensor] = (status.state == "faulty", status.text)

    def _wrong(self, decoded: Decoded) -> None:
        """Problems that name a sensor of ours count for its health."""

    # --- texts ---

    async def _every(self, period_s: float, job: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(period_s)
            job()

    def _say_status(self) -> None:
        self.hub.say("status", texts.text("status", **self._status()))

    def _status(self) -> dict[str, Any]:
        return {
            "now_ms": self.clock.now_ns() / 1e6,
            "newest_report_ms": self.board.newest_report_ms or None,
            "reports_per_s": round(float(self.watch.reports_per_s().sum()), 1),
            "lag_ms": round(1000.0 * self.turn_s, 1),
            "drill": self.board.drill,
            "counts": self.board.counts,
            "clients": len(self.hub.clients),
            "health": self.health(),
        }

    def _say_sensors(self) -> None:
        self.board.sensors = sensor_infos(self.watch, self.board.scores, self.clock.now_ns())
        self.hub.say("sensors", texts.sensors_text(self.board.sensors))

    def _say_bearings(self) -> None:
        since_ns = self.clock.now_ns() - round(2e9 * BEARINGS_S)
        while self._directions and self._directions[0][0] < since_ns:
            self._directions.popleft()
        if self._directions:
            batches = [batch for _, batch in self._directions]
            self.hub.say("bearings", texts.bearings_text(batches, self.site.sensors))

    _described_ms = 0.0

    def _say_notices(self) -> None:
        moved = self.board.picture_ms - self._described_ms > 1000.0 * MOVED_S and self.board.book.entries
        if self.board.book.changed or moved:
            self.board.book.changed = False
            self._described_ms = self.board.picture_ms
            self.board.describe()
            self.hub.say("notices", texts.notices_text(tuple(self.board.notices.values())))

    # --- what others ask ---

    @property
    def view(self) -> tuple[float, float, float]:
        """Where the map opens: latitude, longitude, zoom."""
        origin = self.site.origin
        return origin.latitude_deg, origin.longitude_deg, self.config.site.zoom

    async def recording_span(self) -> Span | None:
        """From when to when there is a recording."""
        return None

    def lag_s(self) -> float:
        """Age of the newest report in the picture; NaN: there was none."""
        newest = self.board.newest_report_ms
        return (self.clock.now_ns() / 1e6 - newest) / 1000.0 if newest else float("nan")

    def levels(self) -> list[tuple[tuple[str, ...], float]]:
        """Standing notices by level."""
        standing = [notice.level for notice in self.board.notices.values() if notice.ended_ms is None]
        return [((word,), float(standing.count(word))) for word in ("watch", "warning", "imminent")]

    def sources(self) -> SourceList:
        """All sources."""
        return SourceList(tuple(keeper.info() for keeper in self.keepers), {})

    def health(self) -> Health:
        """Whether the server does what it is for, with reasons if not."""
        reasons = []
        if self.core.failed is not None:
            reasons.append(f"the core has failed: {self.core.failed}")
        elif not self.core.ready.is_set():
            reasons.append("kernels are being compiled; there is no picture yet")
        elif time.monotonic() - self.core.turn_ended_s > STALL_S:
            reasons.append(f"the core has not turned for {time.monotonic() - self.core.turn_ended_s:.0f} s")
        if self.journal_failed:
            reasons.append("the journal cannot be written; nothing is being recorded")
        silent = [s.id for s in self.board.sensors if s.state in ("silent", "faulty")]
        if silent and len(silent) == len(self.board.sensors):
            reasons.append("all sensors are silent")
        starting = not self.core.ready.is_set()
        status = "starting" if starting else "degraded" if reasons else "well"
        return Health(status, tuple(reasons), round(time.monotonic() - self._started_s, 1), __version__)  # type: ignore[arg-type]


def _overlay(config: SiteConfig, scenes: dict[str, Any] | None) -> bytes | None:
    """The site's own map layer: the configured file, else that of a scene."""
    if config.overlay is not None:
        return config.overlay.read_bytes()
    return None if scenes is None else msgspec.json.encode(scenes)
