"""The runtime: everything a running server consists of, joined: sources, inbox, core, board, feed, past,
outputs.

The core has its own thread; all the rest lives in the event loop. What the core brings is handed over in order and
shown at once; what it means for people is told by the announcer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from typing import Any

import structlog

from lowsky.core import counts_of
from lowsky.model.action import Action, ActionKind
from lowsky.model.errors import InputError
from lowsky.model.place import places_text
from lowsky.model.sensor import Site
from lowsky.record.journal import Journal
from lowsky.record.reading import is_recorded
from lowsky.wire.decoded import Decoded, Weather

from .actions import Actions
from .alerts import deliveries_for, offer
from .announcer import Announcer
from .answers.site import Health
from .clock import Clock
from .config.site_file import SiteConfig
from .delivery import Deliveries
from .drawn import Drawn
from .engine.assumed import Assumer
from .engine.begin import Beginning, begin
from .engine.board import Board
from .engine.inbox import Inbox
from .engine.ledger import Ledger
from .engine.machine import Machine
from .engine.output import Output
from .engine.overload import Overload
from .engine.provenance import Provenance
from .engine.sensors import SensorWatch
from .engine.thread import CoreThread
from .feed.hub import Hub
from .health import health_of
from .horizons import Horizons, as_action
from .metrics import Metrics
from .outputs.keeper import OutputKeeper
from .outputs.kinds import make_ways
from .outputs.shown import Shown, View
from .pace import settle
from .past.service import PastService
from .people import People
from .reload import Reloader, output_entries, source_entries
from .roster import Roster
from .sensitivity import Sensitivity
from .sensitivity import as_action as turn_action
from .sources.assembly import Loaded, load, make_sources, overlay_for, site_for
from .sources.keeper import Keeper
from .sources.whose import only_sensor, tell
from .speaker import Speaker
from .tended import Tended

CALM_S = 5.0  # after the start, until what is not urgent is prepared
STOP_S = 20.0  # that the core gets to consume what waits and close its journal
SYSTEM = "lowsky"  # who acts when the server itself does

log = structlog.get_logger("lowsky.runtime")


class Runtime:
    """Made before the event loop runs; `start` and `stop` run in it."""

    site: Site
    board: Board
    hub: Hub
    inbox: Inbox
    core: CoreThread
    sources: Tended[Keeper]
    ways: Tended[OutputKeeper]
    journal: Journal | None
    announcer: Announcer
    deliveries: Deliveries
    turns: int  # of the core
    turn_s: float  # that the last one took

    def __init__(self, config: SiteConfig) -> None:
        """Reads tables and scenes.

        Raises:
            InputError: if a source's table cannot be read, there is no sensor, an output cannot be made, or another
                server records here.
        """
        self.config = config
        if config.journal.on and is_recorded(config.journal_folder):
            raise InputError(f"{config.path}, journal.folder: another server records into {config.journal_folder}")
        loaded = load(config)
        self.roster = Roster(config.journal_folder if config.journal.on else None)
        self.site = site_for(config, loaded, self.roster)
        self.weather = Weather(config.site.qnh_hpa)
        self.places = config.places or loaded.places()
        self.overlay = overlay_for(config, loaded)
        self.sensor_index = _index(self.site)
        self.clock = Clock(config.speed)
        self.inbox = Inbox(self.clock)
        self.ledger = Ledger()
        self.board = Board(self.site, self.places, config.site.drill)
        self.hub = Hub()
        self.people = People(config.people.keep_minutes)
        self.provenance = Provenance(self.site.sensors)
        self.watch = SensorWatch(self.site.sensors)
        self.assumer = Assumer(self.site.sensors)
        self.horizons = Horizons(config.folder, self.site.sensors)
        self.sensitivity = Sensitivity(config.folder, config.tracking.false_tracks_per_hour)
        self.announcer = Announcer(self.board, self.hub, lambda output: offer(self.deliveries, self.board, output))
        self.past = PastService(config.journal_folder if config.journal.on else None)
        self.core = CoreThread(self.clock, self.inbox, self._prepare, self._publish)
        self.actions = Actions(self.core, self.inbox, self.board)
        self.drawn = Drawn(self.board, self.actions.act)
        self.sources = Tended(source_entries(config), self.source_keepers(config, loaded, self.site))
        self.overload = Overload(lambda: self.inbox.dropped.total(), time.monotonic)
        self.metrics = Metrics(self)
        self.refused: Counter[str] = Counter()  # requests and connections that the guard refused, by reason
        self.deliveries = deliveries_for(self)
        self.shown = Shown(self)
        self.ways = Tended(output_entries(config), self.output_keepers(config, self.site))
        self.reloader = Reloader(self)
        self.speaker = Speaker(self)
        self.journal = None
        self.turns, self.turn_s, self.started_s = 0, 0.0, time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[Any]] = []

    # --- life ---

    async def start(self) -> None:
        """Start the core, which takes its time, and everything that need not wait for it."""
        self._loop = asyncio.get_running_loop()
        self.core.start()
        jobs = [self._when_ready(), self.announcer.run(), self.drawn.run(), *self.speaker.jobs()]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Close the sources, let the core consume what waits and close its journal, end the feed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self.sources.end(), self.ways.end())
        await self.deliveries.stop()
        if not await asyncio.to_thread(self.core.stop, STOP_S):
            log.error("the core did not end in time")
        self.past.close()
        for client in list(self.hub.clients):
            client.closed.set()
        log.info("stopped", turns=self.turns)

    def _prepare(self) -> Machine:
        """In the core's thread."""
        beginning = begin(self.config, self.site, self.places, self.clock.now_ns())
        self.clock.not_before(beginning.last_ns)
        self.ledger.begun(counts_of(beginning.core.state))
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begun, beginning)
        return Machine(beginning.core)

    def _begun(self, beginning: Beginning) -> None:
        """What the server knows from before."""
        settle()
        state = beginning.core.state
        self.journal = self.announcer.journal = beginning.journal
        names = state.identities.names
        self.hub.identities = self.board.identities = self.provenance.identities = names
        self.board.restore(state, beginning.events)
        self._tasks.append(asyncio.create_task(self.deliveries.start(beginning.resumed)))
        named = places_text(self.places)
        if named != self.roster.places if self.roster.places is not None else beginning.places_changed:
            self.inbox.act(Action(0, ActionKind.SET_PLACES, value=named, who=SYSTEM))
        self.roster.keep(self.site, self.places)
        if self.config.site.drill != self.board.drill:
            value = "on" if self.config.site.drill else "off"
            self.inbox.act(Action(0, ActionKind.DRILL, value=value, who=SYSTEM))
        self.inbox.act(Action(0, ActionKind.TURN, value=turn_action(self.sensitivity.value), who=SYSTEM))
        for name, horizon in self.horizons.drawn.items():
            action = Action(0, ActionKind.SET_HORIZON, self.sensor_index[name], as_action(horizon), SYSTEM)
            self.inbox.act(action)

    async def _when_ready(self) -> None:
        """Open sources and outputs once the core can take what they bring: what waited for minutes would be no news."""
        while not self.core.ready.is_set():
            await asyncio.to_thread(self.core.ready.wait, 1.0)
        if self.core.failed is not None:
            return
        self.sources.begin()
        self.ways.begin()
        if self.journal is not None:  # looking back is prepared once the first picture, which matters more, has come
            await asyncio.sleep(CALM_S)
            await self.past.warm_up()

    # --- what a reload changes ---

    def describe(self, site: Site) -> None:
        """The sensors are described anew: whatever points at them by row follows."""
        self.site, self.sensor_index = site, _index(site)
        for part in (self.provenance, self.watch, self.assumer, self.horizons, self.speaker, self.shown):
            part.describe(site.sensors)

    def source_keepers(self, config: SiteConfig, loaded: Loaded, site: Site) -> list[Keeper]:
        """Keepers of all sources, not started.

        Raises:
            InputError: naming file, source and field.
        """
        sources = make_sources(config, loaded, site, self.clock, self.weather)
        return [
            Keeper(source, self.clock, self.inbox, self._heard, only_sensor(entry, site))
            for source, entry in zip(sources, config.sources, strict=True)
        ]

    def output_keepers(self, config: SiteConfig, site: Site) -> list[OutputKeeper]:
        """Keepers of all outputs, not started.

        Raises:
            InputError: naming file, output and field.
        """
        return [OutputKeeper(way, View(self.shown)) for way in make_ways(config, site)]

    async def renew_deliveries(self) -> None:
        """Tell the receivers of the configuration from now on; what was on its way goes on."""
        before, self.deliveries = self.deliveries, deliveries_for(self)
        await before.stop()
        await self.deliveries.start(True)

    # --- from the core ---

    def _publish(self, output: Output) -> None:
        """In the core's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._show, output)

    def _show(self, output: Output) -> None:
        self.turns += 1
        self.turn_s = output.spent_s
        self.board.apply(output)
        self.ledger.consumed(len(output.given.reports))
        if output.table is not None:
            self.hub.publish(output.table, self.board.picture_ms, self.board.newest_report_ms)
        self.watch.consumed(output.given.reports, output.given.looks, output.upto_ns)
        self.provenance.consumed(output.given, output.changes)
        self.assumer.consumed(output.given.reports, output.given.looks)
        self.speaker.consumed(output)
        self.shown.consumed(output)
        if output.ticked:
            self.announcer.ticked(output)
            self.inbox.put(SYSTEM, None, self.assumer.due(output.upto_ns))
            self.provenance.shown(self.board.table, self.board.picture_ms)
            self.actions.ticked()

    def clients_changed(self) -> None:
        """Somebody came or went: glances are only made while somebody watches."""
        self.core.watched = bool(self.hub.clients)

    # --- from the sources ---

    def _heard(self, keeper: Keeper, decoded: Decoded) -> None:
        """A source brought more than reports and looks: places of people, how sensors are, what could not be used."""
        self.people.hear(decoded.operators, decoded.friends)
        self.drawn.hear(keeper.source.name, decoded.places, decoded.gone)
        tell(self.watch, keeper, decoded)

    # --- what others ask ---

    @property
    def view(self) -> tuple[float, float, float]:
        """Where the map opens: latitude, longitude, zoom."""
        origin = self.site.origin
        return origin.latitude_deg, origin.longitude_deg, self.config.site.zoom

    def lag_s(self) -> float:
        """Age of the newest report in the picture; NaN: there was none."""
        newest_ms = self.board.newest_report_ms
        return (self.clock.now_ns() / 1e6 - newest_ms) / 1000.0 if newest_ms else float("nan")

    def health(self) -> Health:
        """Whether the server does what it is for, with reasons if not."""
        return health_of(self)

    @property
    def keepers(self) -> list[Keeper]:
        """The keepers of all sources."""
        return self.sources.keepers

    @property
    def outputs(self) -> list[OutputKeeper]:
        """The keepers of all outputs."""
        return self.ways.keepers


def _index(site: Site) -> dict[str, int]:
    """Row of each sensor that is in use, by id."""
    return {sensor.id: row for row, sensor in enumerate(site.sensors) if not sensor.retired}
