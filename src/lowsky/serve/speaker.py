"""The speaker: says the text messages of the feed when their time has come, and notices when they changed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import numpy as np
import structlog

from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Sensor, Site

from .answers.people import friend_infos, operator_infos
from .answers.site import Health
from .clock import Clock
from .engine.board import Board
from .engine.output import Output
from .engine.overload import Overload
from .engine.sensor_info import sensor_infos
from .engine.sensors import SensorWatch
from .feed import texts
from .feed.hub import Hub
from .people import People
from .route import Role
from .sources.keeper import Keeper
from .sources.whose import tell_lines

STATUS_S, SENSORS_S, BEARINGS_S, NOTICES_S, PEOPLE_S = 1.0, 0.5, 0.5, 0.5, 1.0
SENSORS_AT_LEAST_S = 2.0  # said again without a change of state
MOVED_MS = 2000.0  # paths of standing notices are drawn anew this often
MAX_BATCHES = 1000

log = structlog.get_logger("lowsky.speaker")


class Told(Protocol):
    """What there is to tell of; the runtime is it."""

    site: Site
    board: Board
    hub: Hub
    clock: Clock
    watch: SensorWatch
    overload: Overload
    people: People
    turn_s: float  # that the core's last turn took

    @property
    def keepers(self) -> list[Keeper]:
        """The keepers of all sources."""
        ...

    def health(self) -> Health:
        """Whether the server does what it is for."""
        ...


class Speaker:
    """Periodic jobs."""

    def __init__(self, server: Told) -> None:
        self._server = server
        self._directions: deque[tuple[int, ReportBatch]] = deque(maxlen=MAX_BATCHES)
        self.describe(server.site.sensors)
        self._described_ms = 0.0
        self._states: tuple[str, ...] = ()
        self._sensors_s = 0.0
        self._places: tuple[Any, ...] = ()

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew."""
        self._kinds = np.array([int(s.kind) for s in sensors], dtype=np.int64)

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """To be run as tasks."""
        jobs = (
            (STATUS_S, self.say_status),
            (SENSORS_S, self.say_sensors),
            (BEARINGS_S, self.say_bearings),
            (NOTICES_S, self.say_notices),
            (PEOPLE_S, self.say_people),
        )
        return [_every(period_s, job) for period_s, job in jobs]

    def consumed(self, output: Output) -> None:
        """Remember directions that were heard."""
        rows = texts.direction_rows(self._kinds, output.given.reports)
        if len(rows):
            self._directions.append((output.time_ns, output.given.reports.take(rows)))

    def say_status(self) -> None:
        """The clock, and how everything does; and places, when one has moved or changed."""
        server = self._server
        server.overload.note()
        board = server.board
        server.hub.say(
            "status",
            texts.text(
                "status",
                now_ms=server.clock.now_ns() / 1e6,
                newest_report_ms=board.newest_report_ms or None,
                reports_per_s=round(float(server.watch.reports_per_s().sum()), 1),
                lag_ms=round(1000.0 * server.turn_s, 1),
                drill=board.drill,
                counts=board.counts,
                clients=len(server.hub.clients),
                health=server.health(),
            ),
        )
        places = board.places
        if places != self._places:
            self._places = places
            server.hub.say("places", texts.places_text(places))

    def say_sensors(self) -> None:
        """Sensors, when the state of one changed or some time has passed."""
        server = self._server
        now_s = asyncio.get_running_loop().time()
        board = server.board
        tell_lines(server.watch, server.keepers)
        board.sensors = sensor_infos(server.watch, board.scores, board.registration, server.clock.now_ns())
        states = tuple(sensor.state for sensor in board.sensors)
        if states != self._states or now_s - self._sensors_s >= SENSORS_AT_LEAST_S:
            self._states, self._sensors_s = states, now_s
            server.hub.say("sensors", texts.sensors_text(board.sensors))

    def say_bearings(self) -> None:
        """Directions heard in the last moment."""
        server = self._server
        since_ns = server.clock.now_ns() - round(2e9 * BEARINGS_S)
        while self._directions and self._directions[0][0] < since_ns:
            self._directions.popleft()
        if self._directions:
            batches = [batch for _, batch in self._directions]
            server.hub.say("bearings", texts.bearings_text(batches, server.site.sensors))

    def say_notices(self) -> None:
        """All notices, if something happened to one, or their objects have moved on."""
        server = self._server
        board = server.board
        moved = bool(board.book.entries) and board.picture_ms - self._described_ms > MOVED_MS
        if board.book.changed or moved:
            board.book.changed = False
            self._described_ms = board.picture_ms
            board.describe()
            server.hub.say("notices", texts.notices_text(tuple(board.notices.values())))

    def say_people(self) -> None:
        """Operators, to those who may see them, and one's own; when there is news, or something is forgotten."""
        server, people = self._server, self._server.people
        people.forget(server.clock.now_ns())
        if people.operators.changed:
            people.operators.changed = False
            ids = tuple(sensor.id for sensor in server.site.sensors)
            told = operator_infos(people.operators.newest_first(), ids)
            server.hub.say("operators", texts.operators_text(told), Role.OFFICER if told else Role.VIEWER)
        if people.friends.changed:
            people.friends.changed = False
            server.hub.say("friends", texts.friends_text(friend_infos(people.friends.newest_first())))


async def _every(period_s: float, job: Callable[[], None]) -> None:
    while True:
        try:
            job()
        except Exception:  # a message that cannot be made must not be the last
            log.exception("a message to the maps failed by a defect", job=job.__name__)
        await asyncio.sleep(period_s)
