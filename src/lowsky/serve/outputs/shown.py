"""What is shown to outputs: the newest tick, made into geodetic rows when somebody asks, once for all who do;
directions heard lately; and each output's own view of it.

Lives in the event loop. A tick costs nothing but a reference until an output wants it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np
import structlog

from lowsky.model.action import Action, ActionKind
from lowsky.model.air import Air
from lowsky.model.bearing import Bearing
from lowsky.model.people import FriendPlace
from lowsky.model.picture import take_rows
from lowsky.model.place import Place
from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Sensor, Site

from ..answers.notices import Notice
from ..answers.sensors import SensorInfo
from ..answers.site import Health, PlaceInfo
from ..clock import Clock
from ..config.site_file import SiteConfig
from ..engine.board import Board
from ..engine.inbox import Inbox, InboxFullError
from ..engine.output import Output
from ..feed.texts import direction_rows
from ..people import People
from .air import air_of, with_ended

KEPT_NS = 10_000_000_000  # how long directions are kept
MAX_BEARINGS = 2000  # directions kept; the oldest go first
NS_PER_S = 1_000_000_000

log = structlog.get_logger("lowsky.outputs")


class Showing(Protocol):
    """What is shown from; the runtime is it."""

    config: SiteConfig
    site: Site
    board: Board
    clock: Clock
    inbox: Inbox
    people: People

    def health(self) -> Health:
        """Whether the server does what it is for."""
        ...


class Shown:
    """The newest tick of the core, for all outputs."""

    def __init__(self, server: Showing) -> None:
        self.server = server
        self.tick_ns = 0  # of the newest picture, 0: none yet
        self.news = asyncio.Event()  # set, and replaced, with every tick
        self.describe(server.site.sensors)
        self._bearings: deque[Bearing] = deque(maxlen=MAX_BEARINGS)
        self._make: Callable[[], Air] | None = None
        self._air: Air | None = None

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew."""
        self._kinds = np.array([int(s.kind) for s in sensors], dtype=np.int64)
        self._sigmas = np.array([s.sigma_azimuth_rad for s in sensors])

    def consumed(self, output: Output) -> None:
        """Take a turn of the core, after the board has."""
        self._hear(output.given.reports)
        if not output.ticked or output.table is None:
            return
        picture, table, tick_ns = output.changes.picture, output.table, int(output.given.ticks_ns[-1])
        frame, identities = self.server.board.frame, output.changes.identities

        def make() -> Air:
            rows = slice(int(np.searchsorted(picture.time_ns, tick_ns)), None)
            return air_of(take_rows(picture, rows), table, frame, identities, tick_ns)

        self.tick_ns, self._make, self._air = tick_ns, make, None
        self.news.set()
        self.news = asyncio.Event()

    def air(self) -> Air | None:
        """The picture of the newest tick; None: there was none yet."""
        if self._air is None and self._make is not None:
            self._air, self._make = self._make(), None
        return self._air

    def bearings(self, since_ns: int) -> tuple[Bearing, ...]:
        """Directions received after `since_ns`, oldest first."""
        oldest_ns = self.server.clock.now_ns() - KEPT_NS
        return tuple(b for b in self._bearings if b.received_ns > max(since_ns, oldest_ns))

    def _hear(self, reports: ReportBatch) -> None:
        rows = direction_rows(self._kinds, reports)
        if not len(rows):
            return
        heard = reports.take(rows[-MAX_BEARINGS:])
        sigma = np.where(np.isnan(heard.sigma_azimuth_rad), self._sigmas[heard.sensor], heard.sigma_azimuth_rad)
        columns = (heard.sensor, heard.time_ns, heard.received_ns, heard.azimuth_rad, sigma)
        self._bearings.extend(Bearing(*row) for row in zip(*(c.tolist() for c in columns), strict=True))


class View:
    """The house as one output sees it: it remembers which objects it has been told of."""

    def __init__(self, shown: Shown) -> None:
        self.skipped = 0  # pictures that came and went while the output was busy
        self._shown, self._server = shown, shown.server
        self._last: Air | None = None

    @property
    def site(self) -> Site:
        """Sensors and origin."""
        return self._server.site

    @property
    def site_id(self) -> str:
        """Short, for files and messages."""
        return self._server.config.site.id

    @property
    def site_name(self) -> str:
        """For people."""
        return self._server.config.site.name or self.site_id

    @property
    def drill(self) -> bool:
        """Whether all is exercise."""
        return self._server.board.drill

    @property
    def objects(self) -> int:
        """How many are in the picture now."""
        return len(self._server.board.table["number"])

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Standing ones and those that ended lately."""
        return tuple(self._server.board.notices.values())

    @property
    def places(self) -> tuple[PlaceInfo, ...]:
        """Every place, with where a vessel is now."""
        return self._server.board.places

    @property
    def place_rows(self) -> tuple[Place, ...]:
        """Every place, as the model has it."""
        return self._server.board.book.places

    @property
    def sensors(self) -> tuple[SensorInfo, ...]:
        """Every sensor, with how it does."""
        return self._server.board.sensors

    def now_ns(self) -> int:
        """The server's time."""
        return self._server.clock.now_ns()

    def health(self) -> Health:
        """How the server does."""
        return self._server.health()

    def acknowledge(self, notice: int, who: str) -> None:
        """Somebody has seen a notice: an input of the core like that of a person here."""
        try:
            self._server.inbox.act(Action(0, ActionKind.ACKNOWLEDGE, notice, who=who))
        except InboxFullError:
            log.error("an acknowledgement was lost, too much waits for the core", notice=notice, who=who)

    def hear_friends(self, friends: tuple[FriendPlace, ...]) -> None:
        """One's own at the other end: kept where those that sources bring are."""
        self._server.people.hear((), friends)

    def bearings(self, since_ns: int) -> tuple[Bearing, ...]:
        """Directions received after `since_ns`."""
        return self._shown.bearings(since_ns)

    async def tick(self, period_s: float = 0.0) -> Air:
        """The next picture that is due: see `contract.House`."""
        period_ns = max(round(period_s * NS_PER_S), 1)
        last = -1 if self._last is None else self._last.time_ns // period_ns
        due = self._shown.tick_ns // period_ns
        if self._last is not None and period_s > 0.0:
            self.skipped += max(due - last - 1, 0)
        while not self._shown.tick_ns or self._shown.tick_ns // period_ns <= last:
            await self._shown.news.wait()
        air = self._shown.air()
        assert air is not None
        self._last = with_ended(air, self._last)
        return self._last
